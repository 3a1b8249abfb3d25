"""Loops and branches against numbers and files of MXNet 1.9.1.

An array of a case is ``{"@": [pool, offset, shape]}`` in the file of arrays beside it. Rows of a
while_loop beyond the last step are uninitialised memory there, so they are not compared.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import workbench as mx

FOLDER = Path(__file__).parent / "control_flow"
CASES = json.loads((FOLDER / "control_flow.json").read_text())["cases"]
with np.load(FOLDER / "control_flow.npz") as pools:
    POOLS = dict(pools)


def arrays(refs):
    found = []
    for ref in refs:
        pool, offset, shape = ref["@"]
        size = int(np.prod(shape, dtype=int))
        found.append(POOLS[pool][offset : offset + size].reshape(shape))
    return found


def rnn(F, v):
    def body(d, s):
        out = F.tanh(d * v[2] + s)
        return out, out

    return F.contrib.foreach(body, v[0], v[1])


def two_by_two(F, v):
    def body(d, s):
        return [d[0] + s[0], d[1] * s[1]], [s[0] + d[0], s[1] * 0.5 + d[1]]

    return F.contrib.foreach(body, [v[0], v[1]], [v[2], v[3]])


def counting(F, v):
    return F.contrib.while_loop(
        lambda i, s: i <= 3.5, lambda i, s: (i + s, [i + 1, s + i * v[2]]), [v[0], v[1]], 6
    )


def choose(F, v):
    return F.contrib.cond(v[0], lambda: v[1] * v[2], lambda: v[1] + v[2])


PROGRAMS = {
    "foreach cumsum": lambda F, v: F.contrib.foreach(lambda d, s: (d + s, d + s), v[0], v[1]),
    "foreach rnn": rnn,
    "foreach two data two states": two_by_two,
    "foreach no state use": lambda F, v: F.contrib.foreach(lambda d, s: (d * 2, s), v[0], v[1]),
    "foreach single-element lists": lambda F, v: F.contrib.foreach(
        lambda d, s: ([d[0] + s[0]], [d[0] - s[0]]), [v[0]], [v[1]]
    ),
    "while_loop": counting,
    "while_loop hits max": lambda F, v: F.contrib.while_loop(
        lambda i: i <= 100, lambda i: (i * 2, [i + 1]), [v[0]], 3
    ),
    "cond pred=1": choose,
    "cond pred=0": choose,
}
PROGRAM_CASES = [case for case in CASES if case["name"] in PROGRAMS]
programs = pytest.mark.parametrize("case", PROGRAM_CASES, ids=lambda case: case["name"])


def flat(value):
    return (
        [leaf for one in value for leaf in flat(one)]
        if isinstance(value, list | tuple)
        else [value]
    )


def same(case, outputs, grads):
    expected = arrays(case["outputs"])
    if case["name"] == "while_loop":
        expected[0], outputs[0] = expected[0][:3], outputs[0][:3]
    for one, other in zip([*outputs, *grads], [*expected, *arrays(case["grads"])], strict=True):
        assert one.shape == other.shape
        assert np.allclose(one.asnumpy(), other, rtol=1e-4, atol=1e-5)


@programs
def test_eager(case):
    inputs = [mx.nd.array(one) for one in arrays(case["inputs"])]
    for one in inputs:
        one.attach_grad()
    with mx.autograd.record():
        outputs = flat(PROGRAMS[case["name"]](mx.nd, inputs))
    mx.autograd.backward(outputs, [mx.nd.array(one) for one in arrays(case["heads"])])
    same(case, outputs, [one.grad for one in inputs])


@programs
def test_bound(case):
    inputs = [mx.nd.array(one) for one in arrays(case["inputs"])]
    names = [f"v{i}" for i in range(len(inputs))]
    variables = [mx.sym.var(name) for name in names]
    symbol = mx.sym.Group(flat(PROGRAMS[case["name"]](mx.sym, variables)))
    grads = [mx.nd.zeros_like(one) for one in inputs]
    executor = symbol.bind(
        mx.cpu(), dict(zip(names, inputs, strict=True)), dict(zip(names, grads, strict=True))
    )
    outputs = executor.forward(is_train=True)
    executor.backward([mx.nd.array(one) for one in arrays(case["heads"])])
    same(case, outputs, grads)


@pytest.mark.parametrize("name", ["isfinite", "isinf", "isnan"])
def test_what_is_a_number(name):
    (case,) = (one for one in CASES if one["name"] == f"contrib.{name}")
    (given,), (expected,) = arrays(case["inputs"]), arrays(case["outputs"])
    found = getattr(mx.nd.contrib, name)(mx.nd.array(given))
    assert np.array_equal(found.asnumpy(), expected)


@pytest.mark.parametrize("F", [mx.nd, mx.sym], ids=["nd", "sym"])
def test_draws_by_zipfs_law(F):
    (case,) = (one for one in CASES if "zipfian" in one["name"])
    classes = mx.nd.array([3, 1])
    if F is mx.nd:
        made = mx.nd.contrib.rand_zipfian(classes, 5, 10)
    else:
        parts = mx.sym.contrib.rand_zipfian(mx.sym.var("c"), 5, 10)
        made = mx.sym.Group(list(parts)).eval(c=classes)
    assert [list(one.shape) for one in made] == case["shapes"]
    assert [np.dtype(one.dtype).name for one in made] == case["dtypes"]
    (expected,) = arrays([case["expected_true"]])
    assert np.allclose(made[1].asnumpy(), expected)
    drawn = made[0].asnumpy()
    assert ((drawn >= 0) & (drawn < 10)).all()


@pytest.mark.parametrize("name", ["foreach", "while_loop", "cond"])
def test_files_come_back_letter_by_letter(name):
    text = (FOLDER / f"{name}-symbol.json").read_text()
    assert json.loads(mx.sym.load_json(text).tojson()) == json.loads(text)


def test_names_and_subgraphs_are_written_as_mxnet_writes_them():
    data, state, w = (mx.sym.var(name) for name in ("data", "s0", "w"))

    def body(d, s):
        out = mx.sym.tanh(d * w + s)
        return out, out

    mx.AttrScope._subgraph_names.clear()
    with mx.name.NameManager():
        outputs, states = mx.sym.contrib.foreach(body, data, state)
    text = (FOLDER / "foreach-symbol.json").read_text()
    assert json.loads(mx.sym.Group([outputs, states]).tojson()) == json.loads(text)


def test_inputs_are_shared_between_graphs_as_mxnet_shares_them():
    mx.AttrScope._subgraph_names.clear()
    with mx.name.NameManager():
        p, w = mx.sym.var("p"), mx.sym.var("w")
        e = mx.sym.exp(w, name="e")
        outputs, (count, total) = mx.sym.contrib.while_loop(
            lambda i, a: i < w + e,
            lambda i, a: (a * w + e, [i + 1, a + i + w + e]),
            [p, w],
            max_iterations=3,
        )
        picked = mx.sym.contrib.cond(
            mx.sym.sum(total) > w, lambda: [w * 2 + e, e + p], lambda: [w - 1 + e, w * p]
        )
    found = json.loads(mx.sym.Group([outputs, count, total, *picked]).tojson())
    assert found == json.loads((FOLDER / "shared_inputs-symbol.json").read_text())
