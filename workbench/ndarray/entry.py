"""The template: from an operator's record to the plain Python functions that users call.

An entry looks at the exact class of its inputs, computes by the kernel table of their device,
wraps, and records when somebody records. Everything else (numbers, arrays that are not ready,
``out=``, two devices, mistakes) goes the slow way in :mod:`.invoke`. Source is generated on
first use and registered with :mod:`linecache`, so that ``nd.exp??`` and tracebacks show it.

A call's parameters are parsed and its shapes checked once and kept, by what was given and by the
shapes, in the function's ``cache``: see :func:`.invoke.prepare`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

from ..base import _Null
from ..context import Context, current_context
from ..dtypes import as_dtype
from ..error import DrawError
from ..kernels.registry import is_prepared
from ..ops.registry import Op
from . import invoke, operands, queued, tape
from .core import NDArray
from .rules import run_of
from .source import SCOPE, compile_source

__all__ = ["binary_method", "function_of"]

SCOPE.update(
    __name__="workbench.ndarray.entry",
    NDArray=NDArray,
    BOOL=as_dtype("bool"),
    Context=Context,
    DrawError=DrawError,
    SELECT=tape.SELECT,
    _Null=_Null,
    binary_slow=operands.binary_slow,
    current_context=current_context,
    explain=invoke.explain,
    invoke=invoke.invoke,
    local=tape.local,
    invoke_prepare=invoke.prepare,
    rng_of=queued.rng_of,
    seq=tape.next_seq,
)

_functions: dict[tuple[str, str], Callable[..., Any]] = {}
_CACHE_LIMIT = 4096


# ---- functions ----------------------------------------------------------------------------------


def function_of(op: Op, name: str | None = None) -> Callable[..., Any]:
    """The function that ``nd.NAME`` is; made on first use and kept."""
    key = (op.name, name or op.name)
    found = _functions.get(key)
    if found is None:
        found = _functions[key] = _make_function(op, key[1])
    return found


def _make_function(op: Op, name: str) -> Callable[..., Any]:
    from ..ops.describe import docstring

    source = _source(op, name)
    scope: dict[str, Any] = {"OP": op, "KERNEL": op.index, "RUN": run_of(op), "cache": {}}
    made = compile_source(name, source, **scope)
    made.__doc__ = docstring(op, name)
    made.__module__ = "workbench.ndarray"
    made.op = op
    return made


def _source(op: Op, name: str) -> str:
    params = [f"{n}={'_Null' if n in op.params else None}" for n in op.keywords]
    tail = [*params, "out=None", "name=None", "**kwargs"]
    slow = f"    {_slow_way(op)}"
    if op.variadic:
        head = f"def {name}(*args, {', '.join(tail)}):"
    else:
        head = f"def {name}({', '.join([f'{n}=None' for n in op.inputs] + tail)}):"
    if op.dynamic_shape or op.may_meet or "out" in op.uses or (op.variadic and op.mutates):
        return f"{head}\n{slow}"
    lines = _creation(op) if not op.inputs else _variadic(op) if op.variadic else _fast_path(op)
    return "\n".join([head, *[f"    {line}" for line in lines], slow])


def _tuple(items: Any) -> str:
    return "(" + "".join(f"{item}, " for item in items) + ")"


def _indented(lines: list[str], depth: int = 1) -> list[str]:
    return ["    " * depth + line for line in lines]


def _fast_path(op: Op) -> list[str]:
    """Code that computes and returns when all inputs are plain, ready arrays of one device."""
    first = op.inputs[0]
    tests = []
    for name in op.inputs:
        test = f"{name}.__class__ is NDArray"
        tests.append(f"({name} is None or {test})" if name in op.optional else test)
    tests += [f"{n}._var is None" for n in op.mutates]
    if op.storage is not None and op.storage.asked:
        tests.append(f"{op.storage.asked} is _Null")
    same = [
        f"({n} is None or {n}._ctx is ctx)" if n in op.optional else f"{n}._ctx is ctx"
        for n in op.inputs[1:]
    ]
    body = [
        f"{_raw(n)} = {n}._data"
        if n not in op.optional
        else f"{_raw(n)} = None if {n} is None else {n}._data"
        for n in op.inputs
    ]
    rest = [*_checks(op), *_computed(op), *_wrapped(op)]
    guard = _dtype_guard(op)
    body += [f"if {guard}:", *_indented(rest)] if guard else rest
    lines = [f"if {' and '.join(tests)} and out is None and not kwargs:", f"    ctx = {first}._ctx"]
    if same:
        return [*lines, f"    if {' and '.join(same)}:", *_indented(body, 2)]
    return [*lines, *_indented(body)]


def _variadic(op: Op) -> list[str]:
    """The same for a list of inputs of one device and dtype."""
    rest = [
        "shapes_ = [x.shape for x in raws_]",
        *_checks(op),
        *_computed(op),
        *_wrapped(op),
    ]
    return [
        "if len(args) == 1 and args[0].__class__ is list:",
        "    args = args[0]",
        "if args and out is None and not kwargs and args[0].__class__ is NDArray:",
        "    ctx = args[0]._ctx",
        "    kind_ = args[0]._data.dtype",
        "    raws_ = [",
        "        x._data",
        "        for x in args",
        "        if x.__class__ is NDArray and x._ctx is ctx and x._data.dtype is kind_",
        "    ]",
        "    if len(raws_) == len(args):",
        *_indented(rest, 2),
    ]


def _creation(op: Op) -> list[str]:
    """Code for an operator without inputs that draws on the thread's own device."""
    if "rng" not in op.uses:
        return []
    rest = [*_checks(op), *_computed(op), *_wrapped(op)]
    return [
        "if out is None and not kwargs:",
        "    if ctx is None:",
        "        ctx = current_context()",
        "    if ctx.__class__ is Context and ctx.array_class is NDArray:",
        "        if not ctx.backend.asynchronous:",
        *_indented(rest, 3),
    ]


def _raw(name: str) -> str:
    return f"x_{name}"


def _dtype_guard(op: Op) -> str:
    """The test that all inputs have the first one's dtype, where the operator asks for it."""
    if not op.same_dtype or len(op.inputs) < 2:
        return ""
    first, *others = op.inputs
    return " and ".join(
        f"({_raw(n)} is None or {_raw(n)}.dtype is {_raw(first)}.dtype)"
        if n in op.optional
        else f"{_raw(n)}.dtype is {_raw(first)}.dtype"
        for n in others
    )


def _has_parameters(op: Op) -> bool:
    return bool(op.params) or "train" in op.uses


def _checks(op: Op) -> list[str]:
    """Code that leaves the parsed parameters in ``p_`` and has checked shapes once.

    Where kernels are prepared by shape, ``run_`` is the one for ``table_`` and ``dtype_``. (Names
    of the function's own end in ``_``: inputs and parameters may have any other.)
    """
    prepared = is_prepared(op)
    if op.elementwise and not op.params and not prepared:
        if op.broadcasts or len(op.inputs) == 1:
            return []
        shapes = [f"{_raw(n)}.shape" for n in op.inputs]
        return [
            f"if {' == '.join(shapes)}:",
            "    pass",
            "else:",
            f"    return invoke(OP, {_tuple(op.inputs)}, {{}}, out, kwargs)",
        ]
    if op.variadic:
        keys = ["*shapes_"]
    elif op.elementwise and not prepared:
        keys = []
    else:
        keys = [
            f"{_raw(n)} is not None and {_raw(n)}.shape" if n in op.optional else f"{_raw(n)}.shape"
            for n in op.inputs
        ]
    keys += list(op.params)
    keys += ["local.training"] if "train" in op.uses else []
    key = f"({', '.join(keys)},)"
    given = ", ".join(f"{n!r}: {n}" for n in op.params)
    found = "p_, run_, table_, dtype_" if prepared else "p_"
    inputs = "args" if op.variadic else _tuple(op.inputs)
    pick = "" if prepared else "[0]"
    return [
        "try:",
        f"    {found} = cache[{key}]",
        "except (KeyError, TypeError):",
        f"    {found} = kept_ = invoke_prepare(OP, {inputs}, {{{given}}}, ctx){pick}",
        f"    if len(cache) > {_CACHE_LIMIT}:",
        "        cache.clear()",
        f"    try: cache[{key}] = kept_",
        "    except TypeError: pass",
    ]


def _slow_way(op: Op) -> str:
    given = ", ".join(f"{n!r}: {n}" for n in op.keywords)
    inputs = "args" if op.variadic else _tuple(op.inputs)
    return f"return invoke(OP, {inputs}, {{{given}}}, out, kwargs)"


def _computed(op: Op) -> list[str]:
    """Code that leaves the raw result, or the tuple of results, in ``r``."""
    arrays = ["*raws_"] if op.variadic else [_raw(n) for n in op.inputs]
    options = ["**p_"] if _has_parameters(op) else []
    rng = ["rng_of(ctx)"] if "rng" in op.uses else []
    options += ["rng=" + one for one in rng]
    lines = [f"r = ctx.table[KERNEL]({', '.join([*arrays, *options])})"]
    if op.views:
        lines += ["r = [x.copy() for x in r]" if op.has_outputs else "r = r.copy()"]
    if is_prepared(op):  # what is prepared makes copies of its own
        kind = "kind_ is" if op.variadic else f"{''.join(arrays[:1])}.dtype is"
        of_dtype = f" and {kind} dtype_" if op.inputs else ""
        lines = [
            f"if ctx.table is table_{of_dtype}:",
            f"    r = run_({', '.join([*arrays, *rng])})",
            "else:",
            *_indented(lines),
        ]
    inputs = "args" if op.variadic else _tuple(op.inputs)
    return [
        "try:",
        *_indented(lines),
        *(["except DrawError:", f"    {_slow_way(op)}"] if rng else []),
        "except Exception as error:",
        f"    raise explain(OP, {inputs}, error) from None",
    ]


def _wrapped(op: Op) -> list[str]:
    """Code that returns ``r`` as NDArrays, recorded where somebody wants to differentiate."""
    recorded = f"if recording and local.recording and ({_wanted(op)}):" if op.inputs else ""
    if not op.has_outputs:
        lines = ["o = NDArray()", "o._data = r", "o._ctx = ctx", "o._node = o._var = None"]
        lines += [recorded, *_indented(_record(op))] if recorded else []
        return [*lines, "return o"]
    p = "p_" if _has_parameters(op) else "{}"
    lines = [f"visible_ = OP.num_visible({p})", "made_ = wrap_all(r[:visible_], ctx)"]
    if recorded:
        lines += [recorded, *_indented(_record(op, "node_")), "    select_all(made_, node_)"]
    return [*lines, "return made_[0] if visible_ == 1 else made_"]


def _wanted(op: Op) -> str:
    """The test that some input wants a gradient."""
    if op.variadic:
        return "any([x._node is not None for x in args])"
    return " or ".join(
        f"({n} is not None and {n}._node is not None)"
        if n in op.optional
        else f"{n}._node is not None"
        for n in op.inputs
    )


def _record(op: Op, target: str = "o._node") -> list[str]:
    """Code that puts a node on the tape, which *target* then holds."""
    parents = _tuple(
        f"None if {n} is None else {n}._node" if n in op.optional else f"{n}._node"
        for n in op.inputs
    )
    if op.variadic:
        parents = "tuple([x._node for x in args])"
    saved = [_save(op, n) for n in op.save_names]
    saved += ["shapes_of(r, visible_)"] if op.has_outputs else []
    saves = _tuple(saved)
    p = "p_" if _has_parameters(op) else "None"
    line = f"{target} = [seq(), %s, None, {parents}, %s, {p}, ctx]"
    plain = line % ("RUN", saves)
    if not op.broadcasts or not op.differentiable:
        return [plain]
    shapes = " == ".join(f"{_raw(n)}.shape" for n in op.inputs)
    every = ", ".join(f"{_raw(n)}.shape" for n in op.inputs)
    unequal = line % ("RUN.unequal", f"({saves}, ({every}))")
    return [f"if {shapes}:", f"    {plain}", "else:", f"    {unequal}"]


def _save(op: Op, name: str) -> str:
    if name == "out":
        return "r[0]" if op.has_outputs else "r"
    if name == "outs":
        return "tuple(r)"
    if op.variadic:
        return "tuple(raws_)" if name == "args" else "tuple(shapes_)"
    if name in op.inputs:
        return _raw(name)
    source = _raw(name.removesuffix("_shape"))
    if name.removesuffix("_shape") in op.optional:
        return f"None if {source} is None else {source}.shape"
    return f"{source}.shape"


def wrap_all(raws: Any, ctx: Context) -> list[NDArray]:
    """Ready arrays of the thread's own device over raw ones."""
    made = []
    for raw in raws:
        o = NDArray()
        o._data = raw
        o._ctx = ctx
        o._node = o._var = None
        made.append(o)
    return made


def shapes_of(raws: Any, visible: int) -> tuple[Any, ...]:
    """The shapes of the visible outputs, None for the others: what backward needs of them."""
    return tuple([raw.shape if i < visible else None for i, raw in enumerate(raws)])


def select_all(made: list[NDArray], node: list[Any]) -> None:
    """Make the arrays the outputs of a node."""
    for i, one in enumerate(made):
        one._node = tape.select(node, i)


SCOPE.update(wrap_all=wrap_all, shapes_of=shapes_of, select_all=select_all)


# ---- operators of arrays ------------------------------------------------------------------------


_BINARY = """
def {name}(lhs, rhs):
    kind = rhs.__class__
    if kind is NDArray and lhs.__class__ is NDArray:
        ctx = lhs._ctx
        x_lhs = lhs._data
        x_rhs = rhs._data
        if ctx is rhs._ctx and x_lhs.dtype is x_rhs.dtype:
            try:
                r = ctx.table[KERNEL](x_lhs, x_rhs)
            except Exception as error:
                raise explain(OP, (lhs, rhs), error) from None
            o = NDArray()
            o._data = r
            o._ctx = ctx
            o._node = o._var = None
            if recording and local.recording and (lhs._node is not None or rhs._node is not None):
{record}
            return o
    elif (kind is float or kind is int) and lhs.__class__ is NDArray:
        ctx = lhs._ctx
        x_data = lhs._data
        if x_data.dtype is BOOL:
            return binary_slow(OP, SCALAR_OP, lhs, rhs)
        try:
            s = ctx.backend.scalar(rhs, x_data.dtype)
            r = ctx.table[KERNEL]({scalar_call})
        except Exception as error:
            raise explain(SCALAR_OP, (lhs,), error) from None
        o = NDArray()
        o._data = r
        o._ctx = ctx
        o._node = o._var = None
        if recording and local.recording and lhs._node is not None:
            o._node = [seq(), SCALAR_RUN, None, (lhs._node,), {scalar_saves}, {{"scalar": s}}, ctx]
        return o
    return binary_slow(OP, SCALAR_OP, lhs, rhs)
"""


def binary_method(name: str, op: Op, scalar_op: Op, swapped: bool = False) -> Callable[..., Any]:
    """A dunder of NDArray: ``array OP array`` by *op*, ``array OP number`` by *scalar_op*.

    *swapped* makes the reflected one, in which the number stands on the left.
    """
    record = textwrap.indent("\n".join(_record(op)), " " * 16)
    saves = _tuple("r" if n == "out" else f"x_{n}" for n in scalar_op.save_names)
    source = _BINARY.format(
        name=name,
        record=record,
        scalar_call="s, x_data" if swapped else "x_data, s",
        scalar_saves=saves,
    )
    scope: dict[str, Any] = {
        "OP": op,
        "KERNEL": op.index,
        "RUN": run_of(op),
        "SCALAR_OP": scalar_op,
        "SCALAR_RUN": run_of(scalar_op),
    }
    made = compile_source(name, source.strip(), **scope)
    made.__doc__ = f"Element-wise; see ``nd.{op.name}`` and ``nd.{scalar_op.name}``."
    made.__qualname__ = f"NDArray.{name}"
    return made
