"""Special functions as scalar expressions over xp, for namespaces that lack them."""

import math


def polynomial(x, *coefficients):
    """``c[0] + c[1] x + c[2] x² + ...`` by Horner's rule."""
    total = coefficients[-1]
    for one in coefficients[-2::-1]:
        total = total * x + one
    return total


# ---- erf --------------------------------------------------------------------------------------


def erf(xp, data):
    """The error function: one expression of relative error 1.2e-7, for float32.

    Numerical Recipes, section 6.2 (Chebyshev fit of the complement).
    """
    size = xp.absolute(data)
    t = 1 / (1 + 0.5 * size)
    fit = polynomial(
        t,
        -1.26551223,
        1.00002368,
        0.37409196,
        0.09678418,
        -0.18628806,
        0.27886807,
        -1.13520398,
        1.48851587,
        -0.82215223,
        0.17087277,
    )
    # near 0 the difference 1 - 0.99... loses digits: there the series is exact
    near = data * polynomial(data * data, 1.1283791671, -0.3761263890, 0.1128379167, -0.0268661706)
    far = xp.copysign(1 - t * xp.exp(fit - size * size), data)
    return xp.where(size < 0.25, near, far)


def erf64(xp, data):
    """The error function to 1e-15; FreeBSD's ``s_erf.c`` by Sun Microsystems, 1993."""
    size = xp.minimum(xp.absolute(data), 6.0)
    square = data * data
    small = data + data * _ratio(square, _ERF_PP, _ERF_QQ)
    middle = 8.45062911510467529297e-01 + _ratio(size - 1, _ERF_PA, _ERF_QA)
    inverse = 1 / xp.maximum(size * size, 1.0)
    tail = xp.where(
        size < 1 / 0.35, _ratio(inverse, _ERF_RA, _ERF_SA), _ratio(inverse, _ERF_RB, _ERF_SB)
    )
    large = 1 - xp.exp(tail - size * size - 0.5625) / xp.maximum(size, 1.0)
    outer = xp.copysign(xp.where(size < 1.25, middle, large), data)
    return xp.where(xp.absolute(data) < 0.84375, small, outer)


def _ratio(x, above, below):
    return polynomial(x, *above) / polynomial(x, 1.0, *below)


_ERF_PP = (
    1.28379167095512558561e-01,
    -3.25042107247001499370e-01,
    -2.84817495755985104766e-02,
    -5.77027029648944159157e-03,
    -2.37630166566501626084e-05,
)
_ERF_QQ = (
    3.97917223959155352819e-01,
    6.50222499887672944485e-02,
    5.08130628187576562776e-03,
    1.32494738004321644526e-04,
    -3.96022827877536812320e-06,
)
_ERF_PA = (
    -2.36211856075265944077e-03,
    4.14856118683748331666e-01,
    -3.72207876035701323847e-01,
    3.18346619901161753674e-01,
    -1.10894694282396677476e-01,
    3.54783043256182359371e-02,
    -2.16637559486879084300e-03,
)
_ERF_QA = (
    1.06420880400844228286e-01,
    5.40397917702171048937e-01,
    7.18286544141962662868e-02,
    1.26171219808761642112e-01,
    1.36370839120290507362e-02,
    1.19844998467991074170e-02,
)
_ERF_RA = (
    -9.86494403484714822705e-03,
    -6.93858572707181764372e-01,
    -1.05586262253232909814e01,
    -6.23753324503260060396e01,
    -1.62396669462573470355e02,
    -1.84605092906711035994e02,
    -8.12874355063065934246e01,
    -9.81432934416914548592e00,
)
_ERF_SA = (
    1.96512716674392571292e01,
    1.37657754143519042600e02,
    4.34565877475229228821e02,
    6.45387271733267880336e02,
    4.29008140027567833386e02,
    1.08635005541779435134e02,
    6.57024977031928170135e00,
    -6.04244152148580987438e-02,
)
_ERF_RB = (
    -9.86494292470009928597e-03,
    -7.99283237680523006574e-01,
    -1.77579549177547519889e01,
    -1.60636384855821916062e02,
    -6.37566443368389627722e02,
    -1.02509513161107724954e03,
    -4.83519191608651397019e02,
)
_ERF_SB = (
    3.03380607434824582924e01,
    3.25792512996573918826e02,
    1.53672958608443695994e03,
    3.19985821950859553908e03,
    2.55305040643316442583e03,
    4.74528541206955367215e02,
    -2.24409524465858183362e01,
)


def erfinv(xp, data):
    """The inverse of erf for float32; Giles, Approximating the erfinv function, 2010."""
    w = -xp.log((1 - data) * (1 + data))
    near = polynomial(
        w - 2.5,
        1.50140941,
        0.246640727,
        -0.00417768164,
        -0.00125372503,
        0.00021858087,
        -4.39150654e-06,
        -3.5233877e-06,
        3.43273939e-07,
        2.81022636e-08,
    )
    far = polynomial(
        xp.sqrt(xp.maximum(w, 0)) - 3,
        2.83297682,
        1.00167406,
        0.00943887047,
        -0.0076224613,
        0.00573950773,
        -0.00367342844,
        0.00134934322,
        0.000100950558,
        -0.000200214257,
    )
    inside = data * xp.where(w < 5, near, far)
    return xp.where(xp.absolute(data) == 1, data * math.inf, inside)


def erfinv64(xp, data):
    """The inverse of erf for float64: two steps of Newton from the float32 fit."""
    x = erfinv(xp, data)
    for _ in range(2):
        step = (erf64(xp, x) - data) * (math.sqrt(math.pi) / 2) * xp.exp(x * x)
        x = xp.where(xp.absolute(data) < 1, x - step, x)
    return x


# ---- gamma -------------------------------------------------------------------------------------

_LANCZOS = (
    676.5203681218851,
    -1259.1392167224028,
    771.32342877765313,
    -176.61502916214059,
    12.507343278686905,
    -0.13857109526572012,
    9.9843695780195716e-6,
    1.5056327351493116e-7,
)


def _lanczos(x):
    """Lanczos' series for x >= 0.5, g = 7 with 9 terms; relative error 1e-15."""
    total = 0.99999999999980993
    for i, one in enumerate(_LANCZOS):
        total = total + one / (x + i)
    return total


def gammaln(xp, data):
    """``log |Γ(data)|``."""
    low = data < 0.5
    x = xp.where(low, 1 - data, data)
    t = x + 6.5
    upper = 0.5 * math.log(2 * math.pi) + (x - 0.5) * xp.log(t) - t + xp.log(_lanczos(x))
    mirrored = math.log(math.pi) - xp.log(xp.absolute(xp.sin(math.pi * data))) - upper
    upper = xp.where(data == math.inf, data, upper)
    return xp.where(low, xp.where(data == xp.floor(data), math.inf, mirrored), upper)


def gamma(xp, data):
    """``Γ(data)``; nan at negative whole numbers, exact at positive ones."""
    whole = data == xp.floor(data)
    size = xp.exp(gammaln(xp, data))
    size = xp.where(whole, xp.rint(size), size)
    # between -1 and 0 it is negative, between -2 and -1 positive, and so on
    odd = xp.floor(data) - 2 * xp.floor(data / 2)
    signed = xp.where((data < 0) & (odd != 0), -size, size)
    signed = xp.where(data == 0, xp.copysign(size, data), signed)
    return xp.where((data < 0) & whole, math.nan, signed)


def digamma(xp, data):
    """The slope of :func:`gammaln`, inf at its poles; Bernardo, Algorithm AS 103, 1976."""
    low = data < 0.5
    x = xp.where(low, 1 - data, data)
    total = xp.minimum(xp.absolute(data), 1) * 0
    for _ in range(8):
        small = x < 8
        total = xp.where(small, total - 1 / x, total)
        x = xp.where(small, x + 1, x)
    y = 1 / (x * x)
    series = polynomial(y, 1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760) * y
    total = total + xp.log(x) - 0.5 / x - series
    mirrored = total - math.pi / xp.tan(math.pi * data)
    pole = low & (data == xp.floor(data))
    return xp.where(low, xp.where(pole, math.inf, mirrored), total)


def trigamma(xp, data):
    """The slope of :func:`digamma`."""
    low = data < 0.5
    x = xp.where(low, 1 - data, data)
    total = xp.minimum(xp.absolute(data), 1) * 0
    for _ in range(10):
        small = x < 10
        total = xp.where(small, total + 1 / (x * x), total)
        x = xp.where(small, x + 1, x)
    y = 1 / (x * x)
    total = total + 1 / x + y / 2 + polynomial(y, 1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66) * y / x
    sine = xp.sin(math.pi * data)
    return xp.where(low, math.pi**2 / (sine * sine) - total, total)


def erfinv_whole(xp, data):
    """What MXNet gives for whole numbers beyond 1 is nan cast to them: 0."""
    return xp.where(xp.absolute(data) > 1, 0, erfinv64(xp, data))


def by_precision(single, double, whole=None):
    """A body that computes float64 by *double*, other floats by *single*, integers by *whole*."""
    whole = whole or double

    def body(xp, data):
        if data.dtype.itemsize == 2 and data.dtype.kind == "f":
            return single(xp, data.astype("float32")).astype(data.dtype)
        if data.dtype.kind == "f":
            return (double if data.dtype.itemsize == 8 else single)(xp, data)
        return whole(xp, data.astype("float64")).astype(data.dtype)

    return body
