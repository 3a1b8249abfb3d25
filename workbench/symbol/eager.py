"""Executors of graphs that no plan runs: with sparse arrays, or shapes that depend on values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..error import MXNetError, message, user_line
from ..executor import Executor
from ..graph.ir import Entry
from ..ndarray import tape
from ..ndarray.cached_op import replay
from ..ndarray.core import NDArray

__all__ = ["EagerExecutor"]


class EagerExecutor(Executor):
    """An Executor without a plan: its operators run one after the other, as ``mx.nd`` runs them.

    So outputs and gradients are stored by the same rules, sparse or dense.
    """

    _recorded: list[NDArray] | None = None

    @property
    def outputs(self) -> list[NDArray]:
        """The outputs of the last forward; zeros before the first, where their shapes are known."""
        if self._outputs is None and self._symbol._graph.is_dynamic:
            raise MXNetError(
                message(
                    "outputs: their shapes depend on values that are not computed yet",
                    where=[f"{self._symbol}", user_line()],
                    fix="Call forward() first.",
                )
            )
        return super().outputs

    def forward(self, is_train: bool = False, **kwargs: Any) -> list[NDArray]:
        """Compute the outputs; see :meth:`Executor.forward`."""
        if kwargs:
            self._assign(kwargs)
        self._last_train = bool(is_train)
        self._recorded = None
        found = self._run(is_train, bool(is_train) and bool(self._wanted))
        self._keep([one.detach() for one in found[: len(self._symbol)]])
        for name, one in zip(self._shown_names, found[len(self._symbol) :], strict=True):
            self._monitor(name, one.detach())
        return self.outputs

    def _run(self, train: bool, gradients: bool) -> list[NDArray]:
        """Every output and watched entry; with *gradients* they hang on the tape."""
        inputs = [one.detach() for one in self._inputs]
        if gradients:
            by_name = dict(zip(self._arg_names, self._leaves(), strict=True))
            for node, one in zip(self._symbol._graph.variables, inputs, strict=True):
                one._node = by_name.get(node.name)
        recording, training = tape.set_recording(gradients), tape.set_training(train)
        try:
            values = self._values(inputs)
        finally:
            tape.set_recording(recording)
            tape.set_training(training)
        found = [values[entry] for entry in self._symbol._entries]
        if gradients:
            self._recorded = found
        return found + [values[entry] for entry in self._shown]

    def _values(self, inputs: Sequence[NDArray]) -> dict[Entry, NDArray]:
        """The array of every entry."""
        return replay(self._symbol._graph, inputs)

    def _leaves(self) -> list[Any]:
        """The tape's leaf of each argument whose gradient is wanted."""
        return [
            None if request == "null" or grad is None else tape.leaf(grad, request, grad._ctx)
            for grad, request in zip(self.grad_arrays, self._requests, strict=True)
        ]

    def backward(self, out_grads: Any = None, is_train: bool = True) -> None:
        """Compute the gradients of the last forward; see :meth:`Executor.backward`."""
        if not self._wanted:
            return
        if self._recorded is None:
            self._run(self._last_train, True)
        assert self._recorded is not None
        given = self._given_heads(out_grads)
        for one in given:
            if not (one is None or isinstance(one, NDArray)):
                raise TypeError(f"out_grads: expected NDArray, got {type(one).__name__}")
        pairs = [(o, g) for o, g in zip(self._recorded, given, strict=True) if o._node is not None]
        heads: Sequence[NDArray] = [one for one, _ in pairs]
        if heads:
            tape.backward(heads, [g for _, g in pairs], retain_graph=True, train_mode=is_train)
