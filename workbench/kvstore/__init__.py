"""``mx.kv``: named arrays that several devices sum into and read from."""

from .base import KVStoreBase
from .local import KVStore, create

__all__ = ["KVStore", "KVStoreBase", "create"]
