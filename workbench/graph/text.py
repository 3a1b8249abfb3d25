"""A graph as a program to read, and back.

::

    graph(%data: float32[4, 6], %w: float32[8, 6], %b: float32[8]) {
      %fc1: float32[4, 8] = FullyConnected(%data, %w, %b, num_hidden=8)
      %bn: float32[4, 8], float32[8], float32[8] = BatchNorm(%fc1, ...)
      return %bn
    }

One line per node, in an order in which it could run. ``%bn#1`` is the second output of ``bn``;
a second node of the same name is ``%bn'1``; after the outputs come the gradients, if any. Types
are left out where they were not inferred. After ``as`` come the graphs that a fused node, a loop
or a branch runs. (The backward of a loop is printed too, but cannot be read back: what it needs
of the forward is no text.)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ..error import GraphError, message
from ..ops import registry
from .control import CONTROL, Control
from .ir import Composite, Entry, Graph, Node, Type, Types, variable

__all__ = ["parse_graph", "print_graph"]


# ---- printing -------------------------------------------------------------------------------

_BARE_NAME = re.compile(r"[\w.]+\Z")
_BARE_VALUE = re.compile(r"(?:[\w.+-]+|\([\w.+, -]*\)|\[[\w.+, -]*\])\Z")


def print_graph(
    graph: Graph, types: Types | None = None, indent: str = "", *, attributes: bool = True
) -> str:
    """The text of a graph, with types where *types* has them.

    Without *attributes* it is for reading only: what the variables carry is left out.
    """
    names = _names(graph)
    inputs = [_declare(node, names, types, attributes) for node in graph.variables]
    lines = [f"{indent}graph({', '.join(inputs)}) {{"]
    for node in graph.nodes:
        if not node.is_variable:
            lines.append(_line(node, names, types, indent + "  "))
    outputs = [_reference(entry, names) for entry in graph.outputs]
    lines.append(f"{indent}  return {', '.join(outputs[: graph.forward])}")
    if graph.forward < len(outputs):
        lines.append(f"{indent}  gradients {', '.join(outputs[graph.forward :])}")
    lines.append(f"{indent}}}")
    return "\n".join(lines)


def _names(graph: Graph) -> dict[Node, str]:
    """A different name for every node."""
    count: dict[str, int] = {}
    names = {}
    for node in graph.nodes:
        seen = count.get(node.name, 0)
        count[node.name] = seen + 1
        bare = node.name if _BARE_NAME.match(node.name) else json.dumps(node.name)
        names[node] = f"%{bare}" + (f"'{seen}" if seen else "")
    return names


def _reference(entry: Entry, names: dict[Node, str]) -> str:
    return names[entry.node] + (f"#{entry.index}" if entry.index else "")


def _declare(
    node: Node, names: dict[Node, str], types: Types | None, attributes: bool = True
) -> str:
    text = names[node]
    if types is not None:
        text += ": " + ", ".join(str(types[entry]) for entry in node.outputs)
    if attributes and node.is_variable and node.attrs:
        text += f" {{{_attributes(node.attrs)}}}"
    return text


def _attributes(attrs: dict[str, str]) -> str:
    return ", ".join(
        f"{key if _BARE_NAME.match(key) else json.dumps(key)}="
        f"{value if _BARE_VALUE.match(value) else json.dumps(value)}"
        for key, value in sorted(attrs.items())
    )


def _line(node: Node, names: dict[Node, str], types: Types | None, indent: str) -> str:
    words = [_reference(entry, names) for entry in node.inputs]
    attributes = _attributes(node.attrs)
    call = ", ".join([*words, attributes] if attributes else words)
    line = f"{indent}{_declare(node, names, types)} = {node.op.name}({call})"
    if isinstance(node.op, Composite):
        line += " as\n" + print_graph(node.op.body, None, indent + "    ")
    if isinstance(node.op, Control):
        bodies = [print_graph(body, None, indent + "    ") for body in node.op.bodies]
        line += "\n".join([" as", *bodies])
    return line


# ---- parsing --------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<name>%(?:"(?:[^"\\]|\\.)*"|[\w.]+)(?:'\d+)?(?:\#\d+)?)
      | (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<tuple>\([\w.+,\ -]*\)(?=[,)}]) | \[[\w.+,\ -]*\])
      | (?P<word>[\w.+?-]+)
      | (?P<mark>[(){}=:,])
    )""",
    re.VERBOSE,
)


def parse_graph(text: str) -> tuple[Graph, Types]:
    """The graph that a text describes, and the types it states.

    Raises GraphError, with the line, for a text that is none.
    """
    parser = _Parser(text)
    graph, types = parser.graph()
    parser.expect_end()
    return graph, types


class _Parser:
    def __init__(self, text: str) -> None:
        self.source = text
        self.at = 0
        self.kind = ""
        self.token = ""
        self.tokens = self._scan()
        self.advance()

    def _scan(self) -> Iterator[tuple[str, str]]:
        end = len(self.source.rstrip())
        while self.at < end:
            match = _TOKEN.match(self.source, self.at)
            if match is None:
                raise self.error(f"cannot read {self.source[self.at : self.at + 20]!r}")
            self.at = match.end()
            yield str(match.lastgroup), match.group(str(match.lastgroup))

    def error(self, what: str) -> GraphError:
        number = self.source.count("\n", 0, self.at) + 1
        lines = self.source.split("\n")
        place = f"line {number}: {lines[number - 1]}"
        return GraphError(message(f"graph text: {what}", where=[place]))

    def advance(self) -> str:
        """The current token; step to the next one."""
        token = self.token
        self.kind, self.token = next(self.tokens, ("end", ""))
        return token

    def expect(self, *wanted: str) -> str:
        if self.token not in wanted and self.kind not in wanted:
            raise self.error(f"expected {' or '.join(wanted)}, found {self.token or 'the end'!r}")
        return self.advance()

    def expect_end(self) -> None:
        if self.kind != "end":
            raise self.error(f"expected the end, found {self.token!r}")

    def accept(self, token: str) -> bool:
        if self.token == token and self.kind in ("mark", "word"):
            self.advance()
            return True
        return False

    def graph(self) -> tuple[Graph, Types]:
        nodes: dict[str, Node] = {}
        types: Types = {}
        self.expect("graph")
        if self.kind == "tuple":  # an empty list of inputs
            self.expect("tuple")
        else:
            self.expect("(")
            while not self.accept(")"):
                name, stated = self.declaration()
                attrs = self.attributes("}") if self.accept("{") else {}
                self.add(variable(_bare(name), attrs), name, stated, nodes, types)
                self.accept(",")
        self.expect("{")
        while not self.accept("return"):
            name, stated = self.declaration()
            self.add(self.operation(name, nodes), name, stated, nodes, types)
        outputs = self.references(nodes)
        forward = len(outputs)
        if self.accept("gradients"):
            outputs += self.references(nodes)
        self.expect("}")
        return Graph(outputs, forward), types

    def declaration(self) -> tuple[str, list[Type]]:
        name = self.expect("name")
        stated: list[Type] = []
        if self.accept(":"):
            stated.append(self.type())
            while self.token == ",":
                self.advance()
                if self.kind != "word":
                    break
                stated.append(self.type())
        return name, stated

    def type(self) -> Type:
        dtype = self.expect("word")
        shape = None
        if self.kind == "tuple" and self.token[0] == "[":
            try:
                shape = tuple(int(n) for n in re.findall(r"[^\s,\[\]]+", self.advance()))
            except ValueError:
                raise self.error("a shape holds whole numbers") from None
        return Type(shape, None if dtype == "?" else dtype)

    def add(
        self, node: Node, name: str, stated: list[Type], nodes: dict[str, Node], types: Types
    ) -> None:
        if name in nodes:
            raise self.error(f"{name} is defined twice")
        nodes[name] = node
        types.update(zip(node.outputs, stated, strict=False))

    def operation(self, name: str, nodes: dict[str, Node]) -> Node:
        self.expect("=")
        op_name = self.expect("word")
        inputs: list[Entry] = []
        attrs: dict[str, str] = {}
        if self.kind == "tuple":
            self.expect("()")
        else:
            self.expect("(")
            while self.kind == "name":
                inputs.append(self.reference(nodes))
                self.accept(",")
            attrs = self.attributes(")")
        if op_name in CONTROL:
            return self.control(op_name, name, attrs, inputs)
        if self.accept("as"):
            op: Any = Composite(self.graph()[0], op_name)
            return Node(op, _bare(name), {}, attrs, inputs)
        op = registry.get(op_name)
        given = {key: value for key, value in attrs.items() if key in op.params}
        return Node(op, _bare(name), op.parse(given), attrs, inputs)

    def control(self, op_name: str, name: str, attrs: dict[str, str], inputs: list[Entry]) -> Node:
        self.expect("as")
        kind = CONTROL[op_name]
        op = kind([self.graph()[0] for _ in kind.titles])
        params = op.parse({key: value for key, value in attrs.items() if key in op.params})
        return Node(op.with_states(params), _bare(name), params, attrs, inputs)

    def attributes(self, closing: str) -> dict[str, str]:
        attrs = {}
        while not self.accept(closing):
            key = self.text("word", "text")
            self.expect("=")
            attrs[key] = self.text("word", "text", "tuple")
            self.accept(",")
        return attrs

    def text(self, *kinds: str) -> str:
        quoted = self.kind == "text"
        token = self.expect(*kinds)
        return str(json.loads(token)) if quoted else token

    def references(self, nodes: dict[str, Node]) -> list[Entry]:
        outputs = [self.reference(nodes)]
        while self.accept(","):
            outputs.append(self.reference(nodes))
        return outputs

    def reference(self, nodes: dict[str, Node]) -> Entry:
        name, _, index = self.expect("name").rpartition("#")
        if not name or not index.isdigit():
            name, index = (f"{name}#{index}" if name else index), "0"
        if name not in nodes:
            raise self.error(f"{name} is not defined before its use")
        node, number = nodes[name], int(index)
        if number >= node.num_outputs:
            raise self.error(f"{name} has {node.num_outputs} outputs, there is no #{number}")
        return Entry(node, number)


def _bare(name: str) -> str:
    """``%"a b"'1`` → ``a b``."""
    text = re.sub(r"'\d+\Z", "", name[1:])
    return str(json.loads(text)) if text.startswith('"') else text
