"""What every store offers, and the register of their kinds."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from .._surface import getattr_for

__all__ = ["KVStoreBase", "TestStore"]

__getattr__ = getattr_for(__name__, {"create": "kvstore:create"})
_Store = TypeVar("_Store", bound="type[KVStoreBase]")


class KVStoreBase:
    """Base of key-value stores; a Trainer needs ``broadcast`` and ``pushpull``."""

    OPTIMIZER = "optimizer"
    kv_registry: ClassVar[dict[str, type[KVStoreBase]]] = {}

    def broadcast(self, key: Any, value: Any, out: Any, priority: int = 0) -> None:
        """Give *value* to every array of *out*."""
        raise NotImplementedError(f"{type(self).__name__} must define broadcast()")

    def pushpull(self, key: Any, value: Any, out: Any = None, priority: int = 0) -> None:
        """Sum *value* over devices and give the sum to every array of *out*."""
        raise NotImplementedError(f"{type(self).__name__} must define pushpull()")

    @staticmethod
    def is_capable(capability: str) -> bool:
        """Whether the store can run an optimizer (``"optimizer"``)."""
        return False

    @property
    def type(self) -> str:
        """The name of the kind of store."""
        raise NotImplementedError(f"{type(self).__name__} must define type")

    @property
    def rank(self) -> int:
        """The number of this worker."""
        return 0

    @property
    def num_workers(self) -> int:
        """How many workers there are."""
        return 1

    @staticmethod
    def register(klass: _Store) -> _Store:
        """Class decorator: make a store known by its lower-case name."""
        KVStoreBase.kv_registry[klass.__name__.lower()] = klass
        return klass


@KVStoreBase.register
class TestStore(KVStoreBase):
    """The least that a store can be: it keeps nothing, sums at once, and runs no optimizer."""

    __test__ = False  # whatever pytest thinks of the name

    @property
    def type(self) -> str:
        """``"teststore"``."""
        return "teststore"

    @staticmethod
    def is_capable(capability: str) -> bool:
        """It cannot run an optimizer; ValueError for another capability."""
        if capability.lower() != KVStoreBase.OPTIMIZER:
            raise ValueError(f"Unknown capability: {capability}")
        return False

    def broadcast(self, key: Any, value: Any, out: Any, priority: int = 0) -> None:
        """Copy *value* into every array of *out*."""
        for target in out if isinstance(out, list) else [out]:
            target[:] = value

    def pushpull(self, key: Any, value: Any, out: Any = None, priority: int = 0) -> None:
        """The sum of *value* into every array of *out*, by default into those of *value*."""
        values = value if isinstance(value, list) else [value]
        home = values[0].context
        total = values[0].copy()
        for one in values[1:]:
            total += one.as_in_context(home)
        self.broadcast(key, total, values if out is None else out)
