"""``mx.nd.linalg``: operators called ``_linalg_NAME``, made on first use."""

from typing import TYPE_CHECKING

from .namespace import namespace

if TYPE_CHECKING:
    from .._stubs.ndarray_linalg import *  # noqa: F403

__getattr__, __dir__ = namespace(__name__, "_linalg_", "linalg_")
