"""Every method of MXNet's NDArray is here, and fluent ones give what the functions give."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import nd
from workbench.error import NotYetInWorkbench

PUBLIC = """
    T abs arccos arccosh arcsin arcsinh arctan arctanh argmax argmax_channel argmin argsort
    as_in_context as_nd_ndarray as_np_ndarray asnumpy asscalar astype attach_grad backward
    broadcast_axes broadcast_like broadcast_to cbrt ceil clip context copy copyto cos cosh ctx
    degrees depth_to_space detach diag dtype exp expand_dims expm1 fix flatten flip floor grad
    log log10 log1p log2 log_softmax max mean min nanprod nansum ndim norm one_hot ones_like
    pad pick prod radians rcbrt reciprocal relu repeat reshape reshape_like rint round rsqrt
    shape shape_array sigmoid sign sin sinh size size_array slice slice_assign
    slice_assign_scalar slice_axis slice_like softmax softmin sort space_to_depth split
    split_v2 sqrt square squeeze stype sum swapaxes take tan tanh tile to_dlpack_for_read
    to_dlpack_for_write topk tostype transpose trunc wait_to_read zeros_like
"""
SPECIAL = """
    __abs__ __add__ __bool__ __div__ __eq__ __ge__ __getitem__ __getstate__ __gt__ __hash__
    __iadd__ __idiv__ __imod__ __imul__ __isub__ __itruediv__ __le__ __len__ __lt__ __mod__
    __mul__ __ne__ __neg__ __nonzero__ __pow__ __radd__ __rdiv__ __reduce__ __repr__ __rmod__
    __rmul__ __rpow__ __rsub__ __rtruediv__ __setitem__ __setstate__ __sub__ __truediv__
"""
#: those that cannot be called with nothing more than an array: what to give them
ARGUMENTS = {
    "broadcast_axes": {"axis": 0, "size": 3},
    "broadcast_like": {"rhs": nd.ones((5, 4))},
    "clip": {"a_min": 1.2, "a_max": 1.6},
    "expand_dims": {"axis": 1},
    "flip": {"axis": 1},
    "one_hot": {"depth": 3},
    "pick": {"index": nd.array([1])},
    "repeat": {"repeats": 2},
    "slice": {"begin": (0, 1), "end": (1, 3)},
    "slice_axis": {"axis": 1, "begin": 1, "end": 3},
    "slice_like": {"shape_like": nd.ones((1, 2))},
    "split": {"num_outputs": 2},
    "split_v2": {"indices_or_sections": (1, 3), "axis": 1},
    "swapaxes": {"dim1": 0, "dim2": 1},
    "take": {"indices": nd.array([0])},
    "tile": {"reps": (2, 2)},
    "topk": {"k": 2},
}
#: tested on an array of four axes
OF_FOUR_AXES = ("depth_to_space", "pad", "space_to_depth")
#: made for NDArray alone
OWN = """
    T as_in_context as_nd_ndarray as_np_ndarray asnumpy asscalar astype attach_grad backward
    broadcast_to context copy copyto ctx detach dtype grad handle ndim reshape reshape_like
    shape size slice_assign slice_assign_scalar stype to_dlpack_for_read to_dlpack_for_write
    tostype wait_to_read wait_to_write zero_grad
"""


@pytest.mark.parametrize("name", PUBLIC.split())
def test_is_there(name):
    assert hasattr(nd.NDArray, name)
    hasattr(nd.ones((2,)), name)
    method = getattr(nd.NDArray, name)
    assert method.__doc__


@pytest.mark.parametrize("name", SPECIAL.split())
def test_special_methods_are_there(name):
    assert hasattr(nd.NDArray, name)


@pytest.mark.parametrize("name", sorted(set(PUBLIC.split()) - set(OWN.split()) - set(OF_FOUR_AXES)))
def test_gives_what_the_function_gives(name):
    given = ARGUMENTS.get(name, {})
    x = nd.array([[0.25, 0.5, 0.75, 0.375]]) + (1 if name == "arccosh" else 0)
    got, expected = getattr(x, name)(**given), getattr(nd, name)(x, **given)
    for one, other in zip(as_list(got), as_list(expected), strict=True):
        np.testing.assert_array_equal(one.asnumpy(), other.asnumpy())


def as_list(value):
    return value if isinstance(value, list) else [value]


def test_those_of_four_axes():
    x = nd.arange(16).reshape((1, 4, 2, 2))
    assert x.depth_to_space(block_size=2).shape == (1, 1, 4, 4)
    assert x.space_to_depth(block_size=2).shape == (1, 16, 1, 1)
    assert x.pad(mode="edge", pad_width=(0, 0, 0, 0, 1, 1, 0, 0)).shape == (1, 4, 4, 2)


def test_positions_and_out():
    x = nd.array([[3, 1, 2]])
    assert x.sum(1).asnumpy().tolist() == [6]
    assert x.clip(1, 2).asnumpy().tolist() == [[2, 1, 2]]
    assert x.transpose().shape == (3, 1)
    assert x.swapaxes(0, 1).shape == (3, 1)
    out = nd.zeros((1, 3))
    assert x.exp(out=out) is out


def test_methods_are_recorded():
    x = nd.array([1, 2])
    x.attach_grad()
    with mx.autograd.record():
        y = x.square().sum()
    y.backward()
    assert x.grad.asnumpy().tolist() == [2, 4]


def test_a_method_that_is_not_built_says_so(monkeypatch):
    from workbench.ndarray import methods

    monkeypatch.setattr(nd.NDArray, "nosuch", methods.fluent_or_refuse("nosuch"), raising=False)
    assert not hasattr(nd.ones((1,)), "nosuch")
    with pytest.raises(NotYetInWorkbench, match=r"docs/compat\.md"):
        nd.ones((1,)).nosuch()


def test_names_can_be_listed():
    assert {"exp", "FullyConnected", "zeros", "random", "maximum"} <= set(dir(nd))
    assert {"exp", "asnumpy", "__add__"} <= set(dir(nd.ones((1,))))


def test_split_v2():
    x = nd.arange(12).reshape((3, 4))
    shapes = lambda *args: [part.shape for part in x.split_v2(*args)]  # noqa: E731
    assert shapes((1, 2)) == shapes(3) == [(1, 4)] * 3
    assert shapes(3, 0, True) == [(4,)] * 3
    assert shapes((1,), 1) == [(3, 1), (3, 3)]
    with pytest.raises(ValueError, match="equal division"):
        x.split_v2(2)
    with pytest.raises(ValueError, match="an int or a tuple"):
        x.split_v2("a")


def test_slice_assign_writes_into_the_array():
    x = nd.ones((3, 4))
    assert x.slice_assign(nd.zeros((1, 2)), (0, 0), (1, 2), (1, 1)) is x
    assert x.slice_assign_scalar(5, (2, 0), (3, 4), (None, 2)) is x
    assert x.asnumpy().tolist() == [[0, 0, 1, 1], [1, 1, 1, 1], [5, 1, 5, 1]]
