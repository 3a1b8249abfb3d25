"""Batch normalization outside of training is ``data · scale + shift``, one number per channel.

The scale and the shift are computed from four short vectors; what is left is element-wise, and
:mod:`.fuse` joins it with the ReLU and the residual sum that follow. (Folding the scale into the
convolution's weights instead would go over all weights in every call, which for one image costs
more than it saves.)
"""

from __future__ import annotations

import math
from typing import Any

from ...kernels.layout import layout_of
from ..build import Builder
from ..ir import Entry, Graph, Node, Types, rebuild

__all__ = ["affine"]

#: smaller arrays are as fast in the operator's own kernel
SMALLEST = 1 << 12


def affine(graph: Graph, types: Types, train: bool = False) -> Graph:
    """Write batch normalization with fixed statistics as a scale and a shift."""
    readers = graph.users()
    outputs = set(graph.outputs)
    builder = Builder(types)
    replace: dict[Entry, Entry] = {}
    for node in graph.nodes:
        if node.is_variable or node.op.name != "BatchNorm" or not _is_fixed(node, train):
            continue
        _, *hidden = node.outputs
        if any(entry in readers or entry in outputs for entry in hidden):
            continue  # the backward reads them
        if _fits(node, types):
            builder.prefix, builder.where = f"{node.name}_", node.where
            replace[Entry(node)] = _written_out(builder, node).entry
    return rebuild(graph, replace, types) if replace else graph


def _is_fixed(node: Node, train: bool) -> bool:
    """Whether it uses its moving averages, and changes nothing."""
    p = node.params
    fixed = not train or p["use_global_stats"]
    return fixed and not p["fix_gamma"] and not p["output_mean_var"]


def _fits(node: Node, types: Types) -> bool:
    entries = [*node.inputs, Entry(node)]
    if any(not types[e].known or types[e].dtype != "float32" for e in entries):
        return False
    shape = types[Entry(node)].shape or ()
    wide = _wide(node, len(shape), types)
    return math.prod(shape) >= SMALLEST and layout_of([shape, wide], shape) is not None


def _wide(node: Node, rank: int, types: Types) -> tuple[int, ...]:
    """A vector over the channels as an array of all axes."""
    axis = node.params["axis"] % rank
    (channels,) = types[node.inputs[1]].shape or (0,)
    return tuple(channels if i == axis else 1 for i in range(rank))


def _written_out(builder: Builder, node: Node) -> Any:
    F = builder.F
    data, gamma, beta, mean, var = map(builder.value, node.inputs)
    scale = gamma * F.rsqrt(var + node.params["eps"])
    shift = beta - mean * scale
    wide = _wide(node, data.ndim, builder.types)
    return data * F.Reshape(scale, shape=wide) + F.Reshape(shift, shape=wide)
