"""Mixed precision: casts as MXNet puts them, a scaled loss, steps that are skipped."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, gluon, nd
from workbench.contrib import amp
from workbench.gluon import nn


def network():
    data = mx.sym.Variable("data")
    hidden = mx.sym.Convolution(data, kernel=(3, 3), num_filter=4, name="c")
    hidden = mx.sym.BatchNorm(hidden, name="bn")
    hidden = mx.sym.Activation(hidden, act_type="relu", name="r")
    scores = mx.sym.FullyConnected(hidden, num_hidden=3, name="f")
    total = mx.sym.exp(scores, name="e") + scores
    return mx.sym.SoftmaxOutput(mx.sym.Concat(total, scores, dim=1, name="cc"), name="sm")


def casts(symbol):
    return [n.name for n in symbol._graph.nodes if n.op is not None and n.op.name == "amp_cast"]


def dtypes(symbol):
    return {k: v["__dtype__"] for k, v in symbol.attr_dict().items() if "__dtype__" in v}


DATA = ["data", "sm_label"]


def test_casts_are_where_mxnet_has_them():
    """Recorded from MXNet 1.9.1."""
    made = amp.convert_symbol(network(), data_names=DATA)
    parts = ["data", "c_weight", "c_bias", "f_weight", "f_bias"]
    assert casts(made) == [
        *(f"{one}_amp_cast_float16" for one in parts),
        "f_output_amp_cast_float32",
    ]
    assert set(dtypes(made).values()) == {"0"}
    assert made.list_arguments() == network().list_arguments()


def test_parameters_may_be_short_themselves():
    made = amp.convert_symbol(network(), data_names=DATA, cast_optional_params=True)
    assert casts(made) == ["data_amp_cast_float16", "f_output_amp_cast_float32"]
    short = {name for name, flag in dtypes(made).items() if flag == "2"}
    assert short == {"c_weight", "c_bias", "f_weight", "f_bias"}


def test_choices_of_ones_own():
    made = amp.convert_symbol(network(), excluded_sym_names=["c"], data_names=DATA)
    assert "data_amp_cast_float16" not in casts(made)
    assert "r_output_amp_cast_float16" in casts(made)
    made = amp.convert_symbol(
        network(),
        target_dtype_ops=["Convolution"],
        fp32_ops=["exp"],
        conditional_fp32_ops=[("Activation", "act_type", ["relu"])],
    )
    assert "bn_output_amp_cast_float32" in casts(made)
    assert "f_weight_amp_cast_float16" not in casts(made)


def test_unknown_types_are_cast_together():
    a, b = mx.sym.Variable("a"), mx.sym.Variable("b")
    made = amp.convert_symbol(mx.sym.broadcast_add(a, b, name="sum"))
    assert "a_amp_multicast" in [node.name for node in made._graph.nodes]
    (out,) = made.eval(a=nd.ones((2,)), b=nd.ones((2,), dtype="float16"))
    assert out.dtype == np.float32


def block():
    net = nn.HybridSequential()
    net.add(nn.Conv2D(4, 3), nn.BatchNorm(), nn.Activation("relu"), nn.Flatten(), nn.Dense(3))
    net.initialize(mx.init.Xavier())
    net.hybridize()
    return net


X = np.random.default_rng(0).normal(size=(2, 3, 6, 6)).astype("float32")


@pytest.mark.parametrize("short", [False, True])
def test_a_block_gives_about_the_same(short):
    net = block()
    expected = net(nd.array(X)).asnumpy()
    made = amp.convert_hybrid_block(net, cast_optional_params=short)
    got = made(nd.array(X))
    assert got.dtype == np.float32
    assert 0 < abs(got.asnumpy() - expected).max() < 0.02
    weights = [p for name, p in made.collect_params().items() if name.endswith("weight")]
    assert {np.dtype(p.data().dtype).name for p in weights} == {"float16" if short else "float32"}


def test_a_model_gives_about_the_same():
    net = block()
    expected = net(nd.array(X)).asnumpy()
    symbol = net(mx.sym.var("data"))
    values = {name: one.data() for name, one in net.collect_params().items()}
    states = {name: values.pop(name) for name in symbol.list_auxiliary_states()}
    made, arguments, auxiliary = amp.convert_model(
        symbol, values, states, cast_optional_params=True
    )
    assert {arguments[n].dtype for n in arguments if n.endswith("weight")} == {np.float16}
    assert {one.dtype for one in auxiliary.values()} == {np.float32}
    bound = made.bind(mx.cpu(), {**arguments, "data": nd.array(X)}, aux_states=auxiliary)
    np.testing.assert_allclose(bound.forward()[0].asnumpy(), expected, atol=0.02)


MISUSE = {
    "no symbol": (lambda: amp.convert_symbol(1), "should be Symbol"),
    "no symbol of a model": (lambda: amp.convert_model(1, {}, {}), "should be Symbol"),
    "no dict": (lambda: amp.convert_model(network(), [], {}), "Second argument"),
    "bfloat16": (lambda: amp.convert_symbol(network(), "bfloat16"), "Only target_dtype float16"),
    "no list": (lambda: amp.convert_symbol(network(), fp32_ops="exp"), "as lists"),
    "two lists": (
        lambda: amp.convert_symbol(network(), target_dtype_ops=["exp"]),
        "in two or more lists: exp",
    ),
    "no choice": (lambda: amp.convert_symbol(network(), fp32_ops=["Concat"]), "cannot be chosen"),
    "no block": (lambda: amp.convert_hybrid_block(1), "should be a HybridBlock"),
    "no module": (lambda: amp.convert_bucketing_module(1), "needs a BucketingModule"),
    "no type": (lambda: amp.list_lp16_ops("float32"), "not supported type float32"),
}


@pytest.mark.parametrize("case", MISUSE)
def test_misuse_is_an_assertion_error(case):
    call, text = MISUSE[case]
    with pytest.raises(AssertionError, match=text):
        call()


def test_a_block_needs_a_graph():
    with pytest.raises(RuntimeError, match="at least once"):
        amp.convert_hybrid_block(nn.Dense(2))


def test_lists_are_mxnets():
    assert set(amp.list_lp16_ops("float16")) == {
        "Convolution",
        "Deconvolution",
        "FullyConnected",
        "RNN",
    }
    assert ("Activation", "act_type", ["softrelu"]) in amp.list_conditional_fp32_ops(np.float16)
    assert amp.list_lp16_use_fp32_params("float16") is None
    assert "BatchNorm" in amp.list_lp16_use_fp32_params("bfloat16")
    assert len(amp.list_lp16_fp32_ops("float16")) == 318
    assert "dot" in amp.list_widest_type_cast("float16")
    assert "exp" in amp.list_fp32_ops("float16")
    assert "SoftmaxOutput" in amp.list_loss_output_functions("float16")


def trainer_of(value):
    parameter = gluon.Parameter("w", shape=(1,))
    parameter.initialize(init=mx.init.Constant(value))
    trainer = gluon.Trainer([parameter], "sgd", {"learning_rate": 1.0})
    return parameter, trainer


def test_a_step_is_skipped_on_overflow_and_the_scale_halved():
    parameter, trainer = trainer_of(1.0)
    trainer._amp_loss_scaler = scaler = amp.LossScaler()
    first = scaler.loss_scale

    def step(factor):
        with autograd.record():
            loss = parameter.data() * factor
            with amp.scale_loss(loss, trainer) as scaled:
                autograd.backward(scaled)
        trainer.step(1)
        return parameter.data().asscalar()

    assert step(0.25) == 0.75
    assert step(np.inf) == 0.75
    assert step(0.25) == 0.5
    assert scaler.loss_scale == first / 2
    parameter.zero_grad()
    with autograd.record():
        losses = [parameter.data() * 2]
        with amp.scale_loss(losses, trainer) as scaled:
            autograd.backward(scaled)
    amp.unscale(trainer)
    assert parameter.grad().asscalar() == 2
    trainer.step(2)
    assert parameter.data().asscalar() == -0.5


def test_the_scale_grows_when_nothing_overflows():
    parameter, _ = trainer_of(1.0)
    scaler = amp.LossScaler()
    scaler._unskipped = 1999
    assert not scaler.has_overflow([parameter])
    assert not scaler.has_overflow([parameter])
    assert scaler.loss_scale == 2.0**17


def test_trainers_only():
    _, trainer = trainer_of(1.0)
    with (
        pytest.raises(AssertionError, match="Loss scaler is not initialized"),
        amp.scale_loss(nd.ones(1), trainer),
    ):
        pass
    with pytest.raises(TypeError, match="only compatible with Gluon Trainer"):
        amp.unscale(mx.optimizer.SGD())
    with pytest.raises(AssertionError, match="AMP not initialized"):
        amp.init_trainer(trainer)


TRAINING = """
    import logging
    import numpy as np
    import workbench as mx
    from workbench import autograd, gluon, nd
    from workbench.contrib import amp
    from workbench.gluon import nn

    amp.init()
    amp.init()
    mx.random.seed(0)

    class Net(gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            self.body = nn.HybridSequential()
            self.body.add(nn.Conv2D(8, 3, padding=1), nn.BatchNorm(), nn.Activation("relu"))
            self.same, self.last = nn.Conv2D(8, 3, padding=1), nn.Dense(2)

        def hybrid_forward(self, F, x):
            x = self.body(x)
            return self.last(F.relu(x + self.same(x) + F.exp(-x)))

    net = Net()
    net.initialize(mx.init.Xavier())
    net.hybridize()
    ops = [n.op.name for n in net(mx.sym.var("data"))._graph.nodes if n.op is not None]
    assert ops.count("amp_cast") >= 6, ops
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    amp.init_trainer(trainer)
    rng = np.random.default_rng(0)
    y = nd.array(rng.integers(0, 2, 16))
    x = nd.array(rng.normal(size=(16, 1, 6, 6))) + y.reshape((-1, 1, 1, 1))
    criterion, losses = gluon.loss.SoftmaxCrossEntropyLoss(), []
    for _ in range(30):
        with autograd.record():
            out = net(x)
            loss = criterion(out, y)
            with amp.scale_loss(loss, trainer) as scaled:
                autograd.backward(scaled)
        trainer.step(16)
        losses.append(float(loss.mean().asscalar()))
    assert out.dtype == np.float16
    assert losses[-1] < losses[0] / 2, losses

    data = nd.zeros((1, 2))
    data.attach_grad()
    with autograd.record():
        out = mx.nd.SoftmaxOutput(data, nd.array([1]))
    out.backward()
    assert abs(data.grad.asnumpy()).max() == 0.5 * trainer._amp_loss_scaler.loss_scale
    mx.sym.SoftmaxOutput(mx.sym.var("data"), name="sm")
    print("trained")
"""


def test_training_in_a_process_of_its_own():
    """``init`` is for the whole process."""
    made = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(TRAINING)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.stdout.strip() == "trained", made.stderr
    assert "does not support dynamic loss scaling" in made.stderr
