"""Constant folding and algebraic identities that keep every bit.

``x * 0`` is not among them (NaN), neither is joining two multiplications (rounding).
"""

from __future__ import annotations

from ...ops import find
from ..ir import Entry, Graph, Node, Types, rebuild
from .effects import is_pure

__all__ = ["fold"]

#: operator → the number with which it does nothing
NEUTRAL_SCALAR = {
    "_mul_scalar": 1.0,
    "_div_scalar": 1.0,
    "_power_scalar": 1.0,
    "_minus_scalar": 0.0,
}
#: operator → the constant that one operand must be for the other to be the result
NEUTRAL_OPERAND = {"elemwise_mul": 1.0, "broadcast_mul": 1.0}
#: ... only as the second operand
NEUTRAL_SECOND = {
    "elemwise_div": 1.0,
    "broadcast_div": 1.0,
    "elemwise_sub": 0.0,
    "broadcast_sub": 0.0,
}
_UNIFORM = {"_zeros": 0.0, "zeros_like": 0.0, "_ones": 1.0, "ones_like": 1.0}
_OF_SCALARS = {
    "_plus_scalar": lambda a, b: a + b,
    "_minus_scalar": lambda a, b: a - b,
    "_rminus_scalar": lambda a, b: b - a,
    "_mul_scalar": lambda a, b: a * b,
}


def fold(graph: Graph, types: Types) -> Graph:
    """Work out what is known beforehand, and drop operands that change nothing."""
    constants: dict[Entry, float] = {}
    replace: dict[Entry, Entry] = {}
    for node in graph.nodes:
        if not is_pure(node) or node.num_outputs != 1:
            continue
        inputs = [replace.get(entry, entry) for entry in node.inputs]
        value = _uniform(node, inputs, constants)
        if value is not None and types[Entry(node)].known:
            constants[Entry(node)] = value
            if node.op.name in _OF_SCALARS:
                full = _full(node, value, types)
                replace[Entry(node)] = full
                constants[full] = value
            continue
        kept = _kept_operand(node, inputs, constants)
        if kept is not None and types[kept] == types[Entry(node)] and types[kept].known:
            replace[Entry(node)] = kept
    return rebuild(graph, replace, types) if replace else graph


def _uniform(node: Node, inputs: list[Entry], constants: dict[Entry, float]) -> float | None:
    """The number of which an array consists, if it can be told."""
    name = node.op.name
    if name == "_full":
        return float(node.params["value"])
    if name in _UNIFORM:
        return _UNIFORM[name]
    if name in _OF_SCALARS and inputs[0] in constants:
        value = _OF_SCALARS[name](constants[inputs[0]], node.params["scalar"])
        return value if value == int(value) and abs(value) < 1 << 11 else None  # any dtype
    return None


def _full(node: Node, value: float, types: Types) -> Entry:
    type_ = types[Entry(node)]
    op = find("_full")
    assert op is not None
    given = {"shape": type_.shape, "dtype": type_.dtype, "value": value}
    params = op.parse(given)
    made = Entry(Node(op, node.name, params, op.print_params(params), (), node.where))
    types[made] = type_
    return made


def _kept_operand(node: Node, inputs: list[Entry], constants: dict[Entry, float]) -> Entry | None:
    """The operand that is the result, if the other one changes nothing."""
    name = node.op.name
    if name in NEUTRAL_SCALAR and node.params["scalar"] == NEUTRAL_SCALAR[name]:
        return inputs[0]
    neutral = NEUTRAL_OPERAND.get(name)
    if neutral is not None:
        for one, other in (inputs, inputs[::-1]):
            if constants.get(other) == neutral:
                return one
    if name in NEUTRAL_SECOND and constants.get(inputs[1]) == NEUTRAL_SECOND[name]:
        return inputs[0]
    return None
