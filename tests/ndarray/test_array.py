"""What an NDArray is to Python: its text, truth, identity, iteration, copies and pickles."""

from __future__ import annotations

import copy
import inspect
import pickle
import traceback

import numpy as np
import pytest

import workbench as mx
from workbench import nd
from workbench.ndarray.core import NDArray, QueuedNDArray


def test_attributes(x, device):
    assert (x.shape, x.size, x.ndim, x.dtype) == ((2, 3, 4), 24, 3, np.float32)
    assert x.context is x.ctx is device
    assert x.stype == "default"
    assert x.grad is None
    assert len(x) == 2
    assert x.T.shape == (4, 3, 2)


def test_text_is_mxnets(device):
    assert repr(nd.ones((2, 1), ctx=device)) == f"\n[[1.]\n [1.]]\n<NDArray 2x1 @{device}>"
    assert str(nd.arange(3, ctx=device)) == f"\n[0. 1. 2.]\n<NDArray 3 @{device}>"
    assert repr(nd.array(3, ctx=device)) == f"\n3.0\n<NDArray  @{device}>"
    assert f"{nd.ones((1,), dtype='int32', ctx=device)}" == f"\n[1]\n<NDArray 1 @{device}>"


def test_one_class_is_shown(device):
    assert repr(type(nd.ones((1,), ctx=device))).count("NDArray") == 1
    assert type(nd.ones((1,), ctx=device)).__name__ == "NDArray"
    assert isinstance(nd.array(3.0), nd.NDArray)
    assert not hasattr(nd.ones((1,)), "__dict__"), "slots only"
    assert issubclass(QueuedNDArray, NDArray)


def test_truth_and_numbers(device):
    assert bool(nd.array([2], ctx=device)) is True
    assert bool(nd.array([[0]], ctx=device)) is False
    assert bool(nd.array([], ctx=device)) is False
    assert float(nd.array([2.5], ctx=device)) == 2.5
    assert int(nd.array([2.5], ctx=device)) == 2
    assert nd.array([2.5], ctx=device).asscalar() == np.float32(2.5)
    assert isinstance(nd.array([2.5], ctx=device).asscalar(), np.float32)
    assert nd.array([3], ctx=device).item() == 3.0
    assert [10, 20, 30][nd.array([2], dtype="int64", ctx=device)] == 30
    assert nd.arange(3, ctx=device).tolist() == [0, 1, 2]


def test_hash_is_identity_and_equality_is_element_by_element(device):
    x, y = nd.ones((2,), ctx=device), nd.ones((2,), ctx=device)
    assert len({x, y, x}) == 2
    assert hash(x) == hash(x)
    assert (x == y).asnumpy().tolist() == [1, 1]
    assert (x != y).asnumpy().tolist() == [0, 0]
    assert (x == None) is False  # noqa: E711
    assert (x == 1).dtype is np.float32
    assert {x: 1}[x] == 1


def test_iteration_gives_views(x):
    rows = list(x)
    assert [row.shape for row in rows] == [(3, 4), (3, 4)]
    rows[1][:] = 0
    assert x[1].asnumpy().sum() == 0
    first, second = x[0][:2]
    assert (first.asnumpy()[0], second.asnumpy()[0]) == (0, 4)
    with pytest.raises(TypeError):
        iter(nd.array(1.0)).__next__()
    assert 5 in x
    assert -5 not in x


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "uint8", "int8", "int32",
                                   "int64", "bool"])  # fmt: skip
def test_pickles_and_copies_keep_dtype_and_device(device, dtype):
    x = nd.array([[1, 0], [3, 4]], ctx=device, dtype=dtype)
    for made in (pickle.loads(pickle.dumps(x)), copy.copy(x), copy.deepcopy(x)):
        assert made is not x
        assert made.context is device
        assert made.dtype is x.dtype
        np.testing.assert_array_equal(made.asnumpy(), x.asnumpy())


def test_deepcopy_of_a_structure_copies_each_array(device):
    x = nd.ones((2,), ctx=device)
    made = copy.deepcopy({"a": [x], "b": 3})
    made["a"][0][:] = 5
    assert x.asnumpy().tolist() == [1, 1]


def test_asynchronous_calls_have_shape_and_dtype_at_once(device):
    x = nd.ones((300, 300), ctx=device)
    y = nd.dot(x, x)
    for _ in range(5):
        y = nd.dot(y, x) / 300
    assert y.shape == (300, 300)
    assert y.dtype is np.float32
    y.wait_to_read()
    y.wait_to_write()
    nd.waitall()
    np.testing.assert_allclose(y.asnumpy(), 300, rtol=1e-4)


def test_as_in_context_is_the_same_object_only_at_home(x, device):
    assert x.as_in_context(device) is x
    assert x.as_in_ctx(device) is x
    away = x.as_in_context(mx.cpu(3))
    assert away is not x
    np.testing.assert_array_equal(away.asnumpy(), x.asnumpy())
    assert x.copyto(device) is not x


def test_copyto_itself_warns(x):
    with pytest.warns(RuntimeWarning, match="itself"):
        assert x.copyto(x) is x


def test_numpy_sees_the_values(x):
    values = np.asarray(x)
    assert values.dtype == np.float32
    assert np.array(x, dtype="int64").dtype == np.int64
    assert np.mean(x.asnumpy()) == 11.5
    with pytest.raises(ValueError, match="copy"):
        x.__array__(copy=False)


def test_dlpack_shares_memory():
    x = nd.arange(4)
    values = np.from_dlpack(x)
    x[0] = 9
    assert values.tolist() == [9, 1, 2, 3]
    y = nd.from_dlpack(x.to_dlpack_for_write())
    y[1] = 8
    assert x.asnumpy().tolist() == [9, 8, 2, 3]
    assert nd.from_dlpack(nd.to_dlpack_for_read(x)).shape == (4,)
    with pytest.raises(mx.base.MXNetError, match="from_dlpack"):
        nd.from_dlpack(3)


def test_entries_show_their_source_and_documentation():
    source = inspect.getsource(nd.exp)
    assert source.lstrip().startswith("def exp(data=None, out=None")
    assert "ctx.table[KERNEL]" in source
    assert inspect.signature(nd.FullyConnected).parameters["num_hidden"].default is mx.base._Null
    assert "num_hidden" in nd.FullyConnected.__doc__
    assert nd.exp.__name__ == "exp"
    assert nd.exp.__module__ == "workbench.ndarray"
    assert nd.exp is nd.exp
    assert "def clip(self" in inspect.getsource(nd.NDArray.clip)
    assert inspect.getsource(nd.NDArray.__add__)


def test_tracebacks_show_the_line_of_an_entry():
    with pytest.raises(mx.base.MXNetError) as caught:
        nd.dot(nd.ones((2, 3)), nd.ones((2, 3)))
    text = "".join(traceback.format_exception(caught.value))
    assert "<workbench dot>" in text
    assert "invoke_prepare(OP" in text
    with pytest.raises(mx.base.MXNetError) as caught:
        nd.ones((2,)) + nd.ones((3,))
    text = "".join(traceback.format_exception(caught.value))
    assert "raise explain(OP, (lhs, rhs), error) from None" in text


def test_naive_engine_gives_the_same(device):
    before = mx.nd.dot(nd.ones((4, 4), ctx=device), nd.ones((4, 4), ctx=device)).asnumpy()
    with mx.engine.bulk(4):
        after = mx.nd.dot(nd.ones((4, 4), ctx=device), nd.ones((4, 4), ctx=device)).asnumpy()
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(
    "key",
    [
        (slice(None), slice(1, 3), None, [0, 1], None, [1, 0]),
        ([0, 1], None, [1, 0]),
        (None, slice(None), None, 1, None, [0, 1]),
    ],
)
def test_index_arrays_that_a_new_axis_parts_come_first(key):
    values = np.arange(120).reshape(2, 3, 4, 5)
    x = nd.array(values)
    np.testing.assert_array_equal(x[key].asnumpy(), values[key])
    x.attach_grad()
    with mx.autograd.record():
        y = x[key]
    y.backward()
    expected = np.zeros_like(values)
    np.add.at(expected, key, 1)
    np.testing.assert_array_equal(x.grad.asnumpy(), expected)
