"""F as a graph builder: the operators' names, whose functions append nodes.

Gradient rules run on it unchanged. It works where all types are known already, so that every
value has a ``shape`` and a ``dtype``, as an array has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..error import GraphError, message
from ..ops import get
from ..ops.registry import Op
from .infer import infer_node
from .ir import Entry, Node, Provenance, Type, Types

__all__ = ["Builder", "Namespace", "Value"]


class Namespace:
    """F: the operators' names, and nothing else that could hide one of them."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        op = get(name)

        def append(*arrays: Any, **given: Any) -> Any:
            return self._builder.apply(op, arrays, given)

        append.__name__ = name
        return append


class Builder:
    """Appends nodes to a graph whose types are known, and keeps the table of types complete.

    Parameters
    ----------
    types : dict of Entry to Type
        Is added to.
    prefix : str
        New nodes are called ``{prefix}{operator}``.

    ``F`` is the namespace that rules get.
    """

    def __init__(self, types: Types, prefix: str = "") -> None:
        self.types = types
        self.prefix = prefix
        self.where = Provenance("", None, 0)
        self.F = Namespace(self)

    def value(self, entry: Entry) -> Value:
        """An entry as a rule sees it."""
        return Value(self, entry)

    def apply(self, op: Op, arrays: tuple[Any, ...], given: dict[str, Any]) -> Any:
        """Append a node; its output as a Value, or a tuple of all outputs."""
        named = dict(zip(op.inputs, arrays, strict=False)) if not op.variadic else {}
        params: dict[str, Any] = {}
        for key, value in given.items():
            (named if key in op.inputs else params)[key] = value
        if op.variadic:
            values = list(arrays)
            if "num_args" in op.params:
                params.setdefault("num_args", len(values))
        else:
            values = [named[n] for n in op.inputs if named.get(n) is not None]
        for value in values:
            if not isinstance(value, Value):
                raise GraphError(
                    message(f"{op.name} in a gradient rule takes arrays, not {value!r}")
                )
        p = op.parse(params)
        attrs = {key: text for key, text in op.print_params(p).items() if key in params}
        name = f"{self.prefix}{op.name.lstrip('_')}"
        node = Node(op, name, p, attrs, [value.entry for value in values], self.where)
        outputs = self.place(node)
        return outputs if op.has_outputs else outputs[0]

    def place(self, node: Node) -> tuple[Value, ...]:
        """The outputs of a node that was made already."""
        found = infer_node(node, [self.types[entry] for entry in node.inputs])
        self.types.update(zip(node.outputs, found, strict=True))
        return tuple(Value(self, entry) for entry in node.outputs)

    def zeros(self, type_: Type) -> Value:
        """A constant array of zeros."""
        made = self.apply(get("_zeros"), (), {"shape": type_.shape, "dtype": type_.dtype})
        assert isinstance(made, Value)
        return made

    def sum_to(self, value: Value, shape: tuple[int, ...]) -> Value:
        """Undo broadcasting: *value* summed over what was repeated; itself when nothing was."""
        if value.shape == shape:
            return value
        made = self.apply(get("_sum_to"), (value,), {"shape": shape})
        assert isinstance(made, Value)
        return made


class Value:
    """An entry with the operators of an array."""

    __slots__ = ("builder", "entry")

    def __init__(self, builder: Builder, entry: Entry) -> None:
        self.builder, self.entry = builder, entry

    def __repr__(self) -> str:
        return f"<Value {self.entry.node.name}: {self.builder.types[self.entry]}>"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape, concrete."""
        shape = self.builder.types[self.entry].shape
        assert shape is not None
        return shape

    @property
    def dtype(self) -> str:
        """The dtype's name."""
        dtype = self.builder.types[self.entry].dtype
        assert dtype is not None
        return dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        product = 1
        for n in self.shape:
            product *= n
        return product

    def _with(self, other: Any, names: tuple[str, str, str], swapped: bool = False) -> Value:
        same_shape, broadcast, scalar = names
        if isinstance(other, Value):
            lhs, rhs = (other, self) if swapped else (self, other)
            name = same_shape if lhs.shape == rhs.shape else broadcast
            made = self.builder.apply(get(name), (lhs, rhs), {})
        else:
            made = self.builder.apply(get(scalar), (self,), {"scalar": float(other)})
        assert isinstance(made, Value)
        return made

    def __add__(self, other: Any) -> Value:
        return self._with(other, _ADD)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Value:
        return self._with(other, _SUB)

    def __rsub__(self, other: Any) -> Value:
        return self._with(other, _RSUB, True)

    def __mul__(self, other: Any) -> Value:
        return self._with(other, _MUL)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Value:
        return self._with(other, _DIV)

    def __rtruediv__(self, other: Any) -> Value:
        return self._with(other, _RDIV, True)

    def __mod__(self, other: Any) -> Value:
        return self._with(other, _MOD)

    def __pow__(self, other: Any) -> Value:
        return self._with(other, _POW)

    def __rpow__(self, other: Any) -> Value:
        return self._with(other, _RPOW, True)

    def __neg__(self) -> Value:
        return self._with(-1.0, _MUL)

    def __gt__(self, other: Any) -> Value:
        return self._with(other, _both("greater"))

    def __ge__(self, other: Any) -> Value:
        return self._with(other, _both("greater_equal"))

    def __lt__(self, other: Any) -> Value:
        return self._with(other, _both("lesser"))

    def __le__(self, other: Any) -> Value:
        return self._with(other, _both("lesser_equal"))

    def __eq__(self, other: object) -> Value:  # type: ignore[override]
        return self._with(other, _both("equal"))

    def __ne__(self, other: object) -> Value:  # type: ignore[override]
        return self._with(other, _both("not_equal"))

    __hash__ = None  # type: ignore[assignment]


def _both(word: str) -> tuple[str, str, str]:
    return f"broadcast_{word}", f"broadcast_{word}", f"_{word}_scalar"


#: operators of equal shapes, of shapes that broadcast, of an array and a number
_ADD = ("elemwise_add", "broadcast_add", "_plus_scalar")
_SUB = ("elemwise_sub", "broadcast_sub", "_minus_scalar")
_RSUB = ("elemwise_sub", "broadcast_sub", "_rminus_scalar")
_MUL = ("elemwise_mul", "broadcast_mul", "_mul_scalar")
_DIV = ("elemwise_div", "broadcast_div", "_div_scalar")
_RDIV = ("elemwise_div", "broadcast_div", "_rdiv_scalar")
_MOD = ("broadcast_mod", "broadcast_mod", "_mod_scalar")
_POW = ("broadcast_power", "broadcast_power", "_power_scalar")
_RPOW = ("broadcast_power", "broadcast_power", "_rpower_scalar")
