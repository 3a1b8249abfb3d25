"""Helpers for several devices, gradients and downloads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ndarray as nd
from .._surface import getattr_for
from ..context import Context
from ._download import check_sha1, download

__all__ = ["check_sha1", "clip_global_norm", "download", "split_and_load", "split_data"]

__getattr__ = getattr_for(__name__)


def split_data(
    data: nd.NDArray, num_slice: int, batch_axis: int = 0, even_split: bool = True
) -> list[nd.NDArray]:
    """Cut an array into *num_slice* parts along *batch_axis*, the first ones longer by one.

    Raises ValueError when the parts would not be equal and *even_split* is asked for.
    """
    size = data.shape[batch_axis]
    if even_split and size % num_slice:
        raise ValueError(
            f"data with shape {data.shape} cannot be evenly split into {num_slice} slices along "
            f"axis {batch_axis}. Use a batch size that's multiple of {num_slice} or set "
            "even_split=False to allow uneven partitioning of data."
        )
    each, extra = divmod(size, num_slice)
    ends = [each * i + min(i, extra) for i in range(1, num_slice + 1)]
    starts = [0, *ends[:-1]]
    if batch_axis == 0:
        return [data[a:b] for a, b in zip(starts, ends, strict=True)]
    return [
        nd.slice_axis(data, axis=batch_axis, begin=a, end=b)
        for a, b in zip(starts, ends, strict=True)
    ]


def split_and_load(
    data: Any, ctx_list: Sequence[Context], batch_axis: int = 0, even_split: bool = True
) -> list[nd.NDArray]:
    """Cut an array into one part per device and copy each there."""
    if not isinstance(data, nd.NDArray):
        data = nd.array(data, ctx=ctx_list[0])
    if len(ctx_list) == 1:
        return [data.as_in_context(ctx_list[0])]
    slices = split_data(data, len(ctx_list), batch_axis, even_split)
    return [one.as_in_context(ctx) for one, ctx in zip(slices, ctx_list, strict=True)]


def clip_global_norm(
    arrays: Sequence[nd.NDArray], max_norm: float, check_isfinite: bool = True
) -> Any:
    """Scale arrays in place so that the 2-norm of all of them together is at most *max_norm*.

    Returns the norm before scaling: a float, or an NDArray when *check_isfinite* is False.
    """
    assert len(arrays) > 0, "clip_global_norm needs at least one array"
    ctx = arrays[0].context
    total = nd.add_n(*[nd.sum(nd.square(one)).as_in_context(ctx) for one in arrays])
    norm = nd.sqrt(total)
    if check_isfinite and not _finite(norm):
        import warnings

        warnings.warn("nan or inf is detected. Clipping results will be undefined.", stacklevel=2)
    scale = nd.minimum(max_norm / (norm + 1e-8), 1.0)
    for one in arrays:
        one *= scale.as_in_context(one.context)
    return float(norm.asscalar()) if check_isfinite else norm


def _finite(norm: nd.NDArray) -> bool:
    import math

    return math.isfinite(norm.asscalar())
