"""Bodies become expressions, or say why they cannot."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.kernels.trace import NotTraceable, Recorder, listing, reachable


@pytest.fixture
def xp():
    return Recorder("float32")


def test_a_formula_reads_as_it_was_written(xp):
    a, b = xp.inputs(2)
    assert repr(xp.tanh(a * b + 1) - 2 / -a) == "(tanh(((in0 * in1) + 1)) - (2 / negative(in0)))"
    assert repr((a > 0) & ~(b != a)) == "logical_and((in0 > 0), logical_not((in1 != in0)))"


def test_equal_subexpressions_are_one_node(xp):
    a = xp.input()
    assert xp.exp(a) is xp.exp(a)
    assert xp.abs(a) is abs(a)
    assert a + 1 is a + np.float32(1)
    assert a + 0.0 is not a + -0.0
    assert a + np.nan is a + float("nan")
    assert len(reachable([xp.exp(a) * xp.exp(a) + xp.exp(a)])) == 4


def test_numpy_scalars_and_0d_arrays_are_constants(xp):
    a = xp.input()
    assert repr(np.float32(3) * a) == "(3 * in0)"
    assert repr(np.array(2.5, "float32") - a) == "(2.5 - in0)"
    assert repr(a / np.int64(3)) == "(in0 / 3)"
    assert repr(a * 0.1) == "(in0 * 0.1)"
    assert (a * 0.1).args[1].value == np.float32(0.1)


def test_truth_values_become_numbers_where_numbers_are_wanted(xp):
    a, b = xp.inputs(2)
    assert repr((a > b).astype(a.dtype)) == "real((in0 > in1))"
    assert repr((a > 0) * b) == "(real((in0 > 0)) * in1)"
    assert repr(xp.where(a, b, 0)) == "where((in0 != 0), in1, 0)"
    assert repr(a.astype(bool)) == "(in0 != 0)"
    assert (a > b).dtype == np.bool_
    assert a.astype("float32") is a


def test_small_powers_are_products(xp):
    a = xp.input()
    assert repr(a**2) == "square(in0)"
    assert repr(a**0.5) == "sqrt(in0)"
    assert repr(a**-1) == "reciprocal(in0)"
    assert repr(a**1) == "in0"
    assert repr(a**2.5) == "(in0 ** 2.5)"
    assert repr(2**a) == "(2 ** in0)"


def test_clip_and_likes(xp):
    a = xp.input()
    assert repr(xp.clip(a, 0, 6)) == "minimum(maximum(in0, 0), 6)"
    assert repr(a.clip(None, 1)) == "minimum(in0, 1)"
    assert repr(a + xp.ones_like(a) - xp.zeros_like(a)) == "((in0 + 1) - 0)"
    assert repr(xp.full_like(a, 3) * xp.asarray(a)) == "(3 * in0)"


@pytest.mark.parametrize(
    "body",
    [
        lambda xp, a: a if a > 0 else -a,
        lambda xp, a: a.sum(),
        lambda xp, a: xp.sum(a),
        lambda xp, a: a[0],
        lambda xp, a: a.reshape(-1),
        lambda xp, a: a.astype("int32"),
        lambda xp, a: np.exp(a),
        lambda xp, a: np.asarray(a),
        lambda xp, a: list(a),
        lambda xp, a: a + np.ones(3, "float32"),
        lambda xp, a: a + "text",
        lambda xp, a: xp.add(a, a, dtype="float64"),
        lambda xp, a: xp.exp(a, a),
        lambda xp, a: xp.exp(a, out=a),
        lambda xp, a: a & a,
        lambda xp, a: ~a,
        lambda xp, a: (a > 0) - (a < 1),
        lambda xp, a: a + Recorder("float32").input(),
    ],
)
def test_what_is_no_expression_in_one_dtype_is_refused(xp, body):
    with pytest.raises((NotTraceable, TypeError), match=r"element-wise|loop of ufunc|ufunc"):
        body(xp, xp.input())


@pytest.mark.skipif(np.__version__ < "2", reason="NumPy 1 promotes by value: the sum is float32")
def test_a_wider_number_would_leave_the_dtype(xp):
    with pytest.raises(NotTraceable, match="float64 constant among arrays of float32"):
        xp.input() + np.float64(0.1)


def test_arrays_of_other_dtypes_are_refused():
    for dtype in ("float16", "int32", "bool"):
        with pytest.raises(NotTraceable, match=f"arrays of {dtype}"):
            Recorder(dtype)


def test_the_listing_depends_on_the_expression_alone():
    def traced(extra):
        xp = Recorder("float64")
        a, b = xp.inputs(2)
        if extra:
            xp.log(a * 7)
        return listing([a * 0.1 + b, xp.exp(b)])

    assert traced(False) == traced(True)
    assert traced(False).splitlines()[-1] == "out 4 5"


def test_dunder_questions_find_nothing(xp):
    assert not hasattr(xp.input(), "__len__")
    assert not hasattr(xp, "__wrapped__")
