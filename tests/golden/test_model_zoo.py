"""The networks of the zoo against MXNet 1.9.1: names, shapes and order of all parameters.

``model_zoo.json`` has for each network what its graph and its parameters look like;
``params_sha1`` is over one line for each parameter, so that a saved file of MXNet fits.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench as mx

FACTS = json.loads((Path(__file__).parent / "model_zoo.json").read_text())


@pytest.mark.parametrize("model", FACTS)
def test_a_network_has_the_names_and_shapes_of_mxnet(model: str) -> None:
    facts = FACTS[model]
    name, _, variant = model.partition(":")
    options: dict[str, Any] = {"thumbnail": True, "classes": 10} if variant else {}
    with mx.name.NameManager():
        net = mx.gluon.model_zoo.vision.get_model(name, prefix=facts["prefix"], **options)
        graph = net(mx.sym.Variable("data"))
    assert len(repr(net).split("\n")) == facts["repr_lines"]
    assert graph.list_outputs() == [facts["symbol_output"]]
    assert len(json.loads(graph.tojson())["nodes"]) == facts["symbol_nodes"]
    arguments, (output,), states = graph.infer_shape(data=tuple(facts["input"]))
    assert output == tuple(facts["output"])
    shapes = dict(zip(graph.list_arguments(), arguments, strict=True))
    shapes.update(zip(graph.list_auxiliary_states(), states, strict=True))
    full = {id(p): name.removeprefix(net.prefix) for name, p in net.collect_params().items()}
    assert len(full) == facts["n_params"]
    by_name = net._collect_params_with_prefix()
    order = {full[id(p)]: name for name, p in by_name.items()}
    lines = [
        f"{order[short]} {short} {shapes[net.prefix + short]} {by_name[order[short]].grad_req}"
        for short in full.values()
    ]
    found = hashlib.sha1("\n".join(lines).encode(), usedforsecurity=False).hexdigest()
    assert found == facts["params_sha1"]
    assert sum(math.prod(shapes[net.prefix + n]) for n in order) == facts["n_values"]


def rule(name: str, rank: int, shape: tuple[int, ...]) -> np.ndarray:
    """The values of the parameter of that structural name, the *rank*-th in sorted order."""
    n = np.arange(math.prod(shape), dtype="int64")
    base = ((7 * n + 13 * rank) % 31 - 15) / 15
    if name.endswith(("gamma", "running_var")):
        values = 1 + 0.25 * base
    elif name.endswith(("running_mean", "beta", "bias")):
        values = 0.1 * base
    else:
        values = base * np.sqrt(2 / math.prod(shape[1:]))
    return values.reshape(shape)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_small_resnet_gives_the_numbers_of_mxnet(compiled: bool, tmp_path: Path) -> None:
    with np.load(Path(__file__).parent / "resnet18_thumbnail.npz") as arrays:
        data, expected = mx.nd.array(arrays["data"]), arrays["out"]
    make = functools.partial(
        mx.gluon.model_zoo.vision.get_resnet, 1, 18, classes=10, thumbnail=True
    )
    net = make()
    net.initialize()
    net(data)
    saved = {
        name: mx.nd.array(rule(name, rank, p.shape))
        for rank, (name, p) in enumerate(sorted(net._collect_params_with_prefix().items()))
    }
    mx.nd.save(str(tmp_path / "net.params"), saved)
    other = make()
    other.load_parameters(str(tmp_path / "net.params"))
    other.hybridize(compiled)
    np.testing.assert_allclose(other(data).asnumpy(), expected, rtol=1e-3, atol=1e-4)
