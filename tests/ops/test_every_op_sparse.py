"""Every operator gives of sparse arrays what it gives of dense ones."""

from __future__ import annotations

import numpy as np
import pytest
from op_examples import Call, every_example

from workbench import nd
from workbench.ndarray.invoke import invoke
from workbench.ops import all_ops

#: refuses sparse arrays, as in MXNet; or changes the stored values alone
OWN_WAYS = {"_scatter_plus_scalar", "_scatter_minus_scalar", "_scatter_elemwise_div"}
EXAMPLES = [
    e
    for e in every_example([op for op in all_ops() if "rng" not in op.uses and op.inputs])
    if e[1].name not in OWN_WAYS and not e[2].get("fix_gamma", e[1].name.startswith("BatchNorm"))
]


def called(op, call, stype):
    arrays = []
    for raw in call.inputs():
        x = None if raw is None else nd.array(raw, dtype=raw.dtype)
        fits = x is not None and (x.ndim == 2 if stype == "csr" else x.ndim > 0)
        arrays.append(x.tostype(stype) if fits else x)
    made = invoke(op, arrays, call.params, None, {})
    return [one.asnumpy() for one in (made if isinstance(made, list) else [made])], arrays


@pytest.mark.parametrize("stype", ["csr", "row_sparse"])
@pytest.mark.parametrize(
    ("op", "example"), [e[1:] for e in EXAMPLES], ids=[name for name, _, _ in EXAMPLES]
)
def test_sparse_inputs(op, example, stype):
    call = Call(op, example, "float32")
    made, arrays = called(op, call, stype)
    expected, dense = called(op, call, "default")
    for one, value in zip(made, expected, strict=True):
        assert one.dtype == value.dtype
        np.testing.assert_allclose(one, value, rtol=1e-4, atol=1e-5)
    for one, same in zip(arrays, dense, strict=True):  # states that the operator changes
        if one is not None:
            np.testing.assert_allclose(one.asnumpy(), same.asnumpy(), rtol=1e-4, atol=1e-5)
