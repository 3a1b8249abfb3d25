"""Rows chosen and replaced, numbers of elements: what examples do not show."""

from __future__ import annotations

import json

import numpy as np
import pytest

import workbench as mx
from workbench.error import MXNetError


def test_of_equal_indices_the_last_one_counts():
    out = mx.nd.contrib.index_copy(
        mx.nd.zeros((3, 2)), mx.nd.array([1, 1], dtype="int32"), mx.nd.array([[1, 2], [3, 4]])
    )
    assert out.asnumpy().tolist() == [[0, 0], [3, 4], [0, 0]]


@pytest.mark.parametrize("index", [[3], [-1]])
def test_rows_that_are_not_there_are_refused(index):
    with pytest.raises(MXNetError, match=r"out of range 0 \.\. 2"):
        mx.nd.contrib.index_copy(mx.nd.zeros((3, 2)), mx.nd.array(index), mx.nd.ones((1, 2)))
    with pytest.raises(MXNetError, match=r"out of range 0 \.\. 2"):
        mx.nd.fill_element_0index(mx.nd.zeros((1, 3)), mx.nd.ones(1), mx.nd.array(index))


@pytest.mark.parametrize(
    ("index", "new"), [((1,), (1, 3)), ((2,), (1, 2)), ((1, 1), (1, 2)), ((1,), (2,))]
)
def test_index_copy_compares_shapes(index, new):
    with pytest.raises(MXNetError, match="index_copy"):
        mx.nd.contrib.index_copy(mx.nd.zeros((3, 2)), mx.nd.zeros(index), mx.nd.ones(new))


@pytest.mark.parametrize("mask", [[1, 1], [[1, 0, 1]]])
def test_a_mask_has_one_entry_a_row(mask):
    with pytest.raises(MXNetError, match="index of shape"):
        mx.nd.contrib.boolean_mask(mx.nd.ones((3, 2)), mx.nd.array(mask))


def test_a_mask_may_leave_nothing():
    out = mx.nd.contrib.boolean_mask(mx.nd.ones((2, 3)), mx.nd.zeros(2))
    assert out.shape == (0, 3)


def test_an_index_that_is_no_class_leaves_its_row_zero():
    out = mx.nd.onehot_encode(mx.nd.array([0, 5]), mx.nd.ones((2, 3)))
    assert out.asnumpy().tolist() == [[1, 0, 0], [0, 0, 0]]


def test_flat_numbers_outside_the_array_go_into_the_first_axis():
    flat = mx.nd.array([1, 20, -1])
    for first in (3, -1):
        places = mx.nd.unravel_index(flat, shape=(first, 4))
        assert places.asnumpy().tolist() == [[0, 5, 0], [1, 0, -1]]
    assert mx.nd.ravel_multi_index(places, shape=(3, 4)).asnumpy().tolist() == [1, 20, -1]


@pytest.mark.parametrize(
    ("op", "shape", "given"),
    [
        ("unravel_index", (2,), ()),
        ("ravel_multi_index", (2, 2), ()),
        ("ravel_multi_index", (2, 2), (3, 4, 5)),
        ("ravel_multi_index", (2,), (3, 4)),
    ],
)
def test_numbers_of_elements_need_a_shape(op, shape, given):
    with pytest.raises(MXNetError, match=op):
        getattr(mx.nd, op)(mx.nd.ones(shape), shape=given)


def test_index_array_counts_axes_from_the_end_too():
    out = mx.nd.contrib.index_array(mx.nd.ones((2, 3)), axes=(-1,))
    assert out.asnumpy()[..., 0].tolist() == [[0, 1, 2]] * 2
    assert out.dtype == np.int64
    assert mx.nd.contrib.index_array(mx.nd.ones((2, 3)), axes=()).shape == (2, 3, 0)


def test_arange_like_keeps_the_dtype():
    out = mx.nd.contrib.arange_like(mx.nd.ones((2, 3), dtype="int32"), start=1.5)
    assert out.asnumpy().tolist() == [[1, 2, 3], [4, 5, 6]]
    assert out.dtype == np.int32
    with pytest.raises(MXNetError, match="axis 5"):
        mx.nd.contrib.arange_like(mx.nd.ones(3), axis=5)


def test_a_device_in_a_file_is_passed_over():
    made = mx.sym.contrib.arange_like(mx.sym.var("data"), axis=0)
    graph = json.loads(made.tojson())
    graph["nodes"][-1]["attrs"]["ctx"] = "gpu(0)"
    loaded = mx.sym.load_json(json.dumps(graph))
    assert loaded.eval(data=mx.nd.ones((3, 2)))[0].asnumpy().tolist() == [0, 1, 2]


def test_running_sums_of_the_flat_array():
    data = mx.nd.array([[1, 2, 3], [4, 5, 6]], dtype="int8")
    assert data.dtype == mx.nd.cumsum(data).dtype
    assert mx.nd.cumsum(data).asnumpy().tolist() == [1, 3, 6, 10, 15, 21]
    assert mx.nd.cumsum(data, axis=-1, dtype="float32").asnumpy()[1].tolist() == [4, 9, 15]
    with pytest.raises(MXNetError, match="axis 5"):
        mx.nd.cumsum(data, axis=5)


@pytest.mark.parametrize("shapes", [((2,), (2,)), ((2, 2), (2, 3))])
def test_khatri_rao_takes_matrices_of_equal_width(shapes):
    with pytest.raises(MXNetError, match="khatri_rao"):
        mx.nd.khatri_rao(*map(mx.nd.ones, shapes))


def test_unique_candidates_are_those_of_mxnet():
    mx.random.seed(3)
    draw = mx.nd._internal._sample_unique_zipfian
    rows, tries = draw(range_max=20, shape=(2, 5))
    assert rows.asnumpy().tolist() == [[3, 2, 1, 13, 4], [4, 1, 0, 3, 5]]
    assert tries.asnumpy().tolist() == [8, 5]
    rows, tries = draw(range_max=20, shape=(3, 4))
    assert rows.asnumpy().tolist() == [[3, 5, 0, 1], [4, 3, 12, 1], [5, 1, 0, 2]]
    after = mx.nd.random.uniform(shape=(2,)).asnumpy()
    np.testing.assert_allclose(after, [0.3854913115501404, 0.5350273251533508], rtol=1e-6)


def test_unique_candidates_may_be_all_classes():
    rows, tries = mx.nd._internal._sample_unique_zipfian(range_max=40, shape=(1500, 40))
    assert (np.sort(rows.asnumpy(), axis=1) == np.arange(40)).all()
    assert (tries.asnumpy() >= 40).all()


@pytest.mark.parametrize("shape", [(5,), (2, 21)])
def test_more_candidates_than_classes_are_refused(shape):
    with pytest.raises(MXNetError):
        mx.nd._internal._sample_unique_zipfian(range_max=20, shape=shape)


def test_one_hot_of_no_classes_is_empty():
    assert mx.nd.one_hot(mx.nd.array([0, 1]), 0).shape == (2, 0)
    with pytest.raises(MXNetError, match="depth"):
        mx.nd.one_hot(mx.nd.array([0, 1]), -1)
