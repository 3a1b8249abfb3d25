"""Functions of ``mx.nd.contrib`` that are no operators, and updates that take lists."""

from __future__ import annotations

import math

import numpy as np
import pytest

import workbench as mx
from workbench.error import MXNetError

VALUES = [math.nan, math.inf, -math.inf, -1.0, 0.0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("isnan", [1, 0, 0, 0, 0]), ("isinf", [0, 1, 1, 0, 0]), ("isfinite", [0, 0, 0, 1, 1])],
)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_kinds_of_numbers(name, expected, dtype):
    out = getattr(mx.nd.contrib, name)(mx.nd.array(VALUES, dtype=dtype))
    assert out.asnumpy().tolist() == expected
    assert out.dtype is np.dtype(dtype).type


def test_zipf_draws_small_classes_often():
    samples, true, expected = mx.nd.contrib.rand_zipfian(mx.nd.array([3, 1]), 4000, 10)
    assert (samples.dtype, true.dtype, expected.dtype) == (np.int64, np.float64, np.float64)
    share = [4000 * math.log((k + 2) / (k + 1)) / math.log(11) for k in range(10)]
    np.testing.assert_allclose(true.asnumpy(), [share[3], share[1]], rtol=1e-6)
    drawn = samples.asnumpy()
    np.testing.assert_allclose(expected.asnumpy(), np.take(share, drawn), rtol=1e-6)
    counts = np.bincount(drawn, minlength=10)
    np.testing.assert_allclose(counts, share, atol=6 * math.sqrt(max(share)))


def test_the_symbol_of_zipf_draws_too():
    samples, true, _ = mx.sym.contrib.rand_zipfian(mx.sym.var("true"), 5, 10)
    outs = mx.sym.Group([samples, true]).eval(true=mx.nd.array([3, 1]))
    assert outs[0].shape == (5,)
    assert outs[0].dtype == np.int64
    np.testing.assert_allclose(outs[1].asnumpy()[0], 5 * math.log(5 / 4) / math.log(11))


def arrays(count, seed):
    rng = np.random.default_rng(seed)
    return [mx.nd.array(rng.uniform(0.5, 1.5, (2, 3))) for _ in range(count)]


@pytest.mark.parametrize("scale", [0.5, mx.nd.array([0.5])])
def test_adamw_of_many_is_adamw_of_each(scale):
    options = {"beta1": 0.8, "clip_gradient": 0.3}
    single, many = [arrays(4, i) for i in range(2)], [arrays(4, i) for i in range(2)]
    for i, (w, g, m, v) in enumerate(single):
        mx.nd.contrib.adamw_update(
            w, g, m, v, scale, lr=0.1 + i, eta=1.0, wd=0.01, out=w, **options
        )
    weights = [one[0] for one in many]
    mx.nd.contrib.multi_adamw_update(
        *zip(*many, strict=True), scale, [0.1, 1.1], [0.01] * 2, [1.0] * 2, out=weights, **options
    )
    for one, (w, *_) in zip(weights, single, strict=True):
        np.testing.assert_allclose(one.asnumpy(), w.asnumpy(), rtol=1e-6)


def test_mixed_precision_keeps_float32_weights():
    g, m, v, w32 = arrays(4, 3)
    w, g = w32.astype("float16"), g.astype("float16")
    before = w32.asnumpy()
    one = [x.copy() for x in (w, g, m, v, w32)]
    mx.nd.contrib.mp_adamw_update(*one, 1.0, lr=0.1, eta=1.0, out=one[0])
    many = [[x.copy()] for x in (w, g, m, v, w32)]
    mx.nd.contrib.multi_mp_adamw_update(*many, 1.0, [0.1], [0.0], [1.0], out=many[0])
    assert one[0].dtype == np.float16
    assert not np.array_equal(one[4].asnumpy(), before)
    np.testing.assert_allclose(one[4].asnumpy(), many[4][0].asnumpy(), rtol=1e-6)


def test_lamb_of_many_takes_counts_of_steps():
    groups = [arrays(4, i) for i in range(2)]
    outs = [one[0].copy() for one in groups]
    listed = list(zip(*groups, strict=True))
    mx.nd.contrib.multi_lamb_update(*listed, (1, 2), (0.1, 0.2), (0.0, 0.0), out=outs, beta1=0.8)
    assert not np.array_equal(outs[0].asnumpy(), groups[0][0].asnumpy())
    w32 = [one[0] for one in groups]
    halves = [one.astype("float16") for one in w32]
    mixed = [halves, [one[1].astype("float16") for one in groups], *listed[2:], w32]
    made = mx.nd.contrib.multi_mp_lamb_update(*mixed, (1, 2), (0.1, 0.2), (0.0, 0.0), out=halves)
    assert [one.dtype for one in made] == [np.float16] * 2


def test_the_symbol_of_adamw_takes_a_number():
    names = ("weight", "grad", "mean", "var")
    step = mx.sym.contrib.adamw_update(*map(mx.sym.var, names), 0.5, lr=0.1, eta=1.0)
    given = arrays(4, 1)
    (out,) = step.eval(**dict(zip(names, [x.copy() for x in given], strict=True)))
    expected = mx.nd.contrib.adamw_update(*given, 0.5, lr=0.1, eta=1.0)
    np.testing.assert_allclose(out.asnumpy(), expected.asnumpy(), rtol=1e-6)
    names = ("weight", "grad", "mean", "var", "weight32")
    mixed = mx.sym.contrib.mp_adamw_update(*map(mx.sym.var, names), 0.5, lr=0.1, eta=1.0)
    assert set(mixed.list_inputs()) >= set(names)


def test_edges_of_a_sparse_graph():
    graph = mx.nd.sparse.csr_matrix(([1.0, 0, 3], [0, 2, 1], [0, 2, 2, 3]), shape=(3, 3))
    u, v = mx.nd.array([0, 0, 1, 2, 0]), mx.nd.array([0, 1, 1, 1, 2])
    assert mx.nd.contrib.edge_id(graph, u, v).asnumpy().tolist() == [1, -1, -1, 3, 0]
    dense = graph.tostype("default")
    assert mx.nd.contrib.edge_id(dense, u, v).asnumpy().tolist() == [1, -1, -1, 3, -1]
    empty = mx.nd.sparse.zeros("csr", (3, 3))
    assert mx.nd.contrib.edge_id(empty, u, v).asnumpy().tolist() == [-1] * 5
    for data in (graph, dense):
        with pytest.raises(MXNetError, match=r"edge_id: an index is out of range 0 \.\. 2"):
            mx.nd.contrib.edge_id(data, u, v + 1)
