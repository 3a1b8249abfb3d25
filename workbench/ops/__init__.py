"""Operators: one record each, by family. Importing this package registers all of them."""

from . import (  # noqa: F401 (families are imported for what they register)
    broadcast,
    cast,
    compare,
    elemwise_binary,
    elemwise_unary,
    getitem,
    index,
    init,
    join,
    matrix,
    nn_activation,
    nn_conv,
    nn_deconv,
    nn_dense,
    nn_dropout,
    nn_norm,
    nn_norm_group,
    nn_output,
    nn_pool,
    nn_softmax,
    optimizer,
    optimizer_multi,
    random,
    reduce,
    registry,
    scalar,
    sequence,
    shape,
    shape_blocks,
    slice,
    sort,
)
from .registry import Op, all_ops, find, get, no_such_name, op, public_names

__all__ = ["Op", "all_ops", "find", "get", "no_such_name", "op", "public_names", "registry"]
