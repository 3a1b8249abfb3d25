"""Mistakes in graphs, blocks and files: a typed error with what, where and how; nothing is lost.

Where every kind of bad input is tried:

wrong shapes, dtypes, indices; arrays of two devices      tests/ndarray/test_bad_input.py, here
unknown operators                                         tests/ops/test_names.py
unknown keywords, names, missing arguments                here, tests/ndarray/test_bad_input.py
two variables of one name at bind                         here
two devices in one hybridized call                        here
corrupt or truncated .params                              tests/ndarray/test_serialize.py
corrupt or truncated JSON                                 tests/symbol/test_json.py, here
corrupt or truncated .rec                                 tests/test_recordio.py
a full disk while saving                                  here, tests/base/test_fileio.py
an exception in a DataLoader worker                       tests/gluon/data/test_dataloader.py
an exception or interrupt in a training cell              tests/notebook/test_magics.py
a closed browser tab                                      tests/browser
a killed kernel                                           tests/watch/test_runs.py
"""

from __future__ import annotations

import os

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, gluon, nd, sym
from workbench.error import (
    ContextError,
    DataFileError,
    DTypeError,
    GraphError,
    MXNetError,
    ParameterError,
    ShapeError,
    StorageError,
)

HERE = os.path.basename(__file__)


def dense():
    return sym.FullyConnected(sym.var("data"), num_hidden=4, name="fc")


def arrays(**other):
    named = {"data": nd.ones((2, 3)), "fc_weight": nd.ones((4, 3)), "fc_bias": nd.ones((4,))}
    return {**named, **other}


def bound(**other):
    return dense().bind(mx.cpu(), arrays(**other))


#: name, call, exception, what its text says
GRAPHS = [
    ("two variables of one name", lambda: (sym.var("a") * sym.var("a")).bind(mx.cpu(), {}),
     GraphError, "two different variables are called 'a'"),
    ("bind without an argument", lambda: dense().bind(mx.cpu(), {"data": nd.ones((2, 3))}),
     GraphError, "(?s)key `fc_weight` is missing in `args`.*given: data"),
    ("bind too few", lambda: dense().bind(mx.cpu(), [nd.ones((2, 3))]), GraphError,
     "(?s)Length of args.*1 given for data, fc_weight, fc_bias"),
    ("bind a number", lambda: bound(data=3), GraphError, "(?s)Only accept.*data in args is int"),
    ("bind a text", lambda: dense().bind(mx.cpu(), "abc"), TypeError, "Only accept"),
    ("bind nowhere", lambda: dense().bind({}, {}), TypeError, "bind needs a Context, got dict"),
    ("request", lambda: dense().bind(mx.cpu(), arrays(), grad_req="wirte"), ParameterError,
     "must be 'write', 'add' or 'null', got 'wirte'"),
    ("requests", lambda: dense().bind(mx.cpu(), arrays(), grad_req=["write"]), ParameterError,
     "1 requests for 3 arguments"),
    ("shapes", lambda: bound(fc_weight=nd.ones((4, 9))), ShapeError,
     r"(?s)Error in operator fc.*weight: expected \(4, 9\), got \(4, 3\)"),
    ("dtypes", lambda: bound(fc_weight=nd.ones((4, 3), dtype="float64")), DTypeError,
     "float32 and float64 meet"),
    ("devices", lambda: bound(data=nd.ones((2, 3), ctx=mx.loopback(0))), ContextError,
     r"data is on loopback\(0\), the executor on cpu\(0\)"),
    ("simple_bind without a shape", lambda: dense().simple_bind(mx.cpu()), GraphError,
     "(?s)cannot decide shapes.*data"),
    ("infer_shape of a wrong name", lambda: dense().infer_shape(dta=(2, 3)), MXNetError,
     "argument name dta not found"),
    ("forward of a wrong name", lambda: bound().forward(dta=nd.ones((2, 3))), TypeError,
     "(?s)Unknown argument dta.*data, fc_weight"),
    ("forward of a wrong shape", lambda: bound().forward(data=nd.ones((5, 3))), ShapeError,
     r"need: \(2, 3\), received: \(5, 3\)"),
    ("forward of a text", lambda: bound().forward(data="x"), ParameterError, "data is str"),
    ("copy_params_from", lambda: bound().copy_params_from({"fc_wieght": nd.ones((4, 3))}),
     GraphError, "fc_wieght"),
    ("keyword", lambda: sym.FullyConnected(sym.var("x"), num_hiden=3), ParameterError,
     "(?s)Cannot find argument 'num_hiden'.*num_hidden"),
    ("keyword of an operator without any", lambda: sym.exp(sym.var("x"), foo=1), ParameterError,
     "Cannot find argument 'foo'"),
    ("the same of arrays", lambda: nd.exp(nd.ones((2,)), foo=1), ParameterError,
     "Cannot find argument 'foo'"),
    ("an array in a graph", lambda: sym.exp(nd.ones((2,))), TypeError, "must be Symbol"),
    ("a graph as array", lambda: nd.exp(sym.var("x")), TypeError, "must be an NDArray, got Symbol"),
    ("kind of device", lambda: mx.Context("gpuu"), ContextError, "^unknown device type 'gpuu'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "error", "text"), [row[1:] for row in GRAPHS], ids=[row[0] for row in GRAPHS]
)
def test_graphs(call, error, text):
    with pytest.raises(error, match=text) as caught:
        call()
    assert isinstance(caught.value, MXNetError)
    assert "\n  fix: " in str(caught.value) or f"{HERE}:" in str(caught.value)
    assert bound().forward()[0].asnumpy().tolist() == [[4.0] * 4] * 2


def test_two_devices_in_one_hybridized_call():
    add = gluon.nn.HybridLambda(lambda F, x, y: x + y)
    add.hybridize()
    here, there = nd.ones((2,)), nd.ones((2,), ctx=mx.cpu(1))
    with pytest.raises(ContextError, match=r"two devices, .*cpu\(0\).*cpu\(1\)(?s:.*)fix: Move"):
        add(here, there)
    assert add(here, here).asnumpy().tolist() == [2, 2]


def test_a_parameter_that_is_not_on_the_device_of_the_input():
    net = gluon.nn.Dense(2, in_units=3)
    net.initialize(ctx=[mx.cpu(0), mx.cpu(1)])
    for hybridize in (False, True):
        net.hybridize(hybridize)
        with pytest.raises(MXNetError, match=r"not initialized on context cpu\(2\)(?s:.*)fix:"):
            net(nd.ones((1, 3), ctx=mx.cpu(2)))
        assert net(nd.ones((1, 3), ctx=mx.cpu(1))).shape == (1, 2)


@pytest.mark.parametrize("hybridize", [False, True])
def test_a_wrong_shape_does_not_spoil_the_block(hybridize):
    net = gluon.nn.Dense(2)
    net.initialize()
    net.hybridize(hybridize)
    before = net(nd.ones((1, 3))).asnumpy()
    with pytest.raises(ShapeError, match="Shape inconsistent"):
        net(nd.ones((1, 4)))
    np.testing.assert_array_equal(net(nd.ones((1, 3))).asnumpy(), before)


def test_a_truncated_graph_file(tmp_path):
    path = tmp_path / "net-symbol.json"
    path.write_text(dense().tojson()[:-30])
    with pytest.raises(DataFileError, match=r"no JSON(?s:.*)fix: Check that the file is whole"):
        sym.load(str(path))


def trained():
    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.Dense(2, in_units=3))
    net.initialize()
    net.hybridize()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"momentum": 0.9})
    with autograd.record():
        loss = net(nd.ones((2, 3))).sum()
    loss.backward()
    trainer.step(2)
    return net, trainer


WRITERS = {
    "nd.save": lambda net, trainer, path: nd.save(path, {"a": nd.ones((3,))}),
    "Symbol.save": lambda net, trainer, path: dense().save(path),
    "save_parameters": lambda net, trainer, path: net.save_parameters(path),
    "save_states": lambda net, trainer, path: trainer.save_states(path),
}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no /dev/full")
@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_full_disk(write):
    with pytest.raises(StorageError, match=r"No space left(?s:.*)fix: Free some space"):
        write(*trained(), "/dev/full")


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_disk_that_fails_at_the_end_leaves_the_old_file(write, tmp_path, monkeypatch):
    def full(fd):
        raise OSError(28, "No space left on device")

    path = tmp_path / "file"
    path.write_bytes(b"old")
    things = trained()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="No space left"):
            write(*things, str(path))
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]
    write(*things, str(path))
    assert path.stat().st_size > 3


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_folder_that_is_not_there(write, tmp_path):
    with pytest.raises(StorageError, match=r"No such file(?s:.*)fix: Check the path") as caught:
        write(*trained(), str(tmp_path / "none" / "file"))
    assert caught.value.filename == str(tmp_path / "none" / "file")


def test_export_into_a_folder_that_is_not_there(tmp_path):
    net, _ = trained()
    with pytest.raises(StorageError, match="No such file"):
        net.export(str(tmp_path / "none" / "net"))
    assert net(nd.ones((2, 3))).shape == (2, 2)
