"""mx.registry, mx.util, mx.runtime, mx.log, mx.libinfo, mx.base: what old code reads in them."""

from __future__ import annotations

import logging
import os
import threading

import pytest

import workbench as mx
from workbench import base, libinfo, log, registry, runtime, util
from workbench.error import ContextError, MXNetError, NotYetInWorkbench


class Animal:
    def __init__(self, legs=4):
        self.legs = legs


register = registry.get_register_func(Animal, "animal")
alias = registry.get_alias_func(Animal, "animal")
create = registry.get_create_func(Animal, "animal")


@register
class Dog(Animal):
    pass


@alias("bird", "hen")
class Bird(Animal):
    pass


@pytest.mark.parametrize(
    ("how", "kind", "legs"),
    [
        (lambda: create("DOG"), Dog, 4),
        (lambda: create("hen", 2), Bird, 2),
        (lambda: create(animal="bird", legs=2), Bird, 2),
        (lambda: create({"animal": "dog", "legs": 3}), Dog, 3),
        (lambda: create('{"animal": "dog", "legs": 3}'), Dog, 3),
        (lambda: create('["hen", {"legs": 2}]'), Bird, 2),
    ],
)
def test_create(how, kind, legs):
    made = how()
    assert (type(made), made.legs) == (kind, legs)


def test_an_instance_is_handed_through():
    dog = Dog()
    assert create(dog) is dog
    with pytest.raises(ValueError, match="already an instance"):
        create(dog, 3)


@pytest.mark.parametrize("how", [lambda: create("cat"), lambda: create(3), lambda: create()])
def test_create_says_what_there_is(how):
    with pytest.raises(ValueError, match="animal"):
        how()


def test_the_registry_handed_out_is_a_copy():
    registry.get_registry(Animal).clear()
    assert set(registry.get_registry(Animal)) >= {"dog", "bird", "hen"}


def test_registering_what_is_no_animal():
    with pytest.raises(ValueError, match="Can only register subclass of Animal"):
        register(int)


def test_overriding_warns():
    first = type("Twice", (Animal,), {})
    second = type("Twice", (Animal,), {})
    register(first)
    register(first)
    with pytest.warns(UserWarning, match="name twice is overriding existing animal"):
        register(second)
    assert registry.get_registry(Animal)["twice"] is second


def test_np_shape_is_a_switch_of_this_thread():
    assert not mx.is_np_shape()
    with mx.np_shape():
        assert mx.is_np_shape()
        with mx.np_shape(False):
            assert not mx.is_np_shape()
        seen = []
        thread = threading.Thread(target=lambda: seen.append(mx.is_np_shape()))
        thread.start()
        thread.join()
        assert seen == [False]
        assert mx.is_np_shape()
    assert not mx.is_np_shape()
    assert mx.set_np_shape(True) is False
    assert mx.set_np_shape(False) is True


def test_use_np_shape_on_functions_and_classes():
    @mx.use_np_shape
    def function(value):
        """Text."""
        return value, mx.is_np_shape()

    @mx.use_np_shape
    class Thing:
        def __init__(self):
            self.made = mx.is_np_shape()

        def method(self):
            return mx.is_np_shape()

        @property
        def prop(self):
            return mx.is_np_shape()

        @staticmethod
        def static():
            return mx.is_np_shape()

        @classmethod
        def of(cls):
            return cls, mx.is_np_shape()

    thing = Thing()
    assert function(3) == (3, True)
    assert function.__doc__ == "Text."
    assert (thing.made, thing.method(), thing.prop, Thing.static()) == (True,) * 4
    assert Thing.of() == (Thing, True)
    assert not mx.is_np_shape()
    with pytest.raises(TypeError, match="can only decorate classes and callable objects"):
        mx.use_np(3)


def test_np_arrays_are_refused_as_long_as_there_are_none():
    with pytest.raises(ValueError, match="Shape semantics is required"):
        util.set_np(shape=False, array=True)
    if not hasattr(mx.np, "ndarray"):
        with pytest.raises(NotYetInWorkbench, match=r"mx\.numpy\.ndarray"):
            util.set_np()
    assert not mx.is_np_array()
    with mx.np_array(False):
        assert not mx.is_np_array()
    util.reset_np()


def test_environment_variables():
    util.setenv("WORKBENCH_TEST_VARIABLE", "1")
    assert util.getenv("WORKBENCH_TEST_VARIABLE") == os.environ["WORKBENCH_TEST_VARIABLE"] == "1"
    util.setenv("WORKBENCH_TEST_VARIABLE", None)
    assert util.getenv("WORKBENCH_TEST_VARIABLE") is None


def test_compute_capability_of_what_is_no_gpu():
    with pytest.raises(ValueError, match="Expecting a gpu context"):
        util.get_cuda_compute_capability(mx.cpu())
    with pytest.raises(ContextError, match="does not exist"):
        util.get_cuda_compute_capability(mx.gpu(99))


def test_features():
    features = runtime.Features()
    assert features.is_enabled("lapack")
    assert features["BLAS_OPEN"].enabled
    assert not features.is_enabled("TVM_OP")
    assert repr(runtime.Feature("CUDA", False)) == "✖ CUDA"
    assert list(features.values()) == runtime.feature_list()
    with pytest.raises(RuntimeError, match="Feature 'NOPE' is unknown"):
        features.is_enabled("nope")


def test_logger_writes_mxnets_format_to_a_file(tmp_path):
    path = tmp_path / "train.log"
    logger = log.get_logger("workbench-test-file", str(path), level=log.INFO)
    try:
        logger.info("step %d 100%%", 3)
        logger.debug("not this")
        assert log.get_logger("workbench-test-file") is logger
        assert len(logger.handlers) == 1
    finally:
        for handler in logger.handlers:
            handler.close()
    (line,) = path.read_text().splitlines()
    assert line.startswith("I")
    assert line.endswith("] step 3 100%")
    assert "test_small_modules.py:test_logger" in line


def test_logger_warns_about_its_old_name():
    with pytest.warns(DeprecationWarning, match="get_logger"):
        assert log.getLogger() is logging.getLogger()


def test_there_is_no_library():
    assert libinfo.__version__ == "1.9.1"
    assert (libinfo.find_lib_path(), libinfo.find_include_path()) == ([], "")


def test_data_dir(monkeypatch):
    monkeypatch.setenv("MXNET_HOME", "/somewhere")
    assert base.data_dir() == "/somewhere"
    monkeypatch.delenv("MXNET_HOME")
    assert base.data_dir() == base.data_dir_default() == os.path.expanduser("~/.mxnet")


def test_types_of_numbers():
    import numpy as np

    assert isinstance(np.float32(1), base.numeric_types)
    assert isinstance(np.int64(1), base.integer_types)
    assert isinstance("", base.string_types)


def test_what_old_files_take_from_base():
    assert base.py_str(b"h\xc3\xa9") == "hé"
    assert (base._as_list(3), base._as_list((3, 4))) == ([3], (3, 4))
    assert mx.nd.zeros(1).dtype is base.mx_real_t
    assert base.classproperty is not None


def test_registering_errors():
    @base.register_error
    class Bare(MXNetError):
        pass

    @base.register_error("other.Name")
    class Named(MXNetError):
        pass

    base.register_error("Third", KeyError)
    try:
        assert base.error_types["Bare"] is Bare
        assert base.error_types["other.Name"] is Named
        assert base.error_types["Third"] is KeyError
    finally:
        for name in ("Bare", "other.Name", "Third"):
            del base.error_types[name]


def test_conversions_for_a_c_library_work_and_calls_into_it_say_that_there_is_none():
    assert base.c_str("é").value == b"\xc3\xa9"
    assert list(base.c_str_array(["a", "b"])) == [b"a", b"b"]
    assert list(base.c_array(base.mx_float, [1, 2])) == [1.0, 2.0]
    assert base.NDArrayHandle().value is base.SymbolHandle().value is None
    base.check_call(0)
    with pytest.raises(MXNetError, match="returned -1"):
        base.check_call(-1)
    with pytest.raises(MXNetError, match="MXNDArrayFree is a function of MXNet's C library"):
        base._LIB.MXNDArrayFree(base.NDArrayHandle())
    assert not hasattr(base._LIB, "__len__")


def test_numpy_scopes_have_classes():
    with util._NumpyArrayScope(False) as nothing, util._NumpyShapeScope(True):
        assert nothing is None
        assert mx.is_np_shape()
        with util.np_shape(None):
            assert mx.is_np_shape()
    assert util.np_array(True)._is_np_array is True


def test_tables_of_ndarray():
    table = mx.nd.ndarray
    assert table._STORAGE_TYPE_STR_TO_ID["csr"] == table._STORAGE_TYPE_CSR == 2
    assert table._STORAGE_TYPE_ID_TO_STR[-1] == "undefined"
    assert table._DTYPE_MX_TO_NP[table._DTYPE_NP_TO_MX[mx.nd.ones(1).dtype]] is base.mx_real_t
    assert table._DTYPE_NP_TO_MX[None] == -1
    assert table.array is mx.nd.array
    assert table.py_slice is slice


def test_switches_of_npx():
    assert mx.npx.is_np_shape is mx.is_np_shape
    assert mx.npx.waitall is mx.nd.waitall
    with pytest.raises(ValueError, match="Expecting a gpu context"):
        mx.npx.get_cuda_compute_capability(mx.cpu())


def test_symbols_with_numpys_surface():
    x = mx.sym.var("x").as_np_ndarray()
    assert type(x) is mx.sym.numpy._Symbol
    assert x.as_np_ndarray() is x
    back = x.as_nd_ndarray()
    assert (type(back), back.list_arguments()) == (mx.sym.Symbol, ["x"])
