"""What compact bilinear pooling needs (Gao et al. 2016): count sketches, Fourier transforms.

MXNet 1.9.1 has these on GPUs only. A complex number is two neighbours, real part first.
"""

from ..error import OperatorError, ParameterError, ShapeError, message
from . import rules
from .box_help import need_floats
from .index import add_at
from .params import Int
from .registry import op

# ---- count_sketch ---------------------------------------------------------------------------


@op(
    "_contrib_count_sketch",
    examples=[
        {
            "data": (2, 4),
            "h": ([[2.0, 0.0, 2.0, 1.0]],),
            "s": ([[1.0, -1.0, -1.0, 1.0]],),
            "out_dim": 3,
        },
        {
            "data": (2, 1, 2, 3),
            "h": ([[4.0, 0.0, 1.0]],),
            "s": ([[1.0, 1.0, -1.0]],),
            "out_dim": 5,
        },
    ],
)
def count_sketch(
    xp,
    data,
    h,
    s,
    *,
    out_dim: Int,  # columns of the result
    processing_batch_size: Int = 32,  # kept for MXNet's files, without effect
):
    """Add each column of *data*, times its sign, to one of *out_dim* columns: (..., D) → (..., K).

    h (1, D) says to which, s (1, D) the signs. An h out of range raises OperatorError; h and s get
    no gradient.
    """
    need_floats(data)
    if h.size != data.shape[-1] or s.size != data.shape[-1]:
        raise ShapeError("Shape inconsistent, h and s need a number for each column of data")
    places = h.reshape(-1).astype("int64")
    if places.size and (int(places.min()) < 0 or int(places.max()) >= out_dim):
        raise OperatorError(
            message(f"h is out of range 0 .. {out_dim - 1}", fix="Draw h below out_dim.")
        )
    rows = data.reshape(-1, data.shape[-1]) * s.reshape(-1)
    out = xp.zeros((out_dim, rows.shape[0]), data.dtype)
    add_at(xp, out, places, rows.T)
    return xp.ascontiguousarray(out.T).reshape(*data.shape[:-1], out_dim)


@count_sketch.infer
def _sketch_shape(p, ins):
    if p["out_dim"] < 1:
        raise ParameterError(message(f"count_sketch: out_dim must be positive, got {p['out_dim']}"))
    data, h, s = ins
    if data is None:
        return ins, [None]
    if len(data) < 2:
        raise ShapeError(f"Shape inconsistent, data: (..., columns) is expected, got {data}")
    h, s = (rules.merge(one, (1, data[-1]), name) for one, name in ((h, "h"), (s, "s")))
    return [data, h, s], [(*data[:-1], p["out_dim"])]


def _sketch_back(F, g, h, s, data_shape):
    flat = (data_shape[-1],)
    read = F.take(g, F._reshape_to(h, shape=flat), axis=len(data_shape) - 1)
    signs = F._reshape_to(s, shape=(*(1,) * (len(data_shape) - 1), *flat))
    return F.broadcast_mul(read, signs)


count_sketch.grad(data=_sketch_back)


# ---- fft, ifft ------------------------------------------------------------------------------


def _floats(data):
    need_floats(data)
    return data.astype("float32") if data.dtype.itemsize < 4 else data


def _check_rank(name, data):
    if data is not None and len(data) < 2:
        raise ShapeError(f"Shape inconsistent, {name}: (..., numbers) is expected, got {data}")


@op("_contrib_fft", examples=[{"data": (2, 4)}, {"data": (1, 2, 2, 3)}])
def fft(
    xp,
    data,
    *,
    compute_size: Int = 128,  # kept for MXNet's files, without effect
):
    """Fourier transform of real numbers along the last axis: (..., d) → (..., 2 d).

    Real and imaginary parts alternate. Not divided by d.
    """
    made = xp.fft.fft(_floats(data), axis=-1)
    pairs = xp.stack([made.real, made.imag], axis=-1)
    return pairs.reshape(*data.shape[:-1], -1).astype(data.dtype, copy=False)


@fft.infer
def _fft_shape(p, ins):
    data = ins[0]
    _check_rank("data", data)
    return ins, [None if data is None else (*data[:-1], 2 * data[-1])]


@op("_contrib_ifft", examples=[{"data": (2, 8)}, {"data": (1, 2, 2, 6)}])
def ifft(
    xp,
    data,
    *,
    compute_size: Int = 128,  # kept for MXNet's files, without effect
):
    """The real part of the inverse Fourier transform, times d: (..., 2 d) → (..., d).

    ``ifft(fft(x)) / d`` is x.
    """
    pairs = _floats(data).reshape(*data.shape[:-1], -1, 2)
    made = xp.fft.ifft(pairs[..., 0] + 1j * pairs[..., 1], axis=-1)
    return (made.real * made.shape[-1]).astype(data.dtype, copy=False)


@ifft.infer
def _ifft_shape(p, ins):
    data = ins[0]
    _check_rank("data", data)
    if data is not None and data[-1] % 2:
        raise ShapeError(f"Shape inconsistent, data: pairs of numbers are expected, got {data}")
    return ins, [None if data is None else (*data[:-1], data[-1] // 2)]


fft.grad(data=lambda F, g: F._contrib_ifft(g))
ifft.grad(data=lambda F, g: F._contrib_fft(g))
