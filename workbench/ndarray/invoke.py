"""The slow way into an operator: everything that an entry's fast test did not let through.

Numbers and strings are parsed, waiting arrays waited for, ``out=`` honoured, devices compared,
mistakes explained. What remains is the same call of the same kernel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..backend import activate
from ..base import _Null
from ..context import Context, current_context
from ..dtypes import dtype_name
from ..error import (
    ContextError,
    DrawError,
    DTypeError,
    MXNetError,
    OperatorError,
    OutOfMemory,
    ParameterError,
    ShapeError,
    message,
    user_line,
)
from ..ops.registry import Op
from . import queued, storage, tape
from .core import NDArray, on, wrap
from .room import check_room

__all__ = ["as_context", "check", "execute", "explain", "invoke", "prepare"]

_HOST = ("cpu", "cpu_pinned", "cpu_shared")


class ArgumentError(MXNetError, TypeError, AssertionError):
    """An input that is no NDArray; MXNet 1.9.1 raises AssertionError here."""


# ---- the call -----------------------------------------------------------------------------------


def invoke(
    op: Op, inputs: Sequence[Any], given: Mapping[str, Any], out: Any, unknown: Mapping[str, Any]
) -> Any:
    """Call *op* on NDArrays: parse, check, compute, write ``out``, record.

    *given* holds the parameters (``_Null``: not given), *unknown* the keywords that the
    operator does not have. Returns one NDArray, or a list for several visible outputs.
    """
    if unknown:
        unknown = {k: v for k, v in unknown.items() if v is not None}
        if unknown:
            _parse(op, {**{k: v for k, v in given.items() if v is not _Null}, **unknown})
    if len(inputs) == 1 and op.variadic and isinstance(inputs[0], (list, tuple)):
        inputs = inputs[0]
    words = {k: v for k, v in given.items() if v is not _Null}
    ctx = _context(op, inputs, words.pop("ctx", None))
    if op.variadic and "num_args" in op.params:
        words.setdefault("num_args", len(inputs))
    p = _parse(op, words)
    arrays = _arrays(op, inputs, p)
    sparse = any(map(storage.is_sparse, (*arrays, *_listed(out)))) or op.is_asked(p)
    check(op, arrays, p, ctx, room=not sparse)
    if sparse:
        if tape.local.recording:
            _refuse_recorded_writes(op, arrays, _outs(op, p, out))
        made = storage.call(op, arrays, p, ctx, _outs(op, p, out))
        return made if out is None else out
    return execute(op, arrays, p, ctx, out)


def _parse(op: Op, words: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters; what is wrong with them is said with the user's line."""
    try:
        return op.parse(words)
    except ParameterError as error:
        what, *rest = str(error).split("\n")
        places = [line for line in rest if line.startswith("  where: ")]
        fixes = [line for line in rest if not line.startswith("  where: ")]
        text = "\n".join([what, *places, f"  where: {user_line()}", *fixes])
        raise ParameterError(text) from None


def _listed(out: Any) -> Sequence[Any]:
    return out if isinstance(out, (list, tuple)) else (out,)


def execute(
    op: Op, arrays: Sequence[NDArray | None], p: dict[str, Any], ctx: Context, out: Any
) -> Any:
    """Compute with checked inputs and parameters."""
    outs = _outs(op, p, out)
    recorded = tape.local.recording and any(a is not None and a._node is not None for a in arrays)
    if tape.local.recording:
        _refuse_recorded_writes(op, arrays, outs)
    options: dict[str, Any] = dict(p)
    if "train" in op.uses:
        options["train"] = p["train"] = tape.local.training
    raws = [None if a is None else a._data for a in arrays]
    present = [a for a in arrays if a is not None]
    pushed = queued.can_push(op, ctx, outs, raws) and (
        queued.must_push(op.meets(p))
        or queued.goes_to_queue(ctx, present, outs or (), queued.estimate_of(op, arrays))
    )
    if pushed:
        made, results = queued.push_operator(op, arrays, options, ctx, outs, op.num_visible(p))
    else:
        _wait_for_inputs(op, arrays, present)
        if "rng" in op.uses:
            options["rng"] = queued.rng_of(ctx)
        try:
            results = list(_compute(op, arrays, raws, options, ctx, outs))
            made = _deliver(results, op.num_visible(p), ctx, outs)
        except DrawError:
            if not queued.can_fail_later(op, ctx, outs, raws):
                raise
            made, results = queued.push_operator(
                op, arrays, options, ctx, outs, op.num_visible(p), draws=False
            )
    if recorded:
        node = record(op, arrays, raws, results, p, ctx, made)
        if pushed:
            node.append(_vars_of_backward(op, arrays, made))
    return made[0] if op.num_visible(p) == 1 else made


def _wait_for_inputs(op: Op, arrays: Sequence[NDArray | None], present: list[NDArray]) -> None:
    for array in present:
        if array._var is not None:
            array.wait_to_read()
    changed = (
        present
        if op.variadic and op.mutates
        else [
            a for n, a in zip(op.inputs, arrays, strict=False) if n in op.mutates and a is not None
        ]
    )
    for array in changed:
        if array._var is not None:
            array.wait_to_write()


def _vars_of_backward(
    op: Op, arrays: Sequence[NDArray | None], made: Sequence[NDArray]
) -> tuple[list[Any], list[Any]]:
    """What the backward of a pushed operation reads, and writes (the moving statistics)."""
    reads = [queued.var_of(a) for a in (*arrays, *made) if a is not None]
    states = [
        queued.var_of(a)
        for n, a in zip(op.inputs, arrays, strict=False)
        if n in op.aux and a is not None
    ]
    return reads, states


def _compute(
    op: Op, arrays: Any, raws: list[Any], options: dict[str, Any], ctx: Context, outs: Any
) -> tuple[Any, ...]:
    kernel = ctx.table.of(op)
    if outs is not None and (op.ufunc or "out" in op.uses):
        for one in outs:
            if one._var is not None:
                one.wait_to_write()
        targets = [one._data for one in outs]
        options["out"] = targets[0] if not op.has_outputs else targets
        if op.ufunc and targets[0].shape != np.broadcast_shapes(*[r.shape for r in raws]):
            del options["out"]
    try:
        with on(ctx):
            results = kernel(*raws, **options)
    except Exception as error:
        raise explain(op, arrays, error) from None
    made = tuple(results) if op.has_outputs else (results,)
    if not op.views or outs is not None:
        return made
    with on(ctx):
        return tuple(raw.copy() for raw in made)


def _deliver(
    results: Sequence[Any], visible: int, ctx: Context, outs: list[NDArray] | None
) -> list[NDArray]:
    """Wrap the visible results, or write them into *outs*."""
    if outs is None:
        return [wrap(raw, ctx) for raw in results[:visible]]
    for one, raw in zip(outs, results, strict=False):
        if one._data is raw:
            continue
        if one.shape != raw.shape or one._data.dtype != raw.dtype:
            raise ShapeError(
                message(
                    f"out: Shape inconsistent, expected {raw.shape} {raw.dtype}, "
                    f"got {one.shape} {one._data.dtype}",
                    where=[user_line()],
                    fix="Give an out array of exactly the result's shape and dtype.",
                )
            )
        if one._var is not None:
            one.wait_to_write()
        with on(one._ctx):
            one._data[...] = _to_device(raw, ctx, one._ctx)
    return outs


def _to_device(raw: Any, source: Context, target: Context) -> Any:
    if source.backend is target.backend:
        return raw
    return target.backend.from_host(source.backend.to_host(raw))


def _outs(op: Op, p: dict[str, Any], out: Any) -> list[NDArray] | None:
    if out is None:
        return None
    outs = list(out) if isinstance(out, (list, tuple)) else [out]
    wanted = op.num_visible(p)
    if len(outs) != wanted or not all(isinstance(one, NDArray) for one in outs):
        raise ArgumentError(
            message(
                f"{op.name}: out must be {wanted} NDArray(s), got "
                f"{', '.join(type(one).__name__ for one in outs)}",
                where=[user_line()],
                fix="Pass an NDArray, or a list of them, or leave out= away.",
            )
        )
    return outs


def _refuse_recorded_writes(op: Op, arrays: Any, outs: list[NDArray] | None) -> None:
    if outs is not None and any(map(tape.is_recorded, outs)):
        raise MXNetError(recorded_write(op.name))


def recorded_write(what: str) -> str:
    """The text for a write into an array of the graph that is being recorded."""
    return message(
        f"{what}: Inplace operations (+=, -=, x[:]=, etc) are not supported when recording with "
        "autograd: the array is part of the recorded graph",
        where=[user_line()],
        fix="Compute into a new array, or do it outside autograd.record().",
    )


def record(
    op: Op,
    arrays: Sequence[NDArray | None],
    raws: Sequence[Any],
    results: Sequence[Any],
    p: dict[str, Any],
    ctx: Context,
    made: list[NDArray],
) -> list[Any]:
    """Put a node on the tape and hang the outputs on it; returns the node."""
    from .rules import run_of

    run, saves = saves_of(op, run_of(op), raws, results)
    parents = tuple(None if a is None else a._node for a in arrays)
    if op.has_outputs:
        visible = op.num_visible(p)
        shapes = [r.shape if i < visible else None for i, r in enumerate(results)]
        saves = (*saves, tuple(shapes))
    node = [tape.next_seq(), run, None, parents, saves, p, ctx]
    if not op.has_outputs:
        made[0]._node = node
        return node
    for i, one in enumerate(made):
        one._node = tape.select(node, i)
    return node


def saves_of(op: Op, run: Any, raws: Sequence[Any], results: Sequence[Any]) -> tuple[Any, Any]:
    """RUN and SAVES of a node: another RUN where inputs were broadcast."""
    saves = tuple(_saved(op, n, raws, results) for n in op.save_names)
    if op.broadcasts and any(r.shape != raws[0].shape for r in raws[1:]):
        return run.unequal, (saves, tuple(r.shape for r in raws))
    return run, saves


def _saved(op: Op, name: str, raws: Sequence[Any], results: Sequence[Any]) -> Any:
    if name == "out":
        return results[0]
    if name == "outs":
        return tuple(results)
    if name == "args":
        return tuple(raws)
    if name == "args_shape":
        return tuple(raw.shape for raw in raws)
    if name in op.inputs:
        return raws[op.inputs.index(name)]
    raw = raws[op.inputs.index(name.removesuffix("_shape"))]
    return None if raw is None else raw.shape


# ---- inputs -------------------------------------------------------------------------------------


def _context(op: Op, inputs: Sequence[Any], given: Any) -> Context:
    """The device to compute on: the first input's, else ``ctx=``, else the current one."""
    for one in inputs:
        if isinstance(one, NDArray):
            return one._ctx
    return activate(as_context(given))


def as_context(given: Any) -> Context:
    """A Context from what users give: a Context, ``"cpu(0)"``, ``"cpu"``, None or ""."""
    if given is None or given == "" or given is _Null:
        return current_context()
    if isinstance(given, Context):
        return given
    kind, _, number = str(given).partition("(")
    digits = number.rstrip(") ") or "0"
    if not digits.isdecimal():
        raise ContextError(
            message(
                f"cannot read the context {given!r}", where=[user_line()], fix="Write mx.cpu(0)."
            )
        )
    return Context(kind.strip(), int(digits))


def _arrays(op: Op, inputs: Sequence[Any], p: dict[str, Any]) -> list[NDArray | None]:
    """The inputs as NDArrays, or None for optional ones left out."""
    missing = op.missing_inputs(p)
    arrays: list[NDArray | None] = []
    for i, one in enumerate(inputs):
        name = f"arg{i}" if op.variadic else op.inputs[i]
        if isinstance(one, NDArray):
            arrays.append(None if name in missing else one)
        elif one is None and name in op.optional:
            if op.optional_when is not None and name not in missing and name not in op.aux:
                raise _missing_input(op, name)
            arrays.append(None)
        elif one is None:
            raise _missing_input(op, name)
        else:
            raise ArgumentError(
                message(
                    f"{op.name}: input {name} must be an NDArray, got {type(one).__name__}",
                    where=[user_line()],
                    fix="Convert it with mx.nd.array(...).",
                )
            )
    if op.variadic and not arrays:
        raise ParameterError(
            message(f"{op.name}: at least one input is needed", where=[user_line()])
        )
    return arrays


def _missing_input(op: Op, name: str) -> ParameterError:
    return ParameterError(
        message(
            f"{op.name}: input {name} is missing",
            where=[f"inputs: {', '.join(op.inputs)}", user_line()],
            fix=f"Call {op.name}({', '.join(op.inputs)}, ...).",
        )
    )


def check(
    op: Op,
    arrays: Sequence[NDArray | None],
    p: dict[str, Any],
    ctx: Context | None = None,
    room: bool = True,
) -> None:
    """Raise for devices, dtypes or shapes that do not fit together.

    With *room* also for results that are too large.
    """
    present = [a for a in arrays if a is not None]
    ctx = present[0]._ctx if present else ctx
    for other in present[1:]:
        one = present[0]
        if other._ctx is not one._ctx and other._ctx.backend is not one._ctx.backend:
            raise ContextError(
                message(
                    f"{op.name}: inputs on {one._ctx} and {other._ctx}",
                    where=[_places(op, arrays), user_line()],
                    fix=f"Move one of them: x.as_in_context(mx.{one._ctx}).",
                )
            )
    try:
        if op.same_dtype and len(present) > 1:
            op.infer_dtype(p, [None if a is None else dtype_name(a.dtype) for a in arrays])
        if op.shape_rule is not None:
            shapes = [None if a is None else a.shape for a in arrays]
            outs = op.infer_shape(p, shapes)[1]
            if ctx is not None and room:
                for shape in outs:
                    check_room(op.name, shape or (), 4, ctx)
    except (ShapeError, DTypeError) as error:
        first = str(error).split("\n", 1)[0]
        fix = (
            "Convert with x.astype(...): MXNet's nd operators never promote."
            if isinstance(error, DTypeError)
            else "Look at the shapes above; reshape, transpose or slice one of the inputs."
        )
        raise type(error)(
            message(first, where=[_places(op, arrays), user_line()], fix=fix)
        ) from None


def prepare(
    op: Op, inputs: Sequence[NDArray | None], given: Mapping[str, Any], ctx: Context
) -> tuple[dict[str, Any], Any, Any, Any]:
    """What entries keep of a call whose inputs are arrays, which are checked.

    The parsed parameters; a kernel that is prepared for these shapes and parameters, the kernel
    table that it stands for, and the dtype of the first input that it takes. The last three are
    None where the table's own kernel is to be called.
    """
    words = {k: v for k, v in given.items() if v is not _Null}
    if op.variadic and "num_args" in op.params:
        words.setdefault("num_args", len(inputs))
    p = _parse(op, words)
    arrays = _arrays(op, inputs, p) if op.inputs else []
    if any(a is None and b is not None for a, b in zip(arrays, inputs, strict=True)):
        raise ParameterError(
            message(
                f"{op.name}: an input was given that its parameters leave out",
                where=[_places(op, inputs), user_line()],
                fix="Drop the input, or change the parameter (no_bias=False).",
            )
        )
    check(op, arrays, p, ctx)
    if "train" in op.uses:
        p["train"] = tape.local.training
    plain = ctx.backend.device_table(ctx.device_id)
    run = plain.prepared(op, [None if a is None else a._data for a in arrays], p)
    if run is None:
        return p, None, None, None
    first = arrays[0] if arrays else None
    return p, run, plain, None if first is None else first._data.dtype


def _places(op: Op, arrays: Sequence[Any]) -> str:
    words = [
        f"{name} {a.shape} {dtype_name(a.dtype)} {a._ctx}"
        for name, a in zip(op.names_of(arrays), arrays, strict=True)
        if isinstance(a, NDArray)
    ]
    return ", ".join(words)


def _located(op: Op, arrays: Sequence[Any], error: MXNetError) -> MXNetError:
    """A kernel's own error, with operator, inputs and line where its text has none of them."""
    what, line, rest = str(error).partition("\n")
    if "  where: " not in rest:
        what = what if what.startswith(op.name) else f"{op.name}: {what}"
        error.args = (message(what, where=[_places(op, arrays), user_line()]) + line + rest,)
    return error


def explain(op: Op, arrays: Sequence[Any], error: Exception) -> Exception:
    """The error to raise for one that a kernel raised: typed, with operator, inputs and line."""
    if isinstance(error, MXNetError):
        return _located(op, arrays, error)
    if op.shape_rule is not None and not op.params:
        try:
            op.infer_shape({}, [None if a is None else a._data.shape for a in arrays])
        except ShapeError as mismatch:
            first = str(mismatch).split("\n", 1)[0]
            return ShapeError(
                message(
                    first,
                    where=[_places(op, arrays), user_line()],
                    fix="Sizes must be equal or 1, counted from the last axis.",
                )
            )
    kind: type[MXNetError] = OperatorError
    fix = ""
    if isinstance(error, TypeError):
        kind = DTypeError
    elif isinstance(error, MemoryError):
        kind, fix = OutOfMemory, "Use smaller arrays, or compute part by part."
    made = kind(
        message(
            f"{op.name}: {type(error).__name__}: {error}",
            where=[_places(op, arrays), user_line()],
            fix=fix,
        )
    )
    made.__cause__ = error
    return made
