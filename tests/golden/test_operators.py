"""Operators against numbers that MXNet 1.9.1 gave (CPU, oneDNN on unless a file says native).

A case is one call: inputs, attributes, outputs, gradients for given head gradients, inputs that
the forward (``after``) or the backward (``after_bwd``) changed. An array is ``[pool, offset,
shape]`` in the file of arrays beside it. Cases with ``sym`` hold for a bound Symbol too.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench as mx
from workbench.base import MXNetError

#: many cases are about nan, inf and division by zero, of which NumPy warns
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

FOLDER = Path(__file__).parent / "operators"
FAMILIES = sorted(path.stem for path in FOLDER.glob("*.json"))
TOLERANCE = {"float16": (1e-2, 2e-3), "float32": (1e-4, 1e-5), "float64": (1e-6, 1e-6)}
#: long sums of float32
LOOSE = {"conv", "conv_native", "rnn", "linalg", "spatial"}


@cache
def family(name: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    with np.load(FOLDER / f"{name}.npz") as pools:
        return json.loads((FOLDER / f"{name}.json").read_text()), dict(pools)


def read(name: str, ref: list[Any]) -> np.ndarray:
    pool, offset, shape = ref
    size = int(np.prod(shape, dtype=int))
    return family(name)[1][pool][offset : offset + size].reshape(shape)


def every(what: str, **having: Any) -> Any:
    entries = [
        (name, entry)
        for name in FAMILIES
        for entry in family(name)[0][what]
        if all(entry.get(k) == v for k, v in having.items())
    ]
    ids = [f"{name}-{e.get('id', e['op'])}-{i}" for i, (name, e) in enumerate(entries)]
    return pytest.mark.parametrize(("name", "case"), entries, ids=ids)


def function(root: Any, path: str) -> Any:
    for part in path.split("."):
        root = getattr(root, part)
    return root


def attributes(case: dict[str, Any]) -> dict[str, Any]:
    return {k: _tuples(v) for k, v in (case.get("attrs") or {}).items()}


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def as_nd(array: np.ndarray) -> Any:
    return mx.nd.array(array, dtype=array.dtype)


def check(name: str, actual: Any, ref: list[Any], what: str) -> None:
    actual, expected = actual.asnumpy(), read(name, ref)
    assert actual.shape == expected.shape, what
    assert actual.dtype == expected.dtype, what
    rtol, atol = TOLERANCE.get(expected.dtype.name, (0, 0))
    if name in LOOSE and expected.dtype == "float32":
        rtol, atol = 1e-3, 1e-4
    if name == "image" and expected.dtype == "uint8":
        atol = 1  # float32 on the edge between two pixel values
    if expected.dtype.kind == "f":
        actual, expected = actual.astype("float64"), expected.astype("float64")
    np.testing.assert_allclose(actual, expected, rtol, atol, err_msg=what)


def check_all(name: str, actual: Any, refs: list[Any], what: str) -> None:
    actual = actual if isinstance(actual, list) else [actual]
    assert len(actual) == len(refs)
    for i, (one, ref) in enumerate(zip(actual, refs, strict=True)):
        check(name, one, ref, f"{what} {i}")


def call(case: dict[str, Any], inputs: dict[str, Any], options: dict[str, Any]) -> Any:
    operator = function(mx.nd, case["op"])
    if case.get("varargs"):
        return operator(*inputs.values(), **options)
    return operator(**inputs, **options)


@pytest.fixture(autouse=True)
def recorded_environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the recording ran: conv_native without oneDNN."""
    if request.getfixturevalue("name") == "conv_native":
        monkeypatch.setenv("MXNET_MKLDNN_ENABLED", "0")


@every("cases")
def test_eager(name: str, case: dict[str, Any]) -> None:
    inputs = {k: as_nd(read(name, ref)) for k, ref in case["in"].items()}
    train, wanted, options = case.get("train", True), case.get("grad"), attributes(case)
    if "out_is_input" in case:
        outs = [inputs[k] for k in case["out_is_input"]]
        options["out"] = outs if len(outs) > 1 else outs[0]
    for k in wanted or ():
        inputs[k].attach_grad()
    mode = mx.autograd.train_mode() if train else mx.autograd.predict_mode()
    with mx.autograd.record(train_mode=train) if wanted else mode:
        outs = call(case, inputs, options)
    check_all(name, outs, case["out"], "out")
    for k, ref in case.get("after", {}).items():
        check(name, inputs[k], ref, f"{k} after the forward")
    if not wanted:
        return
    outs = outs if isinstance(outs, list) else [outs]
    pairs = [(o, as_nd(read(name, h))) for o, h in zip(outs, case["head"], strict=True) if h]
    mx.autograd.backward([o for o, _ in pairs], [h for _, h in pairs], train_mode=train)
    for k, ref in wanted.items():
        check(name, inputs[k].grad, ref, f"gradient of {k}")
    for k, ref in case.get("after_bwd", {}).items():
        check(name, inputs[k], ref, f"{k} after the backward")


@every("cases", sym=True)
def test_bound_symbol(name: str, case: dict[str, Any]) -> None:
    arrays = {k: as_nd(read(name, ref)) for k, ref in case["in"].items()}
    variables = {k: mx.sym.Variable(f"in_{k}" if k.isdigit() else k) for k in arrays}
    operator, options = function(mx.sym, case["op"]), attributes(case)
    if case.get("varargs"):
        symbol = operator(*variables.values(), **options)
        arrays = {f"in_{k}" if k.isdigit() else k: v for k, v in arrays.items()}
    else:
        symbol = operator(**variables, **options)
    aux = {k: arrays.pop(k) for k in case.get("aux", [])}
    wanted = {k: ref for k, ref in case.get("grad", {}).items() if k not in aux}
    if case.get("varargs"):
        wanted = {f"in_{k}" if k.isdigit() else k: ref for k, ref in wanted.items()}
    gradients = {k: mx.nd.zeros_like(arrays[k]) for k in wanted}
    requests = {k: "write" if k in wanted else "null" for k in arrays}
    executor = symbol.bind(mx.cpu(), arrays, gradients, requests, aux or None)
    train = case.get("train", True)
    outs = executor.forward(is_train=train)
    check_all(name, outs, case["out"], "out")
    if wanted and train:
        executor.backward(
            [
                as_nd(read(name, h)) if h else mx.nd.zeros_like(o)
                for o, h in zip(outs, case["head"], strict=True)
            ]
        )
        for k, ref in wanted.items():
            check(name, gradients[k], ref, f"gradient of {k}")


@every("errors")
def test_what_is_refused(name: str, case: dict[str, Any]) -> None:
    # 100 is out of range for take
    inputs = {
        k: mx.nd.full(tuple(s), 100 if k == "indices" else 1) for k, s in case["in_shapes"].items()
    }
    varargs = all(k.isdigit() for k in inputs)
    with pytest.raises((MXNetError, ValueError, TypeError, IndexError)):
        call({**case, "varargs": varargs}, inputs, attributes(case))
