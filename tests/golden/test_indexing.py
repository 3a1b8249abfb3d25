"""Expressions on NDArrays against what MXNet 1.9.1 gave: values, views and errors.

A case is an expression over ``x = arange(24).reshape(2, 3, 4)`` and ``y = nd.arange(5)``; its
value is an array of the file beside it, a Python value, or the name of an exception.
"""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench as mx

FOLDER = Path(__file__).parent / "arrays"
CASES = json.loads((FOLDER / "nd_indexing.json").read_text())["cases"]
with np.load(FOLDER / "nd_indexing.npz") as _pools:
    POOLS = dict(_pools)
#: 1.9.1 refuses these or its kernels fail; here they have the value that NumPy has
OFFERED = {
    "int(x[0,0,1])": 1,
    "float(x[0,0,1])": 1.0,
    "y.dot(y)": [30.0],
    "y==None": False,
    "y==[0,1,2,3,4]": False,
    "np.ones(5,'float32')+y": [1, 2, 3, 4, 5],
    "y+np.ones(5,'float32')": [1, 2, 3, 4, 5],
    "y.asnumpy()+y": [0, 2, 4, 6, 8],
    "y+y.asnumpy()": [0, 2, 4, 6, 8],
}


def kind_of(case: dict[str, Any]) -> str:
    return next(kind for kind in ("get", "set", "method") if kind in case)


def resolve(value: Any) -> Any:
    if isinstance(value, dict) and "@" in value:
        pool, offset, shape = value["@"]
        return POOLS[pool][offset : offset + int(np.prod(shape, dtype=int))].reshape(shape)
    return value


def names() -> dict[str, Any]:
    x = mx.nd.array(np.arange(24, dtype="float32").reshape(2, 3, 4))
    return {"mx": mx, "nd": mx.nd, "np": np, "y": mx.nd.arange(5), "x": x}


def error_named(name: str) -> type[Exception]:
    return getattr(builtins, name, None) or getattr(mx.base, name)


@pytest.mark.parametrize("case", CASES, ids=[c[kind_of(c)] for c in CASES])
def test_as_recorded(case):
    kind, scope = kind_of(case), names()
    expression = case[kind]
    target = scope.get(expression[0], scope["x"])
    if expression in OFFERED:
        result = eval(expression, scope)
        if isinstance(result, mx.nd.NDArray):
            result = result.asnumpy().tolist()
        assert result == OFFERED[expression]
        return
    if "error" in case:
        with pytest.raises(error_named(case["error"])):
            (exec if kind == "set" else eval)(expression, scope)
        return
    if kind == "set":
        exec(expression, scope)
        np.testing.assert_allclose(scope[expression[0]].asnumpy(), resolve(case["value"]))
        return
    result = eval(expression, scope)
    if "py" in case:
        check_python_value(result, case)
    else:
        check_array(result, case, target)


def check_python_value(result, case):
    expected = resolve(case["value"])
    if isinstance(expected, np.ndarray):
        np.testing.assert_allclose(result, expected)
    elif expected == "object":
        np.testing.assert_allclose(np.asarray(result, float), np.exp(np.arange(5)), rtol=1e-6)
    else:
        assert type(result).__name__ == case["py"].split(".")[-1]
        assert result == expected or str(result) == str(expected)


def check_array(result, case, target):
    assert result.shape == tuple(case["shape"])
    if case["value"] is not None:
        np.testing.assert_allclose(result.asnumpy(), resolve(case["value"]), rtol=1e-5)
    if "dtype" in case:
        assert np.dtype(result.dtype).name == case["dtype"]
    if "is_view" in case:
        before = target.asnumpy()
        if result.size:
            result[:] = -77
        assert case["is_view"] is not np.array_equal(before, target.asnumpy())
