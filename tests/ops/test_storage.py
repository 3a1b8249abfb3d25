"""Which results are stored sparse: the table that MXNet 1.9.1 gives, operator by operator."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from workbench import nd
from workbench.ops import all_ops, get
from workbench.ops.storage import RULES, Storage

D, C, R = "default", "csr", "row_sparse"
DENSE = np.array([[0, 0.5, 0, 0.25], [0, 0, 0, 0], [0.25, 0, 0.5, 0]], "float32")

#: zeros stay zeros, in either storage
KEEPS = [
    "abs",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctanh",
    "cbrt",
    "ceil",
    "degrees",
    "expm1",
    "fix",
    "floor",
    "log1p",
    "negative",
    "radians",
    "relu",
    "rint",
    "round",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "tan",
    "tanh",
    "trunc",
    "zeros_like",
    "BlockGrad",
    "_copy",
    "make_loss",
    "_contrib_round_ste",
    "_contrib_sign_ste",
]
#: results of these are dense
DROPS = [
    "cos",
    "exp",
    "log",
    "sigmoid",
    "arccos",
    "cosh",
    "gamma",
    "ones_like",
    "softmax",
    "flatten",
    "erf",
    "logical_not",
]
#: (name, number) → whether the zeros stay
SCALARS = {
    ("_plus_scalar", 0): True,
    ("_plus_scalar", 2): False,
    ("_minus_scalar", 0): True,
    ("_minus_scalar", 2): False,
    ("_rminus_scalar", 0): False,
    ("_mul_scalar", 0): True,
    ("_mul_scalar", 2): True,
    ("_div_scalar", 2): True,
    ("_rdiv_scalar", 2): False,
    ("_mod_scalar", 2): False,
    ("_power_scalar", 2): False,
    ("_maximum_scalar", 0): False,
    ("_equal_scalar", 0): False,
    ("_equal_scalar", 2): True,
    ("_not_equal_scalar", 0): True,
    ("_not_equal_scalar", 2): False,
    ("_greater_scalar", 0): True,
    ("_greater_scalar", -1): False,
    ("_greater_equal_scalar", 0): False,
    ("_greater_equal_scalar", 2): True,
    ("_lesser_scalar", 0): True,
    ("_lesser_scalar", 2): False,
    ("_lesser_equal_scalar", 0): False,
    ("_lesser_equal_scalar", -2): True,
    ("_logical_and_scalar", 0): False,
    ("_scatter_plus_scalar", 2): True,
    ("_scatter_minus_scalar", 2): True,
    ("_contrib_gradientmultiplier", 2): True,
}
_SAME = {(C, C): C, (R, R): R}
#: storage of the inputs → of the result; what is not named is dense
BINARY = {
    "elemwise_add": _SAME,
    "elemwise_sub": _SAME,
    "elemwise_div": {},
    "_grad_add": _SAME,
    "_maximum": _SAME,
    "_minimum": _SAME,
    "_hypot": _SAME,
    "elemwise_mul": {**_SAME, (D, C): C, (C, D): C, (D, R): R, (R, D): R},
    "broadcast_add": {},
    "broadcast_sub": {},
    "broadcast_mul": {(C, D): C},
    "broadcast_div": {(C, D): C},
    "broadcast_power": {},
    "broadcast_equal": {},
    "_scatter_elemwise_div": {(R, D): R, (R, C): R, (R, R): R},
    "_identity_with_attr_like_rhs": {(a, b): b for a in (D, C, R) for b in (D, C, R)},
}


def call(op, *arrays, **params):
    from workbench.ndarray.invoke import invoke

    return invoke(get(op), arrays, params, None, {})


def same_as_dense(made, op, *arrays, **params):
    expected = call(op, *[a.tostype(D) for a in arrays], **params)
    np.testing.assert_allclose(made.asnumpy(), expected.asnumpy(), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("stype", [C, R])
@pytest.mark.parametrize("name", [*KEEPS, *DROPS])
def test_functions_of_one_array(name, stype):
    x = nd.array(DENSE).tostype(stype)
    made = call(name, x)
    assert made.stype == (stype if name in KEEPS else D)
    same_as_dense(made, name, x)


@pytest.mark.parametrize("stype", [C, R])
@pytest.mark.parametrize(("name", "number"), SCALARS)
def test_functions_of_an_array_and_a_number(name, number, stype):
    x = nd.array(DENSE).tostype(stype)
    made = call(name, x, scalar=number)
    assert made.stype == (stype if SCALARS[name, number] else D)
    if "scatter" not in name:
        same_as_dense(made, name, x, scalar=number)


@pytest.mark.parametrize("stypes", list(itertools.product((D, C, R), repeat=2)))
@pytest.mark.parametrize("name", BINARY)
def test_functions_of_two_arrays(name, stypes):
    divides = "div" in name
    arrays = [
        nd.array(DENSE).tostype(stypes[0]),
        nd.array(DENSE + 1 if divides else DENSE[::-1]).tostype(stypes[1]),
    ]
    made = call(name, *arrays)
    assert made.stype == BINARY[name].get(stypes, D)
    same_as_dense(made, name, *arrays)


def test_scatter_changes_what_is_stored():
    made = nd._internal._scatter_plus_scalar(nd.array(DENSE).tostype(C), scalar=2)
    np.testing.assert_array_equal(made.asnumpy(), np.where(DENSE != 0, DENSE + 2, 0))
    rows = nd._internal._scatter_plus_scalar(nd.array(DENSE).tostype(R), scalar=2).asnumpy()
    np.testing.assert_array_equal(rows[[0, 2]], DENSE[[0, 2]] + 2)
    assert not rows[1].any()


@pytest.mark.parametrize(
    ("params", "expected"), [((0, 1), (C, R)), ((-1, 0), (C, R)), ((0.25, 1), (D, D))]
)
def test_clip_keeps_zeros_that_are_inside(params, expected):
    for stype, wanted in zip((C, R), expected, strict=True):
        x = nd.array(DENSE).tostype(stype)
        made = nd.clip(x, *params)
        assert made.stype == wanted
        np.testing.assert_array_equal(made.asnumpy(), DENSE.clip(*params))


def test_quadratic_keeps_csr_without_a_constant():
    x = nd.array(DENSE)
    assert nd.contrib.quadratic(x.tostype(C), a=1.0, b=2.0).stype == C
    assert nd.contrib.quadratic(x.tostype(C), a=1.0, b=2.0, c=1.0).stype == D
    assert nd.contrib.quadratic(x.tostype(R), a=1.0, b=2.0).stype == D


#: storage of the inputs, transpose_a, transpose_b → of the product; dense where not named
DOT = {
    **{(D, C, False, b): C for b in (False, True)},
    **{(C, other, True, False): R for other in (D, R)},
}


@pytest.mark.parametrize("stypes", list(itertools.product((D, C, R), repeat=2)))
@pytest.mark.parametrize("ta", [False, True])
@pytest.mark.parametrize("tb", [False, True])
def test_products(stypes, ta, tb):
    a = nd.array(DENSE.T if ta else DENSE).tostype(stypes[0])
    b = nd.array(DENSE if tb else DENSE.T).tostype(stypes[1])
    made = nd.dot(a, b, transpose_a=ta, transpose_b=tb)
    assert made.stype == DOT.get((*stypes, ta, tb), D)
    np.testing.assert_allclose(made.asnumpy(), DENSE @ DENSE.T, rtol=1e-6)
    for wanted in (D, C, R):
        asked = nd.dot(a, b, transpose_a=ta, transpose_b=tb, forward_stype=wanted)
        assert asked.stype == wanted
        np.testing.assert_allclose(asked.asnumpy(), DENSE @ DENSE.T, rtol=1e-6)


def test_several_arrays():
    c, r, d = (nd.array(DENSE).tostype(s) for s in (C, R, D))
    for arrays, dim, stype in (((c, c), 0, C), ((c, c), 1, D), ((r, r), 0, D), ((c, d), 0, D)):
        made = nd.concat(*arrays, dim=dim)
        assert made.stype == stype
        np.testing.assert_array_equal(made.asnumpy(), np.concatenate([DENSE, DENSE], dim))
    for arrays, stype in (((r,), R), ((r, r, r), R), ((c, c), D), ((r, d), D), ((c, r), D)):
        made = nd.add_n(*arrays)
        assert made.stype == stype
        np.testing.assert_allclose(made.asnumpy(), len(arrays) * DENSE)
    assert nd.stack(c, c).stype == D


def test_a_mean_of_batches_refuses_a_fixed_scale():
    x = nd.array(DENSE).tostype(R)
    scale, shift, mean, var = nd.ones((4,)), nd.zeros((4,)), nd.zeros((4,)), nd.ones((4,))
    with pytest.raises(Exception, match="fix_gamma=True is not supported"):
        nd.BatchNorm(x, scale, shift, mean, var)
    made = nd.BatchNorm(x, scale, shift, mean, var, fix_gamma=False)
    np.testing.assert_allclose(made.asnumpy(), DENSE / np.sqrt(1.001), rtol=1e-5)


def test_every_rule_tells_a_storage_type_of_its_examples():
    for op in all_ops():
        if op.storage is None:
            continue
        assert isinstance(op.storage, Storage)
        for example in op.examples:
            p = op.parse({k: v for k, v in example.items() if k in op.params})
            count = len(example["args"]) if op.variadic else sum(n in example for n in op.inputs)
            dense = op.stype(p, [D] * count)
            asked = p.get("forward_stype") or p.get("stype") or D
            assert dense == asked, op.name


def test_rules_have_names():
    assert set(RULES) == {"keeps", "same", "either", "left", "rows of left", "update", "stype"}
