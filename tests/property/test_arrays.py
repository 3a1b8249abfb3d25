"""Arrays against NumPy and against slow references, on inputs that hypothesis thinks of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from hypothesis.extra import numpy as hnp

import workbench as mx
from workbench import nd

SHAPES = hnp.array_shapes(min_dims=1, max_dims=4, max_side=4)
DEVICES = st.sampled_from([mx.cpu(0), mx.cpu(1), mx.Context("loopback", 0)])
quick = settings(max_examples=150, deadline=None)


def numbered(shape, dtype="float32"):
    return np.arange(1, np.prod(shape) + 1, dtype=dtype).reshape(shape)


# ---- broadcasting -------------------------------------------------------------------------------

BINARY = {
    "broadcast_add": np.add,
    "broadcast_sub": np.subtract,
    "broadcast_mul": np.multiply,
    "broadcast_div": np.divide,
    "broadcast_maximum": np.maximum,
    "broadcast_greater": np.greater,
}


@quick
@given(
    hnp.mutually_broadcastable_shapes(num_shapes=2, min_dims=1, max_dims=4, max_side=4),
    st.sampled_from(sorted(BINARY)),
    DEVICES,
)
def test_broadcasting_as_numpy(shapes, name, ctx):
    left, right = (numbered(shape) for shape in shapes.input_shapes)
    got = getattr(nd, name)(nd.array(left, ctx=ctx), nd.array(right, ctx=ctx))
    expected = BINARY[name](left, right).astype("float32")
    assert got.shape == shapes.result_shape
    np.testing.assert_allclose(got.asnumpy(), expected, rtol=1e-6)


@quick
@given(SHAPES, SHAPES)
def test_shapes_that_numpy_refuses_are_refused(left, right):
    try:
        np.broadcast_shapes(left, right)
    except ValueError:
        with pytest.raises(mx.error.ShapeError, match="Shape inconsistent"):
            nd.ones(left) + nd.ones(right)
    else:
        assert (nd.ones(left) + nd.ones(right)).shape == np.broadcast_shapes(left, right)


@quick
@given(hnp.mutually_broadcastable_shapes(num_shapes=2, min_dims=1, max_dims=4, max_side=3), DEVICES)
def test_gradients_have_the_shape_of_what_was_broadcast(shapes, ctx):
    x, y = (nd.array(numbered(shape), ctx=ctx) for shape in shapes.input_shapes)
    for array in (x, y):
        array.attach_grad()
    with mx.autograd.record():
        total = (x * y).sum()
    total.backward()
    ones = np.ones(shapes.result_shape)
    for array, other in ((x, y), (y, x)):
        full = ones * other.asnumpy()
        lead = full.ndim - array.ndim
        axes = [i + lead for i, n in enumerate(array.shape) if n == 1 and full.shape[i + lead] > 1]
        expected = full.sum(axis=(*range(lead), *axes), keepdims=True).reshape(array.shape)
        np.testing.assert_allclose(array.grad.asnumpy(), expected, rtol=1e-5)


# ---- reductions ---------------------------------------------------------------------------------


@quick
@given(SHAPES, st.data(), st.sampled_from(["sum", "mean", "max", "min", "prod"]), st.booleans())
def test_reductions_as_numpy(shape, data, name, keepdims):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    values = numbered(shape) / 7
    got = getattr(nd, name)(nd.array(values), axis=axis, keepdims=keepdims).asnumpy()
    expected = getattr(np, name)(values, axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(got, expected.reshape(got.shape), rtol=1e-5)
    assert got.shape == (expected.shape or (1,))


# ---- indexing -----------------------------------------------------------------------------------


@st.composite
def keys(draw, shape):
    """A key for which MXNet gives what NumPy gives (but that rank 0 becomes rank 1)."""
    parts = []
    for size in shape[: draw(st.integers(1, len(shape)))]:
        kind = draw(st.sampled_from(["int", "slice", "step", "all"]))
        if kind == "int":
            parts.append(draw(st.integers(-size, size - 1)))
        elif kind == "all":
            parts.append(slice(None))
        else:
            start = draw(st.integers(0, size - 1))
            stop = draw(st.integers(start + 1, size))
            step = draw(st.integers(1, 3)) if kind == "step" else None
            parts.append(slice(start, stop, step))
    if draw(st.booleans()) and len(parts) < len(shape):
        parts.append(Ellipsis)
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), None)
    return parts[0] if len(parts) == 1 and draw(st.booleans()) else tuple(parts)


@quick
@given(SHAPES, st.data(), DEVICES)
def test_reading_as_numpy(shape, data, ctx):
    key, values = data.draw(keys(shape)), numbered(shape)
    got, expected = nd.array(values, ctx=ctx)[key], values[key]
    assert got.shape == (expected.shape or (1,))
    np.testing.assert_array_equal(got.asnumpy().reshape(expected.shape), expected)


@quick
@given(SHAPES, st.data(), DEVICES)
def test_writing_as_numpy(shape, data, ctx):
    key, values = data.draw(keys(shape)), numbered(shape)
    x = nd.array(values, ctx=ctx)
    part = values[key]
    value = data.draw(st.sampled_from([7.0, -numbered(part.shape or (1,))]))
    values[key] = np.reshape(value, part.shape) if isinstance(value, np.ndarray) else value
    x[key] = nd.array(value, ctx=ctx) if isinstance(value, np.ndarray) else value
    np.testing.assert_array_equal(x.asnumpy(), values)


@quick
@given(SHAPES, st.data(), DEVICES)
def test_reading_and_writing_with_lists_as_numpy(shape, data, ctx):
    size = shape[0]
    rows = data.draw(st.lists(st.integers(-size, size - 1), min_size=1, max_size=5))
    values = numbered(shape)
    x = nd.array(values, ctx=ctx)
    np.testing.assert_array_equal(x[rows].asnumpy(), values[rows])
    values[rows] = -1
    x[nd.array(rows, ctx=ctx)] = -1
    np.testing.assert_array_equal(x.asnumpy(), values)


@quick
@given(SHAPES, st.data())
def test_the_gradient_of_reading_is_writing(shape, data):
    key = data.draw(keys(shape))
    x = nd.array(numbered(shape))
    x.attach_grad()
    with mx.autograd.record():
        y = (x[key] * 3).sum()
    y.backward()
    expected = np.zeros(shape)
    expected[key] = 3
    np.testing.assert_array_equal(x.grad.asnumpy(), expected)


# ---- reshape codes ------------------------------------------------------------------------------


def slow_reshape(shape, codes):
    """The sizes that codes stand for, one code after the other; None where they do not fit."""
    sizes, at, made, unknown = list(shape), 0, [], None
    codes = list(codes)
    while codes:
        code = codes.pop(0)
        if code > 0:
            made.append(code)
            at += 1
        elif code == 0:
            if at >= len(sizes):
                return None
            made.append(sizes[at])
            at += 1
        elif code == -1:
            if unknown is not None:
                return None
            unknown = len(made)
            made.append(1)
            at += 1
        elif code == -2:
            made += sizes[at:]
            at = len(sizes)
        elif code == -3:
            if at + 1 >= len(sizes):
                return None
            made.append(sizes[at] * sizes[at + 1])
            at += 2
        else:
            if at >= len(sizes) or len(codes) < 2:
                return None
            first, second = codes.pop(0), codes.pop(0)
            size = sizes[at]
            if first == second == -1:
                return None
            if first == -1:
                first = size // second
            if second == -1:
                second = size // first
            if first * second != size:
                return None
            made += [first, second]
            at += 1
    total, got = int(np.prod(sizes)), int(np.prod(made))
    if unknown is not None and got and total % got == 0:
        made[unknown] = total // got
        got = total
    return tuple(made) if got == total else None


@settings(max_examples=400, deadline=None)
@given(SHAPES, st.data())
def test_reshape_codes_as_a_slow_reference(shape, data):
    codes = []
    for _ in range(data.draw(st.integers(1, 5))):
        code = data.draw(st.sampled_from([0, 0, -1, -2, -3, -4, *shape]))
        codes.append(code)
        if code == -4:
            first = data.draw(st.sampled_from([-1, 1, 2, 3]))
            codes += [first, data.draw(st.sampled_from([1, 2] if first == -1 else [-1, 1, 2]))]
    expected = slow_reshape(shape, codes)
    assume(expected)
    x = nd.array(numbered(shape))
    assert x.reshape(tuple(codes)).shape == expected
    assert nd.reshape(x, shape=tuple(codes)).shape == expected
    np.testing.assert_array_equal(x.reshape(*codes).asnumpy().ravel(), x.asnumpy().ravel())


# ---- sizes of zero, memory that is not contiguous -----------------------------------------------


@quick
@given(hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3), DEVICES)
def test_arrays_of_no_elements_pass_through(shape, ctx):
    x = nd.array(np.zeros(shape), ctx=ctx)
    for made in (x + 1, x * x, x.exp(), nd.relu(x), x.astype("int32"), x.copy(), -x):
        assert made.shape == shape
    assert x.T.shape == shape[::-1]
    assert repr(x)


@quick
@given(SHAPES, st.data())
def test_other_orders_in_memory_give_the_same(shape, data):
    axes = data.draw(st.permutations(range(len(shape))))
    values = numbered(shape).transpose(axes)
    x = nd.array(values)
    np.testing.assert_array_equal(x.asnumpy(), values)
    y = nd.array(numbered(shape)).transpose(tuple(axes))
    np.testing.assert_array_equal((x + y).asnumpy(), values * 2)
    np.testing.assert_array_equal(y.reshape((-1,)).asnumpy(), values.ravel())
    y.reshape((-1,))[0] = -1
    assert y.asnumpy().ravel()[0] == -1, "a reshape is a view, whatever the array came from"


# ---- files --------------------------------------------------------------------------------------


@quick
@given(st.lists(hnp.arrays(st.sampled_from(["f4", "f8", "f2", "u1", "i4", "i8", "i1"]), SHAPES),
                min_size=1, max_size=4))  # fmt: skip
def test_saved_arrays_come_back(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("save") / "x.params"
    nd.save(path, [nd.array(v, dtype=v.dtype) for v in values])
    for array, value in zip(nd.load(path), values, strict=True):
        assert array.dtype == value.dtype
        np.testing.assert_array_equal(array.asnumpy(), value)
