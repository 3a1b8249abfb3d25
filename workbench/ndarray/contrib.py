"""``mx.nd.contrib``: operators called ``_contrib_NAME``, made on first use."""

from .contrib_functions import isfinite, isinf, isnan, rand_zipfian
from .namespace import namespace

__all__ = ["isfinite", "isinf", "isnan", "rand_zipfian"]

__getattr__, __dir__ = namespace(__name__, "_contrib_")
