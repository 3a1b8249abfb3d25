"""Samplers: the orders of MXNet 1.9.1."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.error import MXNetError
from workbench.gluon.contrib.data import IntervalSampler
from workbench.gluon.data import (
    BatchSampler,
    FilterSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
)


def test_sequential():
    assert list(SequentialSampler(3, start=4)) == [4, 5, 6]
    assert len(SequentialSampler(3, start=4)) == 3


def test_random_is_numpys_shuffle_and_new_each_time():
    np.random.seed(7)
    expected = np.arange(20)
    np.random.shuffle(expected)
    np.random.seed(7)
    sampler = RandomSampler(20)
    first, second = list(sampler), list(sampler)
    assert first == expected.tolist()
    assert sorted(second) == list(range(20))
    assert first != second
    assert len(sampler) == 20


@pytest.mark.parametrize(
    ("last_batch", "first", "second", "length"),
    [
        ("keep", [[0, 1, 2], [3, 4, 5], [6]], [[0, 1, 2], [3, 4, 5], [6]], 3),
        ("discard", [[0, 1, 2], [3, 4, 5]], [[0, 1, 2], [3, 4, 5]], 2),
        ("rollover", [[0, 1, 2], [3, 4, 5]], [[6, 0, 1], [2, 3, 4]], 3),
    ],
)
def test_batches(last_batch, first, second, length):
    sampler = BatchSampler(SequentialSampler(7), 3, last_batch)
    assert list(sampler) == first
    assert list(sampler) == second
    assert len(sampler) == length


def test_wrong_arguments_are_value_errors():
    with pytest.raises(ValueError, match="'discard'"):
        BatchSampler(SequentialSampler(7), 3, "drop")
    with pytest.raises(MXNetError, match="batch_size is 0"):
        BatchSampler(SequentialSampler(7), 0)
    with pytest.raises(ValueError, match="Interval 5"):
        IntervalSampler(4, 5)


def test_filter_looks_once():
    seen = []
    sampler = FilterSampler(lambda x: seen.append(x) or x % 2 == 0, range(7))
    assert list(sampler) == list(sampler) == [0, 2, 4, 6]
    assert len(sampler) == 4
    assert len(seen) == 7


def test_interval():
    assert list(IntervalSampler(10, 3)) == [0, 3, 6, 9, 1, 4, 7, 2, 5, 8]
    assert list(IntervalSampler(10, 3, rollover=False)) == [0, 3, 6, 9]
    assert len(IntervalSampler(10, 3)) == 10


def test_contrib_is_found_from_gluon():
    import workbench as mx

    assert mx.gluon.contrib.data.IntervalSampler is IntervalSampler
    assert not hasattr(mx.gluon.contrib.data, "text")


def test_the_base_class_says_what_is_missing():
    with pytest.raises(NotImplementedError, match="Sampler has no __iter__"):
        iter(Sampler())
    with pytest.raises(NotImplementedError, match="Sampler has no __len__"):
        len(Sampler())
