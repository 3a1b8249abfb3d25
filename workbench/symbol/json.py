"""Symbols as MXNet's files: ``symbol.json`` from 0.8 to 1.9, written as 1.9.1 writes it.

A file is data from outside: every part of it is checked, nothing of it is evaluated, and a fault
names the node. Nodes may only refer to nodes before them, so that no file can make a cycle.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..error import (
    DataFileError,
    GraphError,
    ParameterError,
    UnknownOperator,
    message,
)
from ..graph.control import CONTROL, Control
from ..graph.ir import Entry, Graph, Node, rebuild, variable
from ..graph.unknown import Unknown
from ..ndarray.custom import PROPERTIES, CustomOperator
from ..ops import find
from ..util import is_np_shape
from .attributes import HIDDEN, is_private, stored
from .compose import INITIALIZERS

__all__ = ["from_json", "to_json"]

#: MXNET_VERSION of 1.9.1, as files give it
VERSION = 10901
#: files that do not tell their version are treated as this one
OLDEST = 800
#: outputs that operators have in MXNet, hidden ones included, where it is not one; only
#: ``node_row_ptr`` tells them, which no reader needs
HIDDEN_OUTPUTS = {
    **dict.fromkeys(
        (
            "BatchNorm",
            "BatchNorm_v1",
            "Correlation",
            "LayerNorm",
            "InstanceNorm",
            "GroupNorm",
            "SpatialTransformer",
            "_contrib_SyncBatchNorm",
            "_linalg_det",
        ),
        3,
    ),
    **dict.fromkeys(
        (
            "Dropout",
            "LRN",
            "L2Normalization",
            "sort",
            "moments",
            "CTCLoss",
            "GridGenerator",
            "BilinearSampler",
            "ROIPooling",
            "_contrib_box_nms",
        ),
        2,
    ),
    "_contrib_BatchNormWithReLU": 4,
    "_linalg_slogdet": 4,
}
#: nodes of a file; the longest networks have a tenth of it, and reading takes 20 µs for each
MOST_NODES = 250_000
#: outputs of one node that a file may ask for
MOST_OUTPUTS = 1 << 16
#: levels of graphs inside of graphs that a file may have
DEEPEST = 32
AMP_CASTS = frozenset({"amp_cast", "amp_multicast"})


# ---- writing ----------------------------------------------------------------------------------


def to_json(graph: Graph, remove_amp_cast: bool = True) -> str:
    """The text of a ``symbol.json`` file."""
    if remove_amp_cast:
        graph = _without_amp_casts(graph)
    attrs = {"mxnet_version": ["int", VERSION]}
    if is_np_shape():  # a 0 in a shape is a size there
        attrs["is_np_shape"] = ["int", 1]
    return _write({**_graph_record(graph), "attrs": dict(sorted(attrs.items()))})


def _graph_record(graph: Graph) -> dict[str, Any]:
    number = {node: i for i, node in enumerate(graph.nodes)}
    rows = [0]
    for node in graph.nodes:
        rows.append(rows[-1] + _all_outputs(node))
    return {
        "nodes": [_node_record(node, number) for node in graph.nodes],
        "arg_nodes": [number[node] for node in graph.variables],
        "node_row_ptr": rows,
        "heads": [[number[entry.node], entry.index, 0] for entry in graph.outputs],
    }


def _all_outputs(node: Node) -> int:
    if node.is_variable:
        return 1
    if node.op.name == "Pooling":  # the maxima's places
        return 2 if node.attrs.get("pool_type", "max") == "max" else 1
    return max(node.num_visible, HIDDEN_OUTPUTS.get(node.op.name, 1))


def _without_amp_casts(graph: Graph) -> Graph:
    replace = {
        output: source
        for node in graph.nodes
        if not node.is_variable and node.op.name in AMP_CASTS
        for output, source in zip(node.outputs, node.inputs, strict=False)
    }
    return rebuild(graph, replace) if replace else graph


def _node_record(node: Node, number: Mapping[Node, int]) -> dict[str, Any]:
    record: dict[str, Any] = {"op": "null" if node.is_variable else node.op.name}
    record["name"] = node.name
    if node.attrs:
        record["attrs"] = dict(sorted(node.attrs.items()))
    aux = set(node.aux_inputs())
    versions = node.versions or [int(entry in aux) for entry in node.inputs]
    record["inputs"] = [
        [number[entry.node], entry.index, version]
        for entry, version in zip(node.inputs, versions, strict=True)
    ]
    if isinstance(node.op, Control):
        record["subgraphs"] = [_graph_record(body) for body in node.op.bodies]
    return record


def _write(value: Any, indent: int = 0) -> str:
    """JSON in the layout of MXNet's writer, so that files can be compared as text."""
    if isinstance(value, dict):
        items = [f"{json.dumps(key)}: {_write(item, indent + 2)}" for key, item in value.items()]
        brackets, lines = "{}", len(items) > 1
    elif isinstance(value, list):
        items = [_write(item, indent + 2) for item in value]
        brackets = "[]"
        lines = len(items) > 10 or (bool(value) and isinstance(value[0], dict))
    else:
        return json.dumps(value, ensure_ascii=False)
    if not lines:
        return brackets[0] + ", ".join(items) + brackets[1]
    space = "\n" + " " * (indent + 2)
    return f"{brackets[0]}{space}{f', {space}'.join(items)}\n{' ' * indent}{brackets[1]}"


# ---- reading ----------------------------------------------------------------------------------


def from_json(text: str | bytes, allow_unknown: bool = False) -> Graph:
    """The graph that a text in the format of ``symbol.json`` describes.

    With *allow_unknown* nodes of operators that do not exist here are kept, to be looked at.

    Raises
    ------
    DataFileError
        The text is no JSON, or not of this form; the message names the node.
    UnknownOperator
        An operator does not exist here; the message names it, its node and the neighbours.
    """
    many = text.count(b'"op"') if isinstance(text, bytes) else text.count('"op"')
    if many > MOST_NODES:
        raise _fault(f"{many} nodes, more than the {MOST_NODES} that are read")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _fault(f"this is no JSON: {error}") from None
    if not isinstance(content, dict):
        raise _fault(f"expected an object, found {type(content).__name__}")
    return _Reader(content, _version(content.get("attrs")), allow_unknown).graph()


def _fault(what: str, where: str = "") -> DataFileError:
    return DataFileError(
        message(
            f"symbol JSON: {what}",
            where=[where],
            fix="Check that the file is whole and was written by Symbol.save or export.",
        )
    )


class _Reader:
    def __init__(
        self, content: Mapping[str, Any], version: int, allow_unknown: bool, depth: int = 0
    ) -> None:
        for key in ("nodes", "heads", "arg_nodes"):
            if not isinstance(content.get(key), list):
                raise _fault(f'the field "{key}" is missing or no list')
        self.records: list[Any] = content["nodes"]
        self.heads: list[Any] = content["heads"]
        self.version, self.allow_unknown, self.depth = version, allow_unknown, depth
        self.nodes: list[Node] = []

    def graph(self) -> Graph:
        for number, record in enumerate(self.records):
            self.nodes.append(self._node(number, record))
        if not self.heads:
            raise _fault("there are no heads, so no outputs")
        return Graph(self._entry(head, "heads")[0] for head in self.heads)

    def _node(self, number: int, record: Any) -> Node:
        place = f"node {number}"
        if not isinstance(record, dict):
            raise _fault("a node is no object", place)
        op_name, name = record.get("op"), record.get("name")
        if not isinstance(op_name, str) or not isinstance(name, str):
            raise _fault('a node needs the texts "op" and "name"', place)
        place = f"node {number}, {name!r} ({op_name})"
        attrs = self._attributes(record, place)
        given = record.get("inputs", [])
        if not isinstance(given, list):
            raise _fault('"inputs" is no list', place)
        pairs = [self._entry(one, place) for one in given]
        if op_name == "null":
            if pairs:
                raise _fault("a variable has inputs", place)
            return variable(name, stored(attrs))
        if op_name in CONTROL:
            return self._control(op_name, name, attrs, pairs, record.get("subgraphs"))
        if op_name == "Custom" and attrs.get("op_type") in PROPERTIES:
            return self._custom(name, attrs, pairs)
        return self._operation(op_name, name, attrs, pairs, place)

    def _control(
        self,
        op_name: str,
        name: str,
        attrs: dict[str, str],
        pairs: list[tuple[Entry, int]],
        records: Any,
    ) -> Node:
        """A loop or a branch: its graphs are records of the same form, without a version."""
        place = f"node {name!r} ({op_name})"
        if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
            raise _fault('"subgraphs" is missing or no list of objects', place)
        if self.depth == DEEPEST:
            raise _fault(f"graphs inside of graphs, more than {DEEPEST} deep", place)
        deeper = self.version, self.allow_unknown, self.depth + 1
        try:
            op = CONTROL[op_name]([_Reader(one, *deeper).graph() for one in records])
            params = op.parse({key: v for key, v in attrs.items() if key in op.params})
        except (GraphError, ParameterError) as error:
            if isinstance(error, DataFileError):
                raise
            raise ParameterError(f"symbol JSON, {place}: {error}") from None
        faults = op.faults(params, len(pairs))
        if faults:
            raise _fault(faults[0], place)
        entries, versions = [entry for entry, _ in pairs], tuple(number for _, number in pairs)
        return Node(op.with_states(params), name, params, attrs, entries, versions=versions)

    def _custom(self, name: str, attrs: dict[str, str], pairs: list[tuple[Entry, int]]) -> Node:
        """An operator in Python that is registered here too."""
        attrs = stored(attrs)
        given = {k: v for k, v in attrs.items() if k != "op_type" and not is_private(k)}
        op = CustomOperator(attrs["op_type"], given)
        if len(pairs) != len(op.inputs):
            raise _fault(
                f"{len(pairs)} inputs for {', '.join(op.inputs)}", f"node {name!r} (Custom)"
            )
        entries, versions = [entry for entry, _ in pairs], tuple(number for _, number in pairs)
        return Node(op, name, {}, attrs, entries, versions=versions)

    def _operation(
        self,
        op_name: str,
        name: str,
        attrs: dict[str, str],
        pairs: list[tuple[Entry, int]],
        place: str,
    ) -> Node:
        op = find(op_name)
        if op is None:
            error = self._unknown(op_name, name, pairs)
            if not self.allow_unknown:
                raise error
            versions = tuple(version for _, version in pairs)
            kept = Unknown(op_name, str(error))
            return Node(kept, name, {}, attrs, [entry for entry, _ in pairs], versions=versions)
        attrs = self._upgraded(op, attrs, pairs)
        try:
            params = op.parse({k: v for k, v in attrs.items() if self._is_parameter(op, k)})
        except ParameterError as error:
            raise ParameterError(f"symbol JSON, {place}: {error}") from None
        entries = [entry for entry, _ in pairs]
        versions = tuple(version for _, version in pairs)
        node = Node(op, name, params, attrs, entries, versions=versions)
        if node.num_outputs > MOST_OUTPUTS:
            raise _fault(f"{node.num_outputs} outputs of one node", place)
        self._complete(node)
        return node

    def _is_parameter(self, op: Any, key: str) -> bool:
        """Old files keep a user's own attributes beside parameters, under any name."""
        return key in op.params or not (is_private(key) or self.version < 10000)

    def _complete(self, node: Node) -> None:
        """Old files leave out auxiliary states: add their variables."""
        op = node.op
        if op.variadic:
            if not node.inputs:
                raise _fault("an operator without inputs", f"{node.name!r} ({op.name})")
            return
        missing = op.missing_inputs(node.params)
        names = [one for one in op.inputs if one not in missing]
        if len(node.inputs) > len(names):
            raise _fault(
                f"{op.name} takes {len(names)} inputs, found {len(node.inputs)}",
                f"node {node.name!r}",
            )
        added = []
        for one in names[len(node.inputs) :]:
            if one in op.optional and one not in op.aux:
                break
            if one not in op.aux:
                raise _fault(f"{op.name} needs an input {one}", f"node {node.name!r}")
            own = {**node.attrs}
            if (op.name, one) in INITIALIZERS:
                own["__init__"] = INITIALIZERS[op.name, one]
            added.append(Entry(variable(f"{node.name}_{one}", own)))
        if added:
            node.inputs, node.versions = (*node.inputs, *added), ()

    def _attributes(self, record: Mapping[str, Any], place: str) -> dict[str, str]:
        """Attributes and parameters: together since 1.0, before that in up to two fields."""
        attrs: dict[str, str] = {}
        for field in ("param", "attr", "attrs"):
            part = record.get(field, {})
            if not isinstance(part, dict) or not all(isinstance(v, str) for v in part.values()):
                raise _fault(f'"{field}" must hold texts by name', place)
            attrs.update(part)
        return attrs

    def _upgraded(
        self, op: Any, attrs: dict[str, str], pairs: Sequence[tuple[Entry, int]]
    ) -> dict[str, str]:
        """What 1.9.1 makes of attributes that older versions wrote."""
        kept = {}
        inputs = {} if op.variadic else dict(zip(op.inputs, pairs, strict=False))
        for key, value in stored(attrs).items():
            owner, _, hidden = key.partition("_")
            if owner in inputs and hidden in HIDDEN:  # weight_lr_mult: meant for that variable
                inputs[owner][0].node.attrs.setdefault(f"__{hidden}__", value)
            elif (
                op.name in ("argmax", "argmin")
                and self.version < 905
                and (key == "axis" and value == "-1")
            ):
                continue  # was the default, and meant: over all axes
            else:
                kept[key] = value
        return kept

    def _entry(self, record: Any, place: str) -> tuple[Entry, int]:
        """``[node, output]`` or ``[node, output, version]``."""
        if (
            not isinstance(record, list)
            or len(record) not in (2, 3)
            or not all(type(one) is int and one >= 0 for one in record)
        ):
            raise _fault(f"expected [node, output, version], found {str(record)[:60]}", place)
        number, output = record[:2]
        if number >= len(self.nodes):
            raise _fault(f"refers to node {number}, which does not come before it", place)
        node = self.nodes[number]
        if isinstance(node.op, Unknown):
            node.op.has_output(output)
        if output >= node.num_outputs:
            raise _fault(f"refers to output {output} of {node.name!r}, which has none such", place)
        return Entry(node, output), record[2] if len(record) == 3 else 0

    def _unknown(
        self, op_name: str, name: str, pairs: Sequence[tuple[Entry, int]]
    ) -> UnknownOperator:
        here = len(self.nodes)
        users = [
            f"{record.get('name')} ({record.get('op')})"
            for record in self.records[here + 1 :]
            if isinstance(record, dict) and here in _sources(record.get("inputs"))
        ]
        sources = [f"{entry.node.name}" for entry, _ in pairs]
        return UnknownOperator(
            message(
                f"Failed loading Op {name} of type {op_name}: Operator {op_name} is not registered",
                where=[
                    f"inputs: {', '.join(sources) or 'none'}",
                    f"read by: {', '.join(users[:5]) or 'nothing'}",
                ],
                fix="To look at the rest, load it with allow_unknown=True; docs/compat.md says "
                "what is built.",
            )
        )


def _sources(inputs: Any) -> list[Any]:
    if not isinstance(inputs, list):
        return []
    return [one[0] for one in inputs if isinstance(one, list) and one]


def _version(attrs: Any) -> int:
    try:
        kind, number = attrs["mxnet_version"]
    except (TypeError, KeyError, ValueError):
        return OLDEST
    if kind != "int" or type(number) is not int:
        raise _fault(f"mxnet_version is {str(attrs['mxnet_version'])[:40]}")
    return number


def check_text(value: Any) -> str | bytes:
    """TypeError for what is no text."""
    if not isinstance(value, (str, bytes)):
        raise TypeError("fname required to be string")
    return value
