"""Order among nan, as recorded from MXNet 1.9.1 where it inserts one by one."""

import numpy as np
import pytest

import workbench as mx

NAN = float("nan")


@pytest.mark.parametrize(("ascending", "values"), [(True, [0, 1, NAN, 2]), (False, [2, 1, NAN, 0])])
def test_few_elements_with_nan_keep_the_order_of_insertion(ascending, values):
    x = mx.nd.array([[1, NAN, 2, 0]])
    np.testing.assert_array_equal(mx.nd.sort(x, is_ascend=ascending).asnumpy(), [values])
    along_first = mx.nd.sort(x.T, axis=0, is_ascend=ascending)
    np.testing.assert_array_equal(along_first.asnumpy().T, [values])


@pytest.mark.parametrize("ascending", [True, False])
def test_among_many_elements_nan_comes_last(ascending):
    x = mx.nd.array([NAN, *range(20), NAN])
    out = mx.nd.sort(x, is_ascend=ascending).asnumpy()
    assert out[:20].tolist() == sorted(range(20), reverse=not ascending)
    assert np.isnan(out[20:]).all()
