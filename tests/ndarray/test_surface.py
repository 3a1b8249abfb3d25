"""The front ends have every public name of MXNet 1.9.1, with its arguments in its order.

``mxnet_names.json`` lists what ``dir()`` shows in MXNet 1.9.1: for each function the arguments that
can be given by position, for each class its own members.
"""

from __future__ import annotations

import inspect
import json
import runpy
from pathlib import Path

import pytest

import workbench as mx

LISTING = json.loads(Path(__file__).with_name("mxnet_names.json").read_text())

TABLES = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "left_out.py"))

#: left out on purpose; beside those the plumbing of the C library
LEFT_OUT = {"check_call", "c_array_buf", *TABLES["names"]()}
#: other arguments than MXNet's: Pooling_v1 is Pooling here, and the states of two old layers,
#: which MXNet's functions cannot be given, stand among their inputs
OTHER_ARGUMENTS = {"BatchNorm_v1", "IdentityAttachKLSparseReg", "Pooling_v1"}


def space(path):
    root = mx
    for part in path.split("."):
        root = getattr(root, part)
    return root


@pytest.mark.parametrize("path", LISTING["functions"])
def test_every_public_name_is_there(path):
    missing = {name for name in LISTING["functions"][path] if not hasattr(space(path), name)}
    assert sorted(missing - LEFT_OUT) == []


@pytest.mark.parametrize("path", LISTING["functions"])
def test_dir_shows_them(path):
    names = {name for name in LISTING["functions"][path] if hasattr(space(path), name)}
    assert sorted(names - set(dir(space(path)))) == []


def leading(function):
    """The arguments that can be given by position."""
    names = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            break
        names.append(name)
    return names


@pytest.mark.parametrize("path", LISTING["functions"])
def test_arguments_stand_in_mxnets_order(path):
    wrong = {}
    for name, arguments in LISTING["functions"][path].items():
        function = getattr(space(path), name, None)
        if function is None or not arguments or name in OTHER_ARGUMENTS:
            continue
        theirs, ours = arguments.split(), leading(function)
        if ours[: len(theirs)] != theirs:
            wrong[name] = (theirs, ours)
    assert wrong == {}


INSTANCES = {
    "nd.NDArray": lambda: mx.nd.ones((2, 2)),
    "nd.sparse.BaseSparseNDArray": lambda: mx.nd.sparse.zeros("csr", (2, 2)),
    "nd.sparse.CSRNDArray": lambda: mx.nd.sparse.zeros("csr", (2, 2)),
    "nd.sparse.RowSparseNDArray": lambda: mx.nd.sparse.zeros("row_sparse", (2, 2)),
    "sym.Symbol": lambda: mx.sym.var("x"),
}


@pytest.mark.parametrize("path", LISTING["classes"])
def test_every_member_of_a_class_is_there(path):
    one = INSTANCES[path]()
    python_2 = {"__div__", "__idiv__", "__nonzero__", "__rdiv__"} if path == "sym.Symbol" else set()
    missing = {name for name in LISTING["classes"][path].split() if not hasattr(one, name)}
    assert sorted(missing - python_2) == []


def test_what_is_left_out_is_not_there():
    every = {name for names in LISTING["functions"].values() for name in names}
    for name in LEFT_OUT & every:
        assert not any(hasattr(space(path), name) for path in LISTING["functions"])
