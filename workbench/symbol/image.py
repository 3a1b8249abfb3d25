"""``mx.sym.image``: operators called ``_image_NAME``, made on first use."""

from .namespace import namespace

__getattr__, __dir__ = namespace(__name__, "_image_")
