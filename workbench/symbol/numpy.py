"""The class of symbols with NumPy's surface, ``type(x.as_np_ndarray())`` of a Symbol."""

from __future__ import annotations

from .symbol import Symbol

__all__: list[str] = []


class _Symbol(Symbol):
    """A Symbol whose arrays are ``mx.np.ndarray``; the graph is the same."""

    __slots__ = ()

    def as_np_ndarray(self) -> _Symbol:
        """The symbol itself."""
        return self

    def as_nd_ndarray(self) -> Symbol:
        """The symbol of ``mx.sym`` over the same graph."""
        return Symbol(self._entries)
