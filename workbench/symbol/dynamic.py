"""Executors of graphs in which the shape of a result depends on values."""

from __future__ import annotations

from typing import Any

from .. import autograd
from ..error import MXNetError, message, user_line
from ..executor import Executor, store
from ..ndarray.cached_op import replay
from ..ndarray.core import NDArray, wrap
from .symbol import output_name

__all__ = ["DynamicExecutor"]


class DynamicExecutor(Executor):
    """An Executor that has no plan: its operators run one after the other, as ``mx.nd`` runs them.

    Everything else is as with :class:`Executor`; before the first forward there are no outputs.
    """

    _leaves: tuple[NDArray, ...] = ()

    @property
    def outputs(self) -> list[NDArray]:
        """The outputs of the last forward."""
        if self._outputs is None:
            raise MXNetError(
                message(
                    "outputs: their shapes depend on values that are not computed yet",
                    where=[f"{self._symbol}", user_line()],
                    fix="Call forward() first.",
                )
            )
        return [one.detach() for one in self._outputs]

    def forward(self, is_train: bool = False, **kwargs: Any) -> list[NDArray]:
        """Compute the outputs; see :meth:`Executor.forward`."""
        if kwargs:
            self._assign(kwargs)
        wanted = {id(node) for node in self._wanted}
        variables = self._symbol._graph.variables
        inputs = [wrap(raw, self._ctx) for raw in self._raw_inputs()]
        leaves = {id(node): one for node, one in zip(variables, inputs, strict=True)}
        self._leaves = tuple(leaves[id(node)] for node in self._wanted)
        for node, one in zip(variables, inputs, strict=True):
            if id(node) in wanted:
                one.attach_grad()
        with autograd.record(train_mode=is_train):
            values = replay(self._symbol._graph, inputs)
        self._outputs = [values[entry] for entry in self._symbol._entries]
        for entry in self._shown:
            self._monitor(output_name(entry).encode(), values[entry].detach())
        return self.outputs

    def backward(self, out_grads: Any = None, is_train: bool = True) -> None:
        """Compute the gradients of the last forward, and write or add them as requested."""
        if not self._wanted or self._outputs is None:
            return
        heads = [out_grads] if isinstance(out_grads, NDArray) else out_grads
        grads = iter(autograd.grad(self._outputs, self._leaves, heads, retain_graph=True))
        for target, request in zip(self.grad_arrays, self._requests, strict=True):
            if request != "null" and target is not None:
                store(target, next(grads)._data, request)
