"""``target_shape`` of Deconvolution: refused where MXNet on the CPU refuses it."""

import pytest

import workbench as mx
from workbench.error import ShapeError

CALL = {"num_filter": 1, "kernel": (3, 3), "stride": (2, 2)}


def arrays():
    return mx.nd.ones((1, 1, 3, 3)), mx.nd.ones((1, 1, 3, 3))


def test_a_target_that_needs_padding_is_refused_and_says_what_to_give(monkeypatch):
    monkeypatch.delenv("MXNET_MKLDNN_ENABLED", raising=False)
    with pytest.raises(ShapeError, match=r"pad=\(1, 1\), adj=\(1, 1\)"):
        mx.nd.Deconvolution(*arrays(), target_shape=(6, 6), **CALL)
    as_advised = mx.nd.Deconvolution(*arrays(), pad=(1, 1), adj=(1, 1), **CALL)
    monkeypatch.setenv("MXNET_MKLDNN_ENABLED", "0")
    out = mx.nd.Deconvolution(*arrays(), target_shape=(6, 6), **CALL)
    assert out.asnumpy().tolist() == as_advised.asnumpy().tolist()
    assert out.shape == (1, 1, 6, 6)


def test_a_target_beyond_what_the_kernel_reaches_is_refused():
    with pytest.raises(ShapeError, match="too large"):
        mx.nd.Deconvolution(*arrays(), target_shape=(8, 8), **CALL)
