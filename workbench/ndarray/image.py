"""``mx.nd.image``: operators called ``_image_NAME``, made on first use."""

from typing import TYPE_CHECKING

from .namespace import namespace

if TYPE_CHECKING:
    from .._stubs.ndarray_image import *  # noqa: F403

__getattr__, __dir__ = namespace(__name__, "_image_")
