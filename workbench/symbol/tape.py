"""The recorded history of an array as a Symbol: ``autograd.get_symbol``."""

from __future__ import annotations

from typing import Any

from ..error import MXNetError, message
from ..graph.ir import Entry, Node, variable
from ..name import NameManager
from ..ndarray import tape
from .symbol import Symbol

__all__ = ["from_tape"]


def from_tape(node: list[Any]) -> Symbol:
    """A Symbol of the operators behind a tape node; leaves become variables ``var0``, ..."""
    names = NameManager()
    made: dict[int, Node] = {}
    stack = [node]
    while stack:
        top = stack[-1]
        waiting = [p for p in top[tape.PARENTS] if p is not None and id(p) not in made]
        if waiting:
            stack.extend(waiting)
            continue
        stack.pop()
        if id(top) not in made:
            made[id(top)] = _node(top, made, names)
    return Symbol([_entry(node, made)])


def _entry(node: list[Any], made: dict[int, Node]) -> Entry:
    index = node[tape.SAVES] if node[tape.RUN] is tape.SELECT else 0
    return Entry(made[id(node)], index)


def _node(node: list[Any], made: dict[int, Node], names: NameManager) -> Node:
    run = node[tape.RUN]
    if run is tape.SELECT:
        return made[id(node[tape.PARENTS][0])]
    if run is tape.LEAF:
        return variable(names.get(None, "var"))
    op = getattr(run, "op", None)
    if op is None:
        raise MXNetError(
            message(
                "get_symbol: part of the history is no operator",
                fix="Take the symbol before autograd.Function or a hybridized block.",
            )
        )
    p = {key: _plain(v) for key, v in (node[tape.P] or {}).items() if key in op.params}
    params = op.parse(p)
    shown = {k: v for k, v in op.print_params(params).items() if params[k] != op.params[k].default}
    entries = []
    for i, parent in enumerate(node[tape.PARENTS]):
        if parent is None:  # nobody wants its gradient: not recorded, so an input of the graph
            if op.variadic or op.inputs[i] not in op.missing_inputs(params):
                entries.append(Entry(variable(names.get(None, "var"))))
        else:
            entries.append(_entry(parent, made))
    return Node(op, names.get(None, op.name.lower()), params, shown, entries)


def _plain(value: Any) -> Any:
    """A recorded parameter as a file has it: numbers of operators were cast to 0-d arrays."""
    return value.item() if hasattr(value, "item") else value
