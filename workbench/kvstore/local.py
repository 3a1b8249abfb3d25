"""Stores of one process: ``local`` sums on the first device that pushes, ``device`` likewise."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from .. import ndarray as nd
from ..engine import events, timing
from ..error import MXNetError, message
from ..ndarray.core import NDArray
from ..ndarray.sparse_array import any_sparse
from ..optimizer import Optimizer, Updater, get_updater
from .base import KVStoreBase
from .compression import Compression

__all__ = ["KVStore", "create"]

_UNSEEN = nullcontext()
_DIST = ("dist", "horovod", "byteps", "p3")


class KVStore(KVStoreBase):
    """A store in this process; make one with :func:`create`.

    ``push`` sums the arrays of all devices and replaces the stored value, or updates it when an
    updater is set; ``pull`` copies it out. All operations are queued like any other, so that a
    device goes on computing while another one's gradients travel.
    """

    def __init__(self, kind: str = "local") -> None:
        self._kind = kind
        self._values: dict[Any, NDArray] = {}
        self._key_type: type | None = None
        self._updater: Callable[[Any, Any, Any], None] | None = None
        self._compression: Compression | None = None

    def __repr__(self) -> str:
        return f"<KVStore {self._kind}, {len(self._values)} keys>"

    @property
    def type(self) -> str:
        """The name it was created with."""
        return self._kind

    @staticmethod
    def is_capable(capability: str) -> bool:
        """A local store can run an optimizer."""
        return capability.lower() == KVStoreBase.OPTIMIZER

    # ---- keys -------------------------------------------------------------------------------

    def _pairs(self, key: Any, value: Any) -> list[tuple[Any, list[Any]]]:
        """(key, arrays) for one key with one or several arrays, or lists of both."""
        keys = list(key) if isinstance(key, (list, tuple)) else [key]
        values = list(value) if isinstance(key, (list, tuple)) else [value]
        for one in keys:
            self._check_key(one)
        if len(values) != len(keys):
            if len(values) % len(keys):
                raise MXNetError(f"KVStore: {len(keys)} keys but {len(values)} values")
            per = len(values) // len(keys)
            values = [values[i * per : (i + 1) * per] for i in range(len(keys))]
        return [
            (k, list(v) if isinstance(v, (list, tuple)) else [v])
            for k, v in zip(keys, values, strict=True)
        ]

    def _check_key(self, key: Any) -> None:
        kind = str if isinstance(key, str) else int
        if self._key_type is None:
            self._key_type = kind
        elif self._key_type is not kind:
            raise MXNetError(
                f"KVStore: keys must be all int or all str; this store has "
                f"{self._key_type.__name__} keys, got {key!r}"
            )

    def _stored(self, key: Any, verb: str) -> NDArray:
        if key not in self._values:
            raise MXNetError(
                message(
                    f"KVStore.{verb}: key {key!r} has not been inited",
                    where=[f"keys: {', '.join(map(repr, list(self._values)[:8]))}"],
                    fix="Call kv.init(key, value) first.",
                )
            )
        return self._values[key]

    def _sum(self, key: Any, values: Sequence[NDArray]) -> NDArray:
        """The sum over devices, on the first one's; the array itself if it is alone."""
        if self._compression is not None:
            values = [self._compression(key, one) for one in values]
        if len(values) == 1:
            return values[0]
        home = values[0].context
        return nd.add_n(*[one.as_in_context(home) for one in values])

    # ---- operations -------------------------------------------------------------------------

    def init(self, key: Any, value: Any) -> None:
        """Store a value under a new key (or values under keys)."""
        for one, values in self._pairs(key, value):
            if one in self._values:
                raise MXNetError(f"KVStore.init: duplicate init of key {one!r}")
            self._values[one] = values[0].copy()

    def push(self, key: Any, value: Any, priority: int = 0) -> None:
        """Sum the arrays of all devices into the store."""
        for one, values in self._pairs(key, value):
            stored = self._stored(one, "push")
            with _span("push", one, values):
                total = self._sum(one, values)
                if self._updater is None:
                    self._values[one] = total.copy() if total is values[0] else total
            if self._updater is not None:
                self._updater(_index(one), total.as_in_context(stored.context), stored)

    def pull(
        self, key: Any, out: Any = None, priority: int = 0, ignore_sparse: bool = True
    ) -> None:
        """Copy the stored value into every array of *out*.

        A row_sparse array of *out* is left as it is, with a warning, unless *ignore_sparse* is
        False: :meth:`row_sparse_pull` gives it the rows that are needed.
        """
        if out is None:
            raise MXNetError("KVStore.pull: out is needed")
        for one, outs in self._pairs(key, out):
            stored = self._stored(one, "pull")
            if ignore_sparse and any_sparse(outs):
                warnings.warn(
                    f"KVStore.pull: non-default arrays for key {one!r} are ignored; use "
                    "row_sparse_pull, or ignore_sparse=False",
                    stacklevel=2,
                )
                outs = [target for target in outs if target.stype == "default"]
            with _span("pull", one, outs):
                for target in outs:
                    stored.copyto(target)

    def pushpull(self, key: Any, value: Any, out: Any = None, priority: int = 0) -> None:
        """Sum over devices, then give the sum (or the updated value) to every array of *out*."""
        if self._updater is not None:
            self.push(key, value, priority)
            self.pull(key, value if out is None else out, priority)
            return
        sources = self._pairs(key, value)
        targets = sources if out is None else self._pairs(key, out)
        for (one, values), (_, outs) in zip(sources, targets, strict=True):
            with _span("pushpull", one, (*values, *outs)):
                total = self._sum(one, values)
                for target in outs:
                    if target is not total:
                        total.copyto(target)

    def broadcast(self, key: Any, value: Any, out: Any, priority: int = 0) -> None:
        """Store a value under a new key and copy it into every array of *out*."""
        self.init(key, value)
        self.pull(key, out, priority)

    def row_sparse_pull(
        self, key: Any, out: Any = None, priority: int = 0, row_ids: Any = None
    ) -> None:
        """Copy rows of the stored value into row_sparse arrays.

        Parameters
        ----------
        key : int, str, or a list of them
        out : RowSparseNDArray, or a list of them
        row_ids : NDArray, or a list of them
            which rows, in any order; one for all of *out*, or one for each

        Raises
        ------
        AssertionError
            *out* or *row_ids* is missing.
        MXNetError
            *out* or the stored value is dense, or the number of *row_ids* is wrong.
        """
        assert out is not None, "out must be given"
        assert row_ids is not None, "row_ids must be given"
        pairs = [(one, target) for one, outs in self._pairs(key, out) for target in outs]
        rows = _flat(row_ids)
        rows = rows * len(pairs) if len(rows) == 1 else rows
        if len(rows) != len(pairs):
            raise MXNetError(
                f"KVStore.row_sparse_pull: {len(rows)} row_ids for {len(pairs)} arrays"
            )
        for (one, target), wanted in zip(pairs, rows, strict=True):
            stored = self._stored(one, "row_sparse_pull")
            for what, array in (("the stored value", stored), ("out", target)):
                if array.stype != "row_sparse":
                    raise MXNetError(
                        message(
                            f"KVStore.row_sparse_pull: {what} must be row_sparse, "
                            f"got {array.stype}",
                            fix='Make it with mx.nd.zeros(shape, stype="row_sparse").',
                        )
                    )
            flat = wanted.as_in_context(stored.context).reshape(-1)
            target[:] = nd.sparse.retain(stored, flat)

    # ---- optimizer --------------------------------------------------------------------------

    def set_optimizer(self, optimizer: Optimizer) -> None:
        """Run this optimizer on every push."""
        self._set_updater(get_updater(optimizer))

    def _set_updater(self, updater: Callable[[Any, Any, Any], None]) -> None:
        self._updater = updater

    def set_updater(self, updater: Callable[[Any, Any, Any], None]) -> None:
        """Call ``updater(key, pushed sum, stored value)`` on every push instead of replacing."""
        self._set_updater(updater)

    def set_gradient_compression(self, compression_params: dict[str, Any]) -> None:
        """2-bit compression of gradients; not for a ``local`` store."""
        if "device" not in self._kind and "dist" not in self._kind:
            raise MXNetError(
                f"Gradient compression is not supported for this type of kvstore: {self._kind}"
            )
        self._compression = Compression(compression_params)

    def _own_updater(self) -> Updater:
        assert isinstance(self._updater, Updater), "Cannot save states for distributed training"
        return self._updater

    def save_optimizer_states(self, fname: str, dump_optimizer: bool = False) -> None:
        """Write the optimizer's states to a file."""
        self._own_updater().save(fname, dump_optimizer)

    def load_optimizer_states(self, fname: str) -> None:
        """Read the optimizer's states from a file; runs no code from it."""
        self._own_updater().load(fname)

    def barrier(self) -> None:
        """Nothing to wait for: there is one worker."""


def _flat(arrays: Any) -> list[NDArray]:
    """The arrays of a list, of a list of lists, or one alone."""
    if isinstance(arrays, (list, tuple)):
        return [one for part in arrays for one in _flat(part)]
    return [arrays]


def _index(key: Any) -> Any:
    return int(key) if isinstance(key, str) and key.isdigit() else key


def _span(verb: str, key: Any, arrays: Sequence[NDArray]) -> AbstractContextManager[Any]:
    """What goes on inside is shown in the timeline's row of the store, while one is recorded."""
    if not events.on:
        return _UNSEEN
    return timing.span("kvstore", f"{verb} {key}", sum(one._data.nbytes for one in arrays))


def create(name: str = "local") -> KVStoreBase:
    """A key-value store: ``"local"`` or ``"device"``; other plain names give a local one too.

    Raises MXNetError for the distributed kinds, which need worker processes.
    """
    if not isinstance(name, str):
        raise TypeError("name must be a string")
    kind = name.lower()
    if kind in KVStoreBase.kv_registry:
        return KVStoreBase.kv_registry[kind]()
    if kind.startswith(_DIST):
        raise MXNetError(
            message(
                f"kvstore {name!r} needs worker processes (DMLC_* variables), which are not set",
                fix='Use "device" in one process.',
            )
        )
    if kind.startswith("nccl"):
        raise MXNetError('kvstore "nccl" needs GPUs with NCCL; use "device"')
    return KVStore(name)
