"""Samplers that draw until something is accepted, for many streams at once.

Each stream is read only until its own samples are settled, so that its words are used up exactly
as by MXNet's loops over one stream (``src/operator/random/sampler.h``, 1.9.1).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from .mersenne import BLOCK, Bank, Counts, unit32, unit64

__all__ = ["Lanes", "Parameter", "fill_normal", "gamma", "poisson"]

Array = npt.NDArray[Any]
Parameter = float | Array

_lgamma = np.frompyfunc(math.lgamma, 1, 1)
_PAIRS_EACH = 1.35  # 4 / pi = 1.27 pairs of uniforms give one normal number


def fill_normal(bank: Bank, out: Array, chunk: int) -> None:
    """Fill *out* (float32 or float64) with normal numbers, *chunk* from each row of *bank*.

    Polar method: x, then y in (-1, 1); of a pair inside the unit circle only y is used.
    """
    single = out.dtype == np.float32
    each = 2 if single else 4
    starts = np.arange(0, len(out), chunk)
    wanted = np.minimum(chunk, len(out) - starts)
    rows = np.arange(len(starts))
    bank.seed_rows(len(rows))
    while len(rows):
        pairs = min(BLOCK // each, int(wanted.max() * _PAIRS_EACH) + 8)
        words = bank.peek(rows, pairs * each)
        y, square, accepted = _in_circle(unit32(words) if single else unit64(words))
        count = np.cumsum(accepted, axis=1, dtype=np.int32)
        accepted &= count <= wanted[:, None]
        values = _polar(y[accepted], square[accepted])
        gained = np.minimum(count[:, -1], wanted)
        first = starts - (np.cumsum(gained) - gained)
        out[np.repeat(first, gained) + np.arange(len(values))] = values
        last = (count < wanted[:, None]).sum(axis=1) + 1
        bank.advance(rows, np.minimum(last, pairs) * each)
        left = gained < wanted
        rows, starts, wanted = rows[left], (starts + gained)[left], (wanted - gained)[left]


def _in_circle(unit: Array) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
    """y, the square of the radius, and whether it is accepted, for pairs of uniforms."""
    unit *= 2
    unit -= 1
    x, y = unit[..., ::2], unit[..., 1::2]
    square = x * x
    square += y * y
    return y, square, (square <= 1) & (square != 0)


def _polar(y: Array, square: Array) -> Array:
    # the logarithm in double: float32 ones differ from machine to machine
    log = np.log(square, dtype=np.float64).astype(square.dtype)
    return y * np.sqrt(-2 * log / square)


class Lanes:
    """One sample in each of several streams of *bank*; its arrays have one element a lane.

    Parameters
    ----------
    index : which of the draw's values the lanes sample; stream ``index // chunk`` makes it
    real : float32 or float64, in which samples are computed
    """

    def __init__(self, bank: Bank, index: Counts, chunk: int, real: Any) -> None:
        self.bank, self.index, self.real, self._chunk = bank, index, real, chunk
        self._streams = index // chunk
        self._each = 1 if real is np.float32 else 2

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, which: Array) -> Lanes:
        """The lanes listed, or those where a mask is True."""
        return Lanes(self.bank, self.index[which], self._chunk, self.real)

    def per_lane(self, value: Parameter) -> Array:
        """A parameter of the draw (one number, or one for each value) as one a lane."""
        array = np.asarray(value, self.real)
        return array[self.index] if array.ndim else np.full(len(self), array)

    def uniform(self, count: int = 1) -> Array:
        """*count* numbers in [0, 1) a lane: shape (lanes,), or (lanes, count)."""
        words = self.bank.peek(self._streams, count * self._each)
        self.bank.advance(self._streams, words.shape[1])
        drawn: Array = unit32(words) if self._each == 1 else unit64(words)
        return drawn[:, 0] if count == 1 else drawn

    def normal(self) -> Array:
        """One normal number a lane."""
        out = np.empty(len(self), self.real)
        open_ = np.arange(len(self))
        while len(open_):
            y, square, accepted = _in_circle(self[open_].uniform(2))
            done = accepted[:, 0]
            out[open_[done]] = _polar(y[done, 0], square[done, 0])
            open_ = open_[~done]
        return out


def gamma(lanes: Lanes, alpha: Array, beta: Array) -> Array:
    """One gamma number of shape *alpha* and scale *beta* a lane.

    G. Marsaglia, W. Tsang, 2000; for ``alpha < 1`` of ``alpha + 1``, times ``u ** (1 / alpha)``.
    """
    d = (alpha + np.where(alpha < 1, 2.0 / 3.0, -1.0 / 3.0)).astype(lanes.real)
    k = np.sqrt(9.0 * d).astype(lanes.real)
    out = np.empty(len(lanes), lanes.real)
    open_ = np.arange(len(lanes))
    while len(open_):
        z = lanes[open_].normal()
        try_ = z > -k[open_]
        open_try, z = open_[try_], z[try_]
        x = 1 + (1 / k[open_try]) * z
        volume, scale = x * x * x, d[open_try]
        v, z = volume.astype(np.float64), z.astype(np.float64)
        bound = 0.5 * z * z + scale * (1.0 - v + np.log(v))
        done = np.log(1.0 - lanes[open_try].uniform().astype(np.float64)) < bound
        settled = open_try[done]
        out[settled] = (scale * volume)[done] * beta[settled]
        left = np.ones(len(open_), bool)
        left[np.flatnonzero(try_)[done]] = False
        open_ = open_[left]
    small = np.flatnonzero(alpha < 1)
    if len(small):
        power = (1.0 / alpha[small].astype(np.float64)).astype(lanes.real)
        out[small] *= np.power(lanes[small].uniform(), power, dtype=np.float64)
    return out


def poisson(lanes: Lanes, rate: Array) -> Array:
    """One Poisson count of mean *rate* a lane."""
    out = np.empty(len(lanes), np.float32)
    for chosen, sample in ((rate < 12, _count_up), (rate >= 12, _by_tangent)):
        if chosen.any():
            out[chosen] = sample(lanes[chosen], rate[chosen].astype(np.float32))
    return out


def _count_up(lanes: Lanes, rate: Array) -> Array:
    """How many uniforms can be multiplied before the product falls to exp(-rate)."""
    limit = np.exp(-rate.astype(np.float64)).astype(np.float32)
    counts = np.zeros(len(lanes), np.int64)
    open_ = np.arange(len(lanes))
    product = np.ones(len(lanes), np.float32)
    while True:
        product[open_] = product[open_] * lanes[open_].uniform()
        open_ = open_[product[open_] > limit[open_]]
        if not len(open_):
            return counts
        counts[open_] += 1


def _by_tangent(lanes: Lanes, rate: Array) -> Array:
    """Rejection from a Lorentzian (Numerical Recipes in C, 7.3), in float32 as in MXNet."""
    single = np.float32
    root = np.sqrt(2.0 * rate.astype(np.float64)).astype(single)
    log_rate = np.log(rate, dtype=np.float64).astype(single)
    g = (rate * log_rate - _log_factorial(rate)).astype(single)
    out = np.empty(len(lanes), single)
    open_ = np.arange(len(lanes))
    while len(open_):
        y = np.tan((single(np.pi) * lanes[open_].uniform()).astype(np.float64)).astype(single)
        guess = root[open_] * y + rate[open_]
        inside = guess >= 0
        at, y, guess = open_[inside], y[inside], np.floor(guess[inside])
        exponent = (guess * log_rate[at] - _log_factorial(guess) - g[at]).astype(np.float64)
        ratio = (0.9 * (1.0 + (y * y).astype(np.float64)) * np.exp(exponent)).astype(single)
        settled = lanes[at].uniform() <= ratio
        out[at[settled]] = guess[settled]
        open_ = np.setdiff1d(open_, at[settled], assume_unique=True)
    return out


def _log_factorial(values: Array) -> Array:
    return np.asarray(_lgamma(values.astype(np.float64) + 1.0), np.float32)
