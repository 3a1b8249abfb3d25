"""Reading by an index, and its gradient: each is the other's gradient, to any order.

These two are Workbench's own. *key* is what ``raw[key]`` takes: numbers, slices, None, Ellipsis
and raw index arrays. A graph stores the pairs that MXNet writes (slice, take, gather_nd) instead.
"""

from .params import Opaque, Shape
from .registry import op


@op(
    "_getitem",
    infer=None,
    views=True,
    dtype="first",
    examples=[{"data": (3, 4), "key": (slice(0, 2), 1)}, {"data": (3, 4), "key": (..., None)}],
)
def getitem(xp, data, *, key: Opaque):
    """``data[key]`` as NumPy reads it; basic keys give a view."""
    return data[key]


@op(
    "_getitem_backward",
    infer=None,
    dtype="first",
    examples=[{"data": (2,), "key": (slice(0, 2), 1), "shape": (3, 4)}],
)
def getitem_backward(xp, data, *, key: Opaque, shape: Shape):
    """Zeros of *shape* with ``data`` added at *key*; an element read twice gets both."""
    out = xp.zeros(shape, data.dtype)
    if _is_basic(key):
        out[key] = data
    else:
        xp.add.at(out, key, data)
    return out


def _is_basic(key):
    parts = key if isinstance(key, tuple) else (key,)
    return all(part is None or part is Ellipsis or isinstance(part, (int, slice)) for part in parts)


getitem.grad(
    data=lambda F, g, data_shape, p: F._getitem_backward(g, key=p["key"], shape=data_shape)
)
getitem_backward.grad(data=lambda F, g, p: F._getitem(g, key=p["key"]))
