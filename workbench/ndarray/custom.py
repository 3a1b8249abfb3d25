"""Operators written in Python by users: ``mx.nd.Custom``, and the node of graphs behind
``mx.sym.Custom``.

A *property* (:class:`workbench.operator.CustomOpProp`) tells names, shapes and dtypes, and makes
the *operator* (:class:`workbench.operator.CustomOp`) that computes on NDArrays. Each call that is
to be differentiated has an operator of its own until its backward can run no more, so that what a
forward left on ``self`` is what its backward finds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..backend import activate
from ..context import Context
from ..dtypes import NAME_TO_FLAG, as_dtype
from ..engine import marks
from ..error import (
    MXNetError,
    OperatorError,
    ParameterError,
    ShapeError,
    message,
    user_line,
)
from ..graph.ir import Node, Owned, Types
from ..graph.kept import append_backward
from . import sparse_array, tape, user_code
from .core import NDArray, wrap
from .creation import zeros
from .invoke import as_context

__all__ = ["PROPERTIES", "Custom", "CustomOperator"]

#: the classes that ``mx.operator.register`` was given, by name
PROPERTIES: dict[str, Callable[..., Any]] = {}
#: of the names in the profiler's tables
_PREFIX = {"forward": "", "backward": "_backward_"}


def _asked(op_type: str, what: str, function: Callable[..., Any], *args: Any, **kw: Any) -> Any:
    """Call a method of an operator or its property."""
    return user_code.call(f"Custom operator {op_type}: {what}", function, *args, **kw)


class CustomOperator(Owned):
    """A registered operator with its keywords: what a node, or a call, applies.

    Parameters
    ----------
    op_type : str
        The registered name.
    given : mapping of str to str
        Keywords for the property's class.
    """

    name = "Custom"
    variadic = False
    uses = frozenset({"train"})
    wanted: tuple[int, ...] | None = None

    def __init__(self, op_type: str, given: Mapping[str, str]) -> None:
        self.op_type, self.given = op_type, dict(given)
        made = PROPERTIES.get(op_type)
        if made is None:
            known = ", ".join(sorted(PROPERTIES))
            raise ParameterError(
                message(
                    f"Custom: Cannot find custom operator {op_type!r}",
                    where=[f"registered: {known}", user_line()],
                    fix="Register its property first: @mx.operator.register(name).",
                )
            )
        self.prop = _asked(op_type, "the property's __init__", made, **self.given)
        self.arguments = self._listed("list_arguments")
        self.results = self._listed("list_outputs")
        self.aux = self.mutates = tuple(self._listed("list_auxiliary_states"))
        self.inputs = (*self.arguments, *self.aux)
        self.output_names = tuple(self.results)
        self._idle: list[Any] = []

    def __repr__(self) -> str:
        return f"<Custom {self.op_type}>"

    def _listed(self, method: str) -> list[str]:
        return [str(one) for one in _asked(self.op_type, method, getattr(self.prop, method))]

    def num_visible(self, p: dict[str, Any]) -> int:
        """Those that the property lists."""
        return len(self.results)

    def num_outputs(self, p: dict[str, Any]) -> int:
        """One more where gradients will be asked for: the call."""
        return len(self.results) + (self.wanted is not None)

    def parse(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The keywords belong to the property; attributes of a node do not change them."""
        return {}

    # ---- inference ----------------------------------------------------------------------

    def infer_shape(self, p: dict[str, Any], in_shapes: Sequence[Any]) -> Any:
        """What the property says; an unknown shape is [] for it."""
        asked = [list(shape or ()) for shape in in_shapes[: len(self.arguments)]]
        found = self._inferred("infer_shape", asked, in_shapes)
        if found is None:
            return list(in_shapes), [None] * self.num_outputs(p)
        ins, outs, aux = self._parts([tuple(map(int, shape or ())) or None for shape in found])
        return [*ins, *aux], outs + self._of_kept

    def infer_dtype(self, p: dict[str, Any], in_dtypes: Sequence[Any]) -> Any:
        """What the property says; it gets NumPy types, None for an unknown one."""
        asked = [None if d is None else as_dtype(d).type for d in in_dtypes[: len(self.arguments)]]
        found = self._inferred("infer_type", asked, in_dtypes)
        if found is None:
            return list(in_dtypes), [None] * self.num_outputs(p)
        ins, outs, aux = self._parts([None if d is None else as_dtype(d).name for d in found])
        return [*ins, *aux], outs + self._of_kept

    @property
    def _of_kept(self) -> list[None]:
        return [] if self.wanted is None else [None]

    def _parts(self, found: list[Any]) -> tuple[list[Any], list[Any], list[Any]]:
        first, second = len(self.arguments), len(self.arguments) + len(self.results)
        return found[:first], found[first:second], found[second:]

    def _inferred(self, method: str, asked: list[Any], known: Sequence[Any]) -> list[Any] | None:
        """Inputs, outputs and states in one list; None when too little is known to be asked."""
        try:
            answer = _asked(self.op_type, method, getattr(self.prop, method), asked)
        except OperatorError:
            if any(not one for one in known[: len(self.arguments)]):
                return None
            raise
        parts = [list(part) for part in answer]
        if len(parts) == 2:
            parts.append([None] * len(self.aux))
        counts = [len(self.arguments), len(self.results), len(self.aux)]
        if [len(part) for part in parts] != counts:
            raise OperatorError(
                message(
                    f"Custom operator {self.op_type}: {method} gave lists of "
                    f"{', '.join(str(len(part)) for part in parts)} entries",
                    where=[f"arguments, outputs, auxiliary states: {counts}"],
                    fix="Return one entry for each name that is listed.",
                )
            )
        return [one for part in parts for one in part]

    # ---- calls --------------------------------------------------------------------------

    def call(self, ctx: Context, arrays: Sequence[NDArray]) -> Call:
        """A call with an operator that no other call uses."""
        try:
            ctx_of_idle, shapes, operator = self._idle.pop()
        except IndexError:
            ctx_of_idle = shapes = operator = None
        now = [list(one.shape) for one in arrays[: len(self.arguments)]]
        if (ctx_of_idle, shapes) != (ctx, now):
            flags = [NAME_TO_FLAG[as_dtype(a.dtype).name] for a in arrays[: len(self.arguments)]]
            create = self.prop.create_operator
            operator = _asked(self.op_type, "create_operator", create, ctx, now, flags)
        return Call(self, operator, ctx, arrays)

    def on_arrays(self, arrays: Sequence[NDArray], ctx: Any = None) -> list[NDArray]:
        """Its outputs for inputs and states, recorded if that is on."""
        call = self.call(ctx or arrays[0]._ctx, arrays)
        outputs = call.forward(tape.local.training)
        inputs = arrays[: len(self.arguments)]
        if tape.local.recording and any(one._node is not None for one in inputs):
            return _record(call, inputs)
        return outputs

    def give_back(self, ctx: Context, shapes: list[list[int]], operator: Any) -> None:
        """An operator that no call uses any more serves the next one."""
        if not self._idle:
            self._idle.append((ctx, shapes, operator))

    def needs_heads(self) -> bool:
        """Whether the backward asks for gradients of the outputs; a loss does not."""
        outs, ins = len(self.results), len(self.arguments)
        heads, data = list(range(outs)), list(range(outs, outs + ins))
        results = list(range(outs + ins, 2 * outs + ins))
        ask = self.prop.declare_backward_dependency
        needed = _asked(self.op_type, "declare_backward_dependency", ask, heads, data, results)
        return bool(set(heads) & set(needed))

    # ---- in graphs ----------------------------------------------------------------------

    def kernel(self, node: Node, types: Types, ctx: Any, train: bool) -> Callable[..., Any]:
        """Raw arrays in, raw outputs, and the call where gradients will be asked for."""

        def forward(*raws: Any) -> tuple[Any, ...]:
            call = self.call(ctx, [wrap(raw, ctx) for raw in raws])
            outputs = tuple(one._data for one in call.forward(train))
            if self.wanted is None:
                return outputs
            return (*outputs, _Kept(call, self.wanted))

        return forward

    def keeping(self, node: Node, places: Sequence[int], types: Types) -> CustomOperator:
        """The same with ``wanted``."""
        made = object.__new__(CustomOperator)
        made.__dict__.update(self.__dict__)
        made.wanted = tuple(places)
        return made

    def gradients(self, builder: Any, node: Node, g: Sequence[Any]) -> list[Any]:
        """One node that runs the operator's backward."""
        assert self.wanted is not None
        heads = [one.entry for one in g if one is not None] if self.needs_heads() else []
        return append_backward(builder, node, self.wanted, heads)


class _Kept:
    """A call as the backward of a graph wants it."""

    def __init__(self, call: Call, wanted: Sequence[int]) -> None:
        self.call, self.wanted = call, wanted

    def backward(self, heads: Sequence[Any]) -> list[Any]:
        ctx = self.call.ctx
        grads = self.call.backward([wrap(raw, ctx) for raw in heads], self.wanted)
        return [grads[place]._data for place in self.wanted]


class Call:
    """One forward of an operator with its arrays, and its backwards."""

    def __init__(
        self, op: CustomOperator, operator: Any, ctx: Context, arrays: Sequence[NDArray]
    ) -> None:
        self.op, self.operator, self.ctx = op, operator, ctx
        count = len(op.arguments)
        self.inputs, self.aux = list(arrays[:count]), list(arrays[count:])
        self.outputs: list[NDArray] = []

    def __del__(self) -> None:
        shapes = [list(one.shape) for one in self.inputs]
        self.op.give_back(self.ctx, shapes, self.operator)

    def forward(self, train: bool) -> list[NDArray]:
        """Run the operator's forward; its outputs, ready."""
        op = self.op
        _, shapes = op.infer_shape({}, [one.shape for one in (*self.inputs, *self.aux)])
        _, dtypes = op.infer_dtype({}, [_name(one) for one in (*self.inputs, *self.aux)])
        for title, shape, dtype in zip(op.results, shapes, dtypes, strict=False):
            if shape is None or dtype is None:
                raise ShapeError(
                    message(
                        f"Custom operator {op.op_type}: shape or dtype of {title} is unknown",
                        where=[f"{shape} {dtype}", user_line()],
                        fix="Let infer_shape and infer_type of its property tell it.",
                    )
                )
        stypes = self._storage()
        self.outputs = [
            _zeros(stype, shape, dtype, self.ctx)
            for stype, shape, dtype in zip(stypes, shapes, dtypes, strict=False)
        ]
        self._run("forward", train, is_train=train, req=["write"] * len(self.outputs))
        return self.outputs

    def backward(self, heads: Sequence[NDArray], wanted: Sequence[int]) -> list[NDArray]:
        """Run the operator's backward; a gradient for every input, zeros for one not wanted."""
        grads = [_zeros(one.stype, one.shape, one.dtype, self.ctx) for one in self.inputs]
        if not heads:
            heads = [_zeros("default", one.shape, one.dtype, self.ctx) for one in self.outputs]
        req = ["write" if i in wanted else "null" for i in range(len(self.inputs))]
        self._run("backward", tape.local.training, req=req, out_grad=list(heads), in_grad=grads)
        for one in grads:
            one.wait_to_read()
        return grads

    def _run(self, method: str, train: bool, **more: Any) -> None:
        for one in (*self.inputs, *self.aux):
            one.wait_to_read()
        recording, training = tape.set_recording(False), tape.set_training(train)
        arrays = {"in_data": self.inputs, "out_data": self.outputs, "aux": self.aux}
        try:
            with self.ctx, marks.InsideOf(_PREFIX[method] + self.op.op_type):
                function = getattr(self.operator, method)
                _asked(self.op.op_type, method, function, **more, **arrays)
                for one in (*self.outputs, *self.aux):
                    one.wait_to_read()
        finally:
            tape.set_recording(recording)
            tape.set_training(training)

    def _storage(self) -> list[str]:
        """How the outputs are stored; the property is asked only where an input is sparse."""
        given = [one.stype for one in self.inputs]
        if set(given) <= {"default"}:
            return ["default"] * len(self.op.results)
        answer = _asked(
            self.op.op_type, "infer_storage_type", self.op.prop.infer_storage_type, given
        )
        return list(answer[1])


def _name(x: NDArray) -> str:
    return as_dtype(x.dtype).name


def _zeros(stype: str, shape: Any, dtype: Any, ctx: Context) -> Any:
    made = zeros(shape, ctx=ctx, dtype=dtype)
    return made if stype == "default" else sparse_array.from_dense(made, stype)


# ---- at once ------------------------------------------------------------------------------


def Custom(*data: NDArray, op_type: str, **kwargs: Any) -> Any:
    """Apply an operator that ``mx.operator.register`` was given.

    Parameters
    ----------
    *data : NDArray
        Its inputs and auxiliary states in order; they may be given by name too.
    op_type : str
        The registered name.
    **kwargs
        Inputs by name; everything else is handed to the property's class as text.

    Returns
    -------
    NDArray, or a list of them for several outputs

    Raises
    ------
    ParameterError
        No such operator is registered, an input is missing, or one too many.
    OperatorError
        The operator's own code raised; its lines are in the text, the error is the cause.
    """
    out, _ = kwargs.pop("out", None), kwargs.pop("name", None)
    ctx = kwargs.pop("ctx", None)
    named = {key: value for key, value in kwargs.items() if isinstance(value, NDArray)}
    op = CustomOperator(op_type, {k: str(v) for k, v in kwargs.items() if k not in named})
    arrays = _in_order(op, data, named)
    home = activate(arrays[0]._ctx if arrays else as_context(ctx))
    outputs = op.on_arrays(arrays, home)
    if out is None:
        return outputs[0] if len(outputs) == 1 else outputs
    targets = out if isinstance(out, (list, tuple)) else [out]
    for target, one in zip(targets, outputs, strict=True):
        target[:] = one
    return out


def _in_order(
    op: CustomOperator, data: Sequence[Any], named: Mapping[str, NDArray]
) -> list[NDArray]:
    """Inputs and auxiliary states in the order of the property."""
    names = op.inputs[len(data) :]
    missing = [name for name in names if name not in named]
    unknown = [name for name in named if name not in names]
    if missing or unknown or len(data) > len(op.inputs):
        what = f"input {missing[0]} is missing" if missing else "an input too many"
        raise ParameterError(
            message(
                f"Custom operator {op.op_type}: {what}",
                where=[f"inputs: {', '.join(op.inputs) or 'none'}", user_line()],
                fix="Give each once, in this order or by name.",
            )
        )
    arrays = [*data, *(named[name] for name in names)]
    for name, one in zip(op.inputs, arrays, strict=True):
        if not isinstance(one, NDArray):
            raise NoArrayError(
                message(
                    f"Custom operator {op.op_type}: {name} must be an NDArray, got "
                    f"{type(one).__name__}",
                    where=[user_line()],
                )
            )
    return arrays


class NoArrayError(MXNetError, TypeError, AssertionError):
    """An input that is no NDArray; MXNet 1.9.1 raises AssertionError."""


def _record(call: Call, inputs: Sequence[NDArray]) -> list[NDArray]:
    """A tape node for the call; its outputs, hung on it."""
    ctx, outputs = call.ctx, call.outputs
    wanted = [i for i, one in enumerate(inputs) if one._node is not None]

    def run(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> list[Any]:
        heads = [
            zeros(one.shape, ctx=ctx, dtype=one.dtype) if raw is None else wrap(raw, ctx)
            for raw, one in zip(g, outputs, strict=True)
        ]
        return [one._data for one in call.backward(heads, wanted)]

    run.op, run.save_names = None, ()  # type: ignore[attr-defined]
    run.outputs = lambda node: len(outputs)  # type: ignore[attr-defined]
    parents = tuple(one._node for one in inputs)
    node = [tape.next_seq(), run, None, parents, (), None, ctx]
    made = []
    for number, one in enumerate(outputs):
        fresh = one.detach() if one.stype == "default" else one.copy()
        fresh._node = tape.select(node, number)
        made.append(fresh)
    return made
