"""``mx.io``: iterators that give batches. The base classes are here; the readers are not built."""

from __future__ import annotations

from .._surface import getattr_for
from .base import DataBatch, DataDesc, DataIter

__all__ = ["DataBatch", "DataDesc", "DataIter"]

__getattr__ = getattr_for(__name__)
