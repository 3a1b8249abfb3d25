"""Making arrays: values, dtypes, devices; and the functions beside the operators."""

from __future__ import annotations

import io

import numpy as np
import pytest

import workbench as mx
from workbench import nd
from workbench.error import MXNetError


def test_constants(device):
    for made, value in (
        (nd.zeros((2, 3)), 0),
        (nd.ones((2, 3)), 1),
        (nd.full((2, 3), -0.0), -0.0),
        (nd.full((2, 3), 2.5), 2.5),
        (nd.empty((2, 3)), 0),
    ):
        assert made.dtype is np.float32
        assert made.context is device
        assert made.shape == (2, 3)
        np.testing.assert_array_equal(made.asnumpy(), np.full((2, 3), value))
    assert np.signbit(nd.full((1,), -0.0).asnumpy()).all()
    assert nd.zeros(3).shape == (3,)
    assert nd.ones([2, np.int64(3)], dtype="int8").dtype is np.int8
    assert nd.full((2,), 3, dtype="uint8").asnumpy().tolist() == [3, 3]


def test_out_of_constants(device):
    out = nd.ones((2,))
    assert nd.zeros((2,), out=out) is out
    assert out.asnumpy().tolist() == [0, 0]
    assert nd.full((2,), 7, out=out) is out
    assert out.asnumpy().tolist() == [7, 7]


@pytest.mark.parametrize(
    "source", [[1, 2], (1, 2), np.array([1, 2]), np.array([1.0, 2.0]), range(1, 3)], ids=repr
)
def test_array_is_float32_unless_told(device, source):
    assert nd.array(source).dtype is np.float32
    assert nd.array(source).asnumpy().tolist() == [1, 2]
    assert nd.array(source, dtype="int32").dtype is np.int32


def test_array_of_arrays_keeps_dtype_and_device(device):
    x = nd.array([1, 2], dtype="float64")
    assert nd.array(x).dtype is np.float64
    assert nd.array(x).context is device
    assert nd.array(x, ctx=mx.cpu(2)).context == mx.cpu(2)
    assert nd.array([x, x]).shape == (2, 2)
    made = nd.array(x)
    made[:] = 0
    assert x.asnumpy().tolist() == [1, 2]


def test_scalars_and_nothing(device):
    assert nd.array(3.0).shape == ()
    assert nd.array(3.0).asscalar() == 3
    assert nd.array([]).shape == (0,)
    assert nd.array([]).asnumpy().tolist() == []


def test_the_source_is_not_shared(device):
    values = np.ones(3, "float32")
    x = nd.array(values)
    values[:] = 5
    assert x.asnumpy().tolist() == [1, 1, 1]


def test_conversions_wrap_as_in_c():
    assert nd.array([300, -1.5]).astype("uint8").asnumpy().tolist() == [44, 255]
    assert nd.array([1.9, -1.9]).astype("int32").asnumpy().tolist() == [1, -1]
    assert nd.array([0, 2]).astype("bool").asnumpy().tolist() == [False, True]


def test_ranges(device):
    assert nd.arange(3).asnumpy().tolist() == [0, 1, 2]
    assert nd.arange(1, 6, 2).asnumpy().tolist() == [1, 3, 5]
    assert nd.arange(2, repeat=2).asnumpy().tolist() == [0, 0, 1, 1]
    assert nd.arange(3, dtype="int32").dtype is np.int32
    assert nd.arange(0, 1, 0.25).context is device
    assert nd.linspace(0, 1, 5).asnumpy().tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert nd.linspace(0, 1, 4, endpoint=False).asnumpy().tolist() == [0, 0.25, 0.5, 0.75]
    assert nd.eye(2).asnumpy().tolist() == [[1, 0], [0, 1]]
    assert nd.eye(2, 3, 1, dtype="int32").asnumpy().tolist() == [[0, 1, 0], [0, 0, 1]]
    with pytest.warns(DeprecationWarning, match="infer_range"):
        nd.arange(3, infer_range=True)


def test_joining_and_moving(device):
    x = nd.array([[1, 2]])
    assert nd.concatenate([x, x]).asnumpy().tolist() == [[1, 2], [1, 2]]
    assert nd.concatenate([x, x], axis=1).shape == (1, 4)
    assert nd.concatenate([x], always_copy=False) is x
    assert nd.moveaxis(nd.zeros((2, 3, 4)), 0, -1).shape == (3, 4, 2)
    assert nd.moveaxis(nd.zeros((2, 3, 4)), -1, 0).shape == (4, 2, 3)
    x = nd.zeros((4, 1, 2, 3))
    for source, destination in [
        ([0, 1], [2, 3]),
        ([0, 1, 2], (2, 3, 0)),
        ([3, 0], range(1, -1, -1)),
    ]:
        expected = np.moveaxis(x.asnumpy(), source, destination).shape
        assert nd.moveaxis(x, source, destination).shape == expected
    for source, destination in [([0, 0], [0, 1]), ([0, 1], [1, 1]), (0, [0, 1]), ([0, 1], [0])]:
        with pytest.raises(ValueError, match=r"repeated axis|same number of elements"):
            nd.moveaxis(x, source, destination)
    for source, destination in ((5, 0), (0, 5)):
        with pytest.raises(ValueError, match="should verify"):
            nd.moveaxis(x, source, destination)


def test_onehot_encode(device):
    out = nd.zeros((2, 3))
    assert nd.onehot_encode(nd.array([2, 0]), out) is out
    assert out.asnumpy().tolist() == [[0, 0, 1], [1, 0, 0]]


def test_from_numpy_shares_and_freezes():
    values = np.arange(3.0)
    x = nd.from_numpy(values)
    assert x.dtype is np.float64
    x[0] = 7
    assert values[0] == 7
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 1
    again = nd.from_numpy(values)
    again[1] = 8
    assert values[1] == x.asnumpy()[1] == 8
    fixed = nd.from_numpy(np.frombuffer(b"\0" * 8))
    with pytest.raises(ValueError, match="read-only"):
        fixed[0] = 1
    copied = nd.from_numpy(np.arange(3), zero_copy=False)
    assert copied.dtype is np.int64
    with pytest.raises(ValueError, match="contiguous"):
        nd.from_numpy(np.ones((2, 3)).T)


def test_with_context_sets_the_default():
    with mx.cpu(4):
        assert nd.ones((1,)).context == mx.cpu(4)
        assert nd.random.uniform(shape=(1,)).context == mx.cpu(4)
        assert nd.arange(2).context == mx.cpu(4)
    assert nd.ones((1,)).context == mx.cpu(0)


def test_an_old_decoder_gives_channels_first():
    image = pytest.importorskip("PIL.Image")
    pixels, file = np.arange(48, dtype=np.uint8).reshape(4, 4, 3), io.BytesIO()
    image.fromarray(pixels).save(file, "PNG")
    expected = pixels[..., ::-1].transpose(2, 0, 1)
    made = mx.nd.imdecode(file.getvalue())
    assert made.dtype == np.float32
    np.testing.assert_array_equal(made.asnumpy(), expected)
    part = mx.nd.imdecode(file.getvalue(), (1, 0, 3, 2), mean=mx.nd.ones((3, 2, 2)))
    np.testing.assert_array_equal(part.asnumpy(), expected[:, :2, 1:3] - 1.0)
    many = mx.nd.zeros((2, 3, 4, 4))
    assert mx.nd.imdecode(file.getvalue(), out=many, index=1) is many
    np.testing.assert_array_equal(many.asnumpy(), [np.zeros((3, 4, 4)), expected])
    one = mx.nd.zeros((1, 4, 4))
    mx.nd.imdecode(file.getvalue(), out=one, channels=1)
    assert one.asnumpy().any()
    with pytest.raises(MXNetError, match="clip_rect"):
        mx.nd.imdecode(file.getvalue(), (0, 0, 5, 2))


def test_np_shape_allows_empty_arrays_and_scalars():
    for shape in ((), (0, 3)):
        with pytest.raises(ValueError, match="np_shape"):
            nd.ones(shape)
        with mx.np_shape():
            made = nd.ones(shape=shape)
        assert (made.shape, made.size) == (shape, int(np.prod(shape)))
    assert nd.zeros(np.array([2, 3])).shape == (2, 3)


def test_np_shape_shows_unknown_sizes_as_minus_one():
    data = mx.sym.var("data", shape=(0, 20))
    out = mx.sym.slice(data, begin=(None, 3), end=(None, 10))
    assert out.infer_shape_partial()[1] == [(0, 7)]
    with mx.np_shape():
        assert out.infer_shape_partial()[1] == [(-1, 7)]
