"""Operators: one record each, by family. Importing this package registers all of them."""

from . import registry
from .registry import Op, all_ops, find, get, op

# The order is that of the kernel tables. Whole modules are imported for what they register.
from . import elemwise_unary, elemwise_binary, broadcast, scalar, compare  # isort: skip
from . import init, cast, shape, slice, getitem, join, index, reduce, matrix  # isort: skip
from . import nn_dense, nn_conv, nn_pool, nn_norm, nn_activation  # isort: skip
from . import nn_softmax, nn_dropout, nn_output  # isort: skip
from . import random, optimizer, optimizer_multi  # isort: skip

__all__ = ["Op", "all_ops", "find", "get", "op", "registry"]
