"""``mx.nd.contrib``: operators called ``_contrib_NAME``, made on first use."""

from .namespace import namespace

__getattr__, __dir__ = namespace(__name__, "_contrib_")
