"""The backward graph: the operators' own gradient rules, run with F = graph builder.

It runs after inference, so ``NAME_shape`` in a rule is a plain tuple here as it is on arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..error import NotDifferentiable, message
from .build import Builder, Value
from .ir import Entry, Graph, Node, Owned, Type, Types, rebuild, variable

__all__ = ["Gradient", "append_gradient"]


class Gradient(NamedTuple):
    """A graph with its gradients.

    ``graph`` gives the forward outputs and after them the gradients that are not zero;
    ``gradients`` has one entry per wanted variable (None: zero everywhere); ``heads`` are the
    new variables that take the gradient of each output.
    """

    graph: Graph
    types: Types
    heads: list[Node]
    gradients: list[Entry | None]
    #: names of further outputs: gradients of the inputs of every node, if they were asked for
    watched: list[str]


def append_gradient(
    graph: Graph,
    types: Types,
    wanted: Sequence[Node],
    *,
    train: bool = True,
    heads: int | None = None,
    watch: bool = False,
) -> Gradient:
    """Gradients of ``sum(head · output)`` with respect to the wanted variables.

    Parameters
    ----------
    graph : Graph
    types : dict
        From inference; every entry known.
    wanted : sequence of variables
    train : bool
        What rules of operators that behave differently in training see as ``p["train"]``.
    heads : int, optional
        Only the first *heads* outputs get a gradient, the others are to be looked at.
    watch : bool
        Give the gradients of the inputs of every node too, zeros where nobody wants them; they
        are called ``NODE_backward_output`` (with a number where there are several).

    Raises
    ------
    NotDifferentiable
        When a wanted variable is reached only through an operator without gradient rule.
    """
    types = dict(types)
    return _Backward(_keeping(graph, types, wanted), types, wanted, train, watch).run(heads)


def _keeping(graph: Graph, types: Types, wanted: Sequence[Node]) -> Graph:
    """The graph whose loops and branches keep what their gradients need."""
    leads: set[Node] | None = None
    replace: dict[Entry, Entry] = {}
    for node in graph.nodes:
        if not isinstance(node.op, Owned):
            continue
        leads = _leading_to(graph, wanted) if leads is None else leads
        states = set(node.aux_inputs())
        places = [i for i, e in enumerate(node.inputs) if e.node in leads and e not in states]
        op = node.op.keeping(node, places, types) if places else node.op
        if op is not node.op:
            made = Node(op, node.name, node.params, node.attrs, node.inputs, node.where)
            types.update((entry, Type()) for entry in made.outputs)
            types.update((Entry(made, e.index), types[e]) for e in node.outputs)
            replace.update((e, Entry(made, e.index)) for e in node.outputs)
    return rebuild(graph, replace, types) if replace else graph


class _Backward:
    def __init__(
        self, graph: Graph, types: Types, wanted: Sequence[Node], train: bool, watch: bool
    ) -> None:
        self.graph, self.wanted, self.train = graph, list(wanted), train
        self.builder = Builder(types)
        self.leads = _leading_to(graph, self.wanted)
        self.collected: dict[Entry, Value] = {}
        self.watch = watch
        self.watched: list[tuple[str, Entry]] = []

    def run(self, count: int | None) -> Gradient:
        heads = []
        for number, entry in enumerate(self.graph.outputs[:count]):
            head = variable(f"head_grad{number}")
            self.builder.types[Entry(head)] = self.builder.types[entry]
            heads.append(head)
            self._collect(entry, self.builder.value(Entry(head)))
        for node in reversed(self.graph.nodes):
            if node in self.leads and not node.is_variable:
                self._step(node)
        found = [self.collected.get(Entry(node)) for node in self.wanted]
        gradients = [None if value is None else value.entry for value in found]
        outputs = [*self.graph.outputs, *(e for e in gradients if e is not None)]
        outputs += [entry for _, entry in self.watched]
        made = Graph(outputs, len(self.graph.outputs))
        names = [name for name, _ in self.watched]
        return Gradient(made, self.builder.types, heads, gradients, names)

    def _collect(self, entry: Entry, value: Value) -> None:
        held = self.collected.get(entry)
        self.collected[entry] = value if held is None else held + value

    def _step(self, node: Node) -> None:
        """Run the rules of one node, and hand its inputs their gradients."""
        outs = [self.collected.get(entry) for entry in node.outputs]
        if all(g is None for g in outs) or node.op.zero_grad:
            return
        self.builder.prefix, self.builder.where = f"{node.name}_backward_", node.where
        if not node.op.differentiable:
            raise _refusal(node)
        g: Any = self._filled(node, outs) if node.op.has_outputs else outs[0]
        names = node.input_names()
        if isinstance(node.op, Owned):
            by_name = dict(zip(names, node.op.gradients(self.builder, node, g), strict=True))
        elif node.op.joint is not None or node.op.variadic:
            rule = node.op.joint or node.op.grads["args"]
            by_name = dict(
                zip(
                    names if node.op.variadic else node.op.inputs,
                    self._apply(rule, g, node),
                    strict=False,
                )
            )
        else:
            by_name = {
                name: self._apply(node.op.grads[name], g, node)
                for name, entry in zip(names, node.inputs, strict=True)
                if name in node.op.grads and entry.node in self.leads
            }
        for name, entry in zip(names, node.inputs, strict=True):
            value = by_name.get(name)
            fitted = None if value is None else self._fitted(value, entry)
            if fitted is not None and entry.node in self.leads:
                self._collect(entry, fitted)
            if self.watch:
                number = names.index(name) if len(names) > 1 else ""
                seen = self.builder.zeros(self.builder.types[entry]) if fitted is None else fitted
                self.watched.append((f"{node.name}_backward_output{number}", seen.entry))

    def _filled(self, node: Node, outs: list[Value | None]) -> tuple[Value | None, ...]:
        """Zeros for a visible output that nobody used; a hidden one stays None."""
        visible = node.num_visible
        return tuple(
            self.builder.zeros(self.builder.types[entry])
            if value is None and i < visible
            else value
            for i, (entry, value) in enumerate(zip(node.outputs, outs, strict=True))
        )

    def _apply(self, rule: Any, g: Any, node: Node) -> Any:
        return rule.function(self.builder.F, g, *[self._saved(name, node) for name in rule.saves])

    def _saved(self, name: str, node: Node) -> Any:
        """What a rule asked for by the name of its argument."""
        if name == "p":
            return {**node.params, "train": self.train} if "train" in node.op.uses else node.params
        if name == "out":
            return self.builder.value(node.outputs[0])
        if name == "outs":
            return tuple(self.builder.value(entry) for entry in node.outputs)
        if node.op.variadic:
            values = [self.builder.value(entry) for entry in node.inputs]
            return values if name == "args" else [value.shape for value in values]
        inputs = dict(zip(node.input_names(), node.inputs, strict=True))
        entry = inputs.get(name.removesuffix("_shape") if name not in node.op.inputs else name)
        if entry is None:
            return None
        value = self.builder.value(entry)
        return value if name in node.op.inputs else value.shape

    def _fitted(self, value: Any, entry: Entry) -> Value:
        """The gradient in the shape of its input: a rule may leave it broadcast."""
        shape = self.builder.types[entry].shape
        assert shape is not None
        if not isinstance(value, Value):  # a rule may answer with a number
            return self.builder.zeros(self.builder.types[entry]) + float(value)
        return self.builder.sum_to(value, shape)


def _leading_to(graph: Graph, wanted: Iterable[Node]) -> set[Node]:
    """The nodes through which a wanted variable can be reached."""
    leads = set(wanted)
    for node in graph.nodes:
        if any(entry.node in leads for entry in node.inputs):
            leads.add(node)
    return leads


def _refusal(node: Node) -> NotDifferentiable:
    return NotDifferentiable(
        message(
            f"{node.op.name} (node {node.name}) is not differentiable",
            where=[node.where.line],
            fix="Stop the gradient before it with BlockGrad, or set grad_req='null'.",
        )
    )
