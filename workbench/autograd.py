"""Record the forward pass, get the backward pass.

>>> import workbench as mx
>>> x = mx.nd.array([1.0, 2.0])
>>> x.attach_grad()
>>> with mx.autograd.record():
...     y = x * x
>>> y.backward()
>>> x.grad.asnumpy().tolist()
[2.0, 4.0]
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any

from .error import MXNetError, ParameterError, ShapeError, message, user_line
from .ndarray import tape, user_code
from .ndarray.core import NDArray, wrap

__all__ = [
    "Function",
    "NDArray",  # MXNet's module has it in a star import, and old files take it from there
    "backward",
    "get_symbol",
    "grad",
    "is_recording",
    "is_training",
    "mark_variables",
    "pause",
    "predict_mode",
    "record",
    "set_recording",
    "set_training",
    "train_mode",
]


def set_recording(is_recording: bool) -> bool:
    """Switch recording for this thread; returns what it was."""
    return tape.set_recording(is_recording)


def set_training(train_mode: bool) -> bool:
    """Switch training mode for this thread; returns what it was."""
    return tape.set_training(train_mode)


def is_recording() -> bool:
    """True inside ``record()``."""
    return tape.local.recording


def is_training() -> bool:
    """True where Dropout and BatchNorm behave as in training."""
    return tape.local.training


class _Scope:
    """Sets recording and training (None: leaves it) and restores what it found."""

    __slots__ = ("_before", "_recording", "_training")

    def __init__(self, recording: bool | None, training: bool | None) -> None:
        self._recording, self._training = recording, training
        self._before: Any = None  # what was found, then what before that: scopes may nest

    def __enter__(self) -> None:
        local, recording, training = tape.local, self._recording, self._training
        found = local.recording
        self._before = found, local.training, self._before
        if recording is not None and recording is not found:
            tape.set_recording(recording)
        if training is not None:
            local.training = training

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        local = tape.local
        recording, local.training, self._before = self._before
        if local.recording is not recording:
            tape.set_recording(recording)


def record(train_mode: bool = True) -> _Scope:
    """A ``with`` block whose operations are recorded, in training mode unless told otherwise."""
    return _Scope(True, train_mode)


def pause(train_mode: bool = False) -> _Scope:
    """A ``with`` block inside ``record()`` whose operations are not recorded."""
    return _Scope(False, train_mode)


def train_mode() -> _Scope:
    """A ``with`` block in training mode; recording stays as it is."""
    return _Scope(None, True)


def predict_mode() -> _Scope:
    """A ``with`` block in prediction mode; recording stays as it is."""
    return _Scope(None, False)


def mark_variables(
    variables: NDArray | Sequence[NDArray],
    gradients: NDArray | Sequence[NDArray],
    grad_reqs: str | Sequence[str] = "write",
) -> None:
    """Make *variables* leaves whose gradients are written into *gradients*."""
    if isinstance(variables, NDArray):
        variables, gradients = [variables], [gradients]  # type: ignore[list-item]
    reqs = [grad_reqs] * len(variables) if isinstance(grad_reqs, str) else list(grad_reqs)
    for variable, gradient, req in zip(variables, gradients, reqs, strict=True):
        variable._node = tape.leaf(gradient, _checked_req(req), variable._ctx)


def _checked_req(req: str) -> str:
    if req not in ("write", "add", "null"):
        raise ParameterError(f"grad_req must be 'write', 'add' or 'null', got {req!r}")
    return req


def backward(
    heads: NDArray | Sequence[NDArray],
    head_grads: Any = None,
    retain_graph: bool = False,
    train_mode: bool = True,
) -> None:
    """Gradients of *heads* into the ``grad`` of every array that called ``attach_grad``.

    Parameters
    ----------
    heads : NDArray or list of them
    head_grads : NDArray, list of NDArray or None, or None
        gradient of the final loss with respect to each head; None: ones
    retain_graph : bool
        keep the graph for another backward
    train_mode : bool
        whether Dropout and BatchNorm run their training backward

    Raises
    ------
    MXNetError
        when a head was not recorded, no array behind it wants a gradient, or the graph is freed
    """
    heads, head_grads = _lists(heads, head_grads)
    tape.backward(heads, head_grads, retain_graph, train_mode)


def _lists(heads: Any, head_grads: Any) -> tuple[list[NDArray], list[Any] | None]:
    if isinstance(heads, NDArray):
        heads = [heads]
        head_grads = None if head_grads is None else [head_grads]
    if isinstance(head_grads, NDArray):
        head_grads = [head_grads]
    heads = list(heads)
    if len({id(head) for head in heads}) < len(heads):
        return _last_of_each(heads, head_grads)
    return heads, head_grads


def _last_of_each(heads: list[NDArray], head_grads: Any) -> tuple[list[NDArray], list[Any] | None]:
    """A head named twice counts once, with the gradient given last, as in MXNet."""
    places = {id(head): i for i, head in enumerate(heads)}.values()
    if head_grads is not None and len(head_grads) == len(heads):
        head_grads = [head_grads[i] for i in places]
    return [heads[i] for i in places], head_grads


def grad(
    heads: NDArray | Sequence[NDArray],
    variables: NDArray | Sequence[NDArray],
    head_grads: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    train_mode: bool = True,
) -> list[NDArray]:
    """Gradients of *heads* with respect to *variables*, as new arrays.

    With ``create_graph=True`` the gradients are recorded themselves, so that they can be
    differentiated again. Returns a list, also for a single variable: MXNet's documentation
    promises an NDArray there, its code gives a list, and programs index it.
    """
    from .ndarray import higher_order

    heads, head_grads = _lists(heads, head_grads)
    wanted: list[NDArray] = [variables] if isinstance(variables, NDArray) else list(variables)
    if not wanted:
        raise ParameterError("autograd.grad: variables is empty")
    for i, variable in enumerate(wanted):
        if not tape.is_recorded(variable):
            raise MXNetError(
                message(
                    f"autograd.grad: variable {i} is not part of the recorded graph",
                    where=[user_line()],
                    fix="Call attach_grad() on it before record().",
                )
            )
    retain = create_graph if retain_graph is None else retain_graph
    return higher_order.gradients(heads, wanted, head_grads, retain, create_graph, train_mode)


def get_symbol(x: NDArray) -> Any:
    """The recorded history of *x* as a Symbol."""
    from .ndarray import higher_order

    return higher_order.symbol_of(x)


class Function:
    """A differentiable function given by its forward and its backward.

    Subclasses define ``forward(self, *inputs)`` and ``backward(self, *output_grads)``; both work
    on NDArrays and are not recorded. ``save_for_backward`` keeps arrays in ``saved_tensors``.
    """

    def __init__(self) -> None:
        self._used = False
        self.saved_tensors: tuple[NDArray, ...] = ()

    def save_for_backward(self, *args: NDArray) -> None:
        """Keep arrays for ``backward``."""
        self.saved_tensors = args

    def forward(self, *inputs: NDArray) -> Any:
        """Compute the outputs."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(self, *inputs)")

    def backward(self, *output_grads: NDArray) -> Any:
        """Gradients of the inputs from those of the outputs."""
        raise NotImplementedError(f"{type(self).__name__} must define backward(self, *grads)")

    def __call__(self, *inputs: NDArray) -> Any:
        if self._used:
            raise UsedTwiceError(
                message(
                    f"{type(self).__name__}: Each Function instance can only be called once",
                    where=[user_line()],
                    fix="Create another instance for each call.",
                )
            )
        self._used = True
        recorded = tape.local.recording and any(x._node is not None for x in inputs)
        with pause(train_mode=tape.local.training):
            result = self.forward(*inputs)
        outputs = [result] if isinstance(result, NDArray) else list(result)
        if recorded:
            outputs = self._record(inputs, outputs)
            return outputs[0] if isinstance(result, NDArray) else type(result)(outputs)
        return result

    def _record(self, inputs: Sequence[NDArray], outputs: Sequence[NDArray]) -> list[NDArray]:
        ctx = inputs[0]._ctx
        wanted = [x.shape for x in inputs]

        def run(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> list[Any]:
            grads = [
                wrap(ctx.backend.xp.zeros(shape, dtype) if one is None else one, ctx)
                for one, (shape, dtype) in zip(g, saves, strict=True)
            ]
            with pause(train_mode=tape.local.training):
                made = user_code.call(f"{type(self).__name__}.backward", self.backward, *grads)
            made = list(made) if isinstance(made, (list, tuple)) else [made]
            if len(made) != len(parents):
                raise MXNetError(
                    f"{type(self).__name__}.backward returned {len(made)} gradients for "
                    f"{len(parents)} inputs"
                )
            return [
                self._gradient(number, one, shape)
                for number, (one, shape) in enumerate(zip(made, wanted, strict=True))
            ]

        run.op, run.save_names = None, ()  # type: ignore[attr-defined]
        run.outputs = lambda node: len(outputs)  # type: ignore[attr-defined]
        shapes = tuple((one.shape, one.dtype) for one in outputs)
        parents = tuple(x._node for x in inputs)
        node = [tape.next_seq(), run, None, parents, shapes, None, ctx]
        made = []
        for i, one in enumerate(outputs):
            fresh = one.detach()
            fresh._node = tape.select(node, i)
            made.append(fresh)
        return made

    def _gradient(self, number: int, given: Any, shape: tuple[int, ...]) -> Any:
        """The raw gradient of an input, in its shape; None is zero."""
        if given is None:
            return None
        if not isinstance(given, NDArray):
            raise NoArrayError(
                message(
                    f"autograd.Function.backward must return NDArrays, not {type(given).__name__}",
                    where=[f"gradient {number} of {type(self).__name__}"],
                )
            )
        if given.shape != shape:
            try:
                given = given.broadcast_to(shape)
            except MXNetError as error:
                raise ShapeError(
                    message(
                        f"{type(self).__name__}.backward: gradient {number} is {given.shape}, its "
                        f"input {shape}",
                        fix="Return gradients in the shapes of the inputs.",
                    )
                ) from error
        given.wait_to_read()
        return given._data


class UsedTwiceError(MXNetError, AssertionError):
    """A Function was called again; an AssertionError in MXNet."""


class NoArrayError(MXNetError, TypeError):
    """A gradient is no NDArray."""
