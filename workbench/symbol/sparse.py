"""``mx.sym.sparse``: the operators that know sparse storage, under their plain names."""

from typing import TYPE_CHECKING

from .namespace import namespace

if TYPE_CHECKING:
    from .._stubs.symbol_sparse import *  # noqa: F403

__getattr__, __dir__ = namespace(__name__, "_sparse_", "")
