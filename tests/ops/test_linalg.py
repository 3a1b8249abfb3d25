"""What linear algebra refuses, and gradients where there is no inverse."""

import numpy as np
import pytest

import workbench as mx
from workbench.base import MXNetError
from workbench.error import ShapeError

linalg = mx.nd.linalg


@pytest.mark.parametrize("name", ["potrf", "inverse"])
def test_matrices_without_a_result_are_refused(name):
    with pytest.raises(MXNetError, match=f"_linalg_{name}"):
        getattr(linalg, name)(mx.nd.array([[1, 1], [1, 1]]) * -1).wait_to_read()


@pytest.mark.parametrize("name", ["potrf", "potri", "inverse", "det", "slogdet", "syevd"])
@pytest.mark.parametrize("shape", [(3,), (2, 3)])
def test_square_matrices_are_needed(name, shape):
    with pytest.raises(ShapeError, match="square"):
        getattr(linalg, name)(mx.nd.ones(shape))


@pytest.mark.parametrize(
    ("a", "b", "options"),
    [
        ((3, 4), (3, 4), {}),
        ((3, 4), (2, 4, 3), {}),
        ((2, 3, 4), (5, 4, 3), {}),
        ((3, 4), (4, 5), {"axis": -1}),
    ],
)
def test_products_that_do_not_fit(a, b, options):
    with pytest.raises(ShapeError):
        linalg.gemm2(mx.nd.ones(a), mx.nd.ones(b), **options)


@pytest.mark.parametrize("name", ["trmm", "trsm"])
def test_triangles_that_do_not_fit(name):
    with pytest.raises(ShapeError):
        getattr(linalg, name)(mx.nd.ones((3, 3)), mx.nd.ones((2, 3)))


def test_vectors_that_fill_no_triangle():
    with pytest.raises(ShapeError, match="4 elements fill no triangle"):
        linalg.maketrian(mx.nd.ones((4,)))
    with pytest.raises(ShapeError, match="offset 3"):
        linalg.extractdiag(mx.nd.ones((3, 3)), offset=3)
    with pytest.raises(ShapeError, match="no more rows"):
        linalg.gelqf(mx.nd.ones((3, 2)))


@pytest.mark.parametrize("name", ["det", "slogdet"])
def test_the_gradient_of_a_singular_determinant_is_zero(name):
    a = mx.nd.array([[[1, 2], [2, 4]], [[2, 0], [0, 3]]])
    a.attach_grad()
    with mx.autograd.record():
        out = getattr(linalg, name)(a)
        out = out[1] if isinstance(out, list) else out
        kept = mx.nd.where(out > -1e9, out, mx.nd.zeros_like(out))
    kept.backward()
    expected = np.array([[3, 0], [0, 2]]) / (6 if name == "slogdet" else 1)
    np.testing.assert_allclose(a.grad.asnumpy()[0], 0)
    np.testing.assert_allclose(a.grad.asnumpy()[1], expected, rtol=1e-6)


def test_only_one_triangle_is_read():
    low = mx.nd.array([[2, 9], [1, 3]])
    b = mx.nd.array([[1], [2]])
    assert linalg.trmm(low, b).asnumpy().tolist() == [[2], [7]]
    assert linalg.trsm(low, linalg.trmm(low, b)).asnumpy().tolist() == [[1], [2]]


def test_equal_eigenvalues_have_finite_gradients():
    a = mx.nd.array([[2, 0], [0, 2]])
    a.attach_grad()
    with mx.autograd.record():
        vectors, values = linalg.syevd(a)
        total = vectors.sum() + values.sum()
    total.backward()
    assert np.isfinite(a.grad.asnumpy()).all()
