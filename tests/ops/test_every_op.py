"""Every operator, by its record: what is said once there must hold wherever it runs."""

from __future__ import annotations

import numpy as np
import pytest
from op_examples import Call, every_example, is_index

import workbench as mx
from workbench.error import NotDifferentiable
from workbench.kernels.registry import is_prepared, kernels_of
from workbench.kernels.trace import Recorder
from workbench.ndarray.entry import function_of
from workbench.ops import all_ops

OPS = list(all_ops())
EXAMPLES = every_example(OPS)
#: the gradient is that of a loss, not the derivative of the output
LOSSES = {
    "Cast",  # rounds: tested below
    "_image_to_tensor",  # rounds to float32
    "_contrib_round_ste",  # passes the gradient unchanged, as its name says
    "_contrib_sign_ste",
    "_contrib_gradientmultiplier",
    "_backward_BatchNorm",  # wants the mean and scale of its data, which an example does not have
    "LinearRegressionOutput",
    "LogisticRegressionOutput",
    "MAERegressionOutput",
    "MakeLoss",
    "IdentityAttachKLSparseReg",
    "SVMOutput",
    "SoftmaxOutput",
    "make_loss",
}
#: draws random numbers: what it draws is tested beside the streams and by recorded numbers
RANDOM = {op.name for op in OPS if "rng" in op.uses}


def is_twice_differentiable(op):
    """False where a gradient of the gradient is refused."""
    once = (
        "BilinearSampler",
        "CTCLoss",
        "Correlation",
        "RNN",
        "SpatialTransformer",
        "_contrib_DeformableConvolution",
        "_contrib_DeformablePSROIPooling",
        "_contrib_ModulatedDeformableConvolution",
        "_contrib_hawkesll",
        "_digamma",
    )
    return op.name not in once


def by_example(examples):
    return pytest.mark.parametrize(
        ("op", "example"),
        [(op, example) for _, op, example in examples],
        ids=[name for name, _, _ in examples],
    )


def differentiable(op):
    return op.differentiable and op.name not in LOSSES | RANDOM


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_says_what_it_is(op):
    assert op.doc.strip()
    assert op.examples
    update = "_update" in op.name
    backward = op.name.startswith("_backward_")
    assert op.differentiable or op.zero_grad or update or backward


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_every_parameter_survives_a_file(op):
    for example in op.examples:
        params = Call(op, example).params
        if all(param.kind != "internal value" for param in op.params.values()):
            assert op.parse(op.print_params(params)) == params


@by_example(EXAMPLES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shapes_and_dtypes_are_as_inferred(op, example, dtype):
    call = Call(op, example, dtype)
    shapes = [None if x is None else x.shape for x in call.inputs()]
    dtypes = [None if x is None else x.dtype.name for x in call.inputs()]
    outs = call.run()
    assert len(outs) == op.num_outputs(call.params)
    if op.shape_rule is not None:
        ins, inferred = op.infer_shape(call.params, shapes)
        assert [x.shape for x in outs] == [tuple(s) for s in inferred]
        kept = [(a, b) for a, b in zip(shapes, ins, strict=True) if a is not None]
        assert all(a == b for a, b in kept if b is not None)
    _, inferred = op.infer_dtype(call.params, dtypes)
    assert [x.dtype.name for x in outs] == inferred


@by_example([e for e in EXAMPLES if e[1].shape_rule is not None])
def test_unknown_shapes_infer_nothing_wrong(op, example):
    call = Call(op, example)
    shapes = [None if x is None else x.shape for x in call.inputs()]
    outs = [x.shape for x in call.run()]
    for i, shape in enumerate(shapes):
        if not shape:
            continue
        for unknown in (None, (0, *shape[1:]), (*shape[:-1], 0)):
            partial = [*shapes[:i], unknown, *shapes[i + 1 :]]
            _, inferred = op.infer_shape(call.params, partial)
            for real, said in zip(outs, inferred, strict=True):
                if said is not None:
                    assert len(said) == len(real)
                    assert all(n in (0, m) for n, m in zip(said, real, strict=True))


@by_example(EXAMPLES)
def test_inputs_are_left_alone(op, example):
    call = Call(op, example, "float32")
    before = {n: x.copy() for n, x in call.arrays.items()}
    outs = call.run()
    written = set(call.arrays) if op.variadic and op.mutates else set(op.mutates)
    for name, x in call.arrays.items():
        if name not in written:
            np.testing.assert_array_equal(x, before[name])
            assert op.views or not any(np.shares_memory(x, out) for out in outs)


@by_example(EXAMPLES)
def test_strided_inputs_give_the_same(op, example):
    call, again = Call(op, example, "float32"), Call(op, example, "float32")
    strided = [_strided(x) for x in again.inputs()]
    for a, b in zip(call.run(), again.run(strided), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)


def _strided(x):
    """The same values in every second element of every axis, axes stored in reverse order."""
    if x is None:
        return None
    wide = np.full([2 * n for n in x.shape][::-1], 7, x.dtype).transpose()
    part = wide[(slice(None, None, 2),) * x.ndim]
    part[...] = x
    return part


ELEMENTWISE = [e for e in EXAMPLES if e[1].elementwise]
#: those that say what integers get: the families, and these with parameters of their own
ALL_DTYPES = [
    e
    for e in ELEMENTWISE
    if not e[1].params.keys() - {"scalar", "is_int"}
    or e[1].name in ("Activation", "clip", "hard_sigmoid", "_contrib_quadratic")
]


@by_example(ALL_DTYPES)
@pytest.mark.parametrize("dtype", ["float32", "int32", "uint8"])
def test_empty_arrays_give_empty_arrays(op, example, dtype):
    call = Call(op, example, dtype)
    empty = [x[..., :0] for x in call.inputs()]
    (out,) = call.run(empty)
    assert out.size == 0
    assert out.dtype == dtype


@by_example(ALL_DTYPES)
@pytest.mark.parametrize("dtype", ["float16", "int32", "int64", "int8", "uint8"])
def test_elementwise_operators_keep_the_dtype(op, example, dtype):
    call = Call(op, example, dtype)
    whole = {n: np.abs(x) + x.dtype.type(1) for n, x in call.arrays.items()}
    (out,) = call.run([whole[n] for n in op.inputs])
    assert out.dtype == dtype


@by_example(ELEMENTWISE)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_elementwise_bodies_are_scalar_expressions(op, example, dtype):
    """What the code generator needs: running the body on stand-ins gives one expression."""
    params = Call(op, example, dtype).params
    recorder = Recorder(dtype)
    inputs = recorder.inputs(len(op.inputs))
    if op.is_scalar:
        out = op.body(recorder, *inputs, recorder.scalar())
    else:
        out = op.body(recorder, *inputs, **params)
    assert not out.truth


# ---- through the front end ------------------------------------------------------------------


def as_nd(call):
    return {n: mx.nd.array(x, dtype=x.dtype) for n, x in call.arrays.items()}


def invoke(call, arrays, train=True):
    """The visible outputs of nd's function for the operator, always a list."""
    op = call.op
    inputs = arrays.values() if op.variadic else [arrays.get(n) for n in op.inputs]
    with mx.autograd.train_mode() if train else mx.autograd.predict_mode():
        out = function_of(op)(*inputs, **call.params)
    return out if isinstance(out, list) else [out]


@by_example([e for e in EXAMPLES if e[1].name not in RANDOM])
def test_eager_and_recorded_give_what_the_body_gives(op, example):
    call = Call(op, example, "float32")
    expected = call.run()[: op.num_visible(call.params)]
    for recording in (False, True):
        fresh = Call(op, example, "float32")
        arrays = as_nd(fresh)
        if recording:
            for n in arrays:
                if n not in op.mutates and not (op.variadic and op.mutates):
                    arrays[n].attach_grad()
        with mx.autograd.record() if recording else mx.autograd.pause():
            outs = invoke(fresh, arrays)
        assert len(outs) == len(expected)
        for out, value in zip(outs, expected, strict=True):
            if not (kernels_of(op) or is_prepared(op)):
                np.testing.assert_array_equal(out.asnumpy(), value)
            else:  # a kernel may add up in another order
                np.testing.assert_allclose(out.asnumpy(), value, rtol=1e-5, atol=1e-5)


def float_names(call):
    """Inputs along which the example is smooth."""
    names = [n for n in call.names if not is_index(call.specs[n])]
    if call.op.variadic:
        return names
    rules = call.op.inputs if call.op.joint else call.op.grads
    return [n for n in names if n in rules and n not in call.op.aux]


def record_gradients(call, heads, create_graph=False, points=None):
    """Gradients of Σ head · output with respect to the smooth inputs, as NDArrays."""
    arrays = as_nd(call) if points is None else points
    names = float_names(call)
    for n in names:
        if points is None:
            arrays[n].attach_grad()
    with mx.autograd.record():
        outs = invoke(call, arrays)
        grads = mx.autograd.grad(
            outs,
            [arrays[n] for n in names],
            [mx.nd.array(h, dtype="float64") for h in heads],
            create_graph=create_graph,
        )
    return arrays, names, grads


def value(call, heads, shift, step):
    """Σ head · output where the smooth inputs are moved by step · shift."""
    moved = Call(call.op, call.example)
    for n, direction in shift.items():
        moved.arrays[n] = moved.arrays[n] + step * direction
    outs = moved.run()
    return sum(float((h * out).sum()) for h, out in zip(heads, outs, strict=False))


def directions(call, names, seed=1):
    rng = np.random.default_rng(seed)
    made = {n: rng.uniform(-1, 1, call.arrays[n].shape) for n in names}
    for n in names:
        if call.specs[n][0] == "symmetric":
            made[n] = made[n] + made[n].swapaxes(-1, -2)
    return made


def random_heads(call, seed=2):
    rng = np.random.default_rng(seed)
    visible = call.op.num_visible(call.params)
    if call.op.name in ("BatchNorm", "LayerNorm"):
        visible = 1  # MXNet ignores what comes from above to the others
    heads = [rng.uniform(-1, 1, out.shape) for out in call.run()[:visible]]
    if call.op.name == "_contrib_hawkesll":
        heads[1][...] = 0  # the same, but it is visible
    return heads


@by_example([e for e in EXAMPLES if differentiable(e[1])])
def test_gradients_are_the_slopes(op, example):
    call = Call(op, example)
    heads = random_heads(call)
    _, names, grads = record_gradients(call, heads)
    shift = directions(call, names)
    slope = sum(float((g.asnumpy() * shift[n]).sum()) for n, g in zip(names, grads, strict=True))
    step = 1e-5
    measured = (value(call, heads, shift, step) - value(call, heads, shift, -step)) / (2 * step)
    assert slope == pytest.approx(measured, rel=2e-5, abs=1e-7)
    for n, g in zip(names, grads, strict=True):
        assert g.shape == call.arrays[n].shape


@by_example([e for e in EXAMPLES if differentiable(e[1]) and is_twice_differentiable(e[1])])
def test_gradients_of_gradients_are_the_slopes_of_gradients(op, example):
    call = Call(op, example)
    heads = random_heads(call)
    weights = None

    def projected(step, shift):
        """Σ weight · gradient where the smooth inputs are moved."""
        moved = Call(op, example)
        for n, direction in shift.items():
            moved.arrays[n] = moved.arrays[n] + step * direction
        _, names, grads = record_gradients(moved, heads)
        return sum(
            float((g.asnumpy() * weights[n]).sum()) for n, g in zip(names, grads, strict=True)
        )

    arrays = as_nd(call)
    names = float_names(call)
    weights, shift = directions(call, names, 3), directions(call, names, 4)
    for n in names:
        arrays[n].attach_grad()
    with mx.autograd.record():
        _, _, grads = record_gradients(call, heads, create_graph=True, points=arrays)
        total = mx.nd.zeros((1,), dtype="float64")
        for n, g in zip(names, grads, strict=True):
            total = total + (g * mx.nd.array(weights[n], dtype="float64")).sum()
    total.backward()
    second = sum(float((arrays[n].grad.asnumpy() * shift[n]).sum()) for n in names)
    step = 1e-5
    measured = (projected(step, shift) - projected(-step, shift)) / (2 * step)
    assert second == pytest.approx(measured, rel=1e-4, abs=1e-6)


@by_example([e for e in EXAMPLES if not is_twice_differentiable(e[1])])
def test_a_missing_second_gradient_is_refused(op, example):
    call = Call(op, example)
    arrays = as_nd(call)
    for n in float_names(call):
        arrays[n].attach_grad()
    with mx.autograd.record():
        _, _, grads = record_gradients(call, random_heads(call), True, arrays)
    with pytest.raises(NotDifferentiable):
        grads[0].backward()


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_the_gradient_of_a_cast_has_the_dtype_of_its_input(dtype):
    x = mx.nd.array([1.5, -2.0])
    x.attach_grad()
    with mx.autograd.record():
        y = x.astype(dtype) * 3
    y.backward()
    assert x.grad.asnumpy().tolist() == [3, 3]
    assert x.grad.dtype == np.float32


# ---- other devices --------------------------------------------------------------------------


@by_example([e for e in EXAMPLES if e[1].name not in RANDOM])
def test_bodies_need_nothing_but_their_own_namespace(op, example):
    """On the loopback device every call of NumPy on an array, or host array mixed in, raises."""
    device = mx.Context("loopback", 0)
    call = Call(op, example, "float32")
    expected = call.run()[: op.num_visible(call.params)]
    fresh = Call(op, example, "float32")
    arrays = {n: mx.nd.array(x, dtype=x.dtype, ctx=device) for n, x in fresh.arrays.items()}
    params = dict(fresh.params)
    inputs = arrays.values() if op.variadic else [arrays.get(n) for n in op.inputs]
    if not arrays:
        params["ctx"] = device
    with mx.autograd.train_mode():
        outs = function_of(op)(*inputs, **params)
    for out, number in zip(outs if isinstance(outs, list) else [outs], expected, strict=True):
        np.testing.assert_allclose(out.asnumpy(), number, rtol=1e-6)
