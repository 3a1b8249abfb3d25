"""Rows and elements by index, by machine code, against the operators' bodies."""

from __future__ import annotations

import numpy as np
import pytest

from .prepared import agree, is_prepared_for

pytestmark = pytest.mark.usefixtures("needs_llvm")
ODD = np.array([0, 3, -2, 9, 2.7, -0.5, np.nan, -np.inf, 3e9], "float32")


def numbers(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def whole(high, *shape):
    return np.random.default_rng(1).integers(0, high, shape).astype("float32")


@pytest.mark.parametrize("width", [1, 5, 8, 21])
def test_rows_are_read_and_added_up(width):
    table, index = numbers(6, width), whole(6, 4, 5)
    agree("Embedding", index, table, input_dim=6, output_dim=width)
    agree("take", table, index)
    grad = numbers(4, 5, width)
    agree("_backward_take", grad, index, shape=table.shape, limit=1e-6)


def test_indices_out_of_range_read_the_nearest_row():
    table = numbers(4, 3)
    agree("Embedding", ODD, table, input_dim=4, output_dim=3)
    agree("_backward_take", numbers(len(ODD), 3), ODD, shape=(4, 3), limit=1e-6)
    agree("pick", numbers(len(ODD), 4), ODD)
    agree("_backward_pick", numbers(len(ODD)), ODD, shape=(len(ODD), 4))


def test_one_hot_of_indices_out_of_range_is_zero():
    agree("one_hot", ODD, depth=4)
    agree("one_hot", whole(7, 2, 3), depth=7)


@pytest.mark.parametrize("keepdims", [False, True])
def test_one_element_of_each_row(keepdims):
    data, index = numbers(2, 3, 9), whole(9, 2, 3)
    agree("pick", data, index, keepdims=keepdims)
    agree("_backward_pick", numbers(2, 3), index, shape=data.shape)
    agree("_put_along", numbers(2, 4), np.array([[0, 2, 1, 5], [3, 3, 0, 6]], "float32"), axis=1,
          shape=(2, 7), limit=1e-6)  # fmt: skip


@pytest.mark.parametrize("is_ascend", [False, True])
@pytest.mark.parametrize("k", [1, 3, 17, 0])
@pytest.mark.parametrize("ret_typ", ["both", "value", "indices"])
def test_topk(is_ascend, k, ret_typ):
    data = whole(9, 4, 23)  # many are equal: the first of them come first
    data[0, 3], data[1, 5:9], data[2] = np.inf, -np.inf, -np.inf
    agree("topk", data, k=k, ret_typ=ret_typ, is_ascend=is_ascend)


def test_topk_of_nan_is_left_to_the_body():
    data = numbers(3, 20)
    data[1, 4] = np.nan
    agree("topk", data, k=20, ret_typ="both")


def test_what_is_left_to_the_body():
    data, index = numbers(3, 4), whole(3, 2)
    assert not is_prepared_for("take", data, index, axis=1)
    assert not is_prepared_for("take", data, index, mode="wrap")
    assert not is_prepared_for("take", data, index.astype("int32"))
    assert not is_prepared_for("pick", data, whole(3, 4), axis=0)
    assert not is_prepared_for("one_hot", index, depth=3, on_value=2.0)
    assert not is_prepared_for("topk", numbers(2, 100), k=70)
