"""Draws of each distribution, whose parameters are numbers or arrays of one for each draw.

*rng* is the device's :class:`workbench.backend.streams.Streams`. Flat arrays of n values; in
float64 for every dtype but float32.
"""


def uniform(rng, n, dtype, low, high):
    """Numbers of equal probability in [low, high)."""
    draws = rng.uniform(n, dtype)
    if isinstance(low, float) and (low, high) == (0.0, 1.0):
        return draws
    return draws * (high - low) + low


def normal(rng, n, dtype, loc, scale):
    """Numbers of the normal distribution."""
    draws = rng.normal(n, dtype)
    if isinstance(loc, float) and (loc, scale) == (0.0, 1.0):
        return draws
    return draws * scale + loc


def exponential(rng, n, dtype, lam):
    """Numbers of the exponential distribution of rate *lam*."""
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
