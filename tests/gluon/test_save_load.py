"""Parameter files: names, failures with a table, nothing half loaded."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import gluon, nd
from workbench.error import DataFileError, MXNetError, StorageError
from workbench.gluon import nn


def network(units=4, **options):
    net = nn.HybridSequential(**options)
    with net.name_scope():
        net.add(nn.Dense(units, in_units=3), nn.Dense(2, in_units=units))
    return net


@pytest.fixture
def saved(tmp_path):
    net = network(prefix="a_")
    net.initialize(mx.init.Uniform(1))
    name = str(tmp_path / "net.params")
    net.save_parameters(name)
    return net, name


def values(net):
    return [p.data().asnumpy() for p in net.collect_params().values()]


def test_structural_names(saved):
    _, name = saved
    assert list(nd.load(name)) == ["0.weight", "0.bias", "1.weight", "1.bias"]


@pytest.mark.parametrize("state", ["new", "initialized", "deferred"])
def test_into_networks_in_every_state(saved, state):
    net, name = saved
    other = network() if state != "deferred" else nn.HybridSequential()
    if state == "deferred":
        other.add(nn.Dense(4), nn.Dense(2))
    if state != "new":
        other.initialize(ctx=mx.cpu(0))
    other.load_parameters(name)
    for one, two in zip(values(net), values(other), strict=True):
        assert np.array_equal(one, two)


def test_onto_two_devices(saved):
    net, name = saved
    other = network()
    other.load_parameters(name, ctx=[mx.cpu(0), mx.cpu(1)])
    assert other[0].weight.list_ctx() == [mx.cpu(0), mx.cpu(1)]
    assert np.array_equal(other[0].weight.data(mx.cpu(1)).asnumpy(), values(net)[0])


def test_full_names_are_understood(saved, tmp_path):
    net, _ = saved
    name = str(tmp_path / "full.params")
    net.collect_params().save(name)
    assert next(iter(nd.load(name))) == "a_dense0_weight"
    same = network(prefix="a_")
    same.load_parameters(name)
    assert np.array_equal(values(same)[2], values(net)[2])


def test_the_table_of_what_is_missing_and_what_is_there(saved, tmp_path):
    _, name = saved
    arrays = nd.load(name)
    arrays["0.wieght"] = arrays.pop("0.weight")
    arrays["odd"] = nd.ones((7,))
    wrong = str(tmp_path / "wrong.params")
    nd.save(wrong, arrays)
    other = network()
    other.initialize(init="ones")
    with pytest.raises(AssertionError) as caught:
        other.load_parameters(wrong)
    lines = str(caught.value).splitlines()
    assert "'0.weight' is missing" in lines[0]
    assert "'0.wieght'" in lines[0]
    assert lines[1].split() == ["expected", "shape", "found", "shape", "note"]
    assert lines[2].split() == ["0.weight", "(4,", "3)", "0.wieght", "(4,", "3)", "nearest", "name"]
    assert lines[3].split() == ["odd", "(7,)", "not", "in", "the", "network"]
    assert "allow_missing" in lines[-1]
    assert all((v == 1).all() or (v == 0).all() for v in values(other))
    other.load_parameters(wrong, allow_missing=True, ignore_extra=True)


def test_a_wrong_shape_changes_nothing(saved):
    _, name = saved
    other = network(units=5)
    other.initialize(init="ones")
    with pytest.raises(AssertionError) as caught:
        other.load_parameters(name)
    text = str(caught.value)
    assert "0.weight" in text
    assert "(5, 3)" in text
    assert "(4, 3)" in text
    assert all((v == 1).all() or (v == 0).all() for v in values(other))


def test_a_wrong_dtype(saved, tmp_path):
    net, _ = saved
    net.cast("float64")
    name = str(tmp_path / "double.params")
    net.save_parameters(name)
    other = network()
    other.initialize()
    with pytest.raises(AssertionError, match="cast_dtype=True"):
        other.load_parameters(name)
    other.load_parameters(name, cast_dtype=True)
    assert other[0].weight.data().dtype == np.float32
    other.load_parameters(name, cast_dtype=True, dtype_source="saved")
    assert other[0].weight.data().dtype == np.float64


def test_a_shared_parameter_once(tmp_path):
    def tied():
        net = nn.HybridSequential()
        first = nn.Dense(3, in_units=3)
        net.add(first, nn.Dense(3, in_units=3, params=first.params))
        return net

    net = tied()
    net.initialize(mx.init.Uniform(1))
    name = str(tmp_path / "tied.params")
    net.save_parameters(name, deduplicate=True)
    assert list(nd.load(name)) == ["1.weight", "1.bias"]
    other = tied()
    other.load_parameters(name)
    assert np.array_equal(values(other)[0], values(net)[0])


def test_before_values_are_there(tmp_path):
    name = str(tmp_path / "none.params")
    with pytest.raises(RuntimeError, match="has not been initialized"):
        network().save_parameters(name)
    waiting = nn.Dense(2)
    waiting.initialize()
    with pytest.raises(gluon.DeferredInitializationError):
        waiting.save_parameters(name)
    assert not (tmp_path / "none.params").exists()


def test_bad_files(tmp_path, saved):
    _, name = saved
    other = network()
    with pytest.raises(StorageError):
        other.load_parameters(str(tmp_path / "absent.params"))
    cut = tmp_path / "cut.params"
    with open(name, "rb") as file:
        cut.write_bytes(file.read()[:-20])
    with pytest.raises(DataFileError, match="truncated"):
        other.load_parameters(str(cut))
    nd.save(str(cut), [nd.ones((1,))])
    with pytest.raises(ValueError, match="without names"):
        other.load_parameters(str(cut))


def test_load_dict(saved):
    net, name = saved
    other = network()
    other.load_dict(nd.load(name), ctx=mx.cpu())
    assert np.array_equal(values(other)[0], values(net)[0])


def test_export_into_a_folder_that_is_not_there(saved, tmp_path):
    net, _ = saved
    net.hybridize()
    net(nd.ones((1, 3)))
    with pytest.raises(StorageError, match="folder must exist"):
        net.export(str(tmp_path / "no folder" / "net"))


def test_importing_what_is_no_graph(tmp_path):
    name = tmp_path / "net-symbol.json"
    for text in ("", "{", '{"nodes": 3}', "[1]"):
        name.write_text(text)
        with pytest.raises(MXNetError):
            gluon.SymbolBlock.imports(str(name), ["data"])
    with pytest.raises(StorageError):
        gluon.SymbolBlock.imports(str(tmp_path / "absent.json"), ["data"])
