"""``mx.nd.contrib``: operators called ``_contrib_NAME``, made on first use."""

from typing import TYPE_CHECKING

from .contrib_functions import isfinite, isinf, isnan, rand_zipfian
from .namespace import namespace

if TYPE_CHECKING:
    from .._stubs.ndarray_contrib import *  # noqa: F403

__all__ = ["isfinite", "isinf", "isnan", "rand_zipfian"]

__getattr__, __dir__ = namespace(__name__, "_contrib_")
