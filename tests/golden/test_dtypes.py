"""Result dtypes of operators, dtype by dtype, against what MXNet 1.9.1 gave.

Each table maps dtypes (``"int32,float64"``, ``"bool, int 2"``) to a dtype and the first two values,
or to the name of an exception. What 1.9.1 only fails at for want of a kernel
may be offered here; dtypes that differ must be refused.
"""

from __future__ import annotations

import json
import operator
from pathlib import Path

import numpy as np
import pytest

import workbench as mx

TABLES = json.loads((Path(__file__).parent / "arrays" / "dtype_rules.json").read_text())["cases"]
OPERATORS = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "%": operator.mod, "**": operator.pow, "==": operator.eq, "<": operator.lt,
}  # fmt: skip
NUMBERS = {"int 2": 2, "float 2.5": 2.5, "np.float64 2.5": np.float64(2.5), "bool True": True}
UNARY = {
    "mean1": lambda x: mx.nd.mean(x, axis=1),
    "sum_axis1": lambda x: mx.nd.sum(x, axis=1),
    "clip": lambda x: mx.nd.clip(x, 1, 2),
    "one_hot": lambda x: mx.nd.one_hot(x, 5),
    "cast": lambda x: mx.nd.cast(x, dtype="float32"),
}
CASES = [
    (case["table"], key, recorded)
    for case in TABLES
    for key, recorded in case["result"].items()
    if case["table"] != "creation and casts"
]


def typed(dtype, values=(3, 1)):
    return mx.nd.array(list(values), dtype=dtype)


def compute(table, key):
    words = table.split()
    if table.startswith("nd."):
        x, name = mx.nd.array([[3, 1], [2, 4]], dtype=key), table[3:-3]
        return UNARY[name](x) if name in UNARY else getattr(mx.nd, name)(x)
    function = OPERATORS.get(words[1]) or getattr(mx.nd, words[1])
    if len(words) == 3 and words[-1] == "nd":
        left, right = key.split(",")
        return function(typed(left), typed(right, (2, 1)))
    return function(*[NUMBERS[p] if p in NUMBERS else typed(p) for p in key.split(", ")])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("table", "key", "recorded"), CASES, ids=[f"{t}-{k}" for t, k, _ in CASES])
def test_as_recorded(table, key, recorded):
    if isinstance(recorded, str):
        dtypes = key.split(",")
        if ", " not in key and len(set(dtypes)) == 2:
            with pytest.raises(mx.base.MXNetError, match="dtypes"):
                compute(table, key)
        return
    dtype, first = recorded
    values = compute(table, key).asnumpy()
    assert values.dtype.name == dtype
    rtol = 1e-2 if dtype == "float16" else 1e-5
    np.testing.assert_allclose(values.ravel()[:2].astype("float64"), first, rtol=rtol)
