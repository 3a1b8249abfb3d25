from __future__ import annotations

from graphs import apply, var

from workbench.graph import Graph, verify
from workbench.graph.ir import Entry, Node
from workbench.graph.place import split

GROUPS = {"left": "L", "right": "R"}


def on(group, op, *inputs):
    made = apply(op, *inputs).node
    return Entry(Node(made.op, f"{op}_{group}", made.params, {"__ctx_group__": group}, inputs))


def test_a_graph_without_groups_is_one_part():
    x = var("x")
    (part,) = split(Graph([apply("exp", apply("tanh", x))]), GROUPS, "D")
    assert part.device == "D"
    assert part.reads == [x]
    verify(part.graph)


def test_parts_are_as_large_as_they_can_be_and_come_after_what_they_read():
    x, y = var("x"), var("y")
    a = on("left", "exp", x)
    b = on("left", "tanh", a)
    c = on("right", "elemwise_mul", b, y)
    d = on("left", "elemwise_add", c, a)
    parts = split(Graph([d, c]), GROUPS, "D")
    assert [part.device for part in parts] == ["L", "R", "L"]
    assert [set(part.gives) for part in parts] == [{a, b}, {c}, {d}]
    assert [set(part.reads) for part in parts] == [{x}, {b, y}, {c, a}]
    done = {x, y}
    for part in parts:
        verify(part.graph)
        assert set(part.reads) <= done
        done |= set(part.gives)


def test_two_chains_that_do_not_meet_are_two_parts():
    x = var("x")
    left = on("left", "exp", on("left", "tanh", x))
    right = on("right", "exp", on("right", "tanh", x))
    parts = split(Graph([left, right]), GROUPS, "D")
    assert [(part.device, len(part.graph.nodes)) for part in parts] == [("L", 3), ("R", 3)]
