"""Draws of each distribution, whose parameters are numbers or arrays of one for each draw.

*rng* is the device's :class:`workbench.backend.streams.Streams`. Flat arrays of n values; in
float64 for every dtype but float32. A number that is no parameter of its law gives a DrawError.
"""

from ..error import DrawError, message


def _refuse(law, name, value, rule):
    raise DrawError(message(f"{law}: {name} is {value}", fix=f"Give {name} {rule}."))


def uniform(rng, n, dtype, low, high):
    """Numbers of equal probability in [low, high)."""
    if isinstance(high, float) and high < low:
        _refuse("uniform", "high", high, f"of at least low, which is {low}")
    draws = rng.uniform(n, dtype)
    if isinstance(low, float) and (low, high) == (0.0, 1.0):
        return draws
    return draws * (high - low) + low


def normal(rng, n, dtype, loc, scale):
    """Numbers of the normal distribution."""
    if isinstance(scale, float) and scale < 0:
        _refuse("normal", "scale", scale, "of at least 0")
    draws = rng.normal(n, dtype)
    if isinstance(loc, float) and (loc, scale) == (0.0, 1.0):
        return draws
    return draws * scale + loc


def exponential(rng, n, dtype, lam):
    """Numbers of the exponential distribution of rate *lam*."""
    if isinstance(lam, float) and lam <= 0:
        _refuse("exponential", "lam", lam, "above 0")
    return rng.exponential(n, dtype) / lam


def gamma(rng, n, dtype, alpha, beta):
    """Numbers of the gamma distribution of shape *alpha* and scale *beta*."""
    return rng.gamma(n, alpha, beta, dtype)


def poisson(rng, n, dtype, lam):
    """Counts of the Poisson distribution of mean *lam*."""
    return rng.poisson(n, lam)


def negative_binomial(rng, n, dtype, k, p):
    """Failures before the *k*-th success of probability *p*."""
    return rng.negative_binomial(n, k, p)


def generalized_negative_binomial(rng, n, dtype, mu, alpha):
    """Counts of mean *mu* and variance ``mu + alpha · mu²``."""
    return rng.generalized_negative_binomial(n, mu, alpha)
