from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench.error import MXNetError, ShapeError


def test_infer_shape_by_name_and_position():
    a, b = mx.sym.var("a"), mx.sym.var("b")
    fc = mx.sym.FullyConnected(a, num_hidden=3, name="fc")
    expected = ([(2, 4), (3, 4), (3,)], [(2, 3)], [])
    assert fc.infer_shape(a=(2, 4)) == expected
    assert fc.infer_shape((2, 4)) == expected
    assert (a + b).infer_shape(None, (2, 3)) == ([(2, 3), (2, 3)], [(2, 3)], [])


def test_what_cannot_be_told_is_none_with_a_warning():
    a, b = mx.sym.var("a"), mx.sym.var("b")
    with pytest.warns(UserWarning, match="Cannot decide shape"):
        assert (a + b).infer_shape(a=(2, 0)) == (None, None, None)
    with pytest.warns(UserWarning, match="Cannot decide type"):
        assert (a + b).infer_type() == (None, None, None)


def test_partial_inference_leaves_gaps():
    a, b = mx.sym.var("a"), mx.sym.var("b")
    assert (a + b).infer_shape_partial(a=(2, 0)) == ([(2, 0), (2, 0)], [(2, 0)], [])
    assert (a + b).infer_shape_partial() == ([(), ()], [()], [])
    assert (a + b).infer_shape(a=(2, 0), b=(0, 3))[1] == [(2, 3)]


def test_declared_shapes_and_dtypes_count():
    a = mx.sym.var("a", shape=(2, 0), dtype="float64")
    y = mx.sym.exp(a)
    assert y.infer_shape_partial()[1] == [(2, 0)]
    assert y.infer_shape(a=(0, 3))[1] == [(2, 3)]
    assert y.infer_type()[1] == [np.float64]


def test_mistakes_are_explained():
    a, b = mx.sym.var("a"), mx.sym.var("b")
    with pytest.raises(ValueError, match="either by positional or kwargs"):
        a.infer_shape((2,), a=(2,))
    with pytest.raises(MXNetError, match="zzz not found"):
        a.infer_shape(zzz=(2,))
    with pytest.raises(TypeError, match="need to be shapes"):
        a.infer_shape(a=3)
    with pytest.raises(ShapeError, match="_plus"):
        (a + b).infer_shape(a=(2, 3), b=(2, 4))
    with pytest.raises(MXNetError):
        a.infer_shape((2,), (3,))
    with pytest.raises(MXNetError, match="__shape__"):
        mx.sym.var("x", attr={"__shape__": "no shape"}).infer_shape()


def test_infer_type_gives_numpy_types():
    fc = mx.sym.FullyConnected(mx.sym.var("a"), num_hidden=3)
    assert fc.infer_type(a="float32") == ([np.float32] * 3, [np.float32], [])
    assert fc.infer_type(np.float64)[1] == [np.float64]
    assert mx.sym.Cast(mx.sym.var("x"), dtype="int32").infer_type(x="float32")[1] == [np.int32]
    assert mx.sym.exp(mx.sym.var("x")).infer_type_partial() == ([None], [None], [])
