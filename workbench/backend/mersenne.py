"""A bank of MT19937 generators, advanced together: the words that MXNet's CPU samplers read.

MXNet keeps 1,024 generators; a draw of N values uses the first few of them, one chunk each.
Here they are rows of one array. Rows are seeded when a draw first needs them, and a twist
(M. Matsumoto, T. Nishimura, 1998) runs over many rows at once. Every row shows two blocks of
624 finished words side by side, so that any window of up to 624 words is one slice.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["BLOCK", "Bank", "Counts", "Words", "unit32", "unit64"]

Words = npt.NDArray[np.uint32]
Counts = npt.NDArray[np.int64]

BLOCK = 624
_SHIFT = 397
_LAG = BLOCK - _SHIFT
_ROWS_AT_ONCE = 32  # 80 kB an array: a twist's operands stay in the level-2 cache
_FEW = 48  # fewer new rows than this are seeded one by one in C, more in lock-step

_LOWER = np.uint32(0x7FFFFFFF)
_MATRIX = np.uint32(0x9908B0DF)
_ONE = np.uint32(1)


class Bank:
    """The first rows of an endless bank of MT19937 generators; row *i* is seeded ``seed + i``.

    Parameters
    ----------
    seed : int
        Seed of row 0; taken modulo 2**32, as are the sums.

    Notes
    -----
    Costs 7.5 kB a row in use and about 3 ns a word. Not safe for two threads at once.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._key = np.empty((0, BLOCK), np.uint32)
        self._words = np.empty((0, 2 * BLOCK), np.uint32)
        self._next = np.empty(0, np.int64)  # column of a row's next word
        self._start = np.empty(0, np.int64)  # flat index of a row's first word

    @property
    def rows(self) -> int:
        """How many rows are seeded."""
        return len(self._next)

    def peek(self, rows: slice | Counts, count: int) -> Words:
        """The next *count* (at most 624) words of some seeded rows; nothing is used up.

        Parameters
        ----------
        rows : slice from 0, or array of row numbers, rising

        Returns
        -------
        New array of shape (rows, count).
        """
        spent = self._next[rows] > 2 * BLOCK - count
        if spent.any():
            chosen = np.flatnonzero(spent)
            self._refill(chosen if isinstance(rows, slice) else rows[chosen])
        windows: Words = np.ndarray(
            (self._words.size - count + 1, count), np.uint32, self._words, 0, (4, 4)
        )
        return windows[self._start[rows] + self._next[rows]]

    def advance(self, rows: slice | Counts, counts: int | Counts) -> None:
        """Use up *counts* words (one number, or one a row) that the last ``peek`` showed."""
        self._next[rows] += counts

    def seed_rows(self, rows: int) -> None:
        """See to it that at least the first *rows* rows are seeded."""
        had = self.rows
        if rows <= had:
            return
        now = 1 << (rows - 1).bit_length()
        seeds = np.arange(had, now, dtype=np.uint64) + np.uint64(self._seed % 2**32)
        self._key = np.concatenate([self._key, _seeded(seeds.astype(np.uint32))])
        self._words = np.concatenate([self._words, np.empty((now - had, 2 * BLOCK), np.uint32)])
        self._next = np.concatenate([self._next, np.full(now - had, 2 * BLOCK)])
        self._start = np.arange(now, dtype=np.int64) * (2 * BLOCK)

    def generators(self, rows: int) -> tuple[Words, Words, Counts]:
        """The keys, finished words and next columns of at least *rows* rows, for machine code.

        It reads on as :meth:`take` and :meth:`peek` would.
        """
        if rows > len(self._next):
            self.seed_rows(rows)
        return self._key, self._words, self._next

    def take(self, total: int, chunk: int) -> Words:
        """The next *total* words: *chunk* from row 0, then *chunk* from row 1, and so on.

        The last row in use may give fewer. Returns a flat array.
        """
        if chunk == total and self.rows:
            begin = int(self._next[0])
            if begin + total <= 2 * BLOCK:  # short draws are common: no detours
                self._next[0] = begin + total
                return self._words[0, begin : begin + total].copy()
        full, rest = divmod(total, chunk)
        rows = slice(full + (rest > 0))
        self.seed_rows(rows.stop)
        if chunk <= BLOCK:
            out = self.peek(rows, chunk)
            self._use(full, rest, chunk)
            return out.reshape(-1)[:total]
        out = np.empty((rows.stop, chunk), np.uint32)
        for begin in range(0, chunk, BLOCK):
            count = min(BLOCK, chunk - begin)
            out[:, begin : begin + count] = self.peek(rows, count)
            self._use(full, min(max(rest - begin, 0), count), count)
        return out.reshape(-1)[:total]

    def _use(self, full: int, rest: int, count: int) -> None:
        self._next[:full] += count
        if rest:
            self._next[full] += rest

    def _refill(self, rows: Counts) -> None:
        """Move the listed rows on by one block."""
        self._next[rows] -= BLOCK
        for begin in range(0, len(rows), _ROWS_AT_ONCE):
            chosen = rows[begin : begin + _ROWS_AT_ONCE]
            first, last = int(chosen[0]), int(chosen[-1])
            side_by_side = last - first + 1 == len(chosen)  # then a slice, which needs no copy
            some = slice(first, last + 1) if side_by_side else chosen
            key = self._key[some]
            _twist(key)
            self._key[some] = key
            self._words[some, :BLOCK] = self._words[some, BLOCK:]
            self._words[some, BLOCK:] = _tempered(key)


def _seeded(seeds: Words) -> Words:
    """MT19937's state (rows, 624) for each seed, by Knuth's recurrence."""
    key = np.empty((len(seeds), BLOCK), np.uint32)
    if len(seeds) < _FEW:
        maker = np.random.RandomState(0)
        for row, seed in zip(key, seeds, strict=True):
            maker.seed(int(seed))
            row[:] = maker.get_state(legacy=False)["state"]["key"]
        return key
    state = seeds.copy()
    columns = np.empty((BLOCK, len(seeds)), np.uint32)
    columns[0] = state
    for i in range(1, BLOCK):
        state ^= state >> np.uint32(30)
        state *= np.uint32(1812433253)
        state += np.uint32(i)
        columns[i] = state
    key[:] = columns.T
    return key


def _twist(key: Words) -> None:
    """Advance states (rows, 624) by one block in place."""
    mixed = key[:, :-1] ^ key[:, 1:]
    mixed &= _LOWER
    mixed ^= key[:, :-1]  # upper bit of one word, lower bits of the next
    mixed >>= _ONE
    odd = key[:, 1:] & _ONE
    odd *= _MATRIX
    mixed ^= odd
    last = key[:, -1].copy()
    np.bitwise_xor(key[:, _SHIFT:], mixed[:, :_LAG], out=key[:, :_LAG])
    np.bitwise_xor(key[:, :_LAG], mixed[:, _LAG : 2 * _LAG], out=key[:, _LAG : 2 * _LAG])
    np.bitwise_xor(key[:, _LAG : _SHIFT - 1], mixed[:, 2 * _LAG :], out=key[:, 2 * _LAG : -1])
    first = key[:, 0]
    last ^= (last ^ first) & _LOWER
    key[:, -1] = key[:, _SHIFT - 1] ^ (last >> _ONE) ^ ((first & _ONE) * _MATRIX)


def _tempered(key: Words) -> Words:
    """The words that a state gives out."""
    word = key >> np.uint32(11)
    word ^= key
    part = word << np.uint32(7)
    part &= np.uint32(0x9D2C5680)
    word ^= part
    np.left_shift(word, np.uint32(15), out=part)
    part &= np.uint32(0xEFC60000)
    word ^= part
    np.right_shift(word, np.uint32(18), out=part)
    word ^= part
    return word


def unit32(words: Words) -> npt.NDArray[np.float32]:
    """Words as float32 in [0, 1), rounded to nearest as ``std::generate_canonical`` does."""
    out = np.multiply(words, np.float32(2.0**-32), dtype=np.float32)
    return np.minimum(out, np.float32(1 - 2.0**-24), out=out)


def unit64(words: Words) -> npt.NDArray[np.float64]:
    """Pairs of words along the last axis (low, high) as float64 in [0, 1)."""
    out = words[..., 1::2].astype(np.float64)
    out *= 2.0**32
    out += words[..., ::2]
    out *= 2.0**-64
    return np.minimum(out, 1 - 2.0**-53, out=out)
