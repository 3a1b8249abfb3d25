from __future__ import annotations

import contextlib
import json
import time

import pytest
from hypothesis import given, settings, strategies as st

import workbench as mx
from workbench.error import DataFileError, MXNetError, UnknownOperator
from workbench.symbol.json import from_json


def record(op="null", name="a", inputs=(), **more):
    return {"op": op, "name": name, "inputs": list(inputs), **more}


def document(*nodes, heads=None, **more):
    nodes = nodes or (record(),)
    content = {"nodes": list(nodes), "arg_nodes": [0], "heads": heads or [[len(nodes) - 1, 0, 0]]}
    return json.dumps({**content, **more})


def test_layout_is_mxnets():
    with mx.name.NameManager():
        x = mx.sym.var("a", shape=(2, 3))
        text = mx.sym.Dropout(x + 1, p=0.5, mode="always").tojson()
    assert text.startswith('{\n  "nodes": [\n    {\n      "op": "null", \n      "name": "a", \n')
    assert '"attrs": {"scalar": "1"}, \n' in text
    assert '"attrs": {\n        "mode": "always", \n        "p": "0.5"\n      }' in text
    assert text.endswith('"attrs": {"mxnet_version": ["int", 10901]}\n}')


def test_files_come_back(tmp_path):
    y = mx.sym.BatchNorm(mx.sym.Convolution(mx.sym.var("x"), kernel=(3, 3), num_filter=2))
    path = tmp_path / "net-symbol.json"
    y.save(str(path))
    assert mx.sym.load(str(path)).tojson() == y.tojson()
    assert mx.sym.fromjson(y.tojson()).list_auxiliary_states() == y.list_auxiliary_states()


def test_files_of_old_versions_load():
    old = document(
        record(name="data", attr={"lr_mult": "0.5"}),
        record(name="bn_gamma"),
        record(name="bn_beta"),
        {
            "op": "BatchNorm",
            "name": "bn",
            "param": {"eps": "0.001"},
            "attr": {"mood": "fine", "ctx_group": "dev1"},
            "inputs": [[0, 0], [1, 0], [2, 0]],
            "backward_source_id": -1,
        },
    )
    net = mx.sym.load_json(old)
    assert net.list_auxiliary_states() == ["bn_moving_mean", "bn_moving_var"]
    assert net.attr_dict()["data"] == {"__lr_mult__": "0.5", "lr_mult": "0.5"}
    assert net.attr("mood") == "fine"
    assert net.attr("ctx_group") == "dev1"
    now = json.loads(net.tojson())
    assert now["attrs"]["mxnet_version"] == ["int", 10901]
    assert now["nodes"][-1]["inputs"][-1] == [4, 0, 1]


def test_attributes_meant_for_an_input_move_there():
    old = document(
        record(name="x"),
        record(name="fc_weight"),
        record(name="fc_bias"),
        {
            "op": "FullyConnected",
            "name": "fc",
            "inputs": [[0, 0], [1, 0], [2, 0]],
            "param": {"num_hidden": "3"},
            "attr": {"weight_lr_mult": "2"},
        },
    )
    assert mx.sym.load_json(old).attr_dict()["fc_weight"]["lr_mult"] == "2"


def test_argmax_of_old_files_runs_over_all_axes():
    old = document(
        record(name="x"), {"op": "argmax", "name": "m", "inputs": [[0, 0]], "param": {"axis": "-1"}}
    )
    assert mx.sym.load_json(old).infer_shape(x=(2, 3))[1] == [(1,)]


def test_versions_of_inputs_are_kept():
    text = document(
        record(), record("exp", "e", [[0, 0, 2]]), attrs={"mxnet_version": ["int", 10901]}
    )
    assert json.loads(mx.sym.load_json(text).tojson())["nodes"][1]["inputs"] == [[0, 0, 2]]


def test_an_unknown_operator_names_itself_and_its_neighbours():
    text = document(record(), record("zork", "q", [[0, 0, 0]]), record("exp", "e", [[1, 0, 0]]))
    with pytest.raises(UnknownOperator) as error:
        mx.sym.load_json(text)
    for word in ("zork", "q", "a", "e (exp)", "not registered"):
        assert word in str(error.value)


BAD = {
    "no JSON": "{",
    "empty": "",
    "a list": "[]",
    "no nodes": "{}",
    "nodes no list": '{"nodes": 3, "heads": [], "arg_nodes": []}',
    "no heads": document(heads=[]).replace('"heads": [[0, 0, 0]]', '"heads": []'),
    "node no object": document(3),
    "no name": document({"op": "null"}),
    "name no text": document({"op": "null", "name": 3}),
    "inputs no list": document({"op": "exp", "name": "e", "inputs": 3}),
    "variable with inputs": document(record(), record("null", "b", [[0, 0, 0]])),
    "forward reference": document(record("exp", "e", [[1, 0, 0]]), record()),
    "itself": document(record("exp", "e", [[0, 0, 0]])),
    "negative": document(record(), record("exp", "e", [[-1, 0, 0]])),
    "output missing": document(record(), record("exp", "e", [[0, 5, 0]])),
    "entry of one": document(record(), record("exp", "e", [[0]])),
    "entry of text": document(record(), record("exp", "e", [["0", 0, 0]])),
    "bool for number": document(record(), record("exp", "e", [[False, 0, 0]])),
    "float for number": document(record(), record("exp", "e", [[0.0, 0, 0]])),
    "head outside": document(heads=[[7, 0, 0]]),
    "attribute no text": document(record(attrs={"a": 1})),
    "attributes a list": document(record(attrs=[1])),
    "too many inputs": document(record(), record("exp", "e", [[0, 0, 0]] * 3)),
    "too few inputs": document(record(), record("elemwise_add", "e", [[0, 0, 0]])),
    "parameter": document(
        record(),
        record("FullyConnected", "f", [[0, 0, 0]] * 3, attrs={"num_hidden": "__import__('os')"}),
    ),
    "version": document(attrs={"mxnet_version": ["int", "new"]}),
    "deep nesting": "[" * 100_000,
    "deep attributes": document(record(attrs={"a": [[[[]]]]})),
    "a million nodes": '{"nodes": [' + '{"op": "exp", "name": "e", "inputs": []},' * 1_000_000,
    "outputs without end": document(
        record(), record("SliceChannel", "s", [[0, 0, 0]], attrs={"num_outputs": "1000000000"})
    ),
    "digits without end": document(
        record(), record("FullyConnected", "f", [[0, 0, 0]] * 3, attrs={"num_hidden": "9" * 10**6})
    ),
    "brackets without end": document(
        record(), record("Reshape", "r", [[0, 0, 0]], attrs={"shape": "(" * 10**6})
    ),
    "huge number": document(record(), record("exp", "e", [[10**30, 0, 0]])),
}


@pytest.mark.parametrize("case", BAD)
def test_malformed_files_raise_typed_errors_quickly(case):
    start = time.monotonic()
    with pytest.raises((DataFileError, MXNetError)):
        mx.sym.load_json(BAD[case])
    assert time.monotonic() - start < 5, "a second, and what a busy machine takes"


def test_a_long_chain_loads_without_recursion():
    nodes = [record()] + [record("exp", f"e{i}", [[i, 0, 0]]) for i in range(20_000)]
    assert len(from_json(document(*nodes))) == 20_001


def test_files_that_are_not_there_or_no_text(tmp_path):
    with pytest.raises(MXNetError, match="cannot open"):
        mx.sym.load(str(tmp_path / "nothing.json"))
    path = tmp_path / "binary.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataFileError):
        mx.sym.load(str(path))
    with pytest.raises(TypeError):
        mx.sym.load(3)
    with pytest.raises(TypeError):
        mx.sym.load_json(3)


def test_a_graph_with_an_unknown_operator_can_be_looked_at():
    text = document(
        record(),
        record("zork", "q", [[0, 0, 0]], attrs={"size": "3"}),
        record("elemwise_add", "e", [[1, 0, 0], [1, 2, 0]]),
    ).replace('"heads": [[0, 0, 0]]', '"heads": [[2, 0, 0]]')
    symbol = mx.sym.load_json(text, allow_unknown=True)
    assert symbol.list_arguments() == ["a"]
    assert symbol.get_internals().list_outputs() == [
        "a",
        "q_output0",
        "q_output1",
        "q_output2",
        "e_output",
    ]
    assert symbol.attr_dict()["q"] == {"size": "3"}
    assert "zork" in mx.viz.plot_network(symbol).source or "q" in mx.viz.plot_network(symbol).source
    assert "%q = zork(%a, size=3)" in symbol.debug_str()
    assert (
        json.loads(symbol.tojson())["nodes"]
        == json.loads(mx.sym.load_json(symbol.tojson(), allow_unknown=True).tojson())["nodes"]
    )
    assert symbol.infer_shape_partial(a=(2, 3))[0] == [(2, 3)]
    part = symbol.get_internals()["a"]
    assert part.eval(a=mx.nd.ones(2))[0].shape == (2,)
    with pytest.raises(UnknownOperator, match="q of type zork"):
        symbol.bind(mx.cpu(), {"a": mx.nd.ones((2, 3))}).forward()


HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["__import__('os').system('true')", "(1,)" * 50, "[" * 200, "None", "nan", "1e999", "\x00"]
    ),
    st.lists(st.integers(-3, 9), max_size=4),
    st.dictionaries(st.text(max_size=4), st.text(max_size=8), max_size=3),
)


def places(value, path=()):
    """The path of every part of a JSON value."""
    yield path
    if isinstance(value, (dict, list)):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(one, (*path, key))


def sample():
    with mx.name.NameManager():
        x, s = mx.sym.var("x"), mx.sym.var("s")
        net = mx.sym.FullyConnected(x, num_hidden=3)
        net = mx.sym.BatchNorm(mx.sym.reshape(net, shape=(-1, 3)))
        parts = mx.sym.split(mx.sym.concat(net, net, dim=1), num_outputs=2)
        out, _ = mx.sym.contrib.foreach(lambda d, c: (d + c, c * 2), parts[0], s)
        return json.loads(mx.sym.Group([out, parts[1]]).tojson())


SAMPLE = sample()
PLACES = [path for path in places(SAMPLE) if path]


@given(st.lists(st.tuples(st.sampled_from(PLACES), HOSTILE), min_size=1, max_size=4))
@settings(max_examples=150)
def test_damaged_files_load_or_raise_typed_errors_in_a_second(changes):
    content = json.loads(json.dumps(SAMPLE))
    for path, value in changes:
        target = content
        try:
            for key in path[:-1]:
                target = target[key]
            target[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took that part away
    start = time.process_time()
    with contextlib.suppress(MXNetError):
        symbol = mx.sym.load_json(json.dumps(content))
        symbol.tojson()
        symbol.infer_shape_partial()
        symbol.debug_str()
    assert time.process_time() - start < 1
