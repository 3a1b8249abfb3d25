"""``mx.nd.op``: all operators, as in ``mx.nd``."""

from .namespace import namespace

__getattr__, __dir__ = namespace(__name__, "")
