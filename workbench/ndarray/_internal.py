"""``mx.nd._internal``: operators under their registry names."""

from .namespace import namespace

__getattr__, __dir__ = namespace(__name__, "")
