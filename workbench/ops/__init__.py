"""Operators: one record each, by family. Importing this package registers all of them."""

from . import _tmp, getitem, registry
from .registry import Op, all_ops, find, get, op

__all__ = ["Op", "all_ops", "find", "get", "op", "registry"]
