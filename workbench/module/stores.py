"""Where gradients of several devices meet: a key-value store, or none."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from typing import Any

from ..error import MXNetError, message
from ..kvstore import KVStoreBase, create

__all__ = ["create_store", "fill_store", "update", "update_on_store"]

#: elements of a parameter from which on a "local" store only sums
LARGE = 1 << 24
Columns = Sequence[Sequence[Any]]


class StoreTypeError(MXNetError, TypeError):
    """What should be a store is something else."""


def create_store(given: Any, devices: int, params: dict[str, Any]) -> tuple[Any, bool]:
    """The store (None for one device), and whether it updates the parameters itself."""
    on_store = bool(int(os.environ.get("MXNET_UPDATE_ON_KVSTORE", "1")))
    if given is None:
        return None, False
    if isinstance(given, str):
        if devices == 1 and "dist" not in given:
            return None, False
        largest = max((math.prod(one.shape) for one in params.values()), default=0)
        on_store = on_store and not (given == "local" and largest > LARGE)
        given = create(given)
    if not isinstance(given, KVStoreBase):
        raise StoreTypeError(message("kvstore must be KVStore, str or None"))
    return given, on_store and given.is_capable(KVStoreBase.OPTIMIZER)


def fill_store(
    store: Any, columns: Columns, params: dict[str, Any], names: Sequence[str], on_store: bool
) -> None:
    """Put the parameters into a store; one that updates them gives them to all devices."""
    for name, column in zip(names, columns, strict=True):
        if on_store and params[name].stype == "default":
            store.broadcast(name, params[name], out=column)
        else:
            store.init(name, params[name])


def update_on_store(weights: Columns, grads: Columns, store: Any, names: Sequence[str]) -> None:
    """Push gradients; the store updates, and gives back the weights. First layers first."""
    for index, (name, column, grad) in enumerate(zip(names, weights, grads, strict=True)):
        if grad[0] is None:
            continue
        if grad[0].stype == column[0].stype == "default":
            store.pushpull(name, grad, out=column, priority=-index)
        else:
            store.push(name, grad, priority=-index)
            store.pull(name, out=column, priority=-index)


def update(
    weights: Columns,
    grads: Columns,
    updater: Callable[..., None],
    devices: int,
    store: Any,
    names: Sequence[str],
) -> None:
    """Sum gradients over the devices in a store, if there is one; update on each device.

    Parameter *i* on device *k* has the number ``i · devices + k`` for the optimizer.
    """
    work: list[list[tuple[int, Any, Any]]] = [[] for _ in range(devices)]
    for index, (name, column, grad) in enumerate(zip(names, weights, grads, strict=True)):
        if grad[0] is None:
            continue
        if store is not None:
            if grad[0].stype == column[0].stype == "default":
                store.pushpull(name, grad, priority=-index)
            else:
                store.push(name, grad, priority=-index)
                store.pull(name, out=grad, priority=-index)
        for device, (weight, one) in enumerate(zip(column, grad, strict=True)):
            work[device].append((index * devices + device, one, weight))
    for rows in work:
        if rows:
            numbers, ones, targets = zip(*rows, strict=True)
            updater(list(numbers), list(ones), list(targets))
