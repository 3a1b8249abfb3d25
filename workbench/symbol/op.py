"""``mx.sym.op``: all operators."""

from .namespace import namespace

__getattr__ = namespace(__name__, "")
