"""Copies that are prepared by shape: equal to the bodies, and never views."""

from __future__ import annotations

import numpy as np
import pytest

from .prepared import agree, is_prepared_for

pytestmark = pytest.mark.usefixtures("lanes")


def numbers(*shape, dtype="float32"):
    return np.random.default_rng(0).normal(size=shape).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_other_shapes_and_orders(dtype):
    data = numbers(2, 1, 6, dtype=dtype)
    agree("Reshape", data, shape=(-1, 3))
    agree("expand_dims", data, axis=1)
    agree("squeeze", data, axis=1)
    agree("Flatten", data)
    agree("reshape_like", data, numbers(3, 4))
    agree("transpose", data)
    agree("transpose", data, axes=(2, 0, 1))
    agree("SwapAxis", data, dim1=0, dim2=2)
    agree("slice_axis", data, axis=2, begin=1, end=-1)
    agree("broadcast_axis", data, axis=1, size=5)
    agree("broadcast_like", data, numbers(2, 4, 6))
    agree("reverse", data, axis=(2,))
    agree("reverse", data, axis=(0, 2))
    agree("SliceChannel", data, num_outputs=3, axis=2)
    agree("SliceChannel", data, num_outputs=2, axis=0, squeeze_axis=True)
    agree("Concat", data, data, dim=1)
    agree("stack", data, data, axis=1)


@pytest.mark.parametrize("width", [1, 7, 16, 33])
def test_rows_of_any_length_are_reversed(width):
    agree("reverse", numbers(3, width), axis=(1,))


@pytest.mark.parametrize("dim", [0, 1, 2])
def test_parts_of_several_sizes_are_joined(dim):
    parts = [numbers(*(n if i == dim else 3 for i in range(3))) for n in (1, 4, 2)]
    agree("Concat", *parts, dim=dim)
    agree("Concat", *[part.transpose(2, 1, 0) for part in parts], dim=2 - dim)


def test_more_arrays_than_a_call_takes():
    agree("Concat", *[numbers(2, 3)] * 9, dim=0)
    agree("SliceChannel", numbers(2, 9), num_outputs=9)


def test_a_sum_of_many():
    agree("add_n", *[numbers(4, 5)] * 3, limit=1e-6)
    assert not is_prepared_for("add_n", numbers(4, 5))


@pytest.mark.parametrize("across", [1, 2, 3])
@pytest.mark.parametrize("down", [1, 2, 5])
@pytest.mark.parametrize("width", [1, 4, 37])
def test_blocks_are_repeated_and_summed(down, across, width):
    data = numbers(2, 3, width)
    large = agree("_repeat_blocks", data, down=down, across=across)
    agree("_sum_blocks", large, down=down, across=across, limit=1e-6)
    agree("repeat", data, repeats=across, axis=2)
    agree("_sum_blocks", numbers(6), across=across, limit=1e-6)


def test_images_are_enlarged():
    agree("UpSampling", numbers(2, 3, 4, 5), scale=2, sample_type="nearest")
    assert not is_prepared_for("repeat", numbers(3, 4), repeats=2, axis=0)
    assert not is_prepared_for("repeat", numbers(3, 4), repeats=2)
