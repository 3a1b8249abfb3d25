"""Sparse arrays against MXNet 1.9.1: values, storage types, gradients and optimizers.

An array in the file is ``{"@": [pool, offset, shape]}``. Every case is made of three arrays (a csr
``c``, row_sparse ``r`` and ``s``) or of what it names itself.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench as mx
from workbench import nd

FILE = Path(__file__).parent / "sparse"
CASES = json.loads(FILE.with_suffix(".json").read_text())["cases"]
ELEMENT = {
    "elemwise_add(rsp,rsp)": lambda c, r, s: nd.sparse.elemwise_add(r, s),
    "elemwise_sub(rsp,rsp)": lambda c, r, s: nd.sparse.elemwise_sub(r, s),
    "elemwise_mul(rsp,rsp)": lambda c, r, s: nd.sparse.elemwise_mul(r, s),
    "add_n(rsp,rsp)": lambda c, r, s: nd.sparse.add_n(r, s),
    "rsp+dense": lambda c, r, s: r + nd.array([[1, 1], [2, 3], [1, 1], [4, 5], [1, 1]]),
    "rsp*2": lambda c, r, s: r * 2,
    "rsp+1": lambda c, r, s: r + 1,
    "csr*2": lambda c, r, s: c * 2,
    "csr+1": lambda c, r, s: c + 1,
    "csr+csr": lambda c, r, s: c + c,
    "csr*csr": lambda c, r, s: c * c,
    "abs(csr)": lambda c, r, s: nd.sparse.abs(c),
    "square(rsp)": lambda c, r, s: nd.sparse.square(r),
    "sqrt(rsp)": lambda c, r, s: nd.sparse.sqrt(r),
    "cos(rsp)": lambda c, r, s: nd.cos(r),
    "relu(rsp)": lambda c, r, s: nd.sparse.relu(r),
    "sum(csr,axis=0)": lambda c, r, s: nd.sparse.sum(c, axis=0),
    "sum(csr,axis=1)": lambda c, r, s: nd.sparse.sum(c, axis=1),
    "sum(csr)": lambda c, r, s: nd.sparse.sum(c),
    "mean(csr,axis=1)": lambda c, r, s: nd.sparse.mean(c, axis=1),
    "norm(rsp)": lambda c, r, s: nd.sparse.norm(r),
    "csr[1:3]": lambda c, r, s: c[1:3],
    "csr[0]": lambda c, r, s: c[0],
    "slice(csr)": lambda c, r, s: nd.sparse.slice(c, begin=(0, 1), end=(2, 4)),
    "clip(rsp)": lambda c, r, s: nd.sparse.clip(r, 0, 2),
    "rsp.copy()": lambda c, r, s: r.copy(),
    "csr.astype(float64)": lambda c, r, s: c.astype("float64"),
    "zeros(csr)": lambda c, r, s: nd.sparse.zeros("csr", (2, 3)),
    "zeros_like(rsp)": lambda c, r, s: nd.sparse.zeros_like(r),
    "broadcast_mul(csr,dense row)": lambda c, r, s: nd.sparse.broadcast_mul(
        c, nd.array([[1, 2, 3, 4]])
    ),
    "broadcast_div(csr,dense col)": lambda c, r, s: nd.sparse.broadcast_div(
        c, nd.array([[1], [2], [4]])
    ),
    "where(csr,dense,dense)": lambda c, r, s: nd.sparse.where(c, nd.ones((3, 4)), nd.zeros((3, 4))),
    "concat(csr,csr,dim=0)": lambda c, r, s: nd.concat(c, c, dim=0),
    "cast_storage csr->default": lambda c, r, s: nd.cast_storage(c, stype="default"),
}
PRODUCTS = {
    "dot(csr,dense)": lambda a: nd.sparse.dot(a["csr"], a["dense"]),
    "dot(csr,dense,transpose_a)": lambda a: nd.sparse.dot(a["csr"], a["dense"], transpose_a=True),
    "dot(csr,dense,transpose_a,forward_stype row_sparse)": lambda a: nd.sparse.dot(
        a["csr"], a["dense"], transpose_a=True, forward_stype="row_sparse"
    ),
    "dot(csr,row_sparse)": lambda a: nd.sparse.dot(a["csr"], a["rsp"]),
    "dot(dense,csr)": lambda a: nd.sparse.dot(a["dense"], a["csr"]),
    "retain": lambda a: nd.sparse.retain(a["rsp"], nd.array(a["indices"])),
}
NAMES = [case["name"] for case in CASES if "name" in case]
STYPES = {"csr": "csr", "rsp": "row_sparse", "rsp_b": "row_sparse", "dense": "default"}


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


def arrays_of(case: dict[str, Any]) -> dict[str, Any]:
    made = {key: nd.array(case[key]).tostype(stype) for key, stype in STYPES.items() if key in case}
    return {**made, "indices": case.get("indices")}


def named(names: Any) -> list[Any]:
    return [pytest.param(read(c), id=c["name"]) for c in CASES if c.get("name") in names]


def same(made: Any, recorded: dict[str, Any]) -> None:
    assert made.stype == recorded["stype"]
    assert made.dtype == recorded["value"].dtype
    np.testing.assert_allclose(made.asnumpy(), recorded["value"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("case", named(ELEMENT))
def test_operators(case):
    arrays = arrays_of(case)
    same(ELEMENT[case["name"]](arrays["csr"], arrays["rsp"], arrays["rsp_b"]), case["out"])


@pytest.mark.parametrize("case", named(PRODUCTS))
def test_products(case):
    same(PRODUCTS[case["name"]](arrays_of(case)), case["out"])


@pytest.mark.parametrize("case", named({"tostype csr", "tostype row_sparse"}))
def test_parts(case):
    made = nd.array(case["dense"]).tostype(case["name"].split()[1])
    for part in ("data", "indices", "indptr"):
        if part in case:
            np.testing.assert_array_equal(getattr(made, part).asnumpy(), case[part])
    assert repr(made) == case["repr"]


@pytest.mark.parametrize(
    "case",
    [pytest.param(read(c), id=c["name"]) for c in CASES if "(head ones)" in c.get("name", "")],
)
def test_gradients(case):
    embedding = case["name"].startswith("Embedding")
    w = nd.ones((5, 2) if embedding else (4, 3))
    w.attach_grad(stype="row_sparse")
    with mx.autograd.record():
        if embedding:
            rows = nd.array([1, 3, 1])
            y = nd.Embedding(rows, w, input_dim=5, output_dim=2, sparse_grad=True)
        else:
            y = nd.sparse.dot(nd.array(case["csr"]).tostype("csr"), w)
    y.backward()
    same(w.grad, case["grad"])
    np.testing.assert_array_equal(w.grad.indices.asnumpy(), case["indices"])


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(read(c), id=f"{c['optimizer']} {c['weight_stype']} {c['kwargs']}")
        for c in CASES
        if "optimizer" in c
    ],
)
def test_optimizers(case):
    updater = mx.optimizer.get_updater(mx.optimizer.create(case["optimizer"], **case["kwargs"]))
    weight = nd.array(case["w0"]).tostype(case["weight_stype"])
    for t, expected in enumerate(case["traj"]):
        updater(0, nd.array(case["rsp"] * np.float32(t + 1)).tostype("row_sparse"), weight)
        np.testing.assert_allclose(weight.asnumpy(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("case", named({"kvstore row_sparse_pull row_ids [0,3,3]"}))
def test_row_sparse_pull(case):
    store = mx.kv.create("local")
    store.init("w", nd.array(case["stored"]).tostype("row_sparse"))
    out = nd.sparse.zeros("row_sparse", case["stored"].shape)
    store.row_sparse_pull("w", out=out, row_ids=nd.array([0, 3, 3], dtype="int64"))
    same(out, case["out"])
    np.testing.assert_array_equal(out.indices.asnumpy(), case["indices"])
