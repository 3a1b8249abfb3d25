"""Sequences of different lengths in one array: time along one axis, the batch along another."""

from . import rules
from .params import Bool, Float, Int, Shape
from .registry import op


def _length_missing(p):
    return [] if p["use_sequence_length"] else ["sequence_length"]


def _lengths(p, ins):
    """data and the length of each sequence, (N,)."""
    data, length = ins if len(ins) == 2 else (ins[0], None)
    if p["use_sequence_length"] and data is not None:
        length = rules.merge(length, (data[1 - p.get("axis", 0)],), "sequence_length")
    return [data, length][: len(ins)], data


_OPTIONS = {"dtype": "first", "optional_when": _length_missing}


def _place(xp, size, rank, axis):
    """0, 1, ... along *axis*."""
    return xp.arange(size).reshape([-1 if i == axis else 1 for i in range(rank)])


def _per_sequence(length, rank, axis):
    """The lengths, shaped to broadcast against data whose time is *axis*, 0 or 1."""
    return length.reshape([-1 if i == 1 - axis else 1 for i in range(rank)])


def _inside(xp, data, length, axis):
    return _place(xp, data.shape[axis], data.ndim, axis) < _per_sequence(length, data.ndim, axis)


_EXAMPLES = [
    {"data": (4, 3, 2), "sequence_length": ([1, 4, 2],), "use_sequence_length": True},
    {"data": (4, 3, 2)},
]


@op(
    aliases=["_npx_sequence_mask"],
    infer=lambda p, ins: (_lengths(p, ins)[0], [ins[0]]),
    examples=[
        *_EXAMPLES,
        {
            "data": (3, 4, 2),
            "sequence_length": ([1, 4, 2],),
            "use_sequence_length": True,
            "axis": 1,
            "value": -1.0,
        },
    ],
    **_OPTIONS,
)
def SequenceMask(
    xp,
    data,
    sequence_length=None,
    *,
    use_sequence_length: Bool = False,  # without it data is returned as it is
    value: Float = 0.0,  # what stands after the end
    axis: Int(min=0, max=1) = 0,  # axis of time; the other one of 0 and 1 is the batch
):
    """*data* with *value* from the end of each sequence on: (T, N, ...)."""
    if sequence_length is None:
        return data.copy()
    return xp.where(_inside(xp, data, sequence_length, axis), data, data.dtype.type(value))


SequenceMask.grad(
    data=lambda F, g, sequence_length, p: F.SequenceMask(
        g,
        sequence_length,
        use_sequence_length=p["use_sequence_length"],
        axis=p["axis"],
    )
)


def _last_shape(p, ins):
    inputs, data = _lengths(p, ins)
    if data is None:
        return inputs, [None]
    return inputs, [data[:0] + data[1:] if p["axis"] == 0 else data[:1] + data[2:]]


@op(infer=_last_shape, examples=_EXAMPLES, **_OPTIONS)
def SequenceLast(
    xp,
    data,
    sequence_length=None,
    *,
    use_sequence_length: Bool = False,  # without it all sequences have full length
    axis: Int(min=0, max=1) = 0,  # axis of time; the other one of 0 and 1 is the batch
):
    """The last element of each sequence: (T, N, ...) → (N, ...)."""
    if sequence_length is None:
        return (data[-1] if axis == 0 else data[:, -1]).copy()
    last = sequence_length.astype("int64") - 1
    batch = xp.arange(data.shape[1 - axis])
    return data[last, batch] if axis == 0 else data[batch, last]


def _last_back(F, g, sequence_length, data_shape, p):
    return F._backward_SequenceLast(
        g,
        sequence_length,
        use_sequence_length=p["use_sequence_length"],
        axis=p["axis"],
        shape=data_shape,
    )


SequenceLast.grad(data=_last_back)


@op(
    "_backward_SequenceLast",
    infer=lambda p, ins: (ins, [p["shape"]]),
    examples=[
        {
            "data": (3, 2),
            "sequence_length": ([1, 4, 2],),
            "use_sequence_length": True,
            "shape": (4, 3, 2),
        }
    ],
    **_OPTIONS,
)
def backward_last(
    xp,
    data,
    sequence_length=None,
    *,
    use_sequence_length: Bool = False,
    axis: Int(min=0, max=1) = 0,
    shape: Shape,
):
    """Zeros of *shape* with *data* where ``SequenceLast`` reads."""
    made = xp.zeros(shape, data.dtype)
    if sequence_length is None:
        made[-1 if axis == 0 else (slice(None), -1)] = data
        return made
    last = sequence_length.astype("int64") - 1
    batch = xp.arange(shape[1 - axis])
    made[(last, batch) if axis == 0 else (batch, last)] = data
    return made


backward_last.grad(
    data=lambda F, g, sequence_length, p: F.SequenceLast(
        g,
        sequence_length,
        use_sequence_length=p["use_sequence_length"],
        axis=p["axis"],
    )
)


@op(infer=lambda p, ins: (_lengths(p, ins)[0], [ins[0]]), examples=_EXAMPLES, **_OPTIONS)
def SequenceReverse(
    xp,
    data,
    sequence_length=None,
    *,
    use_sequence_length: Bool = False,  # without it all sequences have full length
    axis: Int(min=0, max=0) = 0,  # axis of time; only 0
):
    """Each sequence backwards up to its end; what follows stays: (T, N, ...)."""
    if sequence_length is None:
        return data[::-1].copy()
    place = xp.arange(data.shape[0])[:, None]
    length = sequence_length.astype("int64")[None, :]
    source = xp.where(place < length, length - 1 - place, place)
    return data[source, xp.arange(data.shape[1])[None, :]]


SequenceReverse.grad(
    data=lambda F, g, sequence_length, p: F.SequenceReverse(
        g, sequence_length, use_sequence_length=p["use_sequence_length"]
    )
)
