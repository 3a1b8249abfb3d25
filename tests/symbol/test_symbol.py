from __future__ import annotations

import copy
import pickle

import pytest

import workbench as mx
from workbench.error import (
    MXNetError,
    NotImplementedForSymbol,
    NotYetInWorkbench,
    ParameterError,
)


@pytest.fixture(autouse=True)
def fresh_names():
    with mx.name.NameManager():
        yield


def mlp():
    data = mx.sym.Variable("data")
    fc1 = mx.sym.FullyConnected(data, num_hidden=8, name="fc1")
    act = mx.sym.Activation(fc1, act_type="relu", name="relu1")
    fc2 = mx.sym.FullyConnected(act, num_hidden=3, name="fc2")
    return mx.sym.SoftmaxOutput(fc2, name="softmax")


def test_missing_inputs_become_variables():
    net = mlp()
    assert net.list_arguments() == [
        "data",
        "fc1_weight",
        "fc1_bias",
        "fc2_weight",
        "fc2_bias",
        "softmax_label",
    ]
    assert net.list_outputs() == ["softmax_output"]
    assert net.list_auxiliary_states() == []
    assert mx.sym.FullyConnected(num_hidden=2).list_arguments() == [
        "fullyconnected0_data",
        "fullyconnected0_weight",
        "fullyconnected0_bias",
    ]


def test_no_bias_makes_no_variable():
    fc = mx.sym.FullyConnected(mx.sym.var("x"), num_hidden=2, no_bias=True, name="fc")
    assert fc.list_arguments() == ["x", "fc_weight"]


def test_states_of_batch_norm():
    bn = mx.sym.BatchNorm(mx.sym.var("x"), name="bn", fix_gamma=False)
    assert bn.list_arguments() == ["x", "bn_gamma", "bn_beta"]
    assert bn.list_auxiliary_states() == ["bn_moving_mean", "bn_moving_var"]
    assert bn.list_inputs() == ["x", "bn_gamma", "bn_beta", "bn_moving_mean", "bn_moving_var"]
    attrs = bn.attr_dict()
    assert attrs["bn_moving_mean"] == {"__init__": '["zero", {}]', "fix_gamma": "False"}
    assert attrs["bn_moving_var"]["__init__"] == '["one", {}]'
    assert bn.list_outputs() == ["bn_output"]


def test_names_follow_mxnet():
    a, b = mx.sym.var("a"), mx.sym.var("b")
    made = [
        a + b,
        a - b,
        a * b,
        a / b,
        a % b,
        a**b,
        a + 1,
        1 - a,
        -a,
        2 / a,
        a**2,
        a > 1,
        a > b,
        abs(a),
        mx.sym.exp(a),
        mx.sym.flatten(a),
        mx.sym.concat(a, b),
        a.sum(),
        2**a,
        2 % a,
    ]
    assert [one.name for one in made] == [
        "_plus0",
        "_minus0",
        "_mul0",
        "_div0",
        "_mod0",
        "_power0",
        "_plusscalar0",
        "_rminusscalar0",
        "_mulscalar0",
        "_rdivscalar0",
        "_powerscalar0",
        "_greater_scalar0",
        "_greater0",
        "abs0",
        "exp0",
        "flatten0",
        "concat0",
        "sum0",
        "_rpower_scalar0",
        "_rmodscalar0",
    ]


def test_prefix_and_scope():
    with mx.name.Prefix("net_"), mx.AttrScope(ctx_group="dev1", __stage__="1"):
        fc = mx.sym.FullyConnected(mx.sym.var("x"), num_hidden=2, name="fc")
    assert fc.list_arguments() == ["x", "net_fc_weight", "net_fc_bias"]
    assert fc.attr("ctx_group") == "dev1"
    assert fc.list_attr() == {
        "__ctx_group__": "dev1",
        "ctx_group": "dev1",
        "__stage__": "1",
        "num_hidden": "2",
    }
    assert fc.attr("nothing") is None


def test_parameters_are_kept_as_they_were_written():
    x = mx.sym.var("x")
    assert (x * 2.0).attr("scalar") == "2.0"
    assert (x + 1).attr("scalar") == "1"
    conv = mx.sym.Convolution(x, kernel=[3, 3], num_filter=2, no_bias=1)
    assert conv.list_attr() == {"kernel": "[3, 3]", "num_filter": "2", "no_bias": "1"}
    assert mx.sym.sum(x, axis=None).attr("axis") == "None"
    assert mx.sym.slice_axis(x, axis=0, begin=0, end=None).attr("end") == "None"


def test_variables_take_all_of_mxnets_keywords():
    x = mx.sym.var(
        "x",
        shape=(2, 3),
        lr_mult=2,
        wd_mult=3,
        dtype="float16",
        stype="csr",
        init="zeros",
        attr={"mood": "fine"},
        __own__="1",
    )
    assert x.list_attr() == {
        "__shape__": "(2, 3)",
        "__lr_mult__": "2",
        "lr_mult": "2",
        "__wd_mult__": "3",
        "wd_mult": "3",
        "__dtype__": "2",
        "__storage_type__": "2",
        "__init__": "zeros",
        "mood": "fine",
        "__own__": "1",
    }
    with pytest.raises(TypeError):
        mx.sym.var(3)
    with pytest.raises(ValueError, match="double underscores"):
        mx.sym.var("x", own="1")
    with pytest.raises(ValueError, match="string"):
        mx.sym.var("x", attr={"a": 1})


def test_indexing():
    split = mx.sym.SliceChannel(mx.sym.var("x"), num_outputs=2, name="s")
    assert split.list_outputs() == ["s_output0", "s_output1"]
    assert len(split) == split.num_outputs == 2
    assert split[1].list_outputs() == split["s_output1"].list_outputs() == ["s_output1"]
    assert [one.name for one in split] == ["s", "s"]
    assert split[0:1].list_outputs() == ["s_output0"]
    with pytest.raises(IndexError):
        split[2]
    with pytest.raises(ValueError, match="Cannot find output"):
        split["nothing"]
    with pytest.raises(MXNetError, match="2 outputs"):
        split + 1


def test_internals_children_and_groups():
    net = mlp()
    internals = net.get_internals()
    assert internals.list_outputs()[:4] == ["data", "fc1_weight", "fc1_bias", "fc1_output"]
    assert internals["fc1_output"].list_arguments() == ["data", "fc1_weight", "fc1_bias"]
    assert net.get_children().list_outputs() == ["fc2_output", "softmax_label"]
    assert mx.sym.var("x").get_children() is None
    group = mx.sym.Group([mx.sym.var("a"), net])
    assert group.list_outputs() == ["a", "softmax_output"]
    assert group.name is None
    assert repr(group) == "<Symbol group [a, softmax]>"
    assert repr(net) == "<Symbol softmax>"
    with pytest.raises(TypeError):
        mx.sym.Group([])


def test_composition_replaces_variables():
    data = mx.sym.var("x")
    net = mlp()
    made = net(data=mx.sym.exp(data), name="other")
    assert made.list_arguments()[0] == "x"
    assert made.list_outputs() == ["other_output"]
    assert net.list_arguments()[0] == "data"
    with pytest.raises(TypeError):
        net(data, data=data)
    with pytest.raises(TypeError):
        net(data=3)
    with pytest.raises(MXNetError, match="nothing"):
        net(nothing=data)


def test_a_symbol_has_no_values():
    x = mx.sym.var("x")
    with pytest.raises(NotImplementedForSymbol):
        bool(x)
    with pytest.raises(NotImplementedForSymbol):
        x += 1
    with pytest.raises(TypeError, match="unhashable"):
        hash(x)
    with pytest.raises(AttributeError, match="no values"):
        _ = x.shape
    assert not hasattr(x, "no_such_operator")
    with pytest.raises(NotImplementedForSymbol, match="asnumpy"):
        x.asnumpy()
    with pytest.raises(TypeError, match="not supported"):
        _ = x + "text"


def test_wrong_calls_are_explained():
    x = mx.sym.var("x")
    with pytest.raises(ParameterError, match=r"Cannot find argument 'foo'"):
        mx.sym.FullyConnected(x, num_hidden=2, foo=3)
    with pytest.raises(ParameterError, match="num_hidden"):
        mx.sym.FullyConnected(x)
    with pytest.raises(AssertionError, match="must be Symbol"):
        mx.sym.FullyConnected(3, num_hidden=2)
    with pytest.raises(AssertionError, match="NDArray"):
        mx.sym.FullyConnected(x, weight=mx.nd.ones((2, 2)), num_hidden=2)
    with pytest.raises(AttributeError, match="no_such_operator"):
        _ = mx.sym.no_such_operator
    with pytest.raises(MXNetError, match="leave it out"):
        mx.sym.FullyConnected(x, bias=x, num_hidden=2, no_bias=True)


def test_attributes_can_be_set_later():
    fc = mx.sym.FullyConnected(mx.sym.var("x"), num_hidden=2)
    fc._set_attr(__mood__="fine", num_hidden="5")
    assert fc.attr("__mood__") == "fine"
    assert fc.infer_shape(x=(2, 3))[1] == [(2, 5)]
    with pytest.raises(ParameterError):
        fc._set_attr(mood="fine")
    with pytest.raises(ValueError, match="string"):
        fc._set_attr(a=1)


def test_copies_and_pickles_are_equal_and_separate():
    net = mlp()
    for other in (copy.copy(net), copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert other.tojson() == net.tojson()
        other._set_attr(__mood__="other")
        assert net.attr("__mood__") is None


def test_fluent_methods():
    x = mx.sym.var("x")
    made = x.reshape((2, 3)).expand_dims(0).flatten().astype("float64")
    assert made.infer_shape(x=(3, 2))[1] == [(1, 6)]
    assert x.reshape(shape=(-1, 2)).attr("shape") == "(-1, 2)"
    assert x.transpose((1, 0)).attr("axes") == "(1, 0)"
    assert len(x.split(2)) == 2
    assert x.slice_axis(axis=0, begin=0, end=None).name == "slice_axis0"


def test_sub_namespaces_are_the_same_operators():
    x = mx.sym.var("x")
    assert mx.sym._internal._plus_scalar(x, scalar=1).name == "_plus_scalar0"
    assert mx.sym.op.exp(x).name == "exp0"
    assert mx.sym.random.uniform(0, 1, shape=(2, 3)).name == "_random_uniform0"
    with pytest.raises(AttributeError):
        _ = mx.sym.contrib.no_such_operator


def test_what_is_not_built_yet_says_so():
    with pytest.raises(NotYetInWorkbench, match=r"mx.symbol.contrib.backward_hawkesll"):
        _ = mx.sym.contrib.backward_hawkesll
    assert not hasattr(mx.sym.contrib, "backward_hawkesll")


def test_two_operands_or_numbers():
    x = mx.sym.var("x")
    assert mx.sym.maximum(x, 3).name == mx.sym.maximum(3, x).name[:-1] + "0"
    assert mx.sym.pow(2, x).name == "_rpowerscalar0"
    assert mx.sym.maximum(2, 3) == 3
    with pytest.raises(TypeError):
        mx.sym.pow("a", x)


def test_the_source_of_a_function_can_be_read():
    import inspect

    assert "compose(OP" in inspect.getsource(mx.sym.FullyConnected)
    assert "num_hidden" in mx.sym.FullyConnected.__doc__


def test_get_symbol_tells_the_history():
    x = mx.nd.ones((2, 3))
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.exp(x) * 2
    symbol = mx.autograd.get_symbol(y)
    assert symbol.list_arguments() == ["var0"]
    (out,) = symbol.eval(ctx=mx.cpu(), var0=x)
    assert out.asnumpy().tolist() == y.asnumpy().tolist()
