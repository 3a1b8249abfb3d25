"""Every kernel of the element-wise families computes what its operator's body computes.

The others, whose inputs are of several shapes, have files of their own: test_conv.py, test_pool.py.
"""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest

from workbench.backend import backend_named
from workbench.kernels import registry
from workbench.kernels.elemwise import Recorder, fused
from workbench.kernels.trace import NotTraceable
from workbench.ops import all_ops, get

LARGE = (310, 230)  # not a multiple of any number of lanes
pytestmark = pytest.mark.usefixtures("needs_llvm")
KERNELS = [
    one
    for one in registry.all_kernels()
    if one.build.__module__.endswith((".elemwise_ops", ".optimizer"))
]


def test_every_family_of_kernels_has_a_test_of_its_values():
    tested = {*registry.FAMILIES} - {"elemwise_ops", "optimizer"}
    here = Path(__file__).parent
    assert [name for name in sorted(tested) if not (here / f"test_{name}.py").exists()] == []


def array(spec, rng, dtype):
    """An input as an example of an operator describes it, but large."""
    kind = spec[0] if isinstance(spec[0], str) else "normal"
    values = {
        "normal": lambda: rng.normal(size=LARGE),
        "positive": lambda: rng.uniform(0.05, 4, size=LARGE),
        "unit": lambda: rng.uniform(0.05, 0.95, size=LARGE),
        "above 1": lambda: rng.uniform(1.05, 4, size=LARGE),
        "int": lambda: rng.integers(0, spec[1], size=LARGE),
    }[kind]()
    return values.astype(dtype)


def call_of(op, example, dtype):
    """Arrays and parameters for one example of an operator, all arrays of one large shape."""
    rng = np.random.default_rng(3)
    given = dict(example)
    if op.variadic:
        arrays = [array((3, 4), rng, dtype) for _ in given.pop("args")]
    else:
        arrays = [array(given.pop(name), rng, dtype) for name in op.inputs]
    params = {name: value for name, value in op.parse(given).items() if name not in op.inputs}
    wants_out = "out" in inspect.signature(op.body).parameters
    return arrays, {**params, "out": None} if wants_out else params


def as_list(result):
    return list(result) if isinstance(result, tuple) else [result]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.op)
def test_a_kernel_agrees_with_its_body(lanes, kernel, dtype):
    op = get(kernel.op)
    run, body = kernel.build(op), kernel.reference(op)
    limit = {"float32": 5e-7, "float64": 2e-15}[dtype]
    calls = [call_of(op, example, dtype) for example in op.examples]
    served = [(arrays, params) for arrays, params in calls if kernel.when(*arrays, **params)]
    assert served
    for arrays, params in served:
        others = [a.copy() for a in arrays]
        got, expected = as_list(run(*arrays, **params)), as_list(body(*others, **params))
        # what is changed in place is compared, too; what is not must be as it was
        for one, other in zip([*got, *arrays], [*expected, *others], strict=True):
            assert one.dtype == other.dtype
            np.testing.assert_allclose(one, other, rtol=limit, atol=limit)


def test_relu_stays_one_pass_of_numpy():
    (kernel,) = [k for k in KERNELS if k.op == "Activation"]
    data = np.ones(LARGE, "float32")
    assert not kernel.when(data, act_type="relu")
    assert kernel.when(data, act_type="softsign")


@pytest.mark.parametrize("name", sorted({k.op for k in KERNELS if "update" in k.op}))
def test_an_update_writes_its_weight_in_place_with_the_numbers_of_the_call(name):
    op = get(name)
    run, body = next(k for k in KERNELS if k.op == name).build(op), op.body
    example = dict(op.examples[-1])
    for factor in (1.0, 0.5, 3):  # the second call must not use the first one's numbers
        arrays, params = call_of(op, example, "float32")
        for key in ("lr", "lrs"):
            if key in params:
                scaled = np.asarray(params[key]) * factor
                params[key] = scaled.item() if key == "lr" else tuple(scaled.tolist())
        others = [a.copy() for a in arrays]
        count = params.get("num_weights", 1)
        step = len(arrays) // count
        out = [arrays[i * step] for i in range(count)]
        other_out = [others[i * step] for i in range(count)]
        single = "num_weights" not in params
        params["out"] = out[0] if single else out
        result = as_list(run(*arrays, **params))
        assert all(a is b for a, b in zip(result, out, strict=True))
        body(np, *others, **{**params, "out": other_out[0] if single else other_out})
        for one, other in zip(arrays, others, strict=True):
            np.testing.assert_allclose(one, other, rtol=5e-7, atol=5e-7)


def test_other_dtypes_go_to_the_body():
    choose = registry.faster(get("sigmoid"), lambda data: "body")
    large = np.ones(1 << 15, "float32")
    np.testing.assert_allclose(choose(large[:100:2]), 1 / (1 + np.exp(-1)), rtol=1e-6)
    assert choose(large.astype("float16")) == "body"
    assert choose(large.astype("int32")) == "body"
    np.testing.assert_allclose(choose(large), 1 / (1 + np.exp(-1)), rtol=1e-6)


def test_an_operator_without_kernel_keeps_its_entry(monkeypatch):
    assert registry.faster(get("tan"), len) is len
    monkeypatch.setenv("WORKBENCH_NO_LLVM", "1")
    assert registry.faster(get("sigmoid"), len) is len


def test_the_cpu_table_chooses_by_size():
    table = backend_named("numpy").table
    data = np.linspace(-5, 5, 1 << 15, dtype="float32")
    np.testing.assert_allclose(table.of(get("sigmoid"))(data), 1 / (1 + np.exp(-data)), rtol=5e-7)
    assert table.of(get("sigmoid"))(data[:4]).shape == (4,)


ELEMENTWISE = [op for op in all_ops() if op.elementwise and op.name != "Custom"]


def trace_of(op, example, dtype="float32"):
    xp = Recorder(dtype)
    params = op.parse({n: v for n, v in example.items() if n not in op.inputs})
    if op.is_scalar:
        expression = op.body(xp, xp.input(), xp.lift(params["scalar"]))
    else:
        expression = op.body(xp, *xp.inputs(len(op.inputs)), **params)
    return fused(xp.real(expression))


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_every_element_wise_body_is_an_expression_that_computes_the_same(op):
    rng = np.random.default_rng(1)
    kernel = trace_of(op, op.examples[0])
    arrays = [array(op.examples[0][name], rng, "float32") for name in op.inputs]
    params = op.parse({n: v for n, v in op.examples[0].items() if n not in op.inputs})
    with np.errstate(all="ignore"):
        if op.is_scalar:
            expected = op.body(np, *arrays, np.asarray(params["scalar"]).astype("float32"))
        else:
            expected = op.body(np, *arrays, **params)
        np.testing.assert_allclose(kernel(*arrays), expected, rtol=1e-6, atol=1e-6)


def test_what_is_not_element_wise_is_not_traceable():
    for name in ("softmax", "sum", "dot"):
        op = get(name)
        with pytest.raises((NotTraceable, TypeError, AttributeError)):
            trace_of(op, {})
