"""``Symbol.infer_shape`` and ``infer_type``: MXNet's calling conventions over graph inference."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from ..dtypes import FLAG_TO_NAME, as_dtype
from ..error import GraphError, MXNetError, ParameterError, message, user_line
from ..graph.infer import infer
from ..graph.ir import Entry, Graph, Node, Type, Types
from ..ops.params import Shape as ShapeParam
from ..ops.rules import known, merge
from ..util import is_np_shape

__all__ = ["Result", "declared", "infer_shape", "infer_type", "types_of"]

Result = tuple[Any, Any, Any]
_SHAPE = ShapeParam()


def declared(node: Node) -> Type:
    """What a variable says of itself by ``__shape__`` and ``__dtype__``."""
    shape = dtype = None
    if "__shape__" in node.attrs:
        try:
            shape = _SHAPE.parse(node.attrs["__shape__"]) or None
        except (TypeError, ValueError):
            raise GraphError(
                message(
                    f"variable {node.name}: __shape__ is {node.attrs['__shape__']!r}",
                    fix="Write it as a tuple of whole numbers, (2, 3).",
                )
            ) from None
        if shape is not None:
            shape = tuple(max(n or 0, 0) for n in shape)
    text = node.attrs.get("__dtype__", "")
    if text.lstrip("-").isdigit():
        dtype = FLAG_TO_NAME.get(int(text))
    elif text:
        dtype = as_dtype(text).name
    return Type(shape, dtype)


def types_of(graph: Graph, shapes: Mapping[str, Any], dtypes: Mapping[str, Any]) -> Types:
    """Inference over a graph whose variables are known by name, and by what they declare."""
    given = {}
    for node in graph.variables:
        says = declared(node)
        shape = shapes.get(node.name)
        dtype = dtypes.get(node.name)
        given[node] = Type(
            _declared_or_given(says.shape, _as_shape(shape), f"variable {node.name}"),
            says.dtype if dtype is None else as_dtype(dtype).name,
        )
    return infer(graph, given)


def _declared_or_given(declared: Any, given: Any, what: str) -> Any:
    """A whole shape that was given wins over the declared one; else both count."""
    return given if known(given) else merge(declared, given, what)


def _as_shape(shape: Any) -> Any:
    """A shape as users give it: () and None are unknown, 0 or less an unknown size."""
    if shape is None or len(shape) == 0:
        return None
    return tuple(0 if n is None or n < 0 else int(n) for n in shape)


def _named(
    symbol: Any, args: Sequence[Any], kwargs: Mapping[str, Any], what: str
) -> dict[str, Any]:
    """What was given, by the names of variables."""
    if args and kwargs:
        raise ParameterError(
            f"Can only specify known argument {what}s either by positional or kwargs way."
        )
    names = symbol.list_arguments()
    if args:
        if len(args) > len(names):
            raise MXNetError(
                message(
                    f"infer_{what}: {len(args)} {what}s for {len(names)} arguments",
                    where=[user_line()],
                )
            )
        return {n: value for n, value in zip(names, args, strict=False) if value is not None}
    every = names + symbol.list_auxiliary_states()
    for key in kwargs:
        if key not in every:
            raise MXNetError(
                message(
                    f"infer_{what}: argument name {key} not found",
                    where=[f"candidate arguments: {', '.join(every)}", user_line()],
                    fix="Use one of the names of list_arguments().",
                )
            )
    return {key: value for key, value in kwargs.items() if value is not None}


def infer_shape(
    symbol: Any, args: Sequence[Any], kwargs: Mapping[str, Any], partial: bool = False
) -> Result:
    """Three lists of shapes; see :meth:`Symbol.infer_shape`."""
    given = _named(symbol, args, kwargs, "shape")
    for key, value in given.items():
        if not isinstance(value, (tuple, list)):
            raise TypeError(f"Arguments need to be shapes (tuple), but '{key}' is {type(value)}.")
    graph = symbol._graph
    types = types_of(graph, given, {})
    unknown = [n for n in graph.variables if not known(types[Entry(n)].shape)]
    outputs = [types[entry].shape for entry in graph.outputs]
    if not partial and (unknown or not all(known(shape) for shape in outputs)):
        lines = "".join(f"\n\t{n.name}: {types[Entry(n)].shape or ()}" for n in unknown)
        warnings.warn(
            "Cannot decide shape for the following arguments (0s in shape means unknown "
            f"dimensions). Consider providing them as input:{lines}",
            stacklevel=3,
        )
        return None, None, None
    arguments = [_shown(types[Entry(node)].shape) for node in graph.arguments]
    auxiliary = [_shown(types[Entry(node)].shape) for node in graph.auxiliary]
    return arguments, [_shown(shape) for shape in outputs], auxiliary


def _shown(shape: Any) -> Any:
    """A shape as users get it: what is unknown is () and 0, under ``np_shape`` None and -1."""
    if not is_np_shape():
        return shape or ()
    return None if shape is None else tuple(n or -1 for n in shape)


def infer_type(
    symbol: Any, args: Sequence[Any], kwargs: Mapping[str, Any], partial: bool = False
) -> Result:
    """Three lists of NumPy types; see :meth:`Symbol.infer_type`."""
    given = _named(symbol, args, kwargs, "type")
    graph = symbol._graph
    types = types_of(graph, {}, given)
    unknown = [n for n in graph.variables if types[Entry(n)].dtype is None]
    outputs = [_as_type(types[entry]) for entry in graph.outputs]
    if not partial and (unknown or None in outputs):
        lines = "".join(f"\n\t{node.name}: None" for node in unknown)
        warnings.warn(
            "Cannot decide type for the following arguments. Consider providing them as "
            f"input:{lines}",
            stacklevel=3,
        )
        return None, None, None
    arguments = [_as_type(types[Entry(node)]) for node in graph.arguments]
    auxiliary = [_as_type(types[Entry(node)]) for node in graph.auxiliary]
    return arguments, outputs, auxiliary


def _as_type(type_: Type) -> Any:
    return None if type_.dtype is None else as_dtype(type_.dtype).type
