"""Wrong calls of arrays: a typed error with what, where and how; and nothing is changed by them."""

from __future__ import annotations

import errno
import os

import numpy as np
import pytest

import workbench as mx
from workbench import nd
from workbench.error import (
    ContextError,
    DataFileError,
    DTypeError,
    MXNetError,
    OperatorError,
    OutOfMemory,
    ParameterError,
    ShapeError,
    StorageError,
    UnknownOperator,
)

HERE = os.path.basename(__file__)
FAR = mx.Context("loopback", 0)


class Arrays:
    """What the wrong calls are tried on, and what it held before."""

    def __init__(self):
        self.x = nd.array([[1, 2, 3], [4, 5, 6]])
        self.y = nd.ones((4, 5))
        self.i = nd.array([[1, 2, 3], [4, 5, 6]], dtype="int32")
        self.far = nd.ones((2, 3), ctx=FAR)
        self.before = {name: array.asnumpy() for name, array in self.all().items()}

    def all(self):
        return {name: v for name, v in vars(self).items() if isinstance(v, nd.NDArray)}

    def check_untouched(self):
        for name, array in self.all().items():
            np.testing.assert_array_equal(array.asnumpy(), self.before[name])
        assert (self.x + 1).asnumpy().tolist() == [[2, 3, 4], [5, 6, 7]]
        assert (self.far + 1).asnumpy().tolist() == [[2, 2, 2], [2, 2, 2]]


def assign(array, key, value):
    array[key] = value


def in_place(name, left, right):
    getattr(left, name)(right)


def rows(cases):
    return {"argvalues": [case[1:] for case in cases], "ids": [case[0] for case in cases]}


#: name, call, exception, what its text says
CASES = [
    # shapes
    ("add", lambda a: a.x + a.y, ShapeError, r"Shape inconsistent.*\(2, 3\).*\(4, 5\)"),
    ("add in place", lambda a: in_place("__iadd__", a.x, nd.ones((4, 2, 3))), ShapeError,
     r"\(2, 3\) cannot hold"),
    ("dot", lambda a: nd.dot(a.x, a.y), ShapeError, r"dot: Shape inconsistent"),
    ("dense", lambda a: nd.FullyConnected(a.x, a.y, num_hidden=4, no_bias=True), ShapeError,
     r"FullyConnected: Shape inconsistent.*weight"),
    ("concat", lambda a: nd.concat(a.x, a.y, dim=0), ShapeError, "Concat: Shape inconsistent"),
    ("axis", lambda a: nd.sum(a.x, axis=5), ShapeError, "axis 5 is out of range"),
    ("order of axes", lambda a: a.x.transpose((0, 0)), ShapeError, "no order of 2 axes"),
    ("reshape", lambda a: a.x.reshape((4,)), ShapeError, r"cannot reshape \(2, 3\)"),
    ("reshape twice -1", lambda a: a.x.reshape((-1, -1)), ShapeError, "more than one -1"),
    ("reshape text", lambda a: a.x.reshape("ab"), ShapeError, "made of ints"),
    ("empty slice", lambda a: nd.slice_axis(a.x, axis=0, begin=3, end=9), ShapeError, "nothing"),
    ("out", lambda a: nd.exp(a.x, out=a.y), ShapeError, r"out: Shape inconsistent.*\(2, 3\)"),
    ("copyto", lambda a: a.x.copyto(a.y), ShapeError, "copyto: Shape inconsistent"),
    ("assign", lambda a: assign(a.x, slice(None), nd.ones((4,))), ShapeError, "broadcast"),
    # sizes
    ("negative size", lambda a: nd.zeros((-1, 2)), ShapeError, r"shape \(-1, 2\)"),
    ("size 0", lambda a: nd.ones((0, 3)), ShapeError, r"shape \(0, 3\)"),
    ("no size", lambda a: nd.zeros(()), ShapeError, r"shape \(\)"),
    ("fractional size", lambda a: nd.ones((2.5,)), ShapeError, "tuple of ints"),
    ("text as shape", lambda a: nd.ones("ab"), ShapeError, "tuple of ints"),
    ("None as shape", lambda a: nd.zeros(None), ShapeError, "tuple of ints"),
    ("huge zeros", lambda a: nd.zeros((10**7, 10**7)), OutOfMemory, "does not fit on cpu"),
    ("uncountable", lambda a: nd.ones((10**9, 10**9, 10**9)), OutOfMemory, "does not fit"),
    ("huge full", lambda a: nd.full((10**7, 10**7), 3), MemoryError, "does not fit"),
    ("huge tile", lambda a: nd.tile(a.x, reps=(10**9, 10**6)), OutOfMemory, "tile"),
    ("huge product", lambda a: nd.ones((10**7, 1)) * nd.ones((1, 10**7)), OutOfMemory, "mul"),
    ("huge draw", lambda a: nd.random.uniform(shape=(10**7, 10**7)), OutOfMemory, "uniform"),
    # dtypes and values
    ("two dtypes", lambda a: a.x + a.i, DTypeError, "different dtypes, float32 and int32"),
    ("two dtypes in place", lambda a: in_place("__iadd__", a.x, a.i), DTypeError, "dtypes"),
    ("two dtypes compared", lambda a: a.x == a.i, DTypeError, "dtypes"),
    ("out dtype", lambda a: nd.exp(a.x, out=a.i), ShapeError, "int32"),
    ("unknown dtype", lambda a: nd.ones((2,), dtype="foo"), DTypeError, "unknown dtype 'foo'"),
    ("astype", lambda a: a.x.astype("foo"), DTypeError, "unknown dtype 'foo'"),
    ("ragged", lambda a: nd.array([[1, 2], [3]]), ShapeError, "ragged"),
    ("text", lambda a: nd.array("abc"), DTypeError, "got str"),
    ("objects", lambda a: nd.array([1, None]), DTypeError, "dtype object"),
    ("complex", lambda a: nd.array(np.array([1j])), DTypeError, "complex128"),
    ("fill with text", lambda a: nd.full((2,), "a"), DTypeError, "cannot fill"),
    ("huge number", lambda a: a.x + 10**400, OperatorError, "too large"),
    ("division by zero", lambda a: a.i / nd.zeros((2, 3), dtype="int32"), OperatorError,
     "integer division by zero"),
    ("division by 0", lambda a: a.i / 0, OperatorError, "integer division by zero"),
    ("division in place", lambda a: in_place("__itruediv__", a.i, 0), OperatorError, "by zero"),
    # names and parameters
    ("operator", lambda a: nd.sofmax, UnknownOperator, "(?s)'sofmax'.*softmax"),
    ("operator as attribute", lambda a: nd.nosuch, AttributeError, "nosuch"),
    ("keyword", lambda a: nd.sum(a.x, axs=1), ParameterError, "Cannot find argument 'axs'"),
    ("value", lambda a: nd.sum(a.x, axis="a"), ParameterError, "Invalid Parameter format"),
    ("choice", lambda a: nd.Activation(a.x, act_type="foo"), ParameterError, "'relu'"),
    ("missing parameter", lambda a: nd.FullyConnected(a.x), ParameterError, "num_hidden"),
    ("missing input", lambda a: nd.dot(a.x), ParameterError, "input rhs is missing"),
    ("no inputs", lambda a: nd.concat(), ParameterError, "num_args"),
    ("list as input", lambda a: nd.exp([1, 2]), AssertionError, "must be an NDArray, got list"),
    ("NumPy as input", lambda a: nd.dot(a.x, np.ones((3, 2))), TypeError, "got ndarray"),
    ("number as out", lambda a: nd.exp(a.x, out=3), TypeError, "out must be 1 NDArray"),
    ("two outs", lambda a: nd.exp(a.x, out=[a.x, a.x]), TypeError, "out must be 1 NDArray"),
    # devices
    ("two devices", lambda a: a.x + a.far, ContextError, r"cpu\(0\) and loopback\(0\)"),
    ("two devices in dot", lambda a: nd.dot(a.x, a.far, transpose_b=True), ContextError, "dot"),
    ("two devices in place", lambda a: in_place("__iadd__", a.x, a.far), ContextError, "cpu"),
    ("two devices in concat", lambda a: nd.concat(a.x, a.far, dim=0), ContextError, "Concat"),
    ("no such device", lambda a: nd.ones((2,), ctx=mx.Context("loopback", 99)), ContextError,
     "does not exist"),
    # indices
    ("number out of range", lambda a: a.x[2], IndexError, "index 2 is out of bounds for axis 0"),
    ("too many", lambda a: a.x[0, 0, 0], IndexError, "too many indices"),
    ("list out of range", lambda a: a.x[[0, 5]], IndexError, "index 5 is out of bounds"),
    ("nan", lambda a: a.x[float("nan")], IndexError, "cannot be indexed by nan"),
    ("array of nan", lambda a: a.x[nd.array([float("nan")])], ValueError, "nan or infinity"),
    ("float", lambda a: a.x[1.0], ValueError, "cannot be indexed by 1.0"),
    ("string", lambda a: a.x["a"], ValueError, "cannot be indexed by 'a'"),
    ("assign out of range", lambda a: assign(a.x, 7, 1), IndexError, "index 7"),
    ("assign list out of range", lambda a: assign(a.x, [0, 7], 1), IndexError, "index 7"),
    ("assign at nan", lambda a: assign(a.x, nd.array([float("nan")]), 1), IndexError, "nan"),
    ("assign ragged", lambda a: assign(a.x, 0, [[1], [1, 2]]), ShapeError, "ragged"),
    ("assign text", lambda a: assign(a.x, 0, "a"), TypeError, "cannot assign a str"),
    ("take", lambda a: nd.take(a.x, nd.array([7]), mode="raise").asnumpy(), OperatorError,
     "0 .. 1"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), **rows(CASES))
def test_says_what_where_and_how_and_changes_nothing(call, error, text):
    arrays = Arrays()
    with pytest.raises(error, match=text) as caught:
        call(arrays)
    assert f"{HERE}:" in str(caught.value), "the user's line"
    assert isinstance(caught.value, (MXNetError, TypeError))
    arrays.check_untouched()


#: errors of Python's own types, as in MXNet
PLAIN = [
    ("truth", lambda a: bool(a.x), ValueError, "ambiguous"),
    ("float", lambda a: float(a.x), TypeError, "one element"),
    ("int", lambda a: int(a.x), TypeError, "one element"),
    ("index", lambda a: range(3)[a.x], TypeError, "index"),
    ("asscalar", lambda a: a.x.asscalar(), ValueError, "not a scalar"),
    ("add text", lambda a: a.x + "a", TypeError, "unsupported operand"),
    ("add None", lambda a: None + a.x, TypeError, "unsupported operand"),
    ("copyto text", lambda a: a.x.copyto("cpu"), TypeError, "copyto"),
    ("method", lambda a: a.x.sofmax(), AttributeError, "sofmax"),
    ("device", lambda a: nd.ones((2,), ctx="tpu(0)"), KeyError, "tpu"),
    ("grad_req", lambda a: a.x.attach_grad("foo"), ValueError, "grad_req"),
    ("storage", lambda a: a.x.tostype("foo"), ValueError, "storage type 'foo'"),
    ("reshape keyword", lambda a: a.x.reshape(shape=(6,), foo=1), TypeError, "foo"),
    ("reshape nothing", lambda a: a.x.reshape(), ValueError, "Shape must be provided"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), **rows(PLAIN))
def test_python_errors(call, error, text):
    arrays = Arrays()
    with pytest.raises(error, match=text):
        call(arrays)
    arrays.check_untouched()


def test_writing_into_the_recorded_graph_is_refused():
    x = nd.ones((2,))
    x.attach_grad()
    with mx.autograd.record():
        y = x * 2
        for write in (
            lambda: in_place("__iadd__", y, 1),
            lambda: assign(y, slice(None), 1),
            lambda: nd.exp(x, out=y),
        ):
            with pytest.raises(MXNetError, match="Inplace"):
                write()
    y.backward()
    assert x.grad.asnumpy().tolist() == [2, 2]


def test_a_failed_operator_on_a_queue_is_raised_where_somebody_waits():
    ctx = mx.cpu(1)
    x = nd.ones((2,), ctx=ctx)
    bad = nd.take(x, nd.array([7], ctx=ctx), mode="raise")
    with pytest.raises(MXNetError, match="out of range"):
        bad.asnumpy()
    bad.asnumpy()  # delivered once
    assert (x + 1).asnumpy().tolist() == [2, 2]


def test_a_corrupt_file_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "w.params"
    nd.save(path, {"w": nd.ones((3,))})
    whole = path.read_bytes()
    for broken in (whole[:-5], b"\0" * 8 + whole[8:], whole[:40] + b"\xff" * 8 + whole[48:]):
        path.write_bytes(broken)
        with pytest.raises(DataFileError, match=r"w\.params"):
            nd.load(path)
        assert path.read_bytes() == broken
    with pytest.raises(StorageError, match=r"none\.params"):
        nd.load(tmp_path / "none.params")


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "w.params"
    nd.save(path, [nd.ones((3,))])
    before = path.read_bytes()

    def full(file, parts):
        file.write(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("workbench.ndarray.container._write_all", full)
    with pytest.raises(StorageError, match=r"(?s)w\.params.*Free some space"):
        nd.save(path, [nd.zeros((3,))])
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["w.params"]
