"""Densities of distributions, and their logarithms.

*sample* has the shape of the parameters, or that and further axes: many samples of each
distribution. A gradient is that of the logarithm, times the density where that is asked for. As
in MXNet the gradients of counts and of uniform samples are zero.
"""

import math

from ..error import ShapeError
from . import rules
from .params import Bool
from .registry import Op
from .special import gammaln

_LOG_2PI = math.log(2 * math.pi)


def _shape(p, ins):
    sample, *params = ins
    shape = None
    for one in params:
        shape = rules.merge(shape, one)
    if sample is not None and shape is not None:
        if len(shape) > len(sample):
            raise ShapeError(f"Shape inconsistent, sample {sample} for parameters {shape}")
        rules.merge(sample[: len(shape)], shape, "sample and parameters")
    return [sample, *[shape] * len(params)], [sample]


def _in_float32(arrays):
    """float16 is computed in float32."""
    return [a.astype("float32") if a.dtype.itemsize == 2 else a for a in arrays]


def _density(log_density):
    def body(xp, sample, *params, is_log=False):
        x, *numbers = _in_float32((sample, *params))
        wide = [one.reshape(one.shape + (1,) * (x.ndim - one.ndim)) for one in numbers]
        out = log_density(xp, x, *wide)
        return (out if is_log else xp.exp(out)).astype(sample.dtype, copy=False)

    return body


def _pdf(name, inputs, body, example, words, infer=_shape, **options):
    """Register ``_random_pdf_NAME``."""
    is_log = Bool()
    is_log.default = False
    return Op(
        f"_random_pdf_{name}",
        body,
        ("sample", *inputs),
        params={"is_log": is_log},
        aliases=[f"random_pdf_{name}"],
        infer=infer,
        examples=[{**example, "is_log": log} for log in (False, True)],
        doc=f"The density of {words}, or with *is_log* its logarithm.",
        **options,
    )


def _back(F, g, out, p, scores, sample, params, sample_shape, shape):
    """The gradients by *scores*, those of the logarithm (None: zero) in the samples' shape."""
    count = len(sample_shape) - len(shape)
    wide = [
        F.broadcast_to(F._reshape_to(one, shape=(*shape, *(1,) * count)), shape=sample_shape)
        for one in params
    ]
    scale = g if p["is_log"] else g * out
    first, *rest = (None if one is None else scale * one for one in scores(F, sample, *wide))
    extra = tuple(range(len(shape), len(sample_shape)))
    if extra:
        rest = [F._reshape_to(F.sum(one, axis=extra), shape=shape) for one in rest]
    return (first, *rest)


# ---- continuous laws ------------------------------------------------------------------------

uniform = _pdf(
    "uniform",
    ("low", "high"),
    _density(lambda xp, x, low, high: 0 * x - xp.log(high - low)),
    {"sample": (2, 3), "low": (2,), "high": ("above 1", (2,))},
    "the uniform distribution over [low, high), also outside of it",
)
uniform.grad_joint(
    lambda F, g, sample, low, high, out, sample_shape, low_shape, p: _back(
        F,
        g,
        out,
        p,
        lambda F, x, a, b: (None, 1 / (b - a), 1 / (a - b)),
        sample,
        (low, high),
        sample_shape,
        low_shape,
    )
)

normal = _pdf(
    "normal",
    ("mu", "sigma"),
    _density(
        lambda xp, x, mu, sigma: -0.5 * xp.square((x - mu) / sigma) - 0.5 * _LOG_2PI - xp.log(sigma)
    ),
    {"sample": (2, 3), "mu": (2,), "sigma": ("positive", (2,))},
    "the normal distribution of mean *mu* and standard deviation *sigma*",
)


def _normal_scores(F, x, mu, sigma):
    z = (x - mu) / sigma
    return -z / sigma, z / sigma, (F.square(z) - 1) / sigma


normal.grad_joint(
    lambda F, g, sample, mu, sigma, out, sample_shape, mu_shape, p: _back(
        F, g, out, p, _normal_scores, sample, (mu, sigma), sample_shape, mu_shape
    )
)

gamma = _pdf(
    "gamma",
    ("alpha", "beta"),
    _density(
        lambda xp, x, alpha, beta: (
            alpha * xp.log(beta) + (alpha - 1) * xp.log(x) - beta * x - gammaln(xp, alpha)
        )
    ),
    {"sample": ("positive", (2, 3)), "alpha": ("positive", (2,)), "beta": ("positive", (2,))},
    "the gamma distribution of shape *alpha* and rate *beta*",
)


def _gamma_scores(F, x, alpha, beta):
    by_alpha = F.log(beta) + F.log(x) - F._digamma(alpha)
    return (alpha - 1) / x - beta, by_alpha, alpha / beta - x


gamma.grad_joint(
    lambda F, g, sample, alpha, beta, out, sample_shape, alpha_shape, p: _back(
        F, g, out, p, _gamma_scores, sample, (alpha, beta), sample_shape, alpha_shape
    )
)

exponential = _pdf(
    "exponential",
    ("lam",),
    _density(lambda xp, x, lam: xp.log(lam) - lam * x),
    {"sample": ("positive", (2, 3)), "lam": ("positive", (2,))},
    "the exponential distribution of rate *lam*",
)
exponential.grad_joint(
    lambda F, g, sample, lam, out, sample_shape, lam_shape, p: _back(
        F,
        g,
        out,
        p,
        lambda F, x, rate: (-rate, 1 / rate - x),
        sample,
        (lam,),
        sample_shape,
        lam_shape,
    )
)

# ---- counts ---------------------------------------------------------------------------------

_COUNTS = {"sample": ("int", 5, (2, 3))}

poisson = _pdf(
    "poisson",
    ("lam",),
    _density(lambda xp, x, lam: x * xp.log(lam) - gammaln(xp, x + 1) - lam),
    {**_COUNTS, "lam": ("positive", (2,))},
    "the Poisson distribution of mean *lam*",
)
poisson.grad_joint(
    lambda F, g, sample, lam, out, sample_shape, lam_shape, p: _back(
        F,
        g,
        out,
        p,
        lambda F, x, rate: (None, x / rate - 1),
        sample,
        (lam,),
        sample_shape,
        lam_shape,
    )
)


def _negative_binomial(xp, x, k, p):
    ways = gammaln(xp, x + k) - gammaln(xp, x + 1) - gammaln(xp, k)
    return ways + k * xp.log(p) + x * xp.log(1 - p)


def _negative_binomial_scores(F, x, k, p):
    return None, F._digamma(x + k) - F._digamma(k) + F.log(p), k / p - x / (1 - p)


def _negative_binomial_body(xp, sample, k, p, *, is_log=False):
    # p is kept as a hidden output: to a rule that name means the parameters
    return _density(_negative_binomial)(xp, sample, k, p, is_log=is_log), p.copy()


negative_binomial = _pdf(
    "negative_binomial",
    ("k", "p"),
    _negative_binomial_body,
    {**_COUNTS, "k": ("positive", (2,)), "p": ("unit", (2,))},
    "the negative binomial distribution: failures before *k* successes of probability *p*",
    lambda p, ins: (lambda given, outs: (given, [*outs, given[2]]))(*_shape(p, ins)),
    outputs=2,
    visible=1,
)


def _negative_binomial_back(F, g, sample, k, outs, sample_shape, k_shape, p):
    grads = _back(
        F,
        g[0],
        outs[0],
        p,
        _negative_binomial_scores,
        sample,
        (k, outs[1]),
        sample_shape,
        k_shape,
    )
    return grads if g[1] is None else (*grads[:2], grads[2] + g[1])


negative_binomial.grad_joint(_negative_binomial_back)

generalized = _pdf(
    "generalized_negative_binomial",
    ("mu", "alpha"),
    _density(lambda xp, x, mu, alpha: _negative_binomial(xp, x, 1 / alpha, 1 / (mu * alpha + 1))),
    {**_COUNTS, "mu": ("positive", (2,)), "alpha": ("positive", (2,))},
    "the negative binomial distribution of mean *mu* and dispersion *alpha*",
)


def _generalized_scores(F, x, mu, alpha):
    spread = mu * alpha + 1
    _, by_k, by_p = _negative_binomial_scores(F, x, 1 / alpha, 1 / spread)
    by_p = by_p / F.square(spread)
    return None, -by_p * alpha, -by_k / F.square(alpha) - by_p * mu


generalized.grad_joint(
    lambda F, g, sample, mu, alpha, out, sample_shape, mu_shape, p: _back(
        F, g, out, p, _generalized_scores, sample, (mu, alpha), sample_shape, mu_shape
    )
)

# ---- Dirichlet ------------------------------------------------------------------------------


def _dirichlet_shape(p, ins):
    sample, alpha = ins
    if sample is None or alpha is None:
        return ins, [None if sample is None else sample[:-1]]
    rules.merge((*sample[: len(alpha) - 1], sample[-1]), alpha, "sample and alpha")
    return ins, [sample[:-1]]


def _dirichlet(xp, sample, alpha, *, is_log=False):
    x, a = _in_float32((sample, alpha))
    a = a.reshape(a.shape[:-1] + (1,) * (x.ndim - a.ndim) + a.shape[-1:])
    constant = gammaln(xp, a.sum(axis=-1)) - gammaln(xp, a).sum(axis=-1)
    out = ((a - 1) * xp.log(x)).sum(axis=-1) + constant
    return (out if is_log else xp.exp(out)).astype(sample.dtype, copy=False)


dirichlet = _pdf(
    "dirichlet",
    ("alpha",),
    _dirichlet,
    {"sample": ("unit", (2, 2, 3)), "alpha": ("positive", (2, 3))},
    "the Dirichlet distribution; the last axis holds the categories",
    _dirichlet_shape,
)


def _dirichlet_back(F, g, sample, alpha, out, sample_shape, alpha_shape, p):
    rank, lead = len(sample_shape), alpha_shape[:-1]
    between = (1,) * (rank - len(alpha_shape))
    a = F._reshape_to(alpha, shape=(*lead, *between, alpha_shape[-1]))
    a = F.broadcast_to(a, shape=sample_shape)
    total = F.broadcast_to(F.sum(a, axis=(rank - 1,), keepdims=True), shape=sample_shape)
    scale = F._reshape_to(g if p["is_log"] else g * out, shape=(*sample_shape[:-1], 1))
    scale = F.broadcast_to(scale, shape=sample_shape)
    d_alpha = scale * (F.log(sample) + F._digamma(total) - F._digamma(a))
    extra = tuple(range(len(lead), rank - 1))
    if extra:
        d_alpha = F._reshape_to(F.sum(d_alpha, axis=extra), shape=alpha_shape)
    return scale * (a - 1) / sample, d_alpha


dirichlet.grad_joint(_dirichlet_back)
