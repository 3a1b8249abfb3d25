"""The gradient of BatchNorm's gradient, made of operators that have gradients themselves.

With ``x̂ = (x - μ) s`` and ``c = γ s`` the gradients that BatchNorm hands down are

    dx = c (g - E[g] - x̂ E[g x̂]),   dγ = Σ g x̂,   dβ = Σ g

for each channel, E the mean over all its elements; by fixed statistics ``dx = c g``. Here *u*, *v*
and *w* are what comes from above to these three.
"""

from . import rules


class _Channels:
    """Sums, means and products by channel, shaped (1, C, 1, ...)."""

    def __init__(self, F, data, shape, axis):
        self.F, self.data = F, data
        self.axis = rules.one_axis(axis, len(shape))
        self.shape = tuple(n if i == self.axis else 1 for i, n in enumerate(shape))
        self.count = max(1, rules.prod(shape) // max(1, shape[self.axis]))

    def spread(self, vector):
        """A number of each channel, to be broadcast against the data."""
        return self.F._reshape_to(self.F._cast_like(vector, self.data), shape=self.shape)

    def total(self, x):
        return self.F.sum(x, axis=(self.axis,), exclude=True, keepdims=True)

    def mean(self, x):
        return self.total(x) * (1 / self.count)

    def projected(self, x, normal, scale):
        """``s (x - E[x] - x̂ E[x x̂])``."""
        F = self.F
        rest = F.broadcast_sub(x, self.mean(x)) - F.broadcast_mul(normal, self.mean(x * normal))
        return F.broadcast_mul(rest, scale)


def batch_norm_twice(F, g, grad, data, gamma, mean, scale, data_shape, gamma_shape, p):
    """Gradients of the inputs of ``_backward_BatchNorm``: grad, data, gamma and five without."""
    by = _Channels(F, data, data_shape, p["axis"])
    u, v, w = g
    u = F.zeros_like(data) if u is None else u
    if p["moving"]:
        mean, scale = by.spread(mean), by.spread(scale)
    else:  # anew from the data, on which they depend
        mean = by.mean(data)
        centred = F.broadcast_sub(data, mean)
        scale = (by.mean(centred * centred) + p["eps"]) ** -0.5
    normal = F.broadcast_mul(F.broadcast_sub(data, mean), scale)
    factor = scale if p["fix_gamma"] else scale * by.spread(gamma)
    v = None if v is None or p["fix_gamma"] else by.spread(v)

    if p["moving"]:
        d_grad = F.broadcast_mul(u, factor)
        d_data = F.zeros_like(data) if v is None else F.broadcast_mul(grad, v * scale)
        by_gamma = by.total(u * grad) * scale
    else:
        d_grad = by.projected(u, normal, factor)
        inner = by.total(by.projected(grad, normal, scale) * u)
        flow = F.broadcast_mul(u, by.mean(grad * normal)) + F.broadcast_mul(
            grad, by.mean(u * normal)
        )
        flow = F.broadcast_mul(flow, factor) * -1
        if v is not None:
            flow = flow + F.broadcast_mul(grad, v)
        steep = inner * factor * (1 / by.count)
        d_data = by.projected(flow, normal, scale) - F.broadcast_mul(normal, steep)
        by_gamma = inner
    if v is not None:
        d_grad = d_grad + F.broadcast_mul(normal, v)
    if w is not None:
        d_grad = F.broadcast_add(d_grad, by.spread(w))
    if p["fix_gamma"]:
        d_gamma = None
    else:
        d_gamma = F._cast_like(F._reshape_to(by_gamma, shape=gamma_shape), gamma)
    return d_grad, d_data, d_gamma, None, None, None, None
