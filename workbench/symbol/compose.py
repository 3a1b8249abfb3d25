"""``sym.X``: from an operator's record to the function that appends a node.

Like the entries of ``mx.nd`` the functions are made on first use, with their source in
:mod:`linecache`. Inputs that are not given become variables, ``fc1_weight``; states that the
operator updates become auxiliary variables, ``bn0_moving_mean``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..attribute import AttrScope
from ..base import _Null
from ..dtypes import dtype_name
from ..error import GraphError, MXNetError, ParameterError, message, user_line
from ..graph.ir import Entry, Node, here, variable
from ..name import NameManager
from ..ndarray.source import compile_source
from ..ops import find, no_such_name
from ..ops.describe import docstring
from ..ops.params import DType, Param
from ..ops.registry import Op
from . import attributes
from .symbol import Symbol

__all__ = ["compose", "find_function", "function", "make_node"]

#: MXNet's internal functions of Python's operators: name → operators that may serve
INTERNAL = {
    "_Plus": ("elemwise_add",),
    "_Minus": ("elemwise_sub",),
    "_Mul": ("elemwise_mul",),
    "_Div": ("elemwise_div",),
    "_Mod": ("_mod", "broadcast_mod"),
    "_Power": ("_power", "broadcast_power"),
    "_Maximum": ("_maximum", "broadcast_maximum"),
    "_Minimum": ("_minimum", "broadcast_minimum"),
    "_Hypot": ("_hypot", "broadcast_hypot"),
    "_PlusScalar": ("_plus_scalar",),
    "_MinusScalar": ("_minus_scalar",),
    "_RMinusScalar": ("_rminus_scalar",),
    "_MulScalar": ("_mul_scalar",),
    "_DivScalar": ("_div_scalar",),
    "_RDivScalar": ("_rdiv_scalar",),
    "_ModScalar": ("_mod_scalar",),
    "_RModScalar": ("_rmod_scalar",),
    "_PowerScalar": ("_power_scalar",),
    "_RPowerScalar": ("_rpower_scalar",),
    "_MaximumScalar": ("_maximum_scalar",),
    "_MinimumScalar": ("_minimum_scalar",),
    "_HypotScalar": ("_hypot_scalar",),
    **{
        f"_{word}": (f"_{word}", f"broadcast_{word}")
        for word in ("equal", "not_equal", "greater", "greater_equal", "lesser", "lesser_equal")
    },
}
_BATCH_NORMS = (
    "BatchNorm",
    "BatchNorm_v1",
    "_contrib_BatchNormWithReLU",
    "_contrib_SyncBatchNorm",
)
#: how the initializer of an automatic variable is told, by operator and input
INITIALIZERS = {
    **{(name, "moving_mean"): '["zero", {}]' for name in _BATCH_NORMS},
    **{(name, "moving_var"): '["one", {}]' for name in _BATCH_NORMS},
    ("IdentityAttachKLSparseReg", "moving_avg"): '["zero", {}]',
    ("LeakyReLU", "gamma"): '["Constant", {"value": 0.25}]',
    ("UpSampling", "weight"): '["bilinear", {}]',
}

_functions: dict[tuple[str, str], Callable[..., Symbol]] = {}
#: what changes every node that is composed: mixed precision puts casts before its inputs
rewriters: list[Callable[[Node], Node]] = []


def function(name: str, called: str | None = None) -> Callable[..., Symbol]:
    """The function of the operator or internal name *name*; AttributeError when there is none.

    *called* is the name under which it is called, from which automatic names are made.
    """
    found = find_function(name, called)
    if found is None:
        raise no_such_name("workbench.symbol", name)
    return found


def find_function(name: str, called: str | None = None) -> Callable[..., Symbol] | None:
    """Like :func:`function`, but None when there is no such operator."""
    called = called or name
    found = _functions.get((name, called))
    if found is None:
        op = next((op for one in INTERNAL.get(name, (name,)) if (op := find(one))), None)
        if op is None:
            return None
        found = _functions[name, called] = _make_function(op, called)
    return found


def _make_function(op: Op, name: str) -> Callable[..., Symbol]:
    given = "{" + ", ".join(f"{p!r}: {p}" for p in op.params) + "}"
    keywords = [f"{p}=_Null" for p in op.keywords]
    if op.variadic:
        signature, inputs = ["*args", *keywords], "args"
    else:
        signature = [*(f"{one}=None" for one in op.inputs), *keywords]
        inputs = "(" + "".join(f"{one}, " for one in op.inputs) + ")"
    signature += ["name=None", "attr=None", "out=None", "**kwargs"]
    made: Callable[..., Symbol] = compile_source(
        f"sym.{name}",
        f"def {name}({', '.join(signature)}):\n"
        f"    return compose(OP, HINT, {inputs}, {given}, name, attr, kwargs)",
        OP=op,
        HINT=name.lower(),
        compose=compose,
    )
    made.__doc__ = docstring(op, name)
    made.__module__ = "workbench.symbol"
    return made


def compose(
    op: Op,
    hint: str,
    inputs: Sequence[Any],
    params: Mapping[str, Any],
    name: str | None,
    attr: Mapping[str, str] | None,
    kwargs: Mapping[str, Any],
) -> Symbol:
    """Append a node that applies *op*; what the functions of ``mx.sym`` do."""
    if op.variadic and len(inputs) == 1 and isinstance(inputs[0], (list, tuple)):
        inputs = inputs[0]
    symbols = list(inputs)
    attrs = dict(AttrScope.current.get(_checked(attr)))
    for key, value in kwargs.items():
        if isinstance(value, Symbol) and op.variadic:
            symbols.append(value)
        elif value is not None and value is not _Null:
            attrs[key] = str(value)
    for key, value in params.items():
        if value is not _Null and not (value is None and _must_be_left_out(op.params[key])):
            attrs[key] = _text(op, key, value)
    if op.variadic and "num_args" in op.params:
        attrs.setdefault("num_args", str(len(symbols)))
    for key in op.extra_params:
        attrs.pop(key, None)
    node = make_node(op, NameManager.current.get(name, hint), attrs, symbols)
    for rewrite in rewriters:
        node = rewrite(node)
    return Symbol(_visible(node))


def _visible(node: Node) -> list[Entry]:
    return node.outputs[: node.num_visible]


def _checked(attr: Mapping[str, str] | None) -> dict[str, str]:
    for key, value in (attr or {}).items():
        if not isinstance(value, str):
            raise ParameterError(f"Attributes need to be string: {key}={value!r}")
    return dict(attr or {})


def _must_be_left_out(param: Param) -> bool:
    """True when None is no value of a parameter, so that it means "not given"."""
    return not param.optional and param.default is not None


def _text(op: Op, key: str, value: Any) -> str:
    """A parameter as the file will have it: what the user wrote."""
    if isinstance(op.params[key], DType) and value is not None and not isinstance(value, str):
        return dtype_name(value)
    return str(value)


def make_node(op: Op, name: str, attrs: Mapping[str, str], symbols: Sequence[Any]) -> Node:
    """A node over the given inputs (Symbols, or None for what is to become a variable)."""
    attrs = attributes.stored(attrs)
    try:
        params = attributes.parsed(op, attrs)
    except ParameterError as error:
        first, *rest = str(error).split("\n")
        raise ParameterError("\n".join([f"{first}, in operator {name}", *rest])) from None
    missing = op.missing_inputs(params)
    names = op.names_in_graph(params, len(symbols))
    entries = []
    for number, one in enumerate(names):
        given = symbols[number] if number < len(symbols) else None
        if one in missing:
            if given is not None:
                raise GraphError(
                    message(
                        f"{op.name} ({name}): input {one} was given, its parameters leave it out",
                        where=[user_line()],
                        fix=f"Leave {one} away, or change the parameters.",
                    )
                )
            continue
        if given is None:
            if one in op.optional and op.optional_when is None and one not in op.aux:
                continue
            entries.append(_automatic(op, name, one, attrs))
        else:
            entries.append(_entry(op, one, given))
    return Node(op, name, params, attrs, entries, here())


def _entry(op: Op, name: str, given: Any) -> Entry:
    if not isinstance(given, Symbol):
        raise _NotASymbol(
            message(
                f"{op.name}: Argument {name} must be Symbol instances, but got "
                f"{type(given).__name__}",
                where=[user_line()],
                fix="Use mx.nd for arrays, or mx.sym.Variable for an input.",
            )
        )
    if len(given) != 1:
        raise GraphError(
            message(
                f"{op.name}: input {name} is a symbol of {len(given)} outputs, one is needed",
                where=[user_line()],
                fix="Take one of them: symbol[0].",
            )
        )
    return given._entries[0]


class _NotASymbol(MXNetError, TypeError, AssertionError):
    """An input that is no Symbol; MXNet 1.9.1 raises AssertionError."""


def _automatic(op: Op, node_name: str, input_name: str, attrs: Mapping[str, str]) -> Entry:
    """The variable for an input that was not given: ``fc1_weight``, with the node's attributes."""
    own = dict(attrs)
    initializer = INITIALIZERS.get((op.name, input_name))
    if initializer is not None:
        own["__init__"] = initializer
    return Entry(variable(f"{node_name}_{input_name}", own))
