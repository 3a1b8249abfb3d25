"""Graphs: from JSON to groups, ranks, coordinates and a picture."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings, strategies as st

from workbench.error import GraphError
from workbench.watch.families import FILL, INK, detail, family, label
from workbench.watch.graph_groups import Group, Stack, group_graph
from workbench.watch.graph_layout import crossings, quantity
from workbench.watch.graph_place import place
from workbench.watch.graphs import GraphNode, GraphView, scopes
from workbench.watch.picture_graph import graph_svg

DATA = Path(__file__).parent / "data"
FILES = sorted(path.name for path in DATA.glob("*-symbol.json"))
PLANAR = [name for name in FILES if not name.startswith(("group", "rnn_unrolled"))]


def read(name):
    return GraphView.from_json(json.loads((DATA / name).read_text()), title=name)


class Net:
    """Builds graphs layer by layer."""

    def __init__(self):
        self.nodes, self.edges = [], []

    def add(self, op, *sources, group=(), **attrs):
        node = GraphNode(
            len(self.nodes),
            f"{op.lower()}{len(self.nodes)}",
            op,
            group,
            attrs,
            in_shapes=[(1, 64, 8, 8)] * len(sources),
            out_shapes=[(1, 64, 8, 8)],
        )
        self.nodes.append(node)
        self.edges += [(source, node.id) for source in sources]
        return node.id

    def conv(self, source, group=(), act=True):
        out = self.add("Convolution", source, group=group, kernel="(3, 3)", num_filter="64")
        out = self.add("BatchNorm", out, group=group)
        return self.add("Activation", out, group=group, act_type="relu") if act else out

    def view(self, title="net"):
        return GraphView(self.nodes, self.edges, title)


def resnet(units_of_stages):
    """The shape of a bottleneck ResNet, one group per stage."""
    net = Net()
    out = net.conv(net.add("null"))
    for number, units in enumerate(units_of_stages):
        stage = (f"stage{number}",)
        for unit in range(units):
            skip = net.conv(out, stage, act=False) if unit == 0 else out
            inner = net.conv(net.conv(net.conv(out, stage), stage), stage, act=False)
            out = net.add("elemwise_add", inner, skip, group=stage)
            out = net.add("Activation", out, group=stage, act_type="relu")
    net.add("FullyConnected", net.add("Pooling", out, global_pool="True"), num_hidden="1000")
    return net.view("resnet")


def groups(layout):
    return {key: item for key, item in layout["items"].items() if item["kind"] == "group"}


def count_crossings(layout):
    total = 0
    for group in groups(layout).values():
        below = {}
        for path in group["edges"]:
            for source, target in pairwise(path):
                below.setdefault(source, {})[target] = None
        total += crossings(group["ranks"], {one: list(ends) for one, ends in below.items()})
    return total


def check_layout(view):
    """What every layout promises."""
    layout = view.layout()
    json.dumps(layout, allow_nan=False)
    assert view.__class__(view.nodes, view.edges, view.title, view.scoped).layout() == layout
    drawn = []
    for key, item in layout["items"].items():
        assert item["parent"] is None or key in [
            one for rank in layout["items"][item["parent"]]["ranks"] for one in rank
        ]
        if item["kind"] == "node":
            drawn.append(item["node"])
        elif item["kind"] == "stack":
            drawn += item["nodes"]
        else:
            check_group(item)
    hidden = set(layout["items"][layout["root"]]["nodes"]) - set(drawn)
    assert len(drawn) == len(set(drawn))
    assert set(drawn) | hidden == {node.id for node in view.nodes}
    everything = place(layout, groups(layout))
    for key, (x, y, w, h) in everything["boxes"].items():
        parent = layout["items"][key]["parent"]
        if parent:
            px, py, pw, ph = everything["boxes"][parent]
            assert px <= x, key
            assert py <= y, key
            assert x + w <= px + pw, key
            assert y + h <= py + ph, key
    return layout


def check_group(item):
    level = {one: i for i, rank in enumerate(item["ranks"]) for one in rank}
    for path in item["edges"]:
        assert [level[two] - level[one] for one, two in pairwise(path)] == [1] * (len(path) - 1)
        assert all(one[0] == "v" for one in path[1:-1])


@pytest.mark.parametrize("name", FILES)
def test_layouts_of_real_symbols_hold_what_they_promise(name):
    check_layout(read(name))


@pytest.mark.parametrize("name", PLANAR)
def test_no_lines_cross_within_groups(name):
    assert count_crossings(read(name).layout()) == 0


def test_resnet18_is_stages_of_units_of_stacks():
    layout = check_layout(read("resnet18_v1_thumb-symbol.json"))
    labels = [item["label"] for item in groups(layout).values()]
    for expected in ("stage1", "stage2", "stage3", "stage4", "unit0", "unit1"):
        assert expected in labels
    stacks = [item for item in layout["items"].values() if item["kind"] == "stack"]
    assert any(item["lines"] == ["Conv 3×3", "BatchNorm", "relu"] for item in stacks)


def test_resnet152_is_quick_small_in_parts_and_without_crossings():
    view = resnet([3, 8, 36, 3])
    began = time.perf_counter()
    layout = view.layout()
    place(layout)
    assert time.perf_counter() - began < 5
    assert count_crossings(layout) == 0
    made = groups(layout)
    assert (
        max(len([o for r in g["ranks"] for o in r if o in layout["items"]]) for g in made.values())
        <= 24
    )
    assert any(g["copies"] == 35 and g["label"] == "unit1 … unit35 × 35" for g in made.values())
    assert layout["items"]["g0"]["count"] == len(view.nodes)
    check_layout(view)


def test_opening_a_group_shuffles_no_other():
    layout = resnet([3, 4]).layout()
    closed = place(layout, ["g0"])
    opened = place(layout, ["g0", "g1"])
    assert set(closed["boxes"]) < set(opened["boxes"])
    order = sorted(closed["boxes"], key=lambda key: closed["boxes"][key][1])
    assert order == sorted(closed["boxes"], key=lambda key: opened["boxes"][key][1])


def test_a_trunk_is_straight_beside_a_skip():
    net = Net()
    out = net.add("null")
    start = out
    for _ in range(4):
        out = net.add("Activation", out, act_type="relu")
    net.add("elemwise_add", out, start)
    placed = place(net.view().layout())
    middles = {x + w / 2 for key, (x, _, w, _) in placed["boxes"].items() if key[0] == "n"}
    assert max(middles) - min(middles) <= 1


def test_boxes_of_a_row_do_not_overlap():
    layout = read("viz_ops-symbol.json").layout()
    placed = place(layout)
    for group in groups(layout).values():
        for rank in group["ranks"]:
            row = [placed["boxes"][one] for one in rank if one in placed["boxes"]]
            for left, right in pairwise(row):
                assert left[0] + left[2] < right[0]


def test_a_label_joins_just_above_the_loss():
    layout = read("lenet-symbol.json").layout()
    (root,) = groups(layout).values()
    assert len(root["ranks"][-1]) == 1
    names = {item["lines"][0] for key, item in layout["items"].items() if key in root["ranks"][-2]}
    assert "softmax_label" in names


def test_groups_that_run_in_a_circle_are_drawn_with_a_backward_line():
    net = Net()
    first = net.add("null")
    a = net.add("exp", first, group=("one",))
    b = net.add("log", a, group=("two",))
    c = net.add("exp", b, group=("one",))
    net.add("log", c, group=("two",))
    net.add("sin", c, group=("three",))
    net.add("sin", b, group=("three",))
    layout = check_layout(net.view())
    assert layout["items"]["g0"]["back"]
    assert "marker-start" in graph_svg(net.view())


def test_scope_groups_that_do_not_belong_together_are_dropped():
    nodes = [
        GraphNode(0, "a", "null"),
        GraphNode(1, "1", "relu", ("act",)),
        GraphNode(2, "b", "dot"),
        GraphNode(3, "2", "relu", ("act",)),
    ]
    edges = [(0, 1), (1, 2), (2, 3)]
    tree = group_graph(GraphView(nodes, edges, scoped=True))
    assert not any(isinstance(child, Group) for child in tree.children)
    tree = group_graph(GraphView(nodes, edges, scoped=False))
    assert any(isinstance(child, Group) for child in tree.children)


def test_a_block_of_one_stack_is_that_stack():
    net = Net()
    net.conv(net.add("null"), ("net", "conv0"))
    (data, stack) = group_graph(net.view()).children
    assert data == 0
    assert stack == Stack([1, 2, 3])


def test_a_norm_that_others_read_too_is_not_swallowed():
    net = Net()
    norm = net.conv(net.add("null"), act=False)
    relu = net.add("Activation", norm, act_type="relu")
    net.add("elemwise_add", relu, norm)
    assert Stack([1, 2]) in group_graph(net.view()).children


def test_payload_is_json_and_counts():
    view = read("resnet18_v1_thumb-symbol.json")
    payload = view.payload()
    json.dumps(payload, allow_nan=False)
    assert payload["inputs"] == 1
    assert payload["params"] == 11_162_634
    assert [node["id"] for node in payload["nodes"]] == list(range(len(view.nodes)))
    assert {node["family"] for node in payload["nodes"]} <= set(FILL)


def test_shapes_give_details_and_operations():
    symbol = json.loads((DATA / "gluon_lenet-symbol.json").read_text())
    shapes = {
        "data": (2, 3, 8, 8),
        "hybridsequential0_conv0_fwd_output": (2, 4, 6, 6),
        "hybridsequential0_conv0_weight": (4, 3, 3, 3),
    }
    conv = GraphView.from_json(symbol, shapes).nodes[1]
    assert conv.flops == 2 * 4 * 6 * 6 * (2 * 27 + 1)
    assert conv.params == 112
    assert conv.payload()["detail"] == "4×6×6"
    assert conv.bytes == 2 * 4 * 36 * 4


def test_svg_shows_boxes_frames_and_the_hover_text():
    svg = graph_svg(read("resnet18_v1_thumb-symbol.json"))
    tree = ElementTree.fromstring(svg)
    texts = [one.text for one in tree.iter() if one.tag.endswith("text")]
    assert any("unit0" in text for text in texts)
    assert "BatchNorm" in texts
    assert any(
        "Convolution" in (one.text or "") for one in tree.iter() if one.tag.endswith("title")
    )


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"nodes": 3},
        {"nodes": [{}]},
        {"nodes": [{"op": "exp", "name": "a", "inputs": [[7, 0, 0]]}]},
        [],
        {"nodes": [None]},
    ],
)
def test_json_that_is_no_symbol_is_a_typed_error(bad):
    with pytest.raises(GraphError, match="not the JSON of a symbol"):
        GraphView.from_json(bad)


def test_edges_must_go_forward():
    nodes = [GraphNode(0, "a", "null"), GraphNode(1, "b", "exp")]
    with pytest.raises(GraphError, match="does not go forward"):
        GraphView(nodes, [(1, 0)])
    with pytest.raises(GraphError, match="at place 1"):
        GraphView([nodes[0], GraphNode(5, "b", "exp")], [])


def test_an_empty_graph_has_a_picture():
    ElementTree.fromstring(graph_svg(GraphView([], [])))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_graph_has_a_layout(data):
    count = data.draw(st.integers(1, 30))
    blocks = st.sampled_from([(), ("a",), ("a", "b"), ("c",)])
    ops = st.sampled_from(["Convolution", "BatchNorm", "relu", "elemwise_add"])
    nodes = [GraphNode(i, f"n{i}", data.draw(ops), data.draw(blocks)) for i in range(count)]
    pair = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    edges = [(min(p), max(p)) for p in data.draw(st.lists(pair, max_size=50)) if p[0] != p[1]]
    view = GraphView(nodes, edges, scoped=data.draw(st.booleans()))
    check_layout(view)
    ElementTree.fromstring(graph_svg(view))


@pytest.mark.parametrize(
    ("op", "group"),
    [
        ("Convolution", "dense"),
        ("null", "input"),
        ("_plus_scalar", "combine"),
        ("_contrib_SyncBatchNorm", "norm"),
        ("_random_normal", "random"),
        ("myloss", "loss"),
        ("broadcast_hypot", "combine"),
        ("Nobody", "other"),
    ],
)
def test_families(op, group):
    assert family(op) == group
    assert group in FILL
    assert group in INK


@pytest.mark.parametrize(
    ("op", "attrs", "text"),
    [
        ("Convolution", {"kernel": "(7, 7)", "stride": "(2, 2)"}, "Convolution 7×7 /2"),
        ("Convolution", {"kernel": "(3,3)", "num_group": "8", "num_filter": "8"}, "Depthwise 3×3"),
        ("Pooling", {"global_pool": "True", "pool_type": "avg"}, "global avg pool"),
        ("Activation", {"act_type": "relu"}, "relu"),
        ("clip", {"a_min": "0", "a_max": "6"}, "relu6"),
        ("_plus_scalar", {"scalar": "1"}, "+ 1"),
        ("FullyConnected", {}, "Dense"),
    ],
)
def test_labels(op, attrs, text):
    assert label(op, "x", attrs) == text


def test_details():
    assert detail([(1, 3, 4)]) == "3×4"
    assert detail([()]) == "scalar"
    assert detail([(7,)]) == "7"
    assert detail([None]) == ""
    assert quantity(25_575_912) == "25.6 M"
    assert quantity(512) == "512"
    assert scopes("__") == ((), "__")


def test_text_is_readable_on_its_box():
    """WCAG contrast of black-ish text on every fill is at least 7."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for fill in FILL.values():
        assert (luminance(fill) + 0.05) / (luminance("#1f2328") + 0.05) > 7
