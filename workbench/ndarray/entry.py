"""The template: from an operator's record to the plain Python functions that users call.

An entry looks at the exact class of its inputs, computes by the kernel table of their device,
wraps, and records when somebody records. Everything else (numbers, arrays that are not ready,
``out=``, two devices, mistakes) goes the slow way in :mod:`.invoke`. Source is generated on
first use and registered with :mod:`linecache`, so that ``nd.exp??`` and tracebacks show it.

This is the only module of the package that calls ``exec``; what it runs is made from records.
"""

from __future__ import annotations

import linecache
import textwrap
from collections.abc import Callable
from typing import Any

from ..base import _Null
from ..dtypes import as_dtype
from ..ops.registry import Op
from . import invoke, operands, queued, storage, tape
from .core import NDArray

__all__ = ["binary_method", "function_of", "run_of"]

#: what generated code sees; ``recording`` in it is the tape's counter
_G = tape.flags
_G.update(
    __name__="workbench.ndarray.entry",
    NDArray=NDArray,
    BOOL=as_dtype("bool"),
    _Null=_Null,
    explain=invoke.explain,
    invoke=invoke.invoke,
    local=tape.local,
    binary_slow=operands.binary_slow,
    invoke_prepare=invoke.prepare,
    rng_of=queued.rng_of,
    seq=tape.next_seq,
)

_functions: dict[tuple[str, str], Callable[..., Any]] = {}
_CACHE_LIMIT = 4096


def compile_source(name: str, source: str, **names: Any) -> Any:
    """Run generated source that defines a function, and return that function.

    *name* is the function's; a prefix (``sym.exp``) tells functions of one name apart in
    tracebacks.
    """
    filename = f"<workbench {name}>"
    arguments, function = ", ".join(names), name.rpartition(".")[2]
    text = f"def make({arguments}):\n{textwrap.indent(source, '    ')}\n    return {function}\n"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    scope: dict[str, Any] = {}
    exec(compile(text, filename, "exec"), _G, scope)
    return scope["make"](**names)


# ---- backward ---------------------------------------------------------------------------------


def run_of(op: Op) -> Callable[..., Any]:
    """The tape's RUN function of an operator: its rules, each only where it is wanted."""
    if op._backward is None:
        op._backward = _make_run(op)
    return op._backward


def _make_run(op: Op) -> Callable[..., Any]:
    names = op.save_names
    if op.zero_grad or not op.differentiable:
        run: Any = _zero_run if op.zero_grad else _refusing_run(op)
        run = _own(run)
    elif op.joint is not None:
        run = _joint_run(op, names)
    else:
        run = _rules_run(op, names)
    if op.rows_of_dense:
        run = _with_rows(op, run)
    if op.has_outputs:
        run = _with_all_outputs(run)
    run.op, run.save_names = op, names
    run.outputs = lambda node: op.num_outputs(node[tape.P] or {})
    if op.broadcasts:
        run.unequal = _unequal_run(run)
    return run


def _unequal_run(run: Callable[..., Any]) -> Callable[..., Any]:
    """The same rules where inputs were broadcast: gradients are summed to the inputs' shapes."""

    def unequal(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
        saved, shapes = saves
        grads = run(F, g, parents, saved, p)
        return [
            grad if grad is None or grad.shape == shape else F._sum_to(grad, shape=shape)
            for grad, shape in zip(grads, shapes, strict=True)
        ]

    unequal.op, unequal.save_names, unequal.nested = run.op, run.save_names, True  # type: ignore[attr-defined]
    return unequal


def _with_rows(op: Op, run: Callable[..., Any]) -> Callable[..., Any]:
    """The rules of an operator on dense arrays one of whose gradients may go by rows."""
    names, inputs = op.save_names, op.inputs

    def with_rows(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
        found: dict[int, Any] = {}
        if any(map(storage.wants_rows, parents)) and not isinstance(g, NDArray):
            given = dict(zip(names, saves, strict=True))
            found = storage.gradient_by_rows(
                op, F, g, parents, [given.get(n, given.get(f"{n}_shape")) for n in inputs], p
            )
        rest = [None if i in found else one for i, one in enumerate(parents)]
        grads = list(run(F, g, rest, saves, p)) if any(rest) else [None] * len(rest)
        return [found.get(i, grad) for i, grad in enumerate(grads)]

    return with_rows


def _with_all_outputs(run: Callable[..., Any]) -> Callable[..., Any]:
    """Rules of an operator with several outputs: a visible one that nobody used gets zeros.

    The saves end in ``(prototype, shapes)`` of the visible outputs.
    """

    def all_outputs(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
        *saved, shapes = saves
        given = next((one for one in g if one is not None), None)
        if given is None:
            return _zero_run(F, g, parents, saves, p)
        filled = tuple(
            F._full_like(given, shape=shape) if one is None and shape is not None else one
            for one, shape in zip(g, shapes, strict=True)
        )
        return run(F, filled, parents, saved, p)

    return all_outputs


def _own(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda F, g, parents, saves, p: function(F, g, parents, saves, p)


def _zero_run(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
    return (None,) * len(parents)


def _refusing_run(op: Op) -> Callable[..., Any]:
    def run(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
        raise tape.not_differentiable(op)

    return run


def _joint_run(op: Op, names: tuple[str, ...]) -> Callable[..., Any]:
    rule = op.joint
    assert rule is not None
    picks = [names.index(n) if n != "p" else -1 for n in rule.saves]
    function = rule.function

    def run(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
        return function(F, g, *[saves[i] if i >= 0 else p for i in picks])

    return run


def _rules_run(op: Op, names: tuple[str, ...]) -> Callable[..., Any]:
    if op.variadic:
        rule = op.grads["args"]
        op_joint = op.joint
        assert op_joint is None
        picks = [names.index(n) if n != "p" else -1 for n in rule.saves]
        function = rule.function
        return lambda F, g, parents, saves, p: function(
            F, g, *[saves[i] if i >= 0 else p for i in picks]
        )
    made: list[str] = []
    scope: dict[str, Any] = {}
    for i, name in enumerate(op.inputs):
        rule_or_none = op.grads.get(name)
        if rule_or_none is None:
            made.append("None")
            continue
        scope[f"rule_{name}"] = rule_or_none.function
        arguments = [f"saves[{names.index(n)}]" if n != "p" else "p" for n in rule_or_none.saves]
        call = f"rule_{name}({', '.join(['F', 'g', *arguments])})"
        made.append(f"None if parents[{i}] is None else {call}")
    body = ",\n        ".join(made)
    name = f"backward_{_identifier(op.name)}"
    source = f"def {name}(F, g, parents, saves, p):\n    return (\n        {body},\n    )"
    return compile_source(name, source, **scope)


def _identifier(name: str) -> str:
    return name.replace(".", "_")


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
    given = ", ".join(f"{n!r}: {n}" for n in op.keywords)
    slow = f"return invoke(OP, %s, {{{given}}}, out, kwargs)"
    if op.variadic:
        head = f"def {name}(*args, {', '.join(tail)}):"
        return f"{head}\n    {slow % 'args'}"
    head = f"def {name}({', '.join([f'{n}=None' for n in op.inputs] + tail)}):"
    slow = slow % _tuple(op.inputs)
    if not op.inputs or op.mutates or op.has_outputs or "out" in op.uses:
        return f"{head}\n    {slow}"
    return f"{head}\n{textwrap.indent(_fast_path(op), '    ')}\n    {slow}"


def _tuple(items: Any) -> str:
    return "(" + "".join(f"{item}, " for item in items) + ")"


def _fast_path(op: Op) -> str:
    """Code that computes and returns when all inputs are plain, ready arrays of one device."""
    first = op.inputs[0]
    tests = []
    for name in op.inputs:
        test = f"{name}.__class__ is NDArray"
        tests.append(f"({name} is None or {test})" if name in op.optional else test)
    lines = [f"if {' and '.join(tests)} and out is None and not kwargs:", f"    ctx = {first}._ctx"]
    same = [
        f"({n} is None or {n}._ctx is ctx)" if n in op.optional else f"{n}._ctx is ctx"
        for n in op.inputs[1:]
    ]
    lines += [f"    if {' and '.join(same)}:"] if same else ["    if True:"]
    body = [
        f"{_raw(n)} = {n}._data"
        if n not in op.optional
        else f"{_raw(n)} = None if {n} is None else {n}._data"
        for n in op.inputs
    ]
    body += _checks(op)
    body += [
        "try:",
        f"    r = ctx.table[KERNEL]({_kernel_arguments(op)})",
        "except Exception as error:",
        f"    raise explain(OP, {_tuple(op.inputs)}, error) from None",
    ]
    body += ["r = r.copy()"] if op.views else []
    body += ["o = NDArray()", "o._data = r", "o._ctx = ctx", "o._node = o._var = None"]
    wanted = " or ".join(
        f"({n} is not None and {n}._node is not None)"
        if n in op.optional
        else f"{n}._node is not None"
        for n in op.inputs
    )
    body += [f"if recording and local.recording and ({wanted}):"]
    body += [f"    {line}" for line in _record(op)]
    body += ["return o"]
    guard = _dtype_guard(op)
    if guard:
        at = len(op.inputs)
        body = [*body[:at], f"if {guard}:", *[f"    {line}" for line in body[at:]]]
    return "\n".join(lines + [f"        {line}" for line in body])


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


def _checks(op: Op) -> list[str]:
    """Code that leaves the parsed parameters in ``p`` and has checked shapes once."""
    if op.elementwise and not op.params:
        if op.broadcasts or len(op.inputs) == 1:
            return []
        shapes = [f"{_raw(n)}.shape" for n in op.inputs]
        return [
            f"if {' == '.join(shapes)}:",
            "    pass",
            "else:",
            f"    return invoke(OP, {_tuple(op.inputs)}, {{}}, out, kwargs)",
        ]
    keys = (
        [
            f"{_raw(n)} is not None and {_raw(n)}.shape" if n in op.optional else f"{_raw(n)}.shape"
            for n in op.inputs
        ]
        if not op.elementwise
        else []
    )
    keys += list(op.params)
    keys += ["local.training"] if "train" in op.uses else []
    key = f"({', '.join(keys)},)"
    given = ", ".join(f"{n!r}: {n}" for n in op.params)
    return [
        "try:",
        f"    p = cache[{key}]",
        "except (KeyError, TypeError):",
        f"    p = invoke_prepare(OP, {_tuple(op.inputs)}, {{{given}}})",
        f"    if len(cache) > {_CACHE_LIMIT}:",
        "        cache.clear()",
        f"    try: cache[{key}] = p",
        "    except TypeError: pass",
    ]


def _kernel_arguments(op: Op) -> str:
    arguments = [_raw(n) for n in op.inputs]
    if op.params or "train" in op.uses:
        arguments.append("**p")
    if "rng" in op.uses:
        arguments.append("rng=rng_of(ctx)")
    return ", ".join(arguments)


def _record(op: Op) -> list[str]:
    parents = _tuple(
        f"None if {n} is None else {n}._node" if n in op.optional else f"{n}._node"
        for n in op.inputs
    )
    saves = _tuple(_save(op, n) for n in op.save_names)
    p = "p" if op.params or "train" in op.uses else "None"
    line = f"o._node = [seq(), %s, None, {parents}, %s, {p}, ctx]"
    plain = line % ("RUN", saves)
    if not op.broadcasts or not op.differentiable:
        return [plain]
    shapes = " == ".join(f"{_raw(n)}.shape" for n in op.inputs)
    every = ", ".join(f"{_raw(n)}.shape" for n in op.inputs)
    unequal = line % ("RUN.unequal", f"({saves}, ({every}))")
    return [f"if {shapes}:", f"    {plain}", "else:", f"    {unequal}"]


def _save(op: Op, name: str) -> str:
    if name in ("out", "outs"):
        return "r"
    if name in op.inputs:
        return _raw(name)
    source = _raw(name.removesuffix("_shape"))
    if name.removesuffix("_shape") in op.optional:
        return f"None if {source} is None else {source}.shape"
    return f"{source}.shape"


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
