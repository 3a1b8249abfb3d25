"""Operators on the parts of sparse arrays give what the same operators give of dense arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as arrays

import workbench as mx
from workbench import nd
from workbench.error import DTypeError, MXNetError, ShapeError

VALUES = st.sampled_from([0.0, 0.0, 0.0, 1.0, -2.0, 0.5, 3.0])
SIZES = st.integers(1, 6)
SPARSE = ("csr", "row_sparse")


def matrix(rows, columns):
    return arrays.arrays("float32", (rows, columns), elements=VALUES)


@st.composite
def pairs(draw):
    """Two matrices of one shape."""
    rows, columns = draw(SIZES), draw(SIZES)
    return draw(matrix(rows, columns)), draw(matrix(rows, columns))


@st.composite
def factors(draw):
    """Two matrices that can be multiplied, and whether each is given transposed."""
    m, k, n = draw(SIZES), draw(SIZES), draw(SIZES)
    ta, tb = draw(st.booleans()), draw(st.booleans())
    a, b = draw(matrix(m, k)), draw(matrix(k, n))
    return np.ascontiguousarray(a.T) if ta else a, np.ascontiguousarray(b.T) if tb else b, ta, tb


def close(made, expected):
    np.testing.assert_allclose(made.asnumpy(), expected, rtol=1e-5, atol=1e-6)


@given(factors(), st.sampled_from(("default", *SPARSE)), st.sampled_from(("default", *SPARSE)))
@settings(max_examples=150)
def test_products(given_, left, right):
    a, b, ta, tb = given_
    made = nd.dot(
        nd.array(a).tostype(left), nd.array(b).tostype(right), transpose_a=ta, transpose_b=tb
    )
    close(made, (a.T if ta else a) @ (b.T if tb else b))


@given(pairs(), st.sampled_from(SPARSE))
def test_arithmetic(both, stype):
    x, y = both
    a, b = nd.array(x).tostype(stype), nd.array(y).tostype(stype)
    close(a + b, x + y)
    close(a - b, x - y)
    close(a * b, x * y)
    close(nd.elemwise_mul(a, nd.array(y)), x * y)
    close(nd.elemwise_mul(nd.array(x), b), x * y)
    close(nd.add_n(a, b, a), x + y + x)
    close(nd.sparse.add(nd.array(x), b), x + y)
    close(a + a, 2 * x)


@given(st.data())
def test_broadcast_products_of_csr(data):
    rows, columns = data.draw(SIZES), data.draw(SIZES)
    x = data.draw(matrix(rows, columns))
    shape = data.draw(st.sampled_from([(rows, columns), (1, columns), (rows, 1), (columns,), (1,)]))
    y = data.draw(arrays.arrays("float32", shape, elements=st.sampled_from([0.5, 2.0, -1.0])))
    for made, expected in (
        (nd.broadcast_mul(nd.array(x).tostype("csr"), nd.array(y)), x * y),
        (nd.broadcast_div(nd.array(x).tostype("csr"), nd.array(y)), x / y),
    ):
        assert made.stype == "csr"
        close(made, expected)


@given(st.data())
def test_parts_of_csr(data):
    rows, columns = data.draw(SIZES), data.draw(SIZES)
    x = data.draw(matrix(rows, columns))
    a = nd.array(x).tostype("csr")
    top = data.draw(st.integers(0, rows - 1))
    bottom = data.draw(st.integers(top + 1, rows))
    left = data.draw(st.integers(0, columns - 1))
    right = data.draw(st.integers(left + 1, columns))
    close(a[top:bottom], x[top:bottom])
    close(a[top - rows], x[[top]])
    made = nd.slice(a, begin=(top, left), end=(bottom, right))
    assert made.stype == "csr"
    made.check_format()
    close(made, x[top:bottom, left:right])
    wanted = np.array(data.draw(st.lists(st.integers(-9, 9), min_size=1, max_size=5)), "float32")
    for mode in ("clip", "wrap"):
        taken = nd.take(a, nd.array(wanted), mode=mode)
        assert taken.stype == "csr"
        taken.check_format()
        close(taken, np.take(x, wanted.astype(int), axis=0, mode=mode))
    both = nd.concat(a, a[top:bottom], dim=0)
    both.check_format()
    close(both, np.concatenate([x, x[top:bottom]]))


@given(pairs(), st.sampled_from([None, 0, 1, -1]), st.booleans())
def test_reductions(both, axis, keepdims):
    x = both[0]
    for stype in SPARSE:
        a = nd.array(x).tostype(stype)
        for name in ("sum", "mean", "norm"):
            made = getattr(nd, name)(a, axis=axis, keepdims=keepdims)
            expected = getattr(nd, name)(nd.array(x), axis=axis, keepdims=keepdims)
            assert made.stype == "default"
            assert made.shape == expected.shape
            close(made, expected.asnumpy())
    rows = nd.array(x).tostype("row_sparse")
    made = nd._internal._square_sum(rows, axis=axis, keepdims=keepdims)
    expected = (x * x).sum(axis=axis, keepdims=keepdims).reshape(made.shape)
    assert made.stype == ("row_sparse" if axis == 1 and keepdims else "default")
    close(made, expected)


@given(st.data())
def test_rows(data):
    rows = data.draw(SIZES)
    x = data.draw(matrix(rows, data.draw(SIZES)))
    a = nd.array(x).tostype("row_sparse")
    wanted = np.array(data.draw(st.lists(st.integers(0, rows - 1), min_size=1, max_size=4)))
    expected = np.zeros_like(x)
    expected[wanted] = x[wanted]
    kept = nd.sparse.retain(a, nd.array(wanted))
    assert kept.indices.asnumpy().tolist() == sorted(set(wanted.tolist()))
    close(kept, expected)
    close(nd.sparse.retain(nd.array(x), nd.array(wanted)), expected)
    read = nd.Embedding(nd.array(wanted), a, input_dim=rows, output_dim=x.shape[1])
    close(read, x[wanted])


@given(pairs())
def test_how_many_are_stored(both):
    x = both[0]
    a = nd.array(x).tostype("csr")
    assert nd.contrib.getnnz(a).asnumpy().tolist() == [np.count_nonzero(x)]
    for axis in (0, 1):
        expected = np.count_nonzero(x, axis=axis)
        np.testing.assert_array_equal(nd.contrib.getnnz(a, axis=axis).asnumpy(), expected)


X = np.array([[0, 1, 0, 2], [0, 0, 0, 0], [3, 0, 4, 0]], "float32")


@pytest.fixture(params=SPARSE)
def either(request, device):
    return nd.array(X).tostype(request.param)


def test_on_every_device(either, device):
    w = nd.array(X.T)
    for made, expected in (
        (nd.dot(either, w), X @ X.T),
        (nd.dot(either, nd.array(X), transpose_a=True), X.T @ X),
        (nd.dot(nd.array(X.T), either), X.T @ X),
        (either + either, 2 * X),
        (either * nd.array(X), X * X),
        (nd.sin(either), np.sin(X)),
        (either / 2, X / 2),
        (nd.sum(either, axis=0), X.sum(0)),
        (nd.norm(either), np.sqrt((X * X).sum()).reshape(1)),
        (nd.concat(either, either, dim=0), np.concatenate([X, X])),
        (nd.cast_storage(either, stype="default"), X),
        (nd.cast_storage(either, stype=either.stype), X),
        (nd.softmax(either), nd.softmax(nd.array(X)).asnumpy()),
    ):
        assert made.context == device
        close(made, expected)


def test_casting_storage_by_the_operator(device):
    for stype in SPARSE:
        assert nd.cast_storage(nd.array(X), stype=stype).stype == stype
    with pytest.raises(ShapeError):
        nd.cast_storage(nd.array([1.0, 2.0]), stype="csr")


def test_random_numbers_into_sparse_arrays(device):
    mx.random.seed(7)
    dense = nd.random.uniform(shape=(3, 4))
    mx.random.seed(7)
    rows = nd.zeros((3, 4), stype="row_sparse")
    assert nd.random.uniform(shape=(3, 4), out=rows) is rows
    np.testing.assert_array_equal(rows.asnumpy(), dense.asnumpy())


def test_out_of_any_storage(either):
    for stype in ("default", *SPARSE):
        out = nd.zeros((3, 4), stype=stype)
        assert nd.square(either, out=out) is out
        assert out.stype == stype
        close(out, X * X)
        assert nd.square(nd.array(X), out=out) is out
        close(out, X * X)


def test_what_does_not_fit_is_refused(either):
    with pytest.raises(ShapeError, match="Shape inconsistent"):
        nd.elemwise_add(either, nd.ones((2, 2)).tostype(either.stype))
    with pytest.raises(ShapeError, match="Shape inconsistent"):
        nd.dot(either, nd.ones((7, 2)))
    with pytest.raises(DTypeError):
        nd.elemwise_add(either, either.astype("float64"))
    with pytest.raises(MXNetError):
        nd.take(either, nd.array([99.0]), mode="raise")


def test_large_arrays_stay_sparse():
    """A dense copy would take 8 TB."""
    shape = (2_000_000, 1_000_000)
    a = nd.sparse.csr_matrix(([1, 2, 3], ([0, 7, 7], [5, 0, 999_999])), shape=shape)
    assert (a + a).data.asnumpy().tolist() == [2, 4, 6]
    assert nd.sqrt(a * a).data.asnumpy().tolist() == [1, 2, 3]
    assert nd.sum(a).asscalar() == 6
    w = nd.ones((1_000_000, 2))
    assert nd.dot(a, w)[7].asnumpy().tolist() == [5, 5]
    with pytest.raises(MXNetError, match="does not fit"):
        nd.exp(a)
