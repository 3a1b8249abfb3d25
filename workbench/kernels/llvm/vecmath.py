"""exp, log, tanh and what follows from them, of vectors of float32 or float64.

Each takes and gives a :class:`~.builder.Value`; NaN, infinities, signed zeros and subnormals come
out as IEEE 754 and NumPy have them. Largest errors in units in the last place, checked against a
wider float type by tests/kernels/test_vecmath.py:

=============  =======  =======
function       float32  float64
=============  =======  =======
exp exp2 log   < 1      < 1
expm1          < 2      < 2
log1p          < 3      < 3
tanh           < 4.4    < 1.5
sigmoid        < 2.4    < 2.4
=============  =======  =======

(sigmoid is ``1 / (1 + exp(-x))``, as its operator has it.) Polynomials: S. Moshier's Cephes
library (netlib.org/cephes: expf, logf, log, tanh), Taylor's for exp of float64; tanh of float32:
the rational function of Eigen's ``ptanh_float``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from .builder import F32, F64, Value, element_of, vector

__all__ = ["exp", "exp2", "expm1", "log", "log1p", "maximum", "minimum", "sign", "tanh"]

_LOG2_E = 1.4426950408889634
_LN2 = 0.6931471805599453


def _single(x: Value) -> bool:
    return bool(element_of(x.kind) == F32)


def polynomial(x: Value, coefficients: Sequence[float]) -> Value:
    """Horner's rule; the highest power's coefficient comes first."""
    f = x.function
    result = f.constant(x.kind, coefficients[0])
    for coefficient in coefficients[1:]:
        result = f.fma(result, x, coefficient)
    return result


def _between(x: Value, low: float, high: float) -> Value:
    """x limited to [low, high]; NaN stays NaN."""
    f = x.function
    x = f.select(x < low, low, x)
    return f.select(x > high, high, x)


# ---- exp ----------------------------------------------------------------------------------


def exp(x: Value) -> Value:
    """e to the power x."""
    x = _between(x, -104.0, 89.0) if _single(x) else _between(x, -746.0, 710.0)
    r, exponent = _reduced(x)
    return _scaled(_exp_less_one(r) + 1.0, exponent)


def exp2(x: Value) -> Value:
    """2 to the power x."""
    limit = 151.0 if _single(x) else 1076.0
    x = _between(x, -limit, limit)
    n, exponent = _rounded(x)
    return _scaled(_exp_less_one((x - n) * _LN2) + 1.0, exponent)


def expm1(x: Value) -> Value:
    """exp(x) - 1, accurate near 0."""
    f = x.function
    low, high = (-30.0, 89.0) if _single(x) else (-60.0, 710.0)
    r, exponent = _reduced(_between(x, low, high))
    half = _power_of_two(exponent - 1)  # the whole power of two may be beyond the largest float
    result = f.fma(half, _exp_less_one(r), half - 0.5) * 2.0
    return f.call("llvm.copysign", result, x)


def _reduced(x: Value) -> tuple[Value, Value]:
    """r and n with x = r + n ln 2 and r in [-ln 2 / 2, ln 2 / 2]."""
    f = x.function
    n, exponent = _rounded(x * _LOG2_E)
    # the first product is exact: the constant has few bits
    high, low = (
        (0.693359375, -2.12194440e-4)
        if _single(x)
        else (6.93145751953125e-1, 1.42860682030941723212e-6)
    )
    return f.fma(n, -low, f.fma(n, -high, x)), exponent


def _exp_less_one(r: Value) -> Value:
    """exp(r) - 1 for r in [-ln 2 / 2, ln 2 / 2]."""
    return r.function.fma(r * r, polynomial(r, _EXP32 if _single(r) else _EXP64), r)


_EXP32 = (
    1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1,
    5.0000001201e-1,
)  # fmt: skip
_EXP64 = tuple(1.0 / math.factorial(n) for n in range(13, 1, -1))


def _rounded(x: Value) -> tuple[Value, Value]:
    """x rounded to an integer, as a float and as an int, for small x; no harm from NaN."""
    magic = 12582912.0 if _single(x) else 6755399441055744.0  # 1.5 * 2**23, 1.5 * 2**52
    shifted = x + magic
    base = x.function.constant(x.kind, magic)
    return shifted - magic, shifted.bits() - base.bits()


def _scaled(x: Value, exponent: Value) -> Value:
    """x times 2 to that power, rounded once where the result is subnormal."""
    half = exponent >> 1
    return x * _power_of_two(half) * _power_of_two(exponent - half)


def _power_of_two(exponent: Value) -> Value:
    bias, bits = (127, 23) if exponent.kind.element.width == 32 else (1023, 52)
    return ((exponent + bias) << bits).as_float()


# ---- log ----------------------------------------------------------------------------------


def log(x: Value) -> Value:
    """Natural logarithm; -inf of 0, NaN of negative numbers."""
    f = x.function
    single = _single(x)
    tiny = x < (1.17549435e-38 if single else 2.2250738585072014e-308)
    mantissa_bits = 23 if single else 52
    bits = f.select(tiny, x * 2.0**mantissa_bits, x).bits()
    # mantissa in [sqrt(1/2), sqrt(2)), and the exponent that belongs to it
    root_half = 0x3F3504F3 if single else 0x3FE6A09E667F3BCD
    shifted = bits - root_half
    exponent = shifted >> mantissa_bits
    m = (bits - (exponent << mantissa_bits)).as_float() - 1.0
    e = _to_float(exponent) - f.select(tiny, float(mantissa_bits), f.constant(m.kind, 0.0))
    result = _log_single(m, e) if single else _log_double(m, e)
    infinity = f.constant(x.kind, float("inf"))
    result = f.select(x.eq(infinity), infinity, result)
    result = f.select(x.eq(0.0), -infinity, result)
    return f.select(x >= 0.0, result, f.select(x < 0.0, float("nan"), x))


def _log_single(m: Value, e: Value) -> Value:
    f = m.function
    square = m * m
    y = m * square * polynomial(
        m,
        [7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
         -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1],
    )  # fmt: skip
    y = f.fma(e, -2.12194440e-4, y)
    y = f.fma(square, -0.5, y)
    return f.fma(e, 0.693359375, m + y)


def _log_double(m: Value, e: Value) -> Value:
    f = m.function
    square = m * m
    y = m * square * (
        polynomial(
            m,
            [1.01875663804580931796e-4, 4.97494994976747001425e-1, 4.70579119878881725854e0,
             1.44989225341610930846e1, 1.79368678507819816313e1, 7.70838733755885391666e0],
        )
        / polynomial(
            m,
            [1.0, 1.12873587189167450590e1, 4.52279145837532221105e1, 8.29875266912776603211e1,
             7.11544750618563894466e1, 2.31251620126765340583e1],
        )
    )  # fmt: skip
    y = f.fma(e, -2.121944400546905827679e-4, y)
    y = f.fma(square, -0.5, y)
    return f.fma(e, 0.693359375, m + y)


def _to_float(whole: Value) -> Value:
    """Small integers as floats, through the bit pattern of a float that ends in them."""
    f = whole.function
    kind, start = (F32, 12582912.0) if whole.kind.element.width == 32 else (F64, 6755399441055744.0)
    magic = f.constant(vector(kind, whole.kind.count), start)
    return (whole + magic.bits()).as_float() - magic


def log1p(x: Value) -> Value:
    """log(1 + x), accurate near 0 (W. Kahan): the error of 1 + x is divided out."""
    f = x.function
    u = x + 1.0
    d = u - 1.0
    result = log(u) * (x / d)
    result = f.select(u.eq(float("inf")), u, result)
    return f.select(d.eq(0.0), x, f.select(u.eq(0.0), float("-inf"), result))


# ---- tanh and others ----------------------------------------------------------------------


def tanh(x: Value) -> Value:
    """Hyperbolic tangent."""
    return _tanh_single(x) if _single(x) else _tanh_double(x)


def _tanh_single(x: Value) -> Value:
    f = x.function
    small = f.call("llvm.fabs", x) < 0.0004
    c = _between(x, -7.90531110763549805, 7.90531110763549805)
    square = c * c
    p = polynomial(
        square,
        [-2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
         1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03],
    )  # fmt: skip
    q = polynomial(
        square,
        [1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03],
    )
    return f.select(small, x, c * p / q)


def _tanh_double(x: Value) -> Value:
    f = x.function
    size = f.call("llvm.fabs", x)
    square = x * x
    p = polynomial(
        square,
        [-9.64399179425052238628e-1, -9.92877231001918586564e1, -1.61468768441708447952e3],
    )
    q = polynomial(
        square,
        [1.0, 1.12811678491632931402e2, 2.23548839060100448583e3, 4.84406305325125486048e3],
    )
    near = f.fma(x * square, p / q, x)
    far = 1.0 - 2.0 / (exp(size + size) + 1.0)
    return f.call("llvm.copysign", f.select(size < 0.625, near, far), x)


def maximum(a: Value, b: Value) -> Value:
    """The larger one; NaN if either is NaN."""
    f = a.function
    return f.select(b > a, b, f.select(b.ne(b), b, a))


def minimum(a: Value, b: Value) -> Value:
    """The smaller one; NaN if either is NaN."""
    f = a.function
    return f.select(b < a, b, f.select(b.ne(b), b, a))


def sign(x: Value) -> Value:
    """-1, 0 or 1; NaN of NaN."""
    f = x.function
    return f.select(x > 0.0, 1.0, f.select(x < 0.0, -1.0, x + 0.0))
