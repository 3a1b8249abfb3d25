"""``mx.nd.NDArray`` put together: the class of :mod:`.core` gets its members here.

They are written as classes in modules of their own, which import what computes and therefore
cannot be imported by :mod:`.core` itself. Type checkers see them as its bases. Operators of arrays
and the fluent methods are made from records, in :mod:`.methods`.
"""

from __future__ import annotations

from .._surface import getattr_for
from .attributes import Attributes
from .copies import Copies
from .core import NDArray
from .gradients import Gradients
from .waiting import Waiting

__all__ = ["NDArray"]

__getattr__ = getattr_for(__name__)


def _install(definitions: type) -> None:
    """Put the members of a class of definitions onto NDArray."""
    for name, member in vars(definitions).items():
        if name not in ("__module__", "__dict__", "__weakref__", "__doc__", "__slots__"):
            setattr(NDArray, name, member)
            if hasattr(member, "__qualname__"):
                member.__qualname__ = f"NDArray.{name}"


for _definitions in (Attributes, Waiting, Copies, Gradients):
    _install(_definitions)
