"""Parameters: when they are made, where they live, what reading them too early says."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, gluon, nd
from workbench.error import MXNetError
from workbench.gluon import Constant, Parameter, ParameterDict

DEVICES = [mx.cpu(0), mx.cpu(1)]


def made(shape=(2, 3), **options):
    parameter = Parameter("fc_weight", shape=shape, **options)
    parameter.initialize(init="ones", ctx=DEVICES)
    return parameter


def test_a_copy_and_a_gradient_on_each_device():
    one = made()
    assert one.list_ctx() == DEVICES
    assert [a.context for a in one.list_data()] == DEVICES
    assert [g.context for g in one.list_grad()] == DEVICES
    assert one.data(mx.cpu(1)).context == mx.cpu(1)
    assert one.data() is one.data(mx.cpu(0))
    one.set_data(nd.full((2, 3), 5))
    assert all((a.asnumpy() == 5).all() for a in one.list_data())


def test_the_name_is_what_it_prints():
    assert repr(made()) == "Parameter fc_weight (shape=(2, 3), dtype=<class 'numpy.float32'>)"


def test_reading_on_a_device_where_it_is_not():
    with pytest.raises(RuntimeError, match=r"not initialized on context cpu\(7\)") as caught:
        made().data(mx.cpu(7))
    assert "cpu(0), cpu(1)" in str(caught.value)


def test_reading_before_initialize():
    with pytest.raises(RuntimeError, match="has not been initialized") as caught:
        Parameter("w", shape=(2,)).data()
    assert not isinstance(caught.value, gluon.DeferredInitializationError)


def test_reading_while_the_shape_is_unknown():
    waiting = Parameter("w", shape=(2, 0), allow_deferred_init=True)
    waiting.initialize(ctx=DEVICES)
    for read in (waiting.data, waiting.grad, waiting.list_data):
        with pytest.raises(gluon.DeferredInitializationError, match="one batch"):
            read()
    assert waiting.list_ctx() == DEVICES
    waiting.set_data(nd.ones((2, 5)))
    assert waiting.shape == (2, 5)


def test_an_unknown_shape_that_may_not_wait():
    with pytest.raises(ValueError, match="invalid shape"):
        Parameter("w", shape=(2, 0)).initialize()


def test_initializing_again_warns_and_changes_nothing():
    one = made()
    with pytest.warns(UserWarning, match="already initialized"):
        one.initialize(init="zeros")
    assert (one.data(mx.cpu(0)).asnumpy() == 1).all()
    one.initialize(init="zeros", ctx=mx.cpu(), force_reinit=True)
    assert (one.data().asnumpy() == 0).all()


@pytest.mark.parametrize(("req", "after"), [("write", 2.0), ("add", 4.0)])
def test_grad_req(req, after):
    one = Parameter("w", shape=(3,), grad_req=req)
    one.initialize(init="ones")
    for _ in range(2):
        with autograd.record():
            y = one.data() * 2
        y.backward()
    assert (one.grad().asnumpy() == after).all()
    one.zero_grad()
    assert (one.grad().asnumpy() == 0).all()


def test_without_a_gradient():
    one = made(grad_req="null")
    with pytest.raises(RuntimeError, match="grad_req='null'"):
        one.grad()
    one.zero_grad()
    one.grad_req = "write"
    assert one.grad(mx.cpu(0)).shape == (2, 3)
    with pytest.raises(AssertionError, match="grad_req must be"):
        one.grad_req = "twice"


def test_moved_to_other_devices():
    one = made()
    one.reset_ctx(mx.cpu(3))
    assert one.list_ctx() == [mx.cpu(3)]
    assert (one.data().asnumpy() == 1).all()
    with pytest.raises(ValueError, match="has not been initialized"):
        Parameter("w", shape=(1,)).reset_ctx(mx.cpu())


def test_cast():
    one = made()
    one.cast("float64")
    assert one.data(mx.cpu(1)).dtype == np.float64
    assert one.grad(mx.cpu(1)).dtype == np.float64


def test_shapes_that_contradict():
    one = made((2, 3))
    with pytest.raises(AssertionError, match="incompatible"):
        one.shape = (2, 4)
    with pytest.raises(AssertionError, match="incompatible"):
        one.set_data(nd.ones((3, 3)))


def test_a_constant_is_never_trained():
    table = Constant("table", [[1.0, 2.0]])
    table.initialize()
    assert table.data().asnumpy().tolist() == [[1.0, 2.0]]
    with pytest.warns(UserWarning, match="is ignored"):
        table.grad_req = "write"
    assert table.grad_req == "null"


class TestParameterDict:
    def test_get_makes_once(self):
        params = ParameterDict("net_")
        one = params.get("weight", shape=(2, 0), allow_deferred_init=True)
        assert one.name == "net_weight"
        assert params.get("weight", shape=(2, 3)) is one
        assert one.shape == (2, 3)
        with pytest.raises(AssertionError):
            params.get("weight", shape=(9, 3))

    def test_shared_parameters_are_taken_over(self):
        shared = ParameterDict("net_")
        one = shared.get("weight", shape=(2,))
        assert ParameterDict("net_", shared=shared).get("weight") is one

    def test_two_parameters_of_one_name(self):
        a, b = ParameterDict("n_"), ParameterDict("n_")
        a.get("w", shape=(1,))
        b.get("w", shape=(1,))
        with pytest.raises(AssertionError, match="same name 'n_w'"):
            a.update(b)

    def test_files(self, tmp_path):
        params = ParameterDict("net_")
        params.get("w", shape=(2, 2), init="ones")
        params.initialize()
        name = str(tmp_path / "p.params")
        params.save(name, strip_prefix="net_")
        assert list(nd.load(name)) == ["w"]
        other = ParameterDict("other_")
        other.get("w", shape=(2, 2))
        other.load(name, ctx=mx.cpu(), restore_prefix="other_")
        assert (other["other_w"].data().asnumpy() == 1).all()
        with pytest.raises(ValueError, match="strip"):
            params.save(name, strip_prefix="wrong_")

    def test_all_at_once(self):
        params = ParameterDict()
        for name in ("a", "b"):
            params.get(name, shape=(2,), init="ones")
        params.initialize(ctx=DEVICES)
        params.setattr("grad_req", "null")
        assert {p.grad_req for p in params.values()} == {"null"}
        params.reset_ctx(mx.cpu(1))
        assert params.list_ctx() == [mx.cpu(1)]

    def test_a_constant_of_that_name(self):
        params = ParameterDict()
        assert params.get_constant("c", [1.0]) is params.get_constant("c")
        with pytest.raises(KeyError, match="specify value"):
            params.get_constant("d")
        params.get("w", shape=(1,))
        with pytest.raises(AssertionError, match="not a constant"):
            params.get_constant("w")


def test_row_sparse_reading_of_a_dense_parameter():
    with pytest.raises(MXNetError, match="use data"):
        made().row_sparse_data(nd.array([0]))


def test_gradients_are_zeroed_where_there_are_any():
    deferred = Parameter("w", shape=(2, 0), allow_deferred_init=True)
    deferred.initialize()
    deferred.zero_grad()
    one = made()
    one.grad(DEVICES[0])[:] = 1
    one.zero_grad()
    assert one.grad(DEVICES[0]).asnumpy().sum() == 0


@pytest.mark.parametrize("name", ["xavier", "normal", "uniform"])
@pytest.mark.parametrize("dtype", ["float64", "float16"])
def test_initializers_fill_other_dtypes(name, dtype):
    one = Parameter("fc_weight", shape=(20, 30), dtype=dtype)
    one.initialize(init=name)
    values = one.data().asnumpy()
    assert values.dtype == dtype
    assert len(np.unique(values)) > 100
