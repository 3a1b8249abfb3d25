"""Csr and Rows, the sparse arrays that bodies see, against dense arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as arrays

from workbench.ops.sparse import Csr, Rows, csr_at, group_sum, of_dense, rows_of, stype_of, union

MATRICES = arrays.arrays(
    "float32",
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    elements=st.sampled_from([0.0, 0.0, 1.0, -2.0, 0.5]),
)
NUMBERS = st.lists(st.integers(0, 9), max_size=12)


@given(MATRICES)
def test_there_and_back(x):
    for stype in ("csr", "row_sparse"):
        made = of_dense(np, x, stype)
        assert stype_of(made) == stype
        assert made.shape == x.shape
        assert made.dtype == x.dtype
        np.testing.assert_array_equal(made.dense(), x)
        assert made.canonical() is made
    assert of_dense(np, x, "default") is x
    assert stype_of(x) == "default"


@given(NUMBERS)
def test_sums_of_groups(numbers):
    groups = np.array(numbers, "int64")
    values = np.arange(groups.size * 2, dtype="float32").reshape(-1, 2)
    keys, sums = group_sum(np, values, groups)
    assert keys.tolist() == sorted(set(numbers))
    for key, total in zip(keys, sums, strict=True):
        np.testing.assert_array_equal(total, values[groups == key].sum(0))


@given(NUMBERS, NUMBERS)
def test_union(a, b):
    both = union(np, *[np.array(sorted(set(one)), "int64") for one in (a, b)])
    assert both.tolist() == sorted({*a, *b})


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_rows_of_elements(counts):
    indptr = np.concatenate([[0], np.cumsum(counts)])
    expected = np.repeat(np.arange(len(counts)), counts)
    np.testing.assert_array_equal(rows_of(np, indptr, int(indptr[-1])), expected)


def test_elements_in_any_order_and_twice():
    made = Csr(
        np,
        np.array([1.0, 2.0, 4.0, 8.0], "float32"),
        np.array([0, 3, 4]),
        np.array([2, 0, 2, 1]),
        (2, 3),
    )
    assert made.dense().tolist() == [[2, 0, 5], [0, 8, 0]]
    ordered = made.canonical()
    assert ordered.indices.tolist() == [0, 2, 1]
    assert ordered.data.tolist() == [2, 5, 8]
    assert ordered.indptr.tolist() == [0, 2, 3]


def test_rows_in_any_order_and_twice():
    made = Rows(np, np.array([[1.0], [2.0], [3.0]]), np.array([2, 0, 2]), (4, 1))
    ordered = made.canonical()
    assert ordered.indices.tolist() == [0, 2]
    assert ordered.dense().ravel().tolist() == [2, 0, 3, 0]


@given(MATRICES, st.data())
def test_reading_and_writing_rows(x, data):
    made = of_dense(np, x, "row_sparse")
    rows = np.array(data.draw(st.lists(st.integers(0, len(x) - 1), max_size=4)), "int64")
    np.testing.assert_array_equal(made.take(rows), x[rows])
    written = np.unique(rows)
    expected = x.copy()
    expected[written] = 7
    made.put(written, expected[written])
    np.testing.assert_array_equal(made.dense(), expected)
    assert (np.diff(made.indices) > 0).all()


@given(MATRICES)
def test_adding(x):
    rows = of_dense(np, x, "row_sparse")
    both = rows + of_dense(np, x[::-1].copy(), "row_sparse")
    assert stype_of(both) == "row_sparse"
    np.testing.assert_array_equal(both.dense(), x + x[::-1])
    for total in (rows + x, x + rows):
        assert stype_of(total) == "default"
        np.testing.assert_array_equal(total, x + x)


def test_nothing_at_all():
    none = csr_at(np, np.zeros(0, "int64"), np.zeros(0, "float32"), (3, 2))
    assert none.indptr.tolist() == [0, 0, 0, 0]
    assert not none.dense().any()
    rows = Rows(np, np.zeros((0, 2), "float32"), np.zeros(0, "int64"), (3, 2))
    assert rows.take(np.array([0, 2])).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("stype", ["csr", "row_sparse"])
def test_sums_without_reduceat(stype, monkeypatch):
    """Namespaces of other devices have no ``add.reduceat``."""

    class Namespace:
        add = type("Add", (), {"at": staticmethod(np.add.at)})

        def __getattr__(self, name):
            return getattr(np, name)

    keys, sums = group_sum(Namespace(), np.ones((3, 2), "float32"), np.array([4, 1, 4]))
    assert keys.tolist() == [1, 4]
    assert sums.tolist() == [[1, 1], [2, 2]]
