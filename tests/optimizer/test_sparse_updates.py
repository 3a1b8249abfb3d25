"""Updates by row_sparse gradients: only the rows that they store, unless asked otherwise."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import workbench as mx
from workbench import nd
from workbench.ndarray import serialize

SHAPE = (6, 3)
W = np.random.RandomState(0).uniform(-1, 1, SHAPE).astype("float32")
G = np.zeros(SHAPE, "float32")
G[[1, 4]] = np.random.RandomState(1).uniform(-1, 1, (2, 3))
TOUCHED, OTHERS = [1, 4], [0, 2, 3, 5]
LAZY = [
    ("sgd", {}),
    ("sgd", {"momentum": 0.9}),
    ("adam", {}),
    ("adagrad", {}),
    ("ftrl", {}),
    ("groupadagrad", {}),
]


def updated(name, options, stype, steps=3, gradient=G, grad_stype="row_sparse", wd=0.0):
    """The weight after some updates, and the state."""
    optimizer = mx.optimizer.create(name, learning_rate=0.1, wd=wd, rescale_grad=0.5, **options)
    updater = mx.optimizer.get_updater(optimizer)
    weight = nd.array(W).tostype(stype)
    for _ in range(steps):
        updater(0, nd.array(gradient).tostype(grad_stype), weight)
    assert weight.stype == stype
    return weight.asnumpy(), updater.states[0]


@pytest.mark.parametrize("stype", ["default", "row_sparse"])
@pytest.mark.parametrize(("name", "options"), LAZY)
def test_touched_rows_are_updated_as_dense_ones(name, options, stype):
    """Dense updates leave rows alone that have no gradient, but ftrl, which recomputes them."""
    made, _ = updated(name, options, stype)
    expected, _ = updated(name, options, "default", grad_stype="default")
    np.testing.assert_allclose(made[TOUCHED], expected[TOUCHED], rtol=1e-5, atol=1e-6)
    if name != "ftrl" or stype == "row_sparse":
        np.testing.assert_array_equal(made[OTHERS], W[OTHERS])


@pytest.mark.parametrize("stype", ["default", "row_sparse"])
@pytest.mark.parametrize(
    ("name", "options"), [("sgd", {}), ("sgd", {"momentum": 0.9}), ("adam", {})]
)
@pytest.mark.parametrize("clip", [None, 0.01])
def test_lazy_updates_decay_touched_rows_alone(name, options, stype, clip):
    options = {**options, "clip_gradient": clip}
    lazy, _ = updated(name, options, stype, wd=0.1)
    dense, _ = updated(name, options, "default", grad_stype="default", wd=0.1)
    np.testing.assert_allclose(lazy[TOUCHED], dense[TOUCHED], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(lazy[OTHERS], W[OTHERS])
    eager, state = updated(name, {**options, "lazy_update": False}, stype, wd=0.1)
    np.testing.assert_allclose(eager, dense, rtol=1e-5, atol=1e-6)
    for one in state if isinstance(state, tuple) else (state,):
        assert one is None or one.stype == "default"


@pytest.mark.parametrize(
    "name", ["nag", "signum", "rmsprop", "adadelta", "adamax", "nadam", "ftml"]
)
def test_other_optimizers_compute_on_dense_copies(name):
    expected, _ = updated(name, {}, "default", grad_stype="default")
    for stype in ("default", "row_sparse"):
        made, _ = updated(name, {}, stype)
        np.testing.assert_allclose(made, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("name", "options"), LAZY)
def test_states_have_the_storage_of_the_weight(name, options):
    for stype in ("default", "row_sparse"):
        _, state = updated(name, options, stype)
        for one in state if isinstance(state, tuple) else (state,):
            assert one is None or one.stype == stype


def test_a_gradient_without_rows_changes_nothing():
    none = np.zeros(SHAPE, "float32")
    for name, options in LAZY:
        made, _ = updated(name, options, "row_sparse", gradient=none)
        np.testing.assert_array_equal(made, W)


def test_rows_that_the_weight_does_not_store_yet():
    weight, grad = nd.zeros(SHAPE, stype="row_sparse"), nd.array(G).tostype("row_sparse")
    nd.sgd_update(weight, grad, out=weight, lr=1.0)
    assert weight.indices.asnumpy().tolist() == TOUCHED
    np.testing.assert_array_equal(weight.asnumpy(), -G)


def test_an_update_without_out_leaves_the_weight():
    for stype in ("default", "row_sparse"):
        weight, grad = nd.array(W).tostype(stype), nd.array(G).tostype("row_sparse")
        made = nd.sgd_update(weight, grad, lr=1.0)
        assert made.stype == stype
        np.testing.assert_allclose(made.asnumpy(), W - G, rtol=1e-6)
        np.testing.assert_array_equal(weight.asnumpy(), W)


def test_weights_of_both_kinds_at_once():
    """A Trainer hands all weights of a device to one call."""
    optimizer = mx.optimizer.create("sgd", learning_rate=1.0, momentum=0.5)
    updater = mx.optimizer.get_updater(optimizer)
    weights = [nd.array(W), nd.array(W)]
    grads = [nd.array(G), nd.array(G).tostype("row_sparse")]
    updater([0, 1], grads, weights)
    for one in weights:
        np.testing.assert_allclose(one.asnumpy(), W - G, rtol=1e-6)
    assert optimizer.num_update == 1


def test_states_are_saved_and_loaded(tmp_path):
    optimizer = mx.optimizer.create("sgd", learning_rate=1.0, momentum=0.5)
    updater = mx.optimizer.get_updater(optimizer)
    weight = nd.array(W).tostype("row_sparse")
    updater(0, nd.array(G).tostype("row_sparse"), weight)
    updater.save(tmp_path / "states")
    other = mx.optimizer.get_updater(mx.optimizer.create("sgd", learning_rate=1.0, momentum=0.5))
    other.load(tmp_path / "states")
    assert other.states[0].stype == "row_sparse"
    np.testing.assert_array_equal(other.states[0].asnumpy(), updater.states[0].asnumpy())
    other(0, nd.array(G).tostype("row_sparse"), weight)


def test_states_that_mxnet_wrote():
    """Its pickles name the class, and hold the array as its files do."""
    state = nd.array(G).tostype("row_sparse")
    text = serialize.record_bytes(state)
    pickled = pickle.dumps({0: _Written(text)}, 3).replace(
        f"c{__name__}\n_Blank\n".encode(), b"cmxnet.ndarray.sparse\nRowSparseNDArray\n"
    )
    updater = mx.optimizer.get_updater(mx.optimizer.create("sgd", momentum=0.5))
    updater.set_states(pickled)
    assert updater.states[0].stype == "row_sparse"
    np.testing.assert_array_equal(updater.states[0].asnumpy(), G)


class _Blank:
    def __init__(self, handle):
        pass


class _Written:
    def __init__(self, text):
        self.text = text

    def __reduce__(self):
        return _Blank, (None,), {"handle": bytearray(self.text)}
