"""Whether the parts of a sparse array fit together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..error import DataFileError, MXNetError, message, user_line
from ..ops.sparse import Csr
from .container import Record

__all__ = ["check_range", "disorder", "misfit"]


def check_range(raw: Any) -> None:
    """MXNetError where index arrays point outside; what a wrong index reads is never returned."""
    size = raw.shape[raw.stype == "csr"]
    wrong = raw.indices.size and (raw.indices.min() < 0 or raw.indices.max() >= size)
    if raw.stype == "csr" and not wrong:
        steps = raw.indptr[1:] - raw.indptr[:-1]
        ends = int(raw.indptr[0]) == 0 and int(raw.indptr[-1]) == raw.data.shape[0]
        wrong = not ends or (steps.size and bool(steps.min() < 0))
    if wrong:
        raise MXNetError(
            message(
                f"a {raw.stype} array of shape {raw.shape} whose indices point outside",
                where=[user_line()],
                fix="Look with x.check_format(); correct indices and indptr.",
            )
        )


def misfit(stype: str, shapes: Sequence[tuple[int, ...]], shape: Sequence[int]) -> str:
    """What is wrong with the shapes of values and index arrays; empty where nothing is."""
    values, *aux = shapes
    if any(len(one) != 1 for one in aux):
        return f"index arrays of shapes {aux}, not of one axis"
    if stype == "row_sparse":
        if not shape or values[1:] != tuple(shape[1:]):
            return f"rows of shape {values[1:]} for an array of shape {tuple(shape)}"
        return "" if aux[0] == values[:1] else f"{aux[0][0]} indices for {values[0]} rows"
    indptr, indices = aux
    if len(shape) != 2 or len(values) != 1:
        return f"values of shape {values} in an array of shape {tuple(shape)}"
    if indptr[0] != shape[0] + 1:
        return f"indptr has {indptr[0]} entries for {shape[0]} rows"
    return "" if indices == values else f"{indices[0]} indices for {values[0]} values"


def disorder(
    stype: str, values: np.ndarray, parts: Sequence[np.ndarray], shape: Sequence[int]
) -> str:
    """What is wrong with the index arrays of parts of fitting shapes; empty where nothing is."""
    try:
        Record.sparse(stype, values, parts, shape)
    except DataFileError as error:
        return str(error)
    ordered = (
        parts[-1] if stype == "row_sparse" else Csr(np, values, parts[0], parts[1], shape).keys()
    )
    return "" if (ordered[1:] > ordered[:-1]).all() else "indices do not ascend"
