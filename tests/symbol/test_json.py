from __future__ import annotations

import json
import time

import pytest

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
    "huge number": document(record(), record("exp", "e", [[10**30, 0, 0]])),
}


@pytest.mark.parametrize("case", BAD)
def test_malformed_files_raise_typed_errors_quickly(case):
    start = time.monotonic()
    with pytest.raises((DataFileError, MXNetError)):
        mx.sym.load_json(BAD[case])
    assert time.monotonic() - start < 5


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
