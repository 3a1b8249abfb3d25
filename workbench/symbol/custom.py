"""``mx.sym.Custom``: a node that applies an operator written in Python."""

from __future__ import annotations

from typing import Any

from ..attribute import AttrScope
from ..error import GraphError, message, user_line
from ..graph.ir import Entry, Node, here, variable
from ..name import NameManager
from ..ndarray.custom import CustomOperator
from . import attributes
from .symbol import Symbol

__all__ = ["Custom"]


def Custom(
    *data: Symbol,
    op_type: str,
    name: str | None = None,
    attr: dict[str, str] | None = None,
    **kwargs: Any,
) -> Symbol:
    """A node that applies an operator that ``mx.operator.register`` was given.

    Parameters
    ----------
    *data : Symbol
        Inputs and auxiliary states in order; they may be given by name too. What is left out
        becomes a variable, ``custom0_label``.
    op_type : str
        The registered name.
    name : str, optional
    attr : dict of str to str, optional
        Attributes to attach.
    **kwargs
        Inputs by name; everything else is handed to the property's class as text.

    Raises
    ------
    ParameterError
        No such operator is registered.
    OperatorError
        The property's own code raised.
    """
    symbols = {key: value for key, value in kwargs.items() if isinstance(value, Symbol)}
    given = {k: str(v) for k, v in kwargs.items() if k not in symbols and v is not None}
    texts = {k: v for k, v in given.items() if not attributes.is_private(k)}
    op = CustomOperator(op_type, texts)
    attrs = attributes.stored({**AttrScope.current.get(attr), **given, "op_type": op_type})
    name = NameManager.current.get(name, "custom")
    symbols.update(zip(op.inputs, data, strict=False))
    unknown = [key for key in symbols if key not in op.inputs]
    if unknown or len(data) > len(op.inputs):
        raise GraphError(
            message(
                f"Custom operator {op_type}: an input too many",
                where=[f"inputs: {', '.join(op.inputs) or 'none'}", user_line()],
                fix="Give each once, in this order or by name.",
            )
        )
    entries = []
    for one in op.inputs:
        if one in symbols:
            entries.append(_single(op_type, one, symbols[one]))
        else:
            entries.append(Entry(variable(f"{name}_{one}", attrs)))
    return Symbol(Node(op, name, {}, attrs, entries, here()).outputs)


def _single(op_type: str, name: str, given: Any) -> Entry:
    if not isinstance(given, Symbol) or len(given) != 1:
        what = f"{len(given)} outputs" if isinstance(given, Symbol) else type(given).__name__
        raise GraphError(
            message(
                f"Custom operator {op_type}: {name} must be a symbol of one output, got {what}",
                where=[user_line()],
            )
        )
    return given._entries[0]
