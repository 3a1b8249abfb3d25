"""``mx.sym.sparse``: the operators that know sparse storage, under their plain names."""

from .namespace import namespace

__getattr__, __dir__ = namespace(__name__, "_sparse_", "")
