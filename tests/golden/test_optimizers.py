"""Five updates of two weights by every optimizer, as MXNet 1.9.1 makes them.

The first entry of the file is what all start from; an entry gives the weights after each update
and the states at the end. An array is ``{"@": [pool, offset, shape]}``.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench as mx
from workbench.base import MXNetError

FILE = Path(__file__).parent / "optimizer_traj"
TOLERANCE = {"float16": (1e-2, 2e-3), "float32": (1e-4, 1e-5)}
CASES = json.loads(FILE.with_suffix(".json").read_text())["cases"]
TRAINED = [case for case in CASES if "traj" in case]
REFUSED = [case for case in CASES if "error" in case]


@cache
def pools() -> dict[str, np.ndarray]:
    with np.load(FILE.with_suffix(".npz")) as arrays:
        return dict(arrays)


def read(value: Any) -> Any:
    if isinstance(value, dict) and "@" in value:
        pool, offset, shape = value["@"]
        return pools()[pool][offset : offset + int(np.prod(shape, dtype=int))].reshape(shape)
    if isinstance(value, dict):
        return {key: read(one) for key, one in value.items()}
    return [read(one) for one in value] if isinstance(value, list) else value


def by_name(case: dict[str, Any]) -> str:
    options = {**case["kwargs"], "on": case.get("dtype", "float32")}
    return f"{case['optimizer']} {options}"


def number_keys(table: dict[str, Any]) -> dict[Any, Any]:
    return {int(key) if key.isdigit() else key: value for key, value in table.items()}


def scheduler(text: str) -> Any:
    name, options = re.match(r"(\w+)\((.*?)\)", text).groups()
    pairs = (pair.split("=") for pair in options.split(","))
    return getattr(mx.lr_scheduler, name)(**{k: json.loads(v) for k, v in pairs})


def make(case: dict[str, Any]) -> Any:
    options = dict(case["kwargs"])
    if case.get("param_idx2name"):
        options["param_idx2name"] = number_keys(case["param_idx2name"])
    if case.get("lr_scheduler"):
        options["lr_scheduler"] = scheduler(case["lr_scheduler"])
    optimizer = mx.optimizer.create(case["optimizer"], **options)
    factors = case.get("mult") or {}
    optimizer.set_lr_mult(number_keys(factors.get("lr", {})))
    optimizer.set_wd_mult(number_keys(factors.get("wd", {})))
    return optimizer


def start(dtype: str) -> tuple[list[Any], list[Any]]:
    """The two weights, and for each update their gradients."""
    inputs = read(CASES[0])
    weights = [mx.nd.array(inputs[n], dtype=dtype) for n in ("w0", "b0")]
    return weights, [[mx.nd.array(g, dtype=dtype) for g in pair] for pair in inputs["grads"]]


def close(actual: Any, expected: np.ndarray, what: str) -> None:
    found = actual.asnumpy()
    assert found.dtype == expected.dtype, what
    rtol, atol = TOLERANCE[expected.dtype.name]
    np.testing.assert_allclose(found, expected, rtol, atol, err_msg=what)


def close_states(actual: Any, expected: Any, what: str) -> None:
    if isinstance(expected, list):
        assert len(actual) == len(expected), what
        for one, other in zip(actual, expected, strict=True):
            close_states(one, other, what)
    elif expected is None:
        assert actual is None, what
    else:
        close(actual, expected, what)


@pytest.mark.parametrize("together", [False, True], ids=["one by one", "together"])
@pytest.mark.parametrize("case", TRAINED, ids=by_name)
def test_weights_and_states(case: dict[str, Any], together: bool) -> None:
    optimizer = make(case)
    assert type(optimizer).__name__ == case["cls"]
    updater = mx.optimizer.get_updater(optimizer)
    weights, gradients = start(case.get("dtype", "float32"))
    for pair, expected in zip(gradients, read(case["traj"]), strict=True):
        if together:
            updater([0, 1], pair, weights)
        else:
            for i in (0, 1):
                updater(i, pair[i], weights[i])
        for i in (0, 1):
            close(weights[i], expected[i], f"weight {i}")
    for i, expected in read(case["states"]).items():
        close_states(updater.states[int(i)], expected, f"state {i}")
    assert optimizer.num_update == case["num_update"]
    assert optimizer.learning_rate == pytest.approx(case["lr"])


@pytest.mark.parametrize("case", REFUSED, ids=by_name)
def test_what_is_refused(case: dict[str, Any]) -> None:
    weights, gradients = start(case.get("dtype", "float32"))
    with pytest.raises((MXNetError, ValueError)):
        mx.optimizer.get_updater(make(case))(0, gradients[0][0], weights[0])
