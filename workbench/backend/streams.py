"""MXNet's random numbers on the CPU: the same seed gives the same numbers as MXNet 1.9.1.

One :class:`Streams` serves all CPU contexts. Samplers and Dropout read a bank of 1,024 MT19937
generators: a draw of N values uses ``min(ceil(N / 64), 1024)`` of them, generator *i* fills the
*i*-th chunk, and each goes on where its last draw ended. ``multinomial`` and ``shuffle`` read one
more generator, independent of these.

Source: ``include/mxnet/random_generator.h``, ``src/operator/random/sampler.h`` and
``src/resource.cc`` of MXNet 1.9.1, and libstdc++'s distributions, which they call.
"""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from ..error import DrawError, DTypeError, ParameterError, message
from ..kernels.mersenne import STREAMS, chunk_of, draw_of, words_below
from .mersenne import Bank, Words, unit32, unit64
from .samplers import Lanes, Parameter, fill_normal, gamma, poisson

__all__ = ["Streams"]

Array = npt.NDArray[Any]

_SINGLE = np.dtype(np.float32)
_SPREAD = 127  # seeds of neighbouring mx.random.seed() values lie this far apart


class Streams:
    """The random state of a device.

    Draws are flat arrays of *n* values. ``float32`` draws are computed in float32, those of
    every other dtype in float64 and returned so: MXNet computes float16 and float64 samples in
    double and rounds once at the end. Methods may be called from several threads.

    >>> Streams(seed=0).uniform(3)
    array([0.5488135 , 0.5928446 , 0.71518934], dtype=float32)
    """

    def __init__(self, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self.seed(seed)

    def seed(self, seed: int, device_form: bool = False) -> None:
        """Start again. *device_form* is ``mx.random.seed(seed, ctx=...)``, not for all contexts.

        The two differ only for ``multinomial`` and ``shuffle``.
        """
        first = _SPREAD * int(seed)
        with self._lock:
            self._bank = Bank(first)
            self._single_seed = (int(seed) if device_form else first) % 2**32
            self._single: np.random.RandomState | None = None

    # ---- samplers -----------------------------------------------------------------------

    def uniform(self, n: int, dtype: npt.DTypeLike = np.float32) -> Array:
        """*n* numbers in [0, 1)."""
        if not _computes_single(dtype):
            return unit64(self._words(n, 2))
        out = np.empty(n, _SINGLE)
        return out if self._filled("uniform", n, out) else unit32(self._words(n, 1))

    def normal(self, n: int, dtype: npt.DTypeLike = np.float32) -> Array:
        """*n* numbers of mean 0 and variance 1, by Marsaglia's polar method.

        As in MXNet, the second number that a pair of uniforms would give is thrown away.
        """
        single = _computes_single(dtype)
        out = np.empty(n, _SINGLE if single else np.float64)
        if single and self._filled("normal", n, np.empty(n, _SINGLE), out):
            return out
        if n:
            with self._lock:
                fill_normal(self._bank, out, chunk_of(n))
        return out

    def exponential(self, n: int, dtype: npt.DTypeLike = np.float32) -> Array:
        """*n* numbers of the exponential law of mean 1."""
        draws = self.uniform(n, dtype)
        return (-np.log(1.0 - draws.astype(np.float64))).astype(draws.dtype)

    def randint(self, n: int, low: int, high: int) -> npt.NDArray[np.int64]:
        """*n* integers in [low, high)."""
        low, high = int(low), int(high)
        if not low < high:
            raise DrawError(
                message(f"randint: low {low} is not below high {high}", fix="Give low < high.")
            )
        words = self._words(n, 2).astype(np.int64)
        # 2**63 and more wraps round to a negative remainder in MXNet; two words never reach it
        return ((words[::2] << 31) + words[1::2]) % (high - low) + low

    def gamma(
        self, n: int, alpha: Parameter, beta: Parameter = 1.0, dtype: npt.DTypeLike = np.float32
    ) -> Array:
        """*n* numbers of the gamma law of shape *alpha* and scale *beta*.

        Here and below a parameter is one number, or an array of *n*, one for each value.
        """
        _check_positive("gamma", alpha=alpha, beta=beta)

        def sample(lanes: Lanes) -> Array:
            return gamma(lanes, lanes.per_lane(alpha), lanes.per_lane(beta))

        return self._in_lanes(n, dtype, sample)

    def poisson(self, n: int, lam: Parameter) -> Array:
        """*n* counts of the Poisson law of mean *lam*.

        Counts are float32 and computed so whatever dtype the caller wants: as in MXNet, the
        words used up do not depend on it. The same holds for the two laws below.
        """
        _check_not_negative("poisson", lam=lam)
        return self._in_lanes(n, np.float32, lambda lanes: poisson(lanes, lanes.per_lane(lam)))

    def negative_binomial(self, n: int, k: Parameter, p: Parameter) -> Array:
        """*n* counts of failures before *k* successes of probability *p* each."""
        _check_positive("negative_binomial", k=k, p=p)
        _check_not_negative("negative_binomial", **{"1 - p": 1 - np.asarray(p)})

        def sample(lanes: Lanes) -> Array:
            success = lanes.per_lane(p)
            return poisson(lanes, gamma(lanes, lanes.per_lane(k), (1 - success) / success))

        return self._in_lanes(n, np.float32, sample)

    def generalized_negative_binomial(self, n: int, mu: Parameter, alpha: Parameter) -> Array:
        """*n* counts of mean *mu* and variance ``mu + alpha * mu**2``."""
        _check_positive("generalized_negative_binomial", mu=mu)
        _check_not_negative("generalized_negative_binomial", alpha=alpha)

        def sample(lanes: Lanes) -> Array:
            spread, rate = lanes.per_lane(alpha), lanes.per_lane(mu)
            wide = np.flatnonzero(spread)
            if len(wide):
                spread, mean = spread[wide], rate[wide]
                rate[wide] = gamma(lanes[wide], 1 / spread, spread * mean)
            return poisson(lanes, rate)

        return self._in_lanes(n, np.float32, sample)

    def dropped(self, data: Array, keep: float) -> tuple[Array, Array]:
        """*data* with a share *keep* of its elements over *keep*, the others 0; and the factors.

        *data* is float32 and contiguous, *keep* between 0 and 1. The words used up are those of
        :meth:`keep_mask`.
        """
        mask, out = np.empty(data.shape, _SINGLE), np.empty(data.shape, _SINGLE)
        below, factor = words_below(float(_SINGLE.type(keep))), float(_SINGLE.type(1 / keep))
        if not self._filled("keep", data.size, data, mask, out, settings=(below, factor)):
            mask = self.keep_mask(data.shape, keep).astype(_SINGLE)
            mask *= _SINGLE.type(factor)
            out = data * mask
        return out, mask

    def keep_mask(
        self, shape: int | tuple[int, ...], keep: float, dtype: npt.DTypeLike = np.float32
    ) -> npt.NDArray[np.bool_]:
        """Dropout's mask: True with probability *keep*, which is rounded to float32.

        *dtype* is that of the data: it says how many words each element uses up.
        """
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        n = math.prod(shape)
        keep = float(np.float32(keep))
        if not _computes_single(dtype):
            return (unit64(self._words(n, 2)) < keep).reshape(shape)
        words = self._words(n, 1)
        if keep >= 1:
            return np.ones(shape, np.bool_)
        return (words < np.uint32(words_below(keep))).reshape(shape)

    # ---- the engine of multinomial and shuffle --------------------------------------------

    def multinomial(self, probabilities: Array, n: int) -> npt.NDArray[np.int64]:
        """*n* indices a row, drawn by the probabilities (rows, classes): shape (rows, n)."""
        table = np.cumsum(probabilities, axis=1, dtype=np.float64).astype(np.float32)
        rows, classes = table.shape
        if not classes:
            raise ParameterError(
                message("multinomial: no classes to draw from", fix="Give one class at least.")
            )
        with self._lock:
            draws = unit32(self._single_words(rows * n)).reshape(rows, n)
        out = np.empty((rows, n), np.int64)
        for i in range(rows):
            out[i] = np.searchsorted(table[i], draws[i])
        return np.minimum(out, classes - 1)

    def shuffle_permutation(self, n: int) -> npt.NDArray[np.int64]:
        """The order into which ``shuffle`` brings *n* rows: ``out[i] = data[order[i]]``."""
        with self._lock:
            partners = self._partners(n)
        order = list(range(n))
        for i, j in enumerate(partners, 1):
            order[i], order[j] = order[j], order[i]
        return np.array(order, np.int64)

    def single_uniform(self) -> float:
        """A number in [0, 1), as the image operators draw their factors."""
        with self._lock:
            return float(unit32(self._single_words(1))[0])

    def single_coin(self) -> bool:
        """True with probability one half."""
        with self._lock:
            return bool(unit64(self._single_words(2))[0] < 0.5)

    def single_normal(self, n: int) -> list[float]:
        """*n* numbers of mean 0 and variance 1; both that a pair of uniforms gives are used."""
        drawn: list[float] = []
        with self._lock:
            while len(drawn) < n:
                x, y = 2 * unit32(self._single_words(2)) - 1
                square = x * x + y * y
                if 0 < square <= 1:
                    scale = math.sqrt(-2 * math.log(square) / square)
                    drawn += [float(y) * scale, float(x) * scale]
        return drawn[:n]

    def _partners(self, n: int) -> list[int]:
        """For i = 1 .. n-1 a number that is uniform in 0 .. i, without bias."""
        span = np.arange(2, n + 1, dtype=np.int64)
        scale = 0xFFFFFFFF // span
        words = self._single_words(len(span)).astype(np.int64)
        done = 0
        while True:  # a word at or past the last full multiple is drawn again
            late = np.flatnonzero(words[done:] >= (scale * span)[done:])
            if not len(late):
                partners: list[int] = (words // scale).tolist()
                return partners
            done += int(late[0])
            words = np.concatenate(
                [words[:done], words[done + 1 :], self._single_words(1).astype(np.int64)]
            )

    def _single_words(self, n: int) -> Words:
        if self._single is None:
            self._single = np.random.RandomState(self._single_seed)
        return self._single.randint(0, 2**32, size=n, dtype=np.uint32)

    def unique_zipfian(
        self, rows: int, count: int, classes: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """*count* different classes in each row, the small ones often: (rows, count), int64.

        Row *i* reads one generator until it has enough; how many draws that took is the second
        result, (rows,). Class ``round(exp(u · log(classes))) - 1`` for u in [0, 1).
        """
        drawn, tries = np.empty((rows, count), np.int64), np.zeros(rows, np.int64)
        if not rows or not count:
            return drawn, tries
        each = -(-rows // min(rows, STREAMS))
        with self._lock:
            self._bank.seed_rows(-(-rows // each))
            for i in range(rows):
                drawn[i], tries[i] = self._unique_row(i // each, count, math.log(classes))
        return drawn, tries

    def _unique_row(self, row: int, count: int, scale: float) -> tuple[list[int], int]:
        """Classes in the order in which they came up first, and how many draws that took."""
        chosen, found, tries = np.array([row]), dict[int, None](), 0
        while True:
            draws = unit64(self._bank.peek(chosen, 64))[0]
            values = np.floor(np.exp(draws * scale) + 0.5).astype(np.int64) - 1
            for used, value in enumerate(values.tolist(), 1):
                found[value] = None
                if len(found) == count:
                    self._bank.advance(chosen, 2 * used)
                    return list(found), tries + used
            self._bank.advance(chosen, 64)
            tries += len(values)

    # ---- reading the bank -----------------------------------------------------------------

    def _filled(self, name: str, n: int, *arrays: Array, settings: tuple[Any, ...] = ()) -> bool:
        """Whether machine code has drawn *n* values into the arrays; see :mod:`kernels.mersenne`.

        Otherwise nothing has been used up.
        """
        if not n:
            return False
        chunk = chunk_of(n)
        draw = draw_of(name, n, chunk, *settings)
        return draw is not None and self.drawn(draw, -(-n // chunk), *arrays)

    def drawn(self, draw: Any, rows: int, *arrays: Array) -> bool:
        """Whether *draw*, of :func:`kernels.mersenne.draw_of`, has filled the arrays.

        It reads *rows* generators; where an array is not what it takes it leaves all as it is.
        """
        with self._lock:
            return draw(*self._bank.generators(rows), *arrays) is arrays[-1]

    def _words(self, n: int, each: int) -> Words:
        """*each* words a value for *n* values, in the order of the values."""
        if not n:
            return np.empty(0, np.uint32)
        with self._lock:
            return self._bank.take(each * n, each * chunk_of(n))

    def _in_lanes(self, n: int, dtype: npt.DTypeLike, sample: Any) -> Array:
        real = np.float32 if _computes_single(dtype) else np.float64
        out = np.empty(n, real)
        if not n:
            return out
        chunk = chunk_of(n)
        with self._lock:
            self._bank.seed_rows(-(-n // chunk))
            for step in range(chunk):
                lanes = Lanes(self._bank, np.arange(step, n, chunk), chunk, real)
                out[step::chunk] = sample(lanes)
        return out


def _computes_single(dtype: npt.DTypeLike) -> bool:
    if dtype is _SINGLE or dtype == "float32":
        return True
    dtype = np.dtype(dtype)
    if dtype.kind != "f" or dtype.itemsize > 8:
        raise DTypeError(
            message(f"no sampler for dtype {dtype}", fix="Use float16, float32 or float64.")
        )
    return dtype.itemsize == 4


def _check_positive(sampler: str, **parameters: Any) -> None:
    for name, value in parameters.items():
        if not np.all(np.asarray(value) > 0):
            raise _wrong(sampler, name, value, "> 0")


def _check_not_negative(sampler: str, **parameters: Any) -> None:
    for name, value in parameters.items():
        if not np.all(np.asarray(value) >= 0):
            raise _wrong(sampler, name, value, ">= 0")


def _wrong(sampler: str, name: str, value: object, rule: str) -> DrawError:
    return DrawError(
        message(f"{sampler}: {name} is {value}", fix=f"Give values with {name} {rule}.")
    )
