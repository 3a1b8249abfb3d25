"""Which parts of an array share its memory, and what writing through them does."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import workbench as mx
from workbench import nd

VIEWS = {
    "x[1]": lambda x: x[1],
    "x[-1]": lambda x: x[-1],
    "x[0, 1]": lambda x: x[0, 1],
    "x[0, 1, 2]": lambda x: x[0, 1, 2],
    "x[0:1]": lambda x: x[0:1],
    "x[1:]": lambda x: x[1:],
    "x[:]": lambda x: x[:],
    "x[...]": lambda x: x[...],
    "x[1, 0:2]": lambda x: x[1, 0:2],
    "x.reshape": lambda x: x.reshape((6, 4)),
    "x.reshape(-1)": lambda x: x.reshape((-1,)),
    "x.reshape_like": lambda x: x.reshape_like(nd.ones((4, 6), ctx=x.context)),
    "x.detach": lambda x: x.detach(),
    "view of a view": lambda x: x[1].reshape((-1,))[3:5],
    "x[1][0]": lambda x: x[1][0],
    "flatten(inplace=True)": lambda x: x.flatten(inplace=True),
    "expand_dims(inplace=True)": lambda x: x.expand_dims(-1, inplace=True),
    "squeeze(inplace=True)": lambda x: x.reshape((2, 1, 3, 4)).squeeze(1, inplace=True),
    "x.as_in_context": lambda x: x.as_in_context(x.context),
    "astype(copy=False)": lambda x: x.astype("float32", copy=False),
}
COPIES = {
    "x[:, 1]": lambda x: x[:, 1],
    "x[::2]": lambda x: x[::2],
    "x[::-1]": lambda x: x[::-1],
    "x[[0, 1]]": lambda x: x[[0, 1]],
    "x[nd]": lambda x: x[nd.array([0, 1], ctx=x.context)],
    "x[..., 0]": lambda x: x[..., 0],
    "x[:, 0:2]": lambda x: x[:, 0:2],
    "T": lambda x: x.T,
    "transpose": lambda x: x.transpose((1, 0, 2)),
    "flatten": lambda x: x.flatten(),
    "expand_dims": lambda x: x.expand_dims(0),
    "squeeze": lambda x: x.reshape((1, 2, 3, 4)).squeeze(),
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "broadcast_to": lambda x: x.broadcast_to((2, 3, 4)),
    "astype": lambda x: x.astype("float32"),
    "copy": lambda x: x.copy(),
    "copy.copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda x: pickle.loads(pickle.dumps(x)),
    "copyto": lambda x: x.copyto(x.context),
    "nd.array": nd.array,
    "nd.reshape": lambda x: nd.reshape(x, shape=(6, 4)),
    "abs": nd.abs,
    "x + 0": lambda x: x + 0,
    "moveaxis": lambda x: nd.moveaxis(x, 0, 2),
}


@pytest.mark.parametrize("take", VIEWS.values(), ids=VIEWS)
def test_views_write_through(x, take):
    view = take(x)
    expected = view.asnumpy()
    view[:] = -view - 1
    assert not np.array_equal(x.asnumpy(), np.arange(24).reshape(2, 3, 4))
    np.testing.assert_array_equal(take(x).asnumpy(), -expected - 1)


@pytest.mark.parametrize("take", VIEWS.values(), ids=VIEWS)
def test_writes_into_the_array_are_seen_in_its_views(x, take):
    view = take(x)
    before = view.asnumpy()
    x += 100
    np.testing.assert_array_equal(view.asnumpy(), before + 100)


@pytest.mark.parametrize("take", COPIES.values(), ids=COPIES)
def test_copies_share_nothing(x, take):
    made = take(x)
    made[:] = -1
    np.testing.assert_array_equal(x.asnumpy(), np.arange(24).reshape(2, 3, 4))


@pytest.mark.parametrize("take", COPIES.values(), ids=COPIES)
def test_copies_stay_on_the_device(x, device, take):
    made = take(x)
    assert made.context is device
    assert made.dtype is np.float32


def test_asnumpy_is_a_fresh_writable_copy(x):
    values = x.asnumpy()
    values[:] = -1
    assert x.asnumpy()[0, 0, 1] == 1
    assert values.flags.c_contiguous


def test_overlapping_views_are_assigned_as_if_copied_first(x):
    flat = x.reshape((-1,))
    flat[1:] = flat[:-1]
    assert flat.asnumpy().tolist() == [0, *range(23)]


def test_a_view_outlives_its_array(device):
    view = nd.arange(6, ctx=device).reshape((2, 3))[1]
    assert view.asnumpy().tolist() == [3, 4, 5]


def test_views_of_copies_on_another_device_are_apart(x):
    away = x.copyto(mx.cpu(2))
    away[0][:] = 0
    assert x[0].asnumpy().tolist() != away[0].asnumpy().tolist()
    assert away.context == mx.cpu(2)


def test_copyto_into_a_part_of_an_array(x, device):
    target = nd.zeros((4, 3, 4), ctx=device)
    x.copyto(target[1:3])
    np.testing.assert_array_equal(target.asnumpy()[1:3], x.asnumpy())
    assert target.asnumpy()[[0, 3]].sum() == 0


def test_a_recorded_view_carries_the_gradient(x):
    x.attach_grad()
    with mx.autograd.record():
        y = (x[1].reshape((4, 3))[1:3] * 2).sum()
    y.backward()
    expected = np.zeros(24)
    expected[15:21] = 2
    np.testing.assert_array_equal(x.grad.asnumpy().reshape(-1), expected)


def test_axes_in_place_have_the_shape_of_a_copy(x):
    assert x.flatten(inplace=True).shape == x.flatten().shape == (2, 12)
    assert nd.ones(3).flatten(inplace=True).shape == (3, 1)
    for axis in range(-4, 4):
        made = x.expand_dims(axis, inplace=True)
        assert made.shape == x.expand_dims(axis).shape
        assert made.squeeze(axis, inplace=True).shape == x.shape
    assert nd.ones((1, 1)).squeeze(inplace=True).shape == (1,)
    with pytest.raises(ValueError, match="out of range for 3d array"):
        x.expand_dims(5, inplace=True)
    with pytest.raises(ValueError, match="squeeze"):
        x.squeeze(0, inplace=True)
    x.attach_grad()
    with mx.autograd.record():
        y = x.expand_dims(0, inplace=True) * 2
    y.backward()
    assert (x.grad.asnumpy() == 2).all()
