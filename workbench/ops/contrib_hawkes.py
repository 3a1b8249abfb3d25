"""The likelihood of self-exciting points in time (Bacry, Mastromatteo and Muzy 2015)."""

from ..error import OperatorError, message
from . import rules
from .registry import op

_SMALL = {
    "lda": ("positive", (2, 3)),
    "alpha": ("unit", (3,)),
    "beta": ("positive", (3,)),
    "state": ([[0.0, 0.5, 0.0], [1.0, 0.0, 0.2]],),
    "lags": ([[0.5, 1.0, 0.25, 2.0], [1.0, 0.5, 0.5, 0.5]],),
    "marks": ([[0, 1, 0, 2], [2, 2, 1, 0]],),
    "valid_length": ([3, 4],),
    "max_time": ([5.0, 4.0],),
}


class _Walk:
    """The processes of all samples, point by point.

    After a point of process k its state is ``1 + state · decay``; ``steps`` gives, for each point
    in turn, which samples have it, of which process, how long after that process's last point.
    """

    def __init__(self, xp, beta, state, lags, marks, valid_length, max_time):
        self.xp, self.beta, self.state = xp, beta, state.copy()
        self.lags, self.marks, self.valid_length = lags, marks.astype("int64"), valid_length
        self.max_time, self.last = max_time, xp.zeros_like(state)
        point = xp.arange(lags.shape[1])
        outside = (self.marks < 0) | (self.marks >= state.shape[1])
        if bool((outside & (point < valid_length.reshape(-1, 1))).any()):
            raise OperatorError(
                message(
                    f"a mark is out of range 0 .. {state.shape[1] - 1}",
                    fix="Marks say which of the columns of lda a point belongs to.",
                )
            )

    def steps(self):
        """(samples, process) as an index, time since its last point, decay since then."""
        xp, time = self.xp, self.lags.cumsum(axis=1)
        for j in range(self.lags.shape[1]):
            sample = xp.flatnonzero(j < self.valid_length)
            at = sample, self.marks[sample, j]
            waited = time[sample, j] - self.last[at]
            decay = xp.exp(-self.beta[at[1]] * waited)
            yield at, waited, decay
            self.state[at] = 1 + self.state[at] * decay
            self.last[at] = time[sample, j]

    def rest(self):
        """Time from each process's last point to the end, and decay since then: (N, K)."""
        waited = self.max_time.reshape(-1, 1) - self.last
        return waited, self.xp.exp(-self.beta * waited)


def _shapes(p, ins):
    lda, alpha, beta, state, lags, marks, valid_length, max_time = ins
    lda = state = rules.merge(lda, state, "lda and state")
    lags = marks = rules.merge(lags, marks, "lags and marks")
    count = next((one[0] for one in (lda, lags, valid_length, max_time) if one), 0)
    kinds = next((n for n in (lda and lda[-1], alpha and alpha[0], beta and beta[0]) if n), 0)
    lda = state = rules.merge(lda, (count, kinds), "lda (N, K)")
    lags = marks = rules.merge(lags, (count, 0), "lags (N, T)")
    alpha, beta = (rules.merge(one, (kinds,), "alpha and beta (K,)") for one in (alpha, beta))
    valid_length = rules.merge(valid_length, (count,), "valid_length (N,)")
    max_time = rules.merge(max_time, (count,), "max_time (N,)")
    return [lda, alpha, beta, state, lags, marks, valid_length, max_time], [(count,), lda]


def _dtypes(p, ins, n):
    """All floats alike; marks are whole numbers of any dtype."""
    floats, outs = rules.dtype_same(p, [*ins[:5], *ins[6:]], n)
    return [*floats[:5], ins[5] or "int32", *floats[5:]], outs


@op(
    "_contrib_hawkesll",
    outputs=2,
    output_names=["output", "out_state"],
    infer=_shapes,
    dtype=_dtypes,
    examples=[_SMALL],
)
def hawkesll(xp, lda, alpha, beta, state, lags, marks, valid_length, max_time):
    """Log likelihood of Hawkes processes: (N,), and their states at the end (N, K).

    Process k fires at the rate ``lda_k + alpha_k beta_k Σ exp(-beta_k (t - t_i))`` over its points
    t_i < t. lda and state (N, K), alpha and beta (K,); lags (N, T) are times between points, marks
    (N, T) their processes, valid_length (N,) how many points count, max_time (N,) how long was
    watched. lda, alpha and beta have gradients, of the likelihood only, as in MXNet.
    """
    alike = (lda, alpha, beta, state, lags, valid_length, max_time)
    rules.dtype_same({}, [one.dtype.name for one in alike], 1)
    walk = _Walk(xp, beta, state, lags, marks, valid_length, max_time)
    total = xp.zeros(lda.shape[0], lda.dtype)
    for at, waited, decay in walk.steps():
        excited, k = alpha[at[1]] * walk.state[at], at[1]
        rate = lda[at] + excited * beta[k] * decay
        total[at[0]] += xp.log(rate) - lda[at] * waited - excited * (1 - decay)
    waited, decay = walk.rest()
    total -= (lda * waited + alpha * walk.state * (1 - decay)).sum(axis=1)
    return total, walk.state * decay


def _hawkes_back(F, g, lda, alpha, beta, state, lags, marks, valid_length, max_time):
    grads = F._backward_hawkesll(g[0], lda, alpha, beta, state, lags, marks, valid_length, max_time)
    return (*grads, None, None, None, None, None)


hawkesll.grad_joint(_hawkes_back)


@op(
    "_backward_hawkesll",
    outputs=3,
    infer=lambda p, ins: (ins, ins[1:4]),
    dtype=lambda p, ins, n: (ins, [ins[1]] * n),
    examples=[{"grad": (2,), **_SMALL}],
)
def backward_hawkesll(xp, grad, lda, alpha, beta, state, lags, marks, valid_length, max_time):
    """The gradients of lda, alpha and beta; the state's slope in beta walks along."""
    walk = _Walk(xp, beta, state, lags, marks, valid_length, max_time)
    d_lda, d_alpha, d_beta = (xp.zeros_like(lda) for _ in range(3))
    slope = xp.zeros_like(lda)
    for at, waited, decay in walk.steps():
        a, b, now, moved = alpha[at[1]], beta[at[1]], walk.state[at], slope[at]
        rate = lda[at] + a * b * now * decay
        d_lda[at] += 1 / rate - waited
        d_alpha[at] += b * now * decay / rate - now * (1 - decay)
        lasting = moved * (1 - decay) + now * waited * decay
        d_beta[at] += a * (decay * (now * (1 - b * waited) + b * moved) / rate - lasting)
        slope[at] = decay * (moved - waited * now)
    waited, decay = walk.rest()
    lasting = slope * (1 - decay) + walk.state * waited * decay
    head = grad.reshape(-1, 1)
    return (
        head * (d_lda - waited),
        (head * (d_alpha - walk.state * (1 - decay))).sum(axis=0),
        (head * (d_beta - alpha * lasting)).sum(axis=0),
    )
