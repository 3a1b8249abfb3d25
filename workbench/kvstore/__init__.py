"""``mx.kv``: named arrays that several devices sum into and read from."""

from .._surface import getattr_for
from .base import KVStoreBase
from .local import KVStore, create

__all__ = ["KVStore", "KVStoreBase", "create"]

__getattr__ = getattr_for(__name__)
