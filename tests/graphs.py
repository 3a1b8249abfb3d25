"""Small graphs and arrays for tests."""

from __future__ import annotations

import numpy as np

from workbench.graph import Entry, Node, variable
from workbench.ops import get


def apply(op, *inputs, name=None, **params):
    """A node's first output, as an entry."""
    record = get(op)
    parsed = record.parse(params)
    attrs = {k: v for k, v in record.print_params(parsed).items() if k in params}
    return Entry(Node(record, name or op, parsed, attrs, inputs))


def var(name, **attrs):
    """A variable, as an entry."""
    return Entry(variable(name, attrs))


def values(*shapes, seed=0, dtype="float32"):
    """Random arrays."""
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]
