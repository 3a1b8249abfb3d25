"""Connectionist temporal classification (Graves et al. 2006)."""

from ..error import NotDifferentiable, ShapeError, message
from . import rules
from .params import Bool, Enum
from .registry import op


def _lengths(xp, label, given, padding):
    """How many labels each sample has: as given, or those before the first padding."""
    if given is not None:
        return given.astype("int64")
    pad = label == padding
    return xp.where(pad.any(axis=1), pad.argmax(axis=1), label.shape[1])


def _states(xp, label, lengths, blank):
    """Labels with a blank before, between and behind: (N, 2 L + 1), and which states exist."""
    count, size = label.shape
    inside = xp.arange(size) < lengths.reshape(-1, 1)
    states = xp.full((count, 2 * size + 1), blank, "int64")
    states[:, 1::2] = xp.where(inside, label.astype("int64"), blank)
    return states, xp.arange(2 * size + 1) < 2 * lengths.reshape(-1, 1) + 1


def _shifted(xp, x, by):
    """Column s of the result is column s - by of *x*; minus infinity from outside."""
    out = xp.full_like(x, -xp.inf)
    if by > 0:
        out[:, by:] = x[:, :-by]
    else:
        out[:, :by] = x[:, -by:]
    return out


def _sum(xp, one, other, third, allowed):
    both = xp.logaddexp(one, other)
    return xp.logaddexp(both, xp.where(allowed, third, -xp.inf))


def _forward(xp, emitted, exists, skips, steps):
    """Logarithms of all ways to each state, the emission there included: (T, N, S)."""
    alpha = xp.full_like(emitted, -xp.inf)
    alpha[0, :, :2] = emitted[0, :, :2]
    alpha[0] = xp.where(exists, alpha[0], -xp.inf)
    for t in range(1, emitted.shape[0]):
        before = alpha[t - 1]
        ways = _sum(xp, before, _shifted(xp, before, 1), _shifted(xp, before, 2), skips)
        now = xp.where(exists, ways + emitted[t], -xp.inf)
        alpha[t] = xp.where((t < steps).reshape(-1, 1), now, before)
    return alpha


def _back(xp, emitted, last, skips, steps):
    """Logarithms of all ways from each state to the end, the emission there left out."""
    beta = xp.full_like(emitted, -xp.inf)
    skipped = xp.zeros_like(skips)
    skipped[:, :-2] = skips[:, 2:]
    for t in range(emitted.shape[0] - 1, -1, -1):
        end = (t == steps - 1).reshape(-1, 1)
        rest = beta[t]
        if t < emitted.shape[0] - 1:
            after = beta[t + 1] + emitted[t + 1]
            rest = _sum(xp, after, _shifted(xp, after, -1), _shifted(xp, after, -2), skipped)
        beta[t] = xp.where(end, xp.where(last, 0, -xp.inf).astype(emitted.dtype), rest)
    return beta


@op(
    aliases=["_contrib_CTCLoss", "_contrib_ctc_loss", "ctc_loss"],
    outputs=2,
    output_names=["output0", "output1"],
    visible=1,
    optional_when=lambda p: [
        name for name in ("data_lengths", "label_lengths") if not p[f"use_{name}"]
    ],
    dtype=lambda p, ins, n: (ins, [ins[0]] * n),
    examples=[
        {"data": (5, 2, 4), "label": ([[1.0, 2.0, 0.0], [3.0, 3.0, 1.0]],)},
        {
            "data": (6, 2, 4),
            "label": ([[1.0, 2.0], [0.0, 0.0]],),
            "data_lengths": ([6.0, 4.0],),
            "label_lengths": ([1.0, 2.0],),
            "use_data_lengths": True,
            "use_label_lengths": True,
            "blank_label": "last",
        },
    ],
)
def CTCLoss(
    xp,
    data,
    label,
    data_lengths=None,
    label_lengths=None,
    *,
    use_data_lengths: Bool = False,  # sequences end where data_lengths says
    use_label_lengths: Bool = False,  # labels end where label_lengths says
    blank_label: Enum("first", "last") = "first",  # the class that means nothing
):
    """``-log`` of the probability of each label sequence: (T, N, C), (N, L) → (N,).

    The softmax is taken here. Without label lengths labels end at the first 0, or at the first
    -1 where the blank is the last class. The hidden second output is the gradient.
    """
    x = data.astype("float32") if data.dtype.itemsize == 2 else data
    x = x - x.max(axis=2, keepdims=True)
    logs = x - xp.log(xp.exp(x).sum(axis=2, keepdims=True))
    total, count, classes = x.shape
    blank, padding = (0, 0) if blank_label == "first" else (classes - 1, -1)
    lengths = _lengths(xp, label, label_lengths, padding)
    steps = xp.full((count,), total, "int64") if data_lengths is None else data_lengths
    steps = steps.astype("int64")
    states, exists = _states(xp, label, lengths, blank)
    skips = xp.zeros(states.shape, "bool")
    skips[:, 2:] = (states[:, 2:] != blank) & (states[:, 2:] != states[:, :-2])
    wide = xp.broadcast_to(states, (total, *states.shape))
    emitted = xp.take_along_axis(logs, wide, 2)
    places, ends = xp.arange(states.shape[1]), 2 * lengths.reshape(-1, 1)
    last = (places == ends) | (places == ends - 1)
    alpha = _forward(xp, emitted, exists, skips, steps)
    log_total = xp.logaddexp.reduce(xp.where(last, alpha[-1], -xp.inf), axis=1)
    gradient = _gradient(xp, logs, wide, alpha, emitted, last, skips, steps, log_total)
    return (-log_total).astype(data.dtype, copy=False), gradient.astype(data.dtype, copy=False)


def _gradient(xp, logs, states, alpha, emitted, last, skips, steps, log_total):
    """The softmax minus how often each class is expected; zero behind the end."""
    ways = alpha + _back(xp, emitted, last, skips, steps)
    share = xp.exp(ways - xp.where(xp.isfinite(log_total), log_total, 0).reshape(1, -1, 1))
    expected = xp.zeros_like(logs)
    total, count = logs.shape[:2]
    where = (xp.arange(total).reshape(-1, 1, 1), xp.arange(count).reshape(1, -1, 1), states)
    xp.add.at(expected, where, share)
    inside = xp.arange(total).reshape(-1, 1, 1) < steps.reshape(1, -1, 1)
    possible = xp.isfinite(log_total).reshape(1, -1, 1)
    return xp.where(inside & possible, xp.exp(logs) - expected, 0)


@CTCLoss.infer
def _ctc_shape(p, ins):
    data, label, *lengths = ins
    if data is None:
        return ins, [None, None]
    if len(data) != 3:
        raise ShapeError(f"Shape inconsistent, data is (steps, samples, classes), got {data}")
    if label is not None:
        label = rules.merge(label, (data[1], 0), "label")
    kept = [
        rules.merge(one, (data[1],), name) if p[f"use_{name}"] else None
        for one, name in zip(lengths, ("data_lengths", "label_lengths"), strict=False)
    ]
    return [data, label, *kept], [(data[1],), data]


def _ctc_back(F, g, outs, data_shape):
    if g[1] is not None:
        raise NotDifferentiable(message("CTCLoss: the gradient has no gradient"))
    return F.broadcast_mul(outs[1], F._reshape_to(g[0], shape=(1, data_shape[1], 1)))


CTCLoss.grad(data=_ctc_back)
