"""Shape, dtype, device, truth and text of an array; what makes it a Python sequence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..context import Context
from ..ops import get
from . import indexing, invoke, tape

if TYPE_CHECKING:
    from .core import NDArray

__all__ = ["Attributes"]


class Attributes:
    """Shape, dtype, device, gradient."""

    @property
    def shape(self: Any) -> tuple[int, ...]:
        """Sizes along each axis; known at once, also while the values are being computed."""
        return self._data.shape

    @property
    def dtype(self: Any) -> type:
        """The NumPy scalar type of the elements, e.g. ``numpy.float32``."""
        return self._data.dtype.type

    @property
    def size(self: Any) -> int:
        """The number of elements."""
        return self._data.size

    @property
    def ndim(self: Any) -> int:
        """The number of axes."""
        return self._data.ndim

    @property
    def context(self: Any) -> Context:
        """The device that holds the array."""
        return self._ctx

    ctx = context

    @property
    def stype(self: Any) -> str:
        """Storage type: ``"default"`` for a dense array."""
        return "default"

    @property
    def T(self: Any) -> NDArray:
        """A copy with the axes in reverse order."""
        return self if self.ndim < 2 else self.transpose()

    @property
    def grad(self: Any) -> NDArray | None:
        """The gradient buffer, after :meth:`attach_grad`; None for everything else."""
        node = self._node
        return node[tape.SAVES][0] if node is not None and node[tape.RUN] is tape.LEAF else None

    @property
    def handle(self: Any) -> Any:
        """The array itself; MXNet's pointer has no meaning here."""
        return self

    @property
    def _fresh_grad(self: Any) -> bool:
        node = self._node
        return bool(node is not None and node[tape.RUN] is tape.LEAF and node[tape.P])

    @_fresh_grad.setter
    def _fresh_grad(self: Any, value: bool) -> None:
        self._node[tape.P] = bool(value)

    def _take_fresh_grad(self: Any) -> NDArray | None:
        """The gradient that a backward has written since the last call; None where none has."""
        node = self._node
        if node is None or node[tape.RUN] is not tape.LEAF or not node[tape.P]:
            return None
        node[tape.P] = False
        return node[tape.SAVES][0]

    def __len__(self: Any) -> int:
        if not self._data.shape:
            raise TypeError("len() of an array without axes")
        return self._data.shape[0]

    def __iter__(self: Any) -> Iterator[NDArray]:
        for i in range(len(self)):
            yield self[i]

    def __getitem__(self: Any, key: Any) -> NDArray:
        return indexing.get_item(self, key)

    def __setitem__(self: Any, key: Any, value: Any) -> None:
        indexing.set_item(self, key, value)

    def slice_assign(self: Any, rhs: NDArray, begin: Any, end: Any, step: Any) -> NDArray:
        """Write *rhs* into ``self[begin:end:step]``, a tuple of each for the axes; returns self."""
        given = {"begin": begin, "end": end, "step": step}
        return invoke.invoke(get("_slice_assign"), (self, rhs), given, self, {})

    def slice_assign_scalar(self: Any, value: float, begin: Any, end: Any, step: Any) -> NDArray:
        """Write a number into ``self[begin:end:step]``; returns self."""
        given = {"scalar": value, "begin": begin, "end": end, "step": step}
        return invoke.invoke(get("_slice_assign_scalar"), (self,), given, self, {})

    def __contains__(self: Any, value: Any) -> bool:
        return bool((self.asnumpy() == value).any())

    def __hash__(self: Any) -> int:
        return id(self) >> 4

    def __bool__(self: Any) -> bool:
        if self.size == 1:
            return bool(self.asscalar())
        if self.size == 0:
            return False
        raise ValueError(
            "The truth value of an NDArray with multiple elements is ambiguous. "
            "Compare with .asnumpy().any() or .all()."
        )

    __nonzero__ = __bool__

    def __repr__(self: Any) -> str:
        size = "x".join(str(n) for n in self.shape)
        return f"\n{self.asnumpy()!s}\n<NDArray {size} @{self._ctx}>"

    __str__ = __repr__

    def __float__(self: Any) -> float:
        return float(self._one("float"))

    def __int__(self: Any) -> int:
        return int(self._one("int"))

    def __index__(self: Any) -> int:
        if self._data.dtype.kind not in "iu" or self.size != 1:
            raise TypeError("only an integer array of one element can be used as an index")
        return int(self.asscalar())

    def _one(self: Any, kind: str) -> Any:
        if self.size != 1:
            raise TypeError(f"{kind}() needs an array of one element, got shape {self.shape}")
        return self.asscalar()
