"""Gluon's layers and cells against numbers that MXNet 1.9.1 gave.

A case is one block with its parameters by structural name: outputs in both modes, gradients,
moving statistics behind a training step, full names, ``grad_req``, ``repr``; or one cell that is
unrolled. An array is ``{"@": [pool, offset, shape]}`` in the file of arrays.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench as mx
from workbench.gluon import nn, rnn

FOLDER = Path(__file__).parent
CASES = json.loads((FOLDER / "gluon_layers.json").read_text())
#: MXNet's gradient is not that of its forward: docs/compat.md, average pooling
OTHERWISE = {("AvgPool3D", "ceil_mode")}


@cache
def pools() -> dict[str, np.ndarray]:
    with np.load(FOLDER / "gluon_layers.npz") as arrays:
        return dict(arrays)


def read(ref: Any) -> np.ndarray:
    pool, offset, shape = ref["@"]
    return pools()[pool][offset : offset + int(np.prod(shape, dtype=int))].reshape(shape)


def as_nd(ref: Any) -> Any:
    values = read(ref)
    return mx.nd.array(values, dtype=values.dtype)


def options_of(case: dict[str, Any]) -> dict[str, Any]:
    def tuples(value: Any) -> Any:
        return tuple(map(tuples, value)) if isinstance(value, list) else value

    return {name: tuples(value) for name, value in case["kwargs"].items()}


def fill(block: Any, kind: str) -> Any:
    """The children of a container."""
    if kind in ("HybridConcurrent", "Concurrent"):
        block.add(nn.Dense(2), nn.Dense(3))
    elif kind == "Sequential":
        block.add(nn.Dense(4, activation="relu"), nn.Dense(3))
    else:
        with block.name_scope():
            if kind == "SequentialRNNCell":
                block.add(rnn.LSTMCell(2))
                block.add(rnn.ResidualCell(rnn.GRUCell(2)))
            else:
                block.add(nn.Conv2D(2, 3, activation="tanh"), nn.MaxPool2D(2, 2))
                block.add(nn.BatchNorm(), nn.Flatten())
                block.add(nn.Dense(5, activation="relu"), nn.Dense(3))
    return block


def make(case: dict[str, Any]) -> Any:
    kind, options = case["cls"], options_of(case)
    children = options.pop("children", None)
    room = mx
    for part in case["module"].split(".")[1:]:
        room = getattr(room, part)
    with mx.name.NameManager():
        block = getattr(room, kind)(**options)
        return fill(block, kind) if children else block


def load(block: Any, case: dict[str, Any], tmp_path: Path) -> None:
    """Parameters through a file of structural names, as MXNet writes it."""
    block.initialize(force_reinit=True)
    if case["params"]:
        path = str(tmp_path / "layer.params")
        mx.nd.save(path, {name: as_nd(ref) for name, ref in case["params"].items()})
        block.load_parameters(path)


def flat(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in flat(item)]
    return [value]


def same(found: Any, refs: Any, what: str) -> None:
    refs = refs if isinstance(refs, list) else [refs]
    found = flat(found)
    assert len(found) == len(refs), what
    for one, ref in zip(found, refs, strict=True):
        expected = read(ref)
        assert one.shape == expected.shape, what
        np.testing.assert_allclose(one.asnumpy(), expected, 1e-3, 1e-4, err_msg=what)


def call(block: Any, case: dict[str, Any], inputs: list[Any]) -> list[Any]:
    if case["states"] is None:
        return flat(block(*inputs))
    return flat(block(*inputs, [as_nd(state) for state in case["states"]]))


def names(case: dict[str, Any], block: Any) -> dict[str, Any]:
    """The parameters by structural name, which are those of MXNet."""
    structural = block._collect_params_with_prefix()
    assert sorted(structural) == sorted(case["names"])
    return structural


def every(unrolled: bool) -> Any:
    found = [(i, case) for i, case in enumerate(CASES) if ("unroll" in case) is unrolled]
    ids = [f"{case['cls']}-{i}" for i, case in found]
    return pytest.mark.parametrize("case", [case for _, case in found], ids=ids)


@every(unrolled=False)
def test_a_layer(case: dict[str, Any], tmp_path: Path) -> None:
    block = make(case)
    load(block, case, tmp_path)
    inputs = [as_nd(ref) for ref in case["inputs"]]
    same(call(block, case, inputs), case["out_eval"], "output")
    parameters = names(case, block)
    for name, one in parameters.items():
        assert one.grad_req == case["grad_req"][name]
        assert one.shape == read(case["params"][name]).shape
    assert repr(block) == case["repr"]
    if case["out_train"] is not None:
        train(block, case, inputs, parameters)
    if case["hybrid_same"] is True:
        load(block, case, tmp_path)
        block.hybridize()
        for _ in range(2):  # traced, then run from the plan
            same(call(block, case, inputs), case["out_eval"], "compiled output")


def train(block: Any, case: dict[str, Any], inputs: list[Any], parameters: dict[str, Any]) -> None:
    for array, ref in zip(inputs, case["in_grad"], strict=True):
        if ref is not None:
            array.attach_grad()
    with mx.autograd.record():
        outputs = call(block, case, inputs)
    same(outputs, case["out_train"], "output in training")
    mx.autograd.backward(outputs, [as_nd(ref) for ref in case["head"]])
    for array, ref in zip(inputs, case["in_grad"], strict=True):
        if ref is not None and not any((case["cls"], key) in OTHERWISE for key in case["kwargs"]):
            same(array.grad, ref, "gradient of the input")
    for name, ref in case["param_grad"].items():
        same(parameters[name].grad(), ref, f"gradient of {name}")
    for name, ref in case["aux_after_train"].items():
        same(parameters[name].data(), ref, f"{name} behind a step")


@every(unrolled=True)
def test_an_unrolled_cell(case: dict[str, Any], tmp_path: Path) -> None:
    with mx.name.NameManager():
        if case["cls"] == "BidirectionalCell":
            cell = rnn.BidirectionalCell(rnn.LSTMCell(2), rnn.GRUCell(2))
        else:
            cell = getattr(rnn, case["cls"])(2)
    load(cell, case, tmp_path)
    options = dict(case["unroll"])
    if options["valid_length"] is not None:
        options["valid_length"] = as_nd(options["valid_length"])
    outputs, states = cell.unroll(inputs=as_nd(case["inputs"][0]), **options)
    assert isinstance(outputs, (list, tuple)) is not case["merged"]
    same(outputs, case["out"], "outputs")
    same(states, case["states"], "states")
    assert repr(cell) == case["repr"]
    names(case, cell)
    for info, expected in zip(cell.state_info(batch_size=2), case["state_info"], strict=True):
        found = {key: info[key] for key in expected}
        assert found == {k: tuple(v) if isinstance(v, list) else v for k, v in expected.items()}
