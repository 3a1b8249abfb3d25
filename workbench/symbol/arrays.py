"""The arrays that ``simple_bind`` makes, or takes from where there are some of the same kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..context import Context
from ..dtypes import as_dtype
from ..ndarray.core import NDArray
from ..ndarray.creation import zeros

__all__ = ["Kind", "Maker"]


class Kind(NamedTuple):
    """What an array must be to serve."""

    shape: Any
    dtype: str
    stype: str = "default"


class Maker:
    """Makes arrays of zeros, unless another executor or a buffer has what fits.

    Parameters
    ----------
    place : callable
        ``name -> Context``: where the array of an argument or state is to be.
    shared : Executor, optional
        Whose arrays serve: those of *names*, or of all arguments that are not in *given*.
    given : mapping
        The shapes that the user gave.
    names : sequence of str, optional
    buffer : dict of str to NDArray, optional
        Serves for all others, by name, and gets those that are made.
    """

    def __init__(
        self,
        place: Callable[[str], Context],
        shared: Any,
        given: Mapping[str, Any],
        names: Sequence[str] | None,
        buffer: dict[str, NDArray] | None,
    ) -> None:
        self.place, self.given, self.names, self.buffer = place, given, names, buffer
        self.arguments = shared.arg_dict if shared is not None else {}
        self.states = shared.aux_dict if shared is not None else {}
        self.gradients = shared.grad_dict if shared is not None else {}

    def _is_shared(self, name: str) -> bool:
        return name not in self.given if self.names is None else name in self.names

    def argument(self, name: str, kind: Kind) -> NDArray:
        """The array of an argument."""
        if self._is_shared(name) or self.buffer is None:
            held = self.arguments.get(name) if self._is_shared(name) else None
            return self._fitting(name, held, kind)
        held = self.buffer.get(name)
        size = math.prod(kind.shape)
        alike = held is not None and kind_of(held)[1:] == kind[1:] and kind.stype == "default"
        if held is not None and alike and held.size >= size:
            return held.reshape(-1)[:size].reshape(kind.shape)
        made = self.buffer[name] = self._fitting(name, held, kind)
        return made

    def state(self, name: str, kind: Kind) -> NDArray:
        """The array of an auxiliary state."""
        return self._fitting(name, self.states.get(name), kind)

    def gradient(self, name: str, kind: Kind) -> NDArray:
        """The array of an argument's gradient."""
        shared = self.names is not None and name in self.names
        return self._fitting(name, self.gradients.get(name) if shared else None, kind)

    def _fitting(self, name: str, held: NDArray | None, kind: Kind) -> NDArray:
        if held is not None and kind_of(held) == kind:
            return held
        return zeros(kind.shape, ctx=self.place(name), dtype=kind.dtype, stype=kind.stype)


def kind_of(x: NDArray) -> Kind:
    """What an array is."""
    return Kind(x.shape, as_dtype(x.dtype).name, x.stype)
