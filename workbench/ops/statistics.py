"""Moments, histograms, comparison of whole arrays, and the threshold of a histogram."""

from ..error import ParameterError, ShapeError, message
from . import rules
from .params import Bool, Float, Floats, Int, Shape
from .registry import op

# ---- moments --------------------------------------------------------------------------------


def _moment_axes(axes, rank):
    if not axes:
        raise ShapeError("Empty axes is not supported; name all axes for moments of the whole")
    return rules.axes_of(axes, rank)


@op(
    outputs=2,
    examples=[
        {"data": (3, 4), "axes": (0,)},
        {"data": (2, 3, 4), "axes": (0, -1), "keepdims": True},
        {"data": (3,), "axes": (0,)},
    ],
)
def moments(
    xp,
    data,
    *,
    axes: Shape(optional=True) = None,  # axes to take them along; at least one
    keepdims: Bool = False,  # keep those axes, with size 1
):
    """The mean and the variance ``mean((data - mean)²)`` along axes."""
    axes = _moment_axes(axes, data.ndim)
    kind = "float32" if data.dtype.itemsize == 2 else data.dtype
    mean = data.mean(axis=axes, dtype=kind, keepdims=True)
    var = xp.square(data - mean).mean(axis=axes, dtype=kind, keepdims=True)
    shape = mean.shape if keepdims else rules.shape_reduce({"axis": axes}, [data.shape])[1][0]
    return tuple(one.reshape(shape).astype(data.dtype, copy=False) for one in (mean, var))


@moments.infer
def _moments_shape(p, ins):
    if ins[0] is None:
        return ins, [None, None]
    axes = _moment_axes(p["axes"], len(ins[0]))
    return ins, rules.shape_reduce({**p, "axis": axes}, ins)[1] * 2


def _moments_back(F, g, data, outs, data_shape, p):
    axes = _moment_axes(p["axes"], len(data_shape))
    wide = {"shape": data_shape, "axes": axes}
    count = rules.prod([data_shape[axis] for axis in axes])
    made = None
    if g[0] is not None:
        made = F._expand_to(g[0] / count, **wide)
    if g[1] is not None:
        apart = data - F._expand_to(outs[0], **wide)
        share = F._expand_to(g[1] * (2 / count), **wide) * apart
        made = share if made is None else made + share
    return made


moments.grad(data=_moments_back)

# ---- histogram ------------------------------------------------------------------------------


@op(
    "_histogram",
    aliases=["_npi_histogram"],
    outputs=2,
    optional_when=lambda p: ["bins"] if p["bin_cnt"] is not None else [],
    zero_grad=True,
    dtype=lambda p, ins, n: (ins, ["int64", ins[0]]),
    examples=[
        {"data": (3, 4), "bin_cnt": 5, "range": (-1.0, 2.0)},
        {"data": (3, 4), "bins": ([-1.0, 0.0, 0.5, 2.0],)},
    ],
)
def histogram(
    xp,
    data,
    bins=None,
    *,
    bin_cnt: Int(min=1, optional=True) = None,  # how many bins of equal width in *range*
    range: Floats(optional=True) = None,  # lower and upper limit, both within
):
    """How many elements lie in each bin, and the bins' edges.

    With edges in *bins* (K + 1,), rising: bin i holds ``bins[i] <= x < bins[i + 1]``, the last
    one its upper edge too. → (K,) int64, (K + 1,).
    """
    x = data.reshape(-1)
    if bin_cnt is None:
        edges, count = bins.astype(data.dtype), bins.size - 1
        inside = x[(x >= edges[0]) & (x <= edges[-1])]
        places = xp.searchsorted(edges, inside, side="right") - 1
    else:
        count, (low, high) = bin_cnt, _limits(range)
        steps = xp.arange(count + 1)
        edges = ((high * steps + (count - steps) * low) / count).astype(data.dtype)
        inside = x[(x >= low) & (x <= high)]
        places = ((inside - low) * (count / (high - low))).astype("int64")
        places = xp.minimum(places, count - 1)
        places = places - (inside < edges[places])
        places = places + (inside >= edges[places + 1])
    return xp.bincount(xp.minimum(places, count - 1), minlength=count), edges


def _limits(range):
    low, high = range
    return (low - 0.5, high + 0.5) if low == high else (low, high)


@histogram.infer
def _histogram_shape(p, ins):
    count, limits = p["bin_cnt"], p["range"]
    if (count is None) != (limits is None):
        raise ParameterError(message("histogram: cnt and range should both or neither specified"))
    if count is not None:
        if len(limits) != 2:
            raise ParameterError(message("histogram: range should be a tuple with only 2 elements"))
        if limits[0] > limits[1]:
            raise ParameterError(
                message(f"histogram: left hand side of range {limits} should be less than right")
            )
        return ins, [(count,), (count + 1,)]
    edges = ins[1]
    if edges is None:
        return ins, [None, None]
    if len(edges) != 1 or edges[0] == 1:
        raise ShapeError(f"bins argument should be a 1D vector of 2 numbers or more, got {edges}")
    return ins, [(edges[0] and edges[0] - 1,), edges]


# ---- comparison -----------------------------------------------------------------------------


@op(
    "_contrib_allclose",
    zero_grad=True,
    dtype=lambda p, ins, n: (ins, ["uint8"]),
    infer=lambda p, ins: (rules.shape_same(p, ins)[0], [()]),
    examples=[{"a": (3, 4), "b": (3, 4)}, {"a": ([1.0, 2.0],), "b": ([1.0, 2.0],)}],
)
def allclose(
    xp,
    a,
    b,
    *,
    rtol: Float = 1e-05,  # tolerance as a share of *b*
    atol: Float = 1e-08,  # tolerance added to that
    equal_nan: Bool = True,  # whether nan equals nan
):
    """1 where ``|a - b| <= atol + rtol · |b|`` for all elements, else 0; shape (), uint8."""
    if a.dtype.kind != "f":
        a, b = a.astype("float64"), b.astype("float64")
    close = xp.isclose(a, b, rtol, atol, equal_nan)
    return close.all(keepdims=True).reshape(()).astype("uint8")


# ---- calibration ----------------------------------------------------------------------------


@op(
    "_contrib_calibrate_entropy",
    outputs=2,
    output_names=["threshold", "divergence"],
    zero_grad=True,
    examples=[
        {
            "hist": ([0, 1, 2, 3, 4, 9, 6, 4, 2, 1, 0],),
            "hist_edges": ([-1, -0.8, -0.6, -0.4, -0.3, -0.1, 0.1, 0.3, 0.4, 0.6, 0.8, 1],),
            "num_quantized_bins": 5,
        }
    ],
)
def calibrate_entropy(
    xp,
    hist,
    hist_edges,
    *,
    num_quantized_bins: Int(min=1) = 255,  # bins that are left after quantization
):
    """The threshold at which quantization to a few bins loses least, and what it loses.

    Every threshold from the middle of the histogram outwards is tried: values beyond it go into
    the outermost bins, and the result is compared by the Kullback-Leibler divergence with its own
    coarse version. (K,), (K + 1,) → (1,), (1,). Migacz, 8-bit inference with TensorRT, 2017.
    """
    half, middle = num_quantized_bins // 2, hist.size // 2
    reach = range(half, middle + 1)
    losses = xp.stack([_loss(xp, hist, middle, i, num_quantized_bins) for i in reach])
    best = int(losses.argmin())
    threshold = hist_edges[min(middle + reach[best] + 1, hist.size)]
    limit = xp.finfo(hist.dtype).max
    return threshold.reshape(1).copy(), xp.minimum(losses[best], limit).reshape(1)


@calibrate_entropy.infer
def _calibrate_shape(p, ins):
    hist, edges = ins
    if hist is not None and edges is not None and 0 not in (*hist, *edges):
        if rules.prod(hist) + 1 != rules.prod(edges):
            raise ShapeError(f"hist_edges {edges} has one number more than hist {hist}")
        if rules.prod(hist) < p["num_quantized_bins"]:
            raise ShapeError(f"{p['num_quantized_bins']} quantized bins of {hist}")
    return ins, [(1,), (1,)]


def _loss(xp, hist, middle, reach, bins):
    """The divergence for the threshold *reach* bins from the middle; inf where there is none."""
    start, stop = middle - reach, middle + reach + 1
    inner = hist[start:stop].copy()
    inner[0] = 0
    full = inner.copy()
    full[0] = hist[: start + 1].sum()
    full[-1] += hist[stop:].sum()
    each = inner.size // bins
    owner = xp.minimum(xp.arange(inner.size) // each, bins - 1)
    totals = xp.bincount(owner, inner, bins)
    filled = xp.bincount(owner, inner != 0, bins)
    share = (totals / xp.maximum(filled, 1)).astype(hist.dtype)
    coarse = xp.where(full != 0, share[owner], 0)
    full, coarse = _smooth(xp, full), _smooth(xp, coarse)
    if full is None or coarse is None:
        return xp.asarray(xp.inf, hist.dtype)
    full, coarse = full / full.sum(), coarse / coarse.sum()
    return (full * xp.log(full / coarse)).sum(dtype=hist.dtype)


def _smooth(xp, counts, eps=0.0001):
    """Counts in which every 0 became *eps*, taken from the others; None where they are too few."""
    empty = counts == 0
    zeros = int(empty.sum())
    if zeros == counts.size or eps * zeros >= counts.size - zeros:
        return None
    taken = eps * zeros / (counts.size - zeros)
    return xp.where(empty, eps, counts - taken).astype(counts.dtype)
