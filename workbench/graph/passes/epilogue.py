"""A ReLU that follows a convolution is done where the sums are still in registers.

Only where nobody else reads the sums; the gradient of ReLU reads its result. The machine code for
convolutions of two axes and one group has it (``relu`` in :mod:`workbench.kernels.conv_llvm`).
"""

from __future__ import annotations

from ...ops import find
from ..ir import Entry, Graph, Node, Types, rebuild

__all__ = ["epilogue"]


def epilogue(graph: Graph, types: Types) -> Graph:
    """Do a convolution's ReLU within the convolution."""
    readers = graph.users()
    outputs = set(graph.outputs)
    backward = graph.backward_nodes()
    replace: dict[Entry, Entry] = {}
    for node in graph.nodes:
        if not _is_relu(node):
            continue
        (source,) = node.inputs
        alone = len(readers[source]) == 1 and source not in outputs
        if (
            alone
            and _has_epilogue(source.node, types)
            and (node in backward) == (source.node in backward)
        ):
            made = Entry(_joined(source.node, node))
            types[made] = types[Entry(node)]
            replace[Entry(node)] = made
    return rebuild(graph, replace, types) if replace else graph


def _is_relu(node: Node) -> bool:
    if node.is_variable:
        return False
    name: str = node.op.name
    return name == "relu" or (name == "Activation" and node.params["act_type"] == "relu")


def _has_epilogue(node: Node, types: Types) -> bool:
    if node.is_variable or node.op.name != "Convolution":
        return False
    p = node.params
    plain = p["layout"] in (None, "NCHW") and p["num_group"] == 1 and len(p["kernel"]) == 2
    return plain and all(types[entry].dtype == "float32" for entry in node.inputs)


def _joined(source: Node, relu: Node) -> Node:
    op = find("_Convolution_relu")
    assert op is not None
    params = {name: value for name, value in source.params.items() if name in op.params}
    attrs = {name: text for name, text in source.attrs.items() if name in op.params}
    return Node(op, relu.name, params, attrs, source.inputs, source.where)
