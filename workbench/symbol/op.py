"""``mx.sym.op``: all operators."""

from .namespace import namespace

__getattr__, __dir__ = namespace(__name__, "")
