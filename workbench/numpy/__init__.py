"""``mx.np``: NumPy's surface over the same arrays. Its functions are not built yet.

What exists is the array type, so that ``x.as_np_ndarray()`` and ``y.as_nd_ndarray()`` work.
"""

from __future__ import annotations

from typing import Any

from .. import _surface
from ..ndarray import indexing
from ..ndarray.core import NDArray, wrap

__all__ = ["ndarray"]


class ndarray(NDArray):
    """An NDArray that prints and behaves as a NumPy array."""

    __slots__ = ()

    def __repr__(self) -> str:
        text = repr(self.asnumpy())
        return text.replace(", dtype=float32", "")

    def __str__(self) -> str:
        return str(self.asnumpy())

    def as_np_ndarray(self) -> ndarray:
        """The array itself."""
        return self

    def as_nd_ndarray(self) -> NDArray:
        """The array with the ``mx.nd`` surface; memory and history are shared."""
        made = wrap(self._data, self._ctx)
        made._node = self._node
        indexing.share(self, made)
        return made


__getattr__: Any = _surface.getattr_for(__name__)
