"""``mx.sym.linalg``: operators called ``_linalg_NAME``, made on first use."""

from .namespace import namespace

__getattr__, __dir__ = namespace(__name__, "_linalg_", "linalg_")
