"""The bank against NumPy's own MT19937, whose legacy seeding is MT19937's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench.backend.mersenne import BLOCK, Bank, unit32, unit64


class Reference:
    """The same words, each generator one RandomState."""

    def __init__(self, seed):
        self._seed, self._made = seed, {}

    def take(self, total, chunk):
        parts = []
        for row, begin in enumerate(range(0, total, chunk)):
            if row not in self._made:
                self._made[row] = np.random.RandomState((self._seed + row) % 2**32)
            size = min(chunk, total - begin)
            parts.append(self._made[row].randint(0, 2**32, size=size, dtype=np.uint32))
        return np.concatenate(parts)


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    draws=st.lists(st.tuples(st.integers(1, 60), st.integers(1, 1500)), min_size=1, max_size=6),
    data=st.data(),
)
def test_any_sequence_of_draws_gives_the_generators_words(seed, draws, data):
    bank, reference = Bank(seed), Reference(seed)
    for rows, chunk in draws:
        total = rows * chunk - data.draw(st.integers(0, chunk - 1))
        np.testing.assert_array_equal(bank.take(total, chunk), reference.take(total, chunk))


def test_many_rows_are_seeded_like_few():
    together = Bank(2**32 - 500)
    together.seed_rows(1024)
    one_by_one = Bank(2**32 - 500)
    for rows in (1, 2, 4, 8, 16, 32):
        one_by_one.seed_rows(rows)
    np.testing.assert_array_equal(together.take(32 * 5, 5), one_by_one.take(32 * 5, 5))


def test_only_the_rows_that_a_draw_needs_are_seeded():
    bank = Bank(0)
    bank.take(8, 8)
    assert bank.rows == 1
    bank.take(130, 44)
    assert bank.rows == 4


def test_peek_uses_nothing_up():
    bank = Bank(9)
    bank.seed_rows(4)
    rows = np.array([1, 3])
    seen = bank.peek(rows, BLOCK)
    np.testing.assert_array_equal(bank.peek(rows, BLOCK), seen)
    bank.advance(rows, np.array([10, 20]))
    np.testing.assert_array_equal(bank.peek(rows, 5), [seen[0, 10:15], seen[1, 20:25]])


@pytest.mark.parametrize("unit", [unit32, unit64])
def test_the_largest_words_stay_below_one(unit):
    drawn = unit(np.full(2, 2**32 - 1, np.uint32))
    assert drawn[0] < 1
    assert drawn[0] == np.nextafter(drawn.dtype.type(1), drawn.dtype.type(0))
    assert unit(np.zeros(2, np.uint32))[0] == 0
