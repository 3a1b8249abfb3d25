"""Reading by an index, and its gradient: each is the other's gradient, to any order.

These two are Workbench's own. *key* is what ``raw[key]`` takes: numbers, slices, None, Ellipsis
and raw index arrays. A graph stores the pairs that MXNet writes (slice, take, gather_nd) instead.
"""

from ..error import ShapeError
from .params import Opaque, Shape
from .registry import op


class Key(Opaque):
    """What stands between the brackets; as text ``:, 1:3, 0, ..., newaxis`` (basic keys only)."""

    def convert(self, value):
        if not isinstance(value, str):
            return value
        return tuple(_part(text.strip()) for text in value.split(",") if text.strip())

    def print(self, value):
        return ", ".join(map(_text, value if isinstance(value, tuple) else (value,)))


_WORDS = {"...": Ellipsis, "newaxis": None}


def _part(text):
    if text in _WORDS:
        return _WORDS[text]
    numbers = [int(n) if n.strip() else None for n in text.split(":")]
    return slice(*numbers) if ":" in text else numbers[0]


def _text(part):
    if isinstance(part, slice):
        ends = [part.start, part.stop] if part.step is None else [part.start, part.stop, part.step]
        return ":".join("" if n is None else str(n) for n in ends)
    if part is None or part is Ellipsis:
        return "newaxis" if part is None else "..."
    return str(part)


@op(
    "_getitem",
    infer=None,
    views=True,
    dtype="first",
    examples=[{"data": (3, 4), "key": (slice(0, 2), 1)}, {"data": (3, 4), "key": (..., None)}],
)
def getitem(xp, data, *, key: Key):
    """``data[key]`` as NumPy reads it; basic keys give a view."""
    return data[key]


@getitem.infer
def _getitem_shape(p, ins):
    """The shape that a basic key leaves; an advanced key tells nothing before it is used."""
    shape, key = ins[0], p["key"]
    key = key if isinstance(key, tuple) else (key,)
    if shape is None or not _is_basic(key):
        return ins, [None]
    taken = sum(part is not None and part is not Ellipsis for part in key)
    if taken > len(shape):
        raise ShapeError(f"Shape inconsistent, {taken} indices for {len(shape)} axes")
    if not any(part is Ellipsis for part in key):
        key = (*key, Ellipsis)
    rest, out = list(shape), []
    for part in key:
        if part is None:
            out.append(1)
        elif part is Ellipsis:
            whole = len(shape) - taken
            out += rest[:whole]
            del rest[:whole]
        else:
            size = rest.pop(0)
            if isinstance(part, slice):
                out.append(len(range(*part.indices(size))) if size else 0)
    return ins, [tuple(out)]


@op(
    "_getitem_backward",
    infer="given",
    dtype="first",
    examples=[{"data": (2,), "key": (slice(0, 2), 1), "shape": (3, 4)}],
)
def getitem_backward(xp, data, *, key: Key, shape: Shape):
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
