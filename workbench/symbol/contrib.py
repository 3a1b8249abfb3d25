"""``mx.sym.contrib``: operators called ``_contrib_NAME``, made on first use, and functions."""

from .contrib_functions import adamw_update, mp_adamw_update, rand_zipfian
from .namespace import namespace
from .random import uniform

__all__ = ["adamw_update", "mp_adamw_update", "rand_zipfian", "uniform"]

__getattr__, __dir__ = namespace(__name__, "_contrib_")
