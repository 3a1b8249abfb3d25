"""What training asks of many arrays at once: sums of squares, rates by norms, finiteness."""

from .params import Bool, Float, Int
from .registry import op


def _vector(p, ins):
    return ins, [(p["num_arrays"],)]


@op(
    infer=_vector,
    dtype=lambda p, ins, n: (ins, ["float32"]),
    zero_grad=True,
    examples=[{"args": [(3, 4), (2,)], "num_arrays": 2}],
)
def multi_sum_sq(
    xp,
    *args,
    num_arrays: Int,
):
    """Σ data² of each array, in one vector of float32."""
    return xp.stack([xp.square(a.astype("float32", copy=False)).sum() for a in args])


@op(
    infer="same",
    zero_grad=True,
    examples=[
        {
            "lrs": (3,),
            "weights_sum_sq": ([2.0, 0.0, 1.5],),
            "grads_sum_sq": ([0.5, 1.0, 0.0],),
            "wds": ("positive", (3,)),
            "eta": 0.1,
            "eps": 1e-8,
        }
    ],
)
def multi_lars(
    xp,
    lrs,
    weights_sum_sq,
    grads_sum_sq,
    wds,
    *,
    eta: Float,  # trust in the rate of each weight
    eps: Float,  # keeps the divisor from zero
    rescale_grad: Float = 1.0,
):
    """``lr · eta · |w| / (|g| · rescale_grad + wd · |w| + eps)`` for each weight.

    lr itself where one of the norms is zero. You, Gitman and Ginsburg 2017.
    """
    norm = xp.sqrt(weights_sum_sq)
    divisor = xp.sqrt(grads_sum_sq) * rescale_grad + wds * norm + eps
    scaled = lrs * eta * norm / divisor
    return xp.where((norm > 0) & (grads_sum_sq > 0), scaled, lrs)


@op(
    infer=lambda p, ins: (ins, [(1,)]),
    dtype=lambda p, ins, n: (ins, ["float32"]),
    zero_grad=True,
    examples=[{"data": (3, 4)}],
)
def all_finite(
    xp,
    data,
    *,
    init_output: Bool = True,  # not used: an output is always fresh
):
    """1 where no element is infinite or nan, else 0; shape (1,)."""
    return xp.isfinite(data).all().reshape(1).astype("float32")


@op(
    infer=lambda p, ins: (ins, [(1,)]),
    dtype=lambda p, ins, n: (ins, ["float32"]),
    zero_grad=True,
    examples=[{"args": [(3, 4), (2,)], "num_arrays": 2}],
)
def multi_all_finite(
    xp,
    *args,
    num_arrays: Int = 1,
    init_output: Bool = True,  # not used: an output is always fresh
):
    """1 where no element of any array is infinite or nan, else 0; shape (1,)."""
    flags = [xp.isfinite(a).all() for a in args]
    return xp.stack(flags).all().reshape(1).astype("float32")


@op(
    outputs=0,
    infer=lambda p, ins: (ins, []),
    dtype=lambda p, ins, n: (ins, []),
    mutates=["args"],
    zero_grad=True,
    examples=[{"args": [(3, 4), (2,)], "num_arrays": 2}],
)
def reset_arrays(
    xp,
    *args,
    num_arrays: Int,
):
    """Set all elements of the arrays to zero; there is no output."""
    for a in args:
        a[...] = 0
    return ()
