"""What operators do with sparse arrays: compute on dense copies, store some results sparse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..ops.registry import Op
from .core import NDArray

__all__ = ["dense", "is_sparse", "keep", "write_back"]

#: f(0) = 0: MXNet 1.9.1 gives these results the storage of their inputs
_KEEPING = frozenset(
    (
        "Cast",
        "_copy",
        "_div_scalar",
        "_mul_scalar",
        "abs",
        "add_n",
        "arcsin",
        "arcsinh",
        "arctan",
        "arctanh",
        "broadcast_add",
        "broadcast_mul",
        "broadcast_sub",
        "cbrt",
        "ceil",
        "clip",
        "degrees",
        "elemwise_add",
        "elemwise_mul",
        "elemwise_sub",
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
    )
)
_KEEPING_CSR = frozenset({"Concat", "slice"})
#: results are stored as the first input whatever the others are
_BY_FIRST = frozenset({"broadcast_mul", "broadcast_div"})


def is_sparse(x: Any) -> bool:
    """True for csr and row_sparse arrays."""
    return isinstance(x, NDArray) and x.stype != "default"


def dense(x: NDArray) -> NDArray:
    """The array itself, or a dense copy at the same place of the recorded graph."""
    return x.tostype("default") if x.stype != "default" else x


def keep(op: Op, inputs: Sequence[Any], p: Mapping[str, Any], made: Any) -> Any:
    """The result of an operator on *inputs*, stored as MXNet stores it."""
    if not isinstance(made, NDArray):
        return made
    stypes = [x.stype for x in inputs if isinstance(x, NDArray)]
    wanted = _of_dot(stypes, p) if op.name == "dot" else _stype(op.name, stypes)
    return made if wanted == "default" else made.tostype(wanted)


def _stype(name: str, stypes: list[str]) -> str:
    first = stypes[0]
    if first == "csr" and name in _BY_FIRST:
        return first
    kept = name in _KEEPING or (first == "csr" and name in _KEEPING_CSR)
    return first if kept and len(set(stypes)) == 1 else "default"


def _of_dot(stypes: list[str], p: Mapping[str, Any]) -> str:
    if p["forward_stype"]:
        return str(p["forward_stype"])
    if stypes == ["default", "csr"]:
        return "csr"
    return "row_sparse" if stypes[0] == "csr" and p["transpose_a"] else "default"


def write_back(op: Op, inputs: Sequence[Any], arrays: Sequence[NDArray | None]) -> None:
    """Copy what the operator changed in dense copies into the sparse arrays that it was given."""
    names = op.names_of(inputs)
    for name, given, used in zip(names, inputs, arrays, strict=True):
        if (name in op.mutates or (op.variadic and op.mutates)) and is_sparse(given):
            given[:] = used
