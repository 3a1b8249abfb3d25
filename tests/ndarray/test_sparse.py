"""Sparse arrays: parts, conversions, creation, operators that fall back to dense, errors."""

from __future__ import annotations

import copy
import pickle
import sys

import numpy as np
import pytest

import workbench as mx
from workbench import nd
from workbench.base import NotSupportedForSparseNDArray
from workbench.error import DataFileError, MXNetError, ShapeError
from workbench.ndarray import serialize

CSR = np.array([[0, 1, 0, 2], [0, 0, 0, 0], [3, 0, 4, 0]], "float32")
RSP = np.array([[0, 0], [1, 2], [0, 0], [3, 4], [0, 0]], "float32")


@pytest.fixture
def csr(device):
    return nd.array(CSR).tostype("csr")


@pytest.fixture
def rsp(device):
    return nd.array(RSP).tostype("row_sparse")


@pytest.fixture(params=["csr", "row_sparse"])
def either(request, device):
    return nd.array(CSR).tostype(request.param)


def test_csr_has_its_parts(csr, device):
    assert csr.data.asnumpy().tolist() == [1, 2, 3, 4]
    assert csr.indices.asnumpy().tolist() == [1, 3, 0, 2]
    assert csr.indptr.asnumpy().tolist() == [0, 2, 2, 4]
    assert (csr.data.dtype, csr.indices.dtype, csr.indptr.dtype) == (np.float32, np.int64, np.int64)
    assert (csr.shape, csr.ndim, csr.size, len(csr)) == ((3, 4), 2, 12, 3)
    assert (csr.stype, csr.dtype, csr.context) == ("csr", np.float32, device)
    assert repr(csr) == f"\n<CSRNDArray 3x4 @{device}>"
    assert isinstance(csr, nd.sparse.CSRNDArray)
    assert isinstance(csr, nd.NDArray)
    np.testing.assert_array_equal(csr.asnumpy(), CSR)
    csr.check_format()


def test_row_sparse_has_its_parts(rsp, device):
    assert rsp.data.asnumpy().tolist() == [[1, 2], [3, 4]]
    assert rsp.indices.asnumpy().tolist() == [1, 3]
    assert repr(rsp) == f"\n<RowSparseNDArray 5x2 @{device}>"
    np.testing.assert_array_equal(rsp.asnumpy(), RSP)
    assert rsp[:] is rsp
    assert rsp.retain(nd.array([0, 3])).indices.asnumpy().tolist() == [0, 3]
    assert rsp.retain([1]).data.asnumpy().tolist() == [[1, 2]]
    assert nd.sparse.retain(rsp, nd.array([1])).asnumpy().sum() == 3


def test_parts_are_copies(csr):
    csr.data[:] = 0
    np.testing.assert_array_equal(csr.asnumpy(), CSR)


def test_conversions(either):
    dense = either.tostype("default")
    assert dense.stype == "default"
    np.testing.assert_array_equal(dense.asnumpy(), CSR)
    assert either.tostype(either.stype) is not either
    other = "csr" if either.stype == "row_sparse" else "row_sparse"
    with pytest.raises(ValueError, match="not supported"):
        either.tostype(other)
    assert either.astype("float64").dtype is np.float64
    assert either.astype("float32", copy=False) is either


def test_copies(either, device):
    copies = (
        either.copy(),
        copy.deepcopy(either),
        pickle.loads(pickle.dumps(either)),
        either.copyto(mx.cpu(2)),
        nd.sparse.array(either),
    )
    for made in copies:
        assert type(made) is type(either)
        assert made is not either
        made[:] = 0
        assert made.asnumpy().sum() == 0
    np.testing.assert_array_equal(either.asnumpy(), CSR)
    assert copies[3].context == mx.cpu(2)
    assert either.as_in_context(device) is either


def test_copies_into(either, device):
    dense = nd.zeros((3, 4))
    assert either.copyto(dense) is dense
    np.testing.assert_array_equal(dense.asnumpy(), CSR)
    target = nd.sparse.zeros(either.stype, (3, 4))
    nd.array(CSR * 2).copyto(target)
    np.testing.assert_array_equal(target.asnumpy(), CSR * 2)
    with pytest.warns(RuntimeWarning, match="itself"):
        either.copyto(either)
    with pytest.raises(TypeError, match="copyto"):
        either.copyto("cpu")


def test_assigning_all_of_it(either):
    either[:] = nd.array(CSR[::-1])
    np.testing.assert_array_equal(either.asnumpy(), CSR[::-1])
    either[:] = 2
    assert either.asnumpy().tolist() == [[2] * 4] * 3
    either[:] = np.zeros((3, 4))
    assert either.data.size == 0
    with pytest.raises(ValueError, match=r"only supports \[:\]"):
        either[0] = 1
    with pytest.raises(ShapeError, match="Shape inconsistent"):
        either[:] = nd.ones((2, 2))


def test_rows_of_csr(csr):
    np.testing.assert_array_equal(csr[1:3].asnumpy(), CSR[1:3])
    np.testing.assert_array_equal(csr[-1].asnumpy(), CSR[-1:])
    assert csr[0].stype == "csr"
    for key, error in (
        ((0, 1), ValueError),
        (slice(None, None, 2), ValueError),
        (slice(2, 2), ShapeError),
        (5, IndexError),
    ):
        with pytest.raises(error):
            csr[key]


def test_csr_of_parts(device):
    made = nd.sparse.csr_matrix(([1, 2, 3], [1, 3, 0], [0, 2, 2, 3]), shape=(3, 4))
    assert made.asnumpy().tolist() == [[0, 1, 0, 2], [0, 0, 0, 0], [3, 0, 0, 0]]
    assert made.context is device
    assert nd.sparse.csr_matrix(([1, 2], [1, 0], [0, 1, 2])).shape == (2, 2)
    placed = nd.sparse.csr_matrix(([1, 2, 3, 5], ([2, 0, 0, 2], [0, 3, 1, 0])), shape=(3, 4))
    assert placed.asnumpy().tolist() == [[0, 3, 0, 2], [0, 0, 0, 0], [6, 0, 0, 0]]
    assert nd.sparse.csr_matrix((2, 3)).asnumpy().tolist() == [[0] * 3] * 2
    assert nd.sparse.csr_matrix(np.eye(2)).dtype is np.float64
    assert nd.sparse.csr_matrix([[0, 1]]).dtype is np.float32
    assert nd.sparse.csr_matrix(nd.array(CSR)).data.asnumpy().tolist() == [1, 2, 3, 4]
    assert nd.sparse.csr_matrix(made, dtype="float64").dtype is np.float64


def test_row_sparse_of_parts(device):
    made = nd.sparse.row_sparse_array(([[1, 2], [3, 4]], [1, 3]), shape=(5, 2))
    np.testing.assert_array_equal(made.asnumpy(), RSP)
    assert made.indices.asnumpy().tolist() == [1, 3]
    assert nd.sparse.row_sparse_array(([[1, 2]], [1])).shape == (2, 2)
    assert nd.sparse.row_sparse_array((2, 3, 4)).shape == (2, 3, 4)
    np.testing.assert_array_equal(nd.sparse.row_sparse_array(RSP).asnumpy(), RSP)


def test_zeros(device):
    for stype in ("csr", "row_sparse"):
        for made in (
            nd.sparse.zeros(stype, (2, 3)),
            nd.sparse.empty(stype, (2, 3)),
            nd.zeros((2, 3), stype=stype),
        ):
            assert made.stype == stype
            assert made.asnumpy().tolist() == [[0] * 3] * 2
    assert nd.sparse.zeros("default", (2,)).stype == "default"


@pytest.mark.parametrize(
    "make",
    [
        lambda: nd.sparse.csr_matrix(([1], [0], [0, 1]), shape=(3, 4)),
        lambda: nd.sparse.csr_matrix(([1, 2], [0], [0, 1]), shape=(1, 4)),
        lambda: nd.sparse.csr_matrix(([1, 2], [[0, 1]], [0, 1]), shape=(1, 4)),
        lambda: nd.sparse.csr_matrix(([1], ([0, 1], [0])), shape=(2, 4)),
        lambda: nd.sparse.csr_matrix(([], [], [0, 0])),
        lambda: nd.sparse.row_sparse_array(([[1, 2]], [0, 1]), shape=(3, 2)),
        lambda: nd.sparse.row_sparse_array(([[1, 2]], [0]), shape=(3, 5)),
        lambda: nd.ones((2, 2, 2)).tostype("csr"),
        lambda: nd.array(3.0).tostype("row_sparse"),
        lambda: nd.sparse.zeros("csr", (2, -1)),
        lambda: nd.sparse.csr_matrix(CSR, shape=(9, 9)),
    ],
)
def test_parts_that_do_not_fit_are_refused(make):
    with pytest.raises(ShapeError):
        make()


WRONG_PLACES = [
    lambda: nd.sparse.csr_matrix(([1, 2], [0, 9], [0, 2]), shape=(1, 4)),
    lambda: nd.sparse.csr_matrix(([1, 2], [0, 1], [0, 1]), shape=(1, 4)),
    lambda: nd.sparse.csr_matrix(([1, 2], [0, 1], [0, -2, 2]), shape=(2, 4)),
    lambda: nd.sparse.row_sparse_array(([[1, 2]], [9]), shape=(3, 2)),
    lambda: nd.sparse.row_sparse_array(([[1, 2]], [-1]), shape=(3, 2)),
]


@pytest.mark.parametrize("make", WRONG_PLACES)
def test_indices_that_point_outside_are_found_in_use(make):
    made = make()
    made.check_format(full_check=False)
    for use in (made.check_format, made.asnumpy, lambda: made * 2, lambda: nd.sum(made)):
        with pytest.raises(MXNetError):
            use()


def test_indices_that_do_not_ascend():
    rows = nd.sparse.row_sparse_array(([[3, 4], [1, 2]], [3, 1]), shape=(5, 2))
    matrix = nd.sparse.csr_matrix(([1, 2, 3], [2, 0, 2], [0, 3]), shape=(1, 4))
    for made in (rows, matrix):
        with pytest.raises(MXNetError, match="ascend"):
            made.check_format()
    np.testing.assert_array_equal((rows + rows).asnumpy(), 2 * RSP)
    assert matrix.asnumpy().tolist() == [[2, 0, 4, 0]]
    assert (matrix + matrix).asnumpy().tolist() == [[4, 0, 8, 0]]


@pytest.mark.parametrize(
    "make",
    [
        lambda: nd.sparse.csr_matrix((1, 2, 3, 4)),
        lambda: nd.sparse.row_sparse_array(([1], [1], [1])),
        lambda: nd.sparse.zeros("foo", (2, 2)),
        lambda: nd.sparse.array([1, 2]),
        lambda: nd.sparse.csr_matrix(nd.array(RSP).tostype("row_sparse")),
    ],
)
def test_other_wrong_sources(make):
    with pytest.raises(ValueError):  # noqa: PT011 (each says its own)
        make()


def test_operators_compute_on_dense_copies(either):
    x = nd.array(CSR)
    np.testing.assert_array_equal(nd.exp(either).asnumpy(), nd.exp(x).asnumpy())
    assert nd.exp(either).stype == "default"
    np.testing.assert_array_equal((either + x).asnumpy(), 2 * CSR)
    assert (either + 1).stype == "default"
    np.testing.assert_array_equal(nd.sum(either, axis=0).asnumpy(), CSR.sum(0))
    np.testing.assert_array_equal(nd.sparse.dot(either, x.T).asnumpy(), CSR @ CSR.T)


def test_results_are_stored_as_in_mxnet(either):
    kept = (either * 2, either / 2, either + either, nd.abs(either), nd.sparse.square(either),
            either.clip(0, 2), nd.zeros_like(either), either.copy())  # fmt: skip
    assert {made.stype for made in kept} == {either.stype}
    np.testing.assert_array_equal((either * 2).asnumpy(), CSR * 2)
    np.testing.assert_array_equal(nd.sparse.add(either, either).asnumpy(), CSR * 2)
    np.testing.assert_array_equal(nd.sparse.multiply(2, either).asnumpy(), CSR * 2)


def test_in_place_and_out(either):
    same = either
    either *= 2
    assert either is same
    np.testing.assert_array_equal(either.asnumpy(), CSR * 2)
    either += nd.array(CSR)
    np.testing.assert_array_equal(either.asnumpy(), CSR * 3)
    assert nd.negative(nd.array(CSR), out=either) is either
    np.testing.assert_array_equal(either.asnumpy(), -CSR)


def test_updates_write_sparse_weights(rsp):
    weight = nd.array(RSP).tostype("row_sparse")
    nd.sgd_update(weight, rsp, lr=0.5, out=weight)
    np.testing.assert_allclose(weight.asnumpy(), RSP * 0.5)
    state = nd.zeros((5, 2)).tostype("row_sparse")
    nd.sgd_mom_update(weight, rsp, state, lr=0.5, momentum=0.9, out=weight)
    np.testing.assert_allclose(state.asnumpy(), RSP * -0.5)


def test_gradients_flow_through_dense_copies(csr):
    w = nd.ones((4, 2))
    w.attach_grad()
    with mx.autograd.record():
        y = nd.sparse.dot(csr, w).sum()
    y.backward()
    np.testing.assert_allclose(w.grad.asnumpy(), np.repeat(CSR.sum(0)[:, None], 2, 1))


def test_what_is_refused(either):
    with pytest.raises(NotSupportedForSparseNDArray, match="reshape"):
        either.reshape((4, 3))
    with pytest.raises(ValueError, match=r"only supports \[:\]|number or a slice"):
        either[0, 1]


def test_scipy(csr):
    pytest.importorskip("scipy.sparse")
    matrix = csr.asscipy()
    assert matrix.shape == (3, 4)
    np.testing.assert_array_equal(nd.sparse.csr_matrix(matrix).asnumpy(), CSR)
    np.testing.assert_array_equal(nd.sparse.array(matrix).asnumpy(), CSR)


def test_without_scipy_the_error_says_how_to_get_it(csr, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    with pytest.raises(ImportError, match="pip install scipy"):
        csr.asscipy()


def test_saved_and_loaded(either, tmp_path):
    nd.save(tmp_path / "s.params", {"x": either, "y": nd.ones((2,))})
    made = nd.load(tmp_path / "s.params")
    assert made["x"].stype == either.stype
    np.testing.assert_array_equal(made["x"].asnumpy(), CSR)
    assert made["y"].stype == "default"


def test_pickles_of_mxnet(either):
    state = {"handle": serialize.record_bytes(either)}
    made = type(either)()
    made.__setstate__(state)
    np.testing.assert_array_equal(made.asnumpy(), CSR)
    with pytest.raises(DataFileError, match="something else"):
        made.__setstate__({"handle": serialize.record_bytes(nd.ones((2,)))})
