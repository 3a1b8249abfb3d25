"""``gluon.contrib``: layers and cells; their numbers are compared with recorded ones, too."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, nd
from workbench.error import MXNetError
from workbench.gluon import contrib, nn, rnn

COMPILED = pytest.mark.parametrize("compiled", [False, True])


@COMPILED
def test_branches_are_joined(compiled):
    net = contrib.nn.HybridConcurrent(axis=1)
    net.add(nn.Dense(2), contrib.nn.Identity(), nn.Dense(1))
    net.initialize()
    net.hybridize(compiled)
    x = nd.array([[1.0, 2.0, 3.0]])
    out = net(x)
    assert out.shape == (1, 6)
    assert out[0, 2:5].asnumpy().tolist() == [1, 2, 3]


def test_branches_of_blocks_are_joined():
    net = contrib.nn.Concurrent(axis=0)
    net.add(nn.Lambda(lambda x: x + 1), nn.Lambda(lambda x: x * 2))
    assert net(nd.array([1.0, 2.0])).asnumpy().tolist() == [2, 3, 2, 4]


@COMPILED
@pytest.mark.parametrize(
    ("layer", "sizes", "factors"),
    [
        (contrib.nn.PixelShuffle1D(2), (3,), (2,)),
        (contrib.nn.PixelShuffle2D((2, 3)), (2, 3), (2, 3)),
        (contrib.nn.PixelShuffle3D((1, 2, 3)), (2, 3, 2), (1, 2, 3)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_channels_become_pixels(compiled, layer, sizes, factors):
    rank = len(sizes)
    x = np.arange(2 * 2 * np.prod(factors) * np.prod(sizes), dtype="float32")
    x = x.reshape(2, 2, *factors, *sizes)
    # (N, C, factors..., sizes...): each factor goes behind its size
    order = [0, 1, *[axis for i in range(rank) for axis in (2 + rank + i, 2 + i)]]
    expected = x.transpose(order).reshape(
        2, 2, *[n * f for n, f in zip(sizes, factors, strict=True)]
    )
    layer.hybridize(compiled)
    found = layer(nd.array(x.reshape(2, -1, *sizes)))
    np.testing.assert_array_equal(found.asnumpy(), expected)


def test_as_many_factors_as_axes_are_needed():
    with pytest.raises(AssertionError, match="2 factors"):
        contrib.nn.PixelShuffle2D((1, 2, 3))


def test_normalization_over_one_device_is_batch_norm():
    one, other = contrib.nn.SyncBatchNorm(num_devices=1), nn.BatchNorm()
    x = nd.random.normal(shape=(3, 2, 4, 4))
    for layer in (one, other):
        layer.initialize()
        with autograd.record():
            layer.out = layer(x)
        layer.out.backward()
    np.testing.assert_allclose(one.out.asnumpy(), other.out.asnumpy(), rtol=1e-5, atol=1e-6)
    for name in ("running_mean", "running_var"):
        a, b = (getattr(layer, name).data().asnumpy() for layer in (one, other))
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_unsaid_devices_are_the_gpus_with_a_warning():
    with pytest.warns(UserWarning, match="num_devices"):
        layer = contrib.nn.SyncBatchNorm()
    assert layer._kwargs["ndev"] == max(1, mx.context.num_gpus())


@COMPILED
def test_normalization_with_relu(compiled):
    x = nd.random.normal(shape=(3, 2, 4))
    both, plain = nn.BatchNormReLU(), nn.BatchNorm()
    outs = []
    for layer in (both, plain):
        layer.initialize()
        layer.hybridize(compiled)
        with autograd.record():
            outs.append(layer(x))
    np.testing.assert_allclose(outs[0].asnumpy(), outs[1].relu().asnumpy(), atol=1e-6)


@COMPILED
@pytest.mark.parametrize(
    "kind", [contrib.cnn.DeformableConvolution, contrib.cnn.ModulatedDeformableConvolution]
)
def test_offsets_begin_at_zero(compiled, kind):
    x = nd.random.normal(shape=(2, 4, 6, 6))
    layer = kind(4, 3, strides=2, padding=1, groups=2, num_deformable_group=2, activation="relu")
    plain = nn.Conv2D(4, 3, strides=2, padding=1, groups=2, activation="relu", in_channels=4)
    layer.initialize(mx.init.Uniform(1))
    plain.initialize()
    layer(x)
    plain.weight.set_data(layer.deformable_conv_weight.data())
    layer.hybridize(compiled)
    np.testing.assert_allclose(layer(x).asnumpy(), plain(x).asnumpy(), atol=1e-4)
    with autograd.record():
        out = layer(x)
    out.backward()
    assert layer.offset_weight.grad().abs().sum().asscalar() > 0
    assert "groups=2" in repr(layer)


# ---- cells ------------------------------------------------------------------------------------

KINDS = {
    "RNN": (1, 1),
    "LSTM": (4, 2),
    "GRU": (3, 1),
}


@COMPILED
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_convolutional_cells_keep_the_shape_of_images(compiled, kind, rank):
    gates, states = KINDS[kind]
    sizes = (4,) * rank
    make = getattr(contrib.rnn, f"Conv{rank}D{kind}Cell")
    cell = make((2, *sizes), 3, i2h_kernel=2, h2h_kernel=3, i2h_pad=1, h2h_dilate=2)
    cell.initialize()
    cell.hybridize(compiled)
    assert cell.i2h_weight.shape == (3 * gates, 2, *(2,) * rank)
    outputs, last = cell.unroll(2, nd.ones((1, 2, 2, *sizes)), merge_outputs=True)
    assert outputs.shape == (1, 2, 3, *(5,) * rank)
    assert [one.shape for one in last] == [(1, 3, *(5,) * rank)] * states
    assert repr(cell).startswith(f"Conv{rank}D{kind}Cell(2 -> {3 * gates}, tanh, NC")


def test_kernels_of_states_are_odd():
    with pytest.raises(AssertionError, match="odd"):
        contrib.rnn.Conv1DRNNCell((2, 4), 3, i2h_kernel=2, h2h_kernel=2)


def test_a_projected_lstm_with_the_identity_is_an_lstm():
    cell, plain = contrib.rnn.LSTMPCell(3, 3), rnn.LSTMCell(3)
    x, states = nd.random.normal(shape=(2, 4)), [nd.ones((2, 3)), nd.ones((2, 3))]
    cell.initialize(mx.init.Uniform(1))
    plain.initialize()
    cell(x, states), plain(x, states)
    cell.h2r_weight.set_data(nd.eye(3))
    for name in ("i2h_weight", "h2h_weight", "i2h_bias", "h2h_bias"):
        getattr(plain, name).set_data(getattr(cell, name).data())
    for one, other in zip(cell(x, states)[1], plain(x, states)[1], strict=True):
        np.testing.assert_allclose(one.asnumpy(), other.asnumpy(), atol=1e-5)
    assert repr(contrib.rnn.LSTMPCell(3, 2)) == "LSTMPCell(None -> 12 -> 2)"


@pytest.mark.parametrize("states", [0.0, 0.5])
def test_variational_dropout_has_one_mask_for_all_steps(states):
    base = rnn.RNNCell(4, activation="relu", h2h_weight_initializer="zeros")
    cell = contrib.rnn.VariationalDropoutCell(base, drop_states=states, drop_outputs=0.5)
    cell.initialize(mx.init.One())
    x = nd.ones((2, 6, 3))
    with autograd.record():
        outputs, _ = cell.unroll(6, x, merge_outputs=True)
    dropped = outputs.asnumpy() == 0
    assert (dropped == dropped[:, :1]).all()
    assert dropped.any()
    plain, _ = cell.unroll(6, x, merge_outputs=True)
    assert (plain.asnumpy() > 0).all()
    lengths, _ = cell.unroll(6, x, merge_outputs=True, valid_length=nd.array([2, 6]))
    assert (lengths.asnumpy()[0, 2:] == 0).all()


def test_variational_dropout_step_by_step():
    base = rnn.RNNCell(2)
    cell = contrib.rnn.VariationalDropoutCell(base, drop_inputs=0.5)
    cell.initialize()
    states = cell.begin_state(batch_size=3)
    with autograd.record():
        for _ in range(2):
            _, states = cell(nd.ones((3, 8)), states)
            mask = cell.drop_inputs_mask.asnumpy()
    assert set(np.unique(mask)) <= {0, 2}
    cell.reset()
    assert cell.drop_inputs_mask is None
    assert repr(cell) == "VariationalDropoutCell(p_out = 0.0, p_state = 0.0)"


def test_states_of_both_directions_are_not_dropped():
    both = rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2))
    with pytest.raises(MXNetError, match="variational state dropout"):
        contrib.rnn.VariationalDropoutCell(both, drop_states=0.5)


def test_no_warning_where_devices_are_said():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        contrib.nn.SyncBatchNorm(num_devices=2)


@pytest.mark.parametrize("layout", ["TNC", "NTC"])
@pytest.mark.parametrize("lengths", [None, [2, 4]])
def test_an_unrolled_loop_gives_what_unrolling_gives(layout, lengths):
    cell = rnn.LSTMCell(3, input_size=2)
    cell.initialize(mx.init.Uniform(1))
    x = nd.random.normal(shape=(4, 2, 2) if layout == "TNC" else (2, 4, 2))
    states = [nd.ones((2, 3)), nd.zeros((2, 3))]
    valid = None if lengths is None else nd.array(lengths)
    found, last = contrib.rnn.rnn_cell.dynamic_unroll(
        cell, x, states, layout=layout, valid_length=valid
    )
    expected, ends = cell.unroll(
        4, x, states, layout=layout, merge_outputs=True, valid_length=valid
    )
    np.testing.assert_allclose(found.asnumpy(), expected.asnumpy(), atol=1e-6)
    for one, other in zip(last, ends, strict=True):
        np.testing.assert_allclose(one.asnumpy(), other.asnumpy(), atol=1e-6)


def test_an_unrolled_loop_may_drop_inputs_and_outputs():
    cell = rnn.RNNCell(4, activation="relu", input_size=3)
    cell.initialize(mx.init.One())
    x = nd.ones((5, 2, 3))
    with autograd.record():
        outputs, _ = contrib.rnn.rnn_cell.dynamic_unroll(
            cell, x, [nd.zeros((2, 4))], drop_inputs=0.5, drop_outputs=0.5
        )
    dropped = outputs.asnumpy() == 0
    assert (dropped == dropped[:1]).all()


def test_a_sparse_table_changes_only_in_rows_that_occur():
    layer = contrib.nn.SparseEmbedding(6, 2)
    layer.initialize(mx.init.One())
    trainer = mx.gluon.Trainer(layer.collect_params(), "sgd", {"learning_rate": 1.0})
    x = nd.array([[1, 4], [1, 1]])
    with autograd.record():
        out = layer(x)
    out.backward()
    assert out.shape == (2, 2, 2)
    assert layer.weight.grad().stype == "row_sparse"
    trainer.step(1)
    rows = layer.weight.row_sparse_data(nd.arange(6)).tostype("default").asnumpy()
    assert rows[:, 0].tolist() == [1, -2, 1, 1, 0, 1]
    assert repr(layer) == "SparseEmbedding(6 -> 2, float32)"
