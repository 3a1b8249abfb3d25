"""Updater: an optimizer with the states of the weights it has met."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ndarray as nd
from ..error import StorageError
from ..fileio import write_bytes
from ..restricted_pickle import dumps, loads
from .base import Optimizer

__all__ = ["Updater", "get_updater"]


class Updater:
    """Calls an optimizer with the state of each weight, made on first use."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.states: dict[Any, Any] = {}
        self.states_synced: dict[Any, bool] = {}

    def __call__(self, index: Any, grad: Any, weight: Any) -> None:
        """Update one weight, or lists of weights on one device."""
        if not isinstance(index, (list, tuple)):
            index, grad, weight = [index], [grad], [weight]
        if not weight:
            return
        optimizer = self.optimizer
        optimizer._set_current_context(weight[0].context.device_id)
        states = [self._state(i, w) for i, w in zip(index, weight, strict=True)]
        if not optimizer.aggregate_num or len(index) == 1:
            for i, w, g, state in zip(index, weight, grad, states, strict=True):
                optimizer.update_multi_precision(i, w, g, state)
        elif optimizer.multi_precision or len({w.dtype for w in weight}) > 1:
            self._update_together(index, weight, grad, states)
        else:
            optimizer.update(index, weight, grad, states)

    def _update_together(
        self, index: Sequence[Any], weight: Sequence[Any], grad: Sequence[Any], states: Any
    ) -> None:
        """One call for each group of weights of one dtype."""
        groups: dict[Any, list[int]] = {}
        for place, one in enumerate(weight):
            groups.setdefault(one.dtype, []).append(place)
        for places in groups.values():
            if self.optimizer._keeps_master(weight[places[0]]):
                for i in places:
                    self.optimizer.update_multi_precision(index[i], weight[i], grad[i], states[i])
                continue
            self.optimizer.update(
                *[[one[i] for i in places] for one in (index, weight, grad, states)]
            )

    def _state(self, index: Any, weight: nd.NDArray) -> Any:
        if index not in self.states:
            self.states[index] = self.optimizer.create_state_multi_precision(index, weight)
            self.states_synced[index] = True
        elif not self.states_synced[index]:
            self.states[index] = _on_context(self.states[index], weight.context)
            self.states_synced[index] = True
        return self.states[index]

    def get_states(self, dump_optimizer: bool = False) -> bytes:
        """The states as a pickle: ``{index: state}``, or with the optimizer ``(states, it)``."""
        return dumps((self.states, self.optimizer) if dump_optimizer else self.states)

    def set_states(self, states: bytes) -> None:
        """Take over what ``get_states`` (here or in MXNet) gave; runs no code from the pickle."""
        loaded = loads(states)
        if isinstance(loaded, tuple) and len(loaded) == 2:
            self.states, self.optimizer = loaded
        else:
            self.states = loaded
        self.states_synced = dict.fromkeys(self.states, False)

    def save(self, fname: str, dump_optimizer: bool = False) -> None:
        """Write :meth:`get_states` to a file, all of it or nothing; StorageError when it fails."""
        try:
            write_bytes(fname, self.get_states(dump_optimizer))
        except OSError as error:
            raise StorageError.of(error, f"cannot write states to {fname}") from error

    def load(self, fname: str) -> None:
        """Read a file of :meth:`save` or of MXNet; StorageError or DataFileError when it fails."""
        try:
            with open(fname, "rb") as file:
                states = file.read()
        except OSError as error:
            raise StorageError.of(error, f"cannot read states from {fname}") from error
        self.set_states(states)


def _on_context(state: Any, ctx: Any) -> Any:
    if isinstance(state, nd.NDArray):
        return state.as_in_context(ctx)
    if isinstance(state, (tuple, list)):
        return type(state)(_on_context(one, ctx) for one in state)
    return state


def get_updater(optimizer: Optimizer) -> Updater:
    """An Updater of *optimizer*."""
    return Updater(optimizer)
