from __future__ import annotations

import logging
import re

import numpy as np
import pytest

import workbench as mx
from workbench.base import MXNetError
from workbench.error import DataFileError


def mlp(hidden=8):
    net = mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=hidden, name="fc1")
    net = mx.sym.Activation(net, act_type="tanh", name="act1")
    net = mx.sym.FullyConnected(net, num_hidden=3, name="fc2")
    return mx.sym.SoftmaxOutput(net, name="softmax")


def rows(count=32, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, 4)).astype("float32")
    return x, (x[:, 0] > 0).astype("float32") + (x[:, 1] > 0)


def batches(count=32, size=8, **options):
    return mx.io.NDArrayIter(*rows(count), batch_size=size, **options)


def batch(size=8):
    x, y = rows(size)
    return mx.io.DataBatch([mx.nd.array(x)], [mx.nd.array(y)])


def ready(size=8, context=None, **options):
    mx.random.seed(1)
    made = mx.mod.Module(mlp(), context=context or mx.cpu(), **options)
    made.bind([("data", (size, 4))], [("softmax_label", (size,))])
    made.init_params(mx.init.Xavier())
    return made


def values(module):
    return {k: v.asnumpy() for some in module.get_params() for k, v in some.items()}


def same(one, other):
    assert one.keys() == other.keys()
    for name in one:
        assert np.allclose(one[name], other[name], rtol=1e-5, atol=1e-6), name


# ---- steps ----------------------------------------------------------------------------------


def test_a_step_is_gradient_descent_over_the_batch_size():
    module = ready()
    before = values(module)
    module.init_optimizer(optimizer_params={"learning_rate": 0.5, "wd": 0.0})
    module.forward_backward(batch())
    grads = module._exec_group.execs[0].grad_dict
    expected = {name: value - 0.5 * grads[name].asnumpy() / 8 for name, value in before.items()}
    module.update()
    same(values(module), expected)


@pytest.mark.parametrize("store", ["local", "device"])
@pytest.mark.parametrize("on_store", ["1", "0"])
def test_two_devices_train_as_one_does(store, on_store, monkeypatch):
    monkeypatch.setenv("MXNET_UPDATE_ON_KVSTORE", on_store)
    found = []
    for context in (mx.cpu(), [mx.cpu(0), mx.cpu(1)]):
        module = ready(context=context)
        module.init_optimizer(store, "sgd", {"learning_rate": 0.5, "momentum": 0.9})
        for _ in range(3):
            module.forward_backward(batch())
            module.update()
        found.append(values(module))
    same(*found)


def test_parts_of_a_batch_follow_the_work_load():
    from workbench.module.executor_group import split_batch

    assert split_batch(8, [1, 1]) == [slice(0, 4), slice(4, 8)]
    assert split_batch(8, [3, 1]) == [slice(0, 6), slice(6, 8)]
    with pytest.raises(ValueError, match="Too many slices"):
        split_batch(1, [1, 1])


def test_outputs_of_several_devices():
    module = ready(context=[mx.cpu(0), mx.cpu(1)])
    module.forward(batch(), is_train=False)
    (merged,) = module.get_outputs()
    (parts,) = module.get_outputs(merge_multi_context=False)
    assert merged.shape == (8, 3)
    assert [part.shape for part in parts] == [(4, 3), (4, 3)]
    assert module.output_shapes == [("softmax_output", (8, 3))]


def test_gradients_of_inputs_and_given_gradients_of_outputs():
    net = mx.sym.var("data") * 3
    module = mx.mod.Module(net, label_names=None, context=[mx.cpu(0), mx.cpu(1)])
    module.bind([("data", (4, 2))], inputs_need_grad=True)
    module.init_params()
    module.forward(mx.io.DataBatch([mx.nd.ones((4, 2))]))
    heads = mx.nd.array(np.arange(8).reshape(4, 2))
    module.backward([heads])
    assert np.array_equal(module.get_input_grads()[0].asnumpy(), 3 * heads.asnumpy())


def test_a_batch_of_another_size_reshapes():
    module = ready()
    module.init_optimizer()
    module.forward(batch(8), is_train=False)
    whole = module.get_outputs()[0].asnumpy()
    module.forward(batch(4), is_train=False)
    assert np.allclose(module.get_outputs()[0].asnumpy(), whole[:4], atol=1e-6)
    module.forward_backward(batch(12))
    module.update()
    module.reshape([("data", (8, 4))], [("softmax_label", (8,))])
    module.forward(batch(8), is_train=False)
    assert module.get_outputs()[0].shape == (8, 3)


def test_fixed_parameters_stay():
    module = ready(fixed_param_names=["fc1_weight"])
    before = values(module)
    module.init_optimizer(optimizer_params={"learning_rate": 1.0})
    module.forward_backward(batch())
    module.update()
    after = values(module)
    assert np.array_equal(before["fc1_weight"], after["fc1_weight"])
    assert not np.array_equal(before["fc2_weight"], after["fc2_weight"])


def test_states_keep_their_values():
    state, data = mx.sym.var("state"), mx.sym.var("data")
    module = mx.mod.Module(data + state, label_names=None, state_names=["state"])
    module.bind([("data", (2, 3))], for_training=False)
    module.init_params()
    zeros = mx.io.DataBatch([mx.nd.zeros((2, 3))])
    module.set_states(value=4)
    module.forward(zeros)
    assert (module.get_outputs()[0].asnumpy() == 4).all()
    module.set_states(states=module.get_outputs(merge_multi_context=False))
    assert (module.get_states(False)[0][0].asnumpy() == 4).all()


def test_gradients_are_added_where_that_was_asked():
    module = mx.mod.Module(mlp())
    module.bind([("data", (8, 4))], [("softmax_label", (8,))], grad_req="add")
    module.init_params(mx.init.One())
    for _ in range(2):
        module.forward_backward(batch())
    twice = module._exec_group.execs[0].grad_dict["fc2_bias"].asnumpy()
    once = ready()
    once.init_params(mx.init.One(), force_init=True)
    once.forward_backward(batch())
    assert np.allclose(
        twice, 2 * once._exec_group.execs[0].grad_dict["fc2_bias"].asnumpy(), atol=1e-5
    )


# ---- loops ----------------------------------------------------------------------------------


def test_fit_learns_and_logs_as_mxnet_does(caplog):
    module = mx.mod.Module(mlp())
    seen = []
    with caplog.at_level(logging.INFO):
        module.fit(
            batches(),
            batches(),
            optimizer_params={"learning_rate": 0.5},
            initializer=mx.init.Xavier(),
            num_epoch=20,
            batch_end_callback=lambda param: seen.append((param.epoch, param.nbatch)),
            epoch_end_callback=lambda epoch, symbol, args, auxs: seen.append((epoch, sorted(args))),
        )
    text = "\n".join(caplog.messages)
    assert re.search(r"^Epoch\[0\] Train-accuracy=0\.\d{6}$", text, re.M)
    assert re.search(r"^Epoch\[19\] Time cost=\d+\.\d{3}$", text, re.M)
    assert re.search(r"^Epoch\[19\] Validation-accuracy=0\.\d{6}|1\.000000$", text, re.M)
    assert seen[:5] == [
        (0, 0),
        (0, 1),
        (0, 2),
        (0, 3),
        (0, ["fc1_bias", "fc1_weight", "fc2_bias", "fc2_weight"]),
    ]
    assert dict(module.score(batches(), ["acc", "ce"]))["accuracy"] > 0.8


def test_predictions_leave_filling_rows_out():
    module = ready()
    x, _ = rows(20)
    data = mx.io.NDArrayIter(x, batch_size=8)
    merged = module.predict(data)
    assert merged.shape == (20, 3)
    apart = module.predict(data, merge_batches=False)
    assert [one.shape for (one,) in apart] == [(8, 3), (8, 3), (4, 3)]
    assert module.predict(data, num_batch=1, always_output_list=True)[0].shape == (8, 3)
    again = [outs[0].asnumpy() for outs, _, _ in module.iter_predict(data)]
    assert np.array_equal(np.concatenate(again), merged.asnumpy())
    assert module.predict(x[:8]).shape == (8, 3)
    with pytest.raises(ValueError, match="must be of type NDArray or DataIter"):
        module.predict([1, 2])


def test_callbacks_see_the_batches_of_a_score():
    module, seen = ready(), []
    module.score(
        batches(),
        "acc",
        num_batch=2,
        batch_end_callback=[lambda param: seen.append(param.nbatch)],
        score_end_callback=lambda param: seen.append(("end", param.nbatch)),
    )
    assert seen == [0, 1, ("end", 2)]


# ---- files ----------------------------------------------------------------------------------


def test_a_checkpoint_goes_on_where_it_was_written(tmp_path):
    prefix = str(tmp_path / "net")
    options = {"optimizer_params": {"learning_rate": 0.5, "momentum": 0.9}}
    module = ready()
    module.init_optimizer(**options)
    module.forward_backward(batch())
    module.update()
    module.save_checkpoint(prefix, 3, save_optimizer_states=True)
    loaded = mx.mod.Module.load(prefix, 3, load_optimizer_states=True)
    loaded.bind([("data", (8, 4))], [("softmax_label", (8,))])
    same(values(loaded), values(module))
    loaded.init_optimizer(**options)
    for one in (module, loaded):
        one.forward_backward(batch())
        one.update()
    same(values(loaded), values(module))


def test_parameters_through_a_file(tmp_path):
    path = str(tmp_path / "p.params")
    one, other = ready(), ready()
    other.init_params(mx.init.Zero(), force_init=True)
    one.save_params(path)
    other.load_params(path)
    same(values(one), values(other))
    mx.nd.save(path, {"odd": mx.nd.ones(2)})
    with pytest.raises(DataFileError, match="Invalid param file"):
        other.load_params(path)


# ---- mistakes -------------------------------------------------------------------------------


def test_steps_out_of_order_are_explained():
    module = mx.mod.Module(mlp())
    for step in (
        lambda: module.forward(batch()),
        lambda: module.init_params(),
        lambda: module.data_shapes,
        lambda: module.get_params(),
        lambda: module.fit(batches()),
    ):
        with pytest.raises(AssertionError, match=r"not bound|not initialized|number of epochs"):
            step()
    module = ready()
    with pytest.raises(AssertionError, match="no optimizer yet"):
        module.update()
    with pytest.raises(AssertionError, match="inputs_need_grad"):
        module.get_input_grads()


def test_names_that_do_not_fit():
    with pytest.raises(ValueError, match="input with name 'dataa' is not found"):
        mx.mod.Module(mlp(), data_names=["dataa"])
    with pytest.warns(UserWarning, match="softmax_label"):
        mx.mod.Module(mx.sym.var("data") * 2)
    module = mx.mod.Module(mlp())
    with pytest.raises(ValueError, match="don't match names"):
        module.bind([("other", (8, 4))])
    with pytest.raises(TypeError, match="shape of data is a"):
        module.bind([("data", mx.nd.ones(2))])
    with pytest.raises(ValueError, match="same batch size"):
        module.bind([("data", (8, 4))], [("softmax_label", (4,))])
    assert not module.binded


def test_missing_and_repeated_values():
    module = ready()
    args, _ = module.get_params()
    few = {"fc1_weight": args["fc1_weight"]}
    with pytest.raises(RuntimeError, match="fc1_bias is not presented"):
        module.set_params(few, {})
    module.set_params(few, {}, allow_missing=True)
    with pytest.raises(ValueError, match="not in the arguments"):
        module.set_params({"nobody": args["fc1_bias"]}, {}, allow_missing=True)
    module.set_params({"nobody": args["fc1_bias"]}, {}, allow_missing=True, allow_extra=True)
    with pytest.warns(UserWarning, match="already initialized"):
        module.init_params()
    with pytest.warns(UserWarning, match="rescale_grad is not normalized"):
        module.init_optimizer(optimizer=mx.optimizer.SGD(learning_rate=1.0))
    with pytest.raises(MXNetError, match="kvstore must be"):
        module.init_optimizer(kvstore=3, force_init=True)


# ---- buckets --------------------------------------------------------------------------------


def sentence_net(length):
    data = mx.sym.Embedding(mx.sym.var("data"), input_dim=10, output_dim=4, name="embed")
    pooled = mx.sym.mean(data, axis=1)
    net = mx.sym.FullyConnected(pooled, num_hidden=2, name="fc")
    return mx.sym.SoftmaxOutput(net, name="softmax"), ("data",), ("softmax_label",)


def sentence(length, seed):
    rng = np.random.default_rng(seed)
    words = mx.nd.array(rng.integers(0, 10, (4, length)))
    shapes = [mx.io.DataDesc("data", (4, length))], [mx.io.DataDesc("softmax_label", (4,))]
    return mx.io.DataBatch(
        [words],
        [mx.nd.array([0, 1, 0, 1])],
        bucket_key=length,
        provide_data=shapes[0],
        provide_label=shapes[1],
    )


def buckets():
    module = mx.mod.BucketingModule(sentence_net, default_bucket_key=6)
    module.bind([("data", (4, 6))], [("softmax_label", (4,))])
    mx.random.seed(3)
    module.init_params(mx.init.Uniform(0.1))
    module.init_optimizer(optimizer_params={"learning_rate": 1.0})
    return module


def test_buckets_share_their_parameters(tmp_path):
    module = buckets()
    for length in (6, 3, 5, 3):
        before = values(module)["fc_weight"]
        module.forward_backward(sentence(length, length))
        module.update()
        assert not np.array_equal(values(module)["fc_weight"], before)
    assert sorted(module._buckets) == [3, 5, 6]
    weights = [one._exec_group.execs[0].arg_dict["fc_weight"] for one in module._buckets.values()]
    assert all(np.array_equal(one.asnumpy(), weights[0].asnumpy()) for one in weights)
    measure = mx.metric.create("acc")
    module.update_metric(measure, sentence(3, 3).label)
    assert measure.num_inst == 4
    prefix = str(tmp_path / "b")
    module.save_checkpoint(prefix, 1)
    loaded = mx.mod.BucketingModule.load(prefix, 1, sentence_net, 6)
    loaded.bind([("data", (4, 6))], [("softmax_label", (4,))])
    same(values(loaded), values(module))
    loaded.forward(sentence(5, 1), is_train=False)
    module.forward(sentence(5, 1), is_train=False)
    same({"out": loaded.get_outputs()[0].asnumpy()}, {"out": module.get_outputs()[0].asnumpy()})


def test_preparing_a_bucket_leaves_the_current_one():
    module = buckets()
    module.forward(sentence(6, 0))
    module.prepare(sentence(3, 0))
    assert module._curr_bucket_key == 6
    assert 3 in module._buckets
    assert module.output_names == ["softmax_output"]
    with pytest.raises(AssertionError, match="default_bucket_key"):
        mx.mod.BucketingModule(sentence_net)


# ---- chains, Python, FeedForward --------------------------------------------------------------


def test_a_chain_with_a_loss_in_python():
    body = mx.mod.Module(
        mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=1, name="fc"), label_names=None
    )
    loss = mx.mod.PythonLossModule(grad_func=lambda scores, labels: scores - labels)
    chain = mx.mod.SequentialModule().add(body).add(loss, take_labels=True, auto_wiring=True)
    x, y = rows(8)
    data = mx.io.NDArrayIter(x, y.reshape(-1, 1), batch_size=8)
    chain.bind(data.provide_data, data.provide_label)
    chain.init_params(mx.init.Uniform(0.1))
    chain.init_optimizer(optimizer_params={"learning_rate": 0.5})
    errors = []
    for _ in range(40):
        data.reset()
        one = next(data)
        chain.forward(one, is_train=True)
        errors.append(float(np.square(chain.get_outputs()[0].asnumpy() - y[:, None]).mean()))
        chain.backward()
        chain.update()
    assert errors[-1] < errors[0] / 2
    measure = mx.metric.MSE()
    chain.update_metric(measure, one.label)
    assert np.isclose(measure.get()[1], errors[-1], rtol=1e-4)
    assert sorted(chain.get_params()[0]) == ["fc_bias", "fc_weight"]
    assert chain.output_names == ["pyloss_output"]
    with pytest.raises(ValueError, match="Unknown meta"):
        chain.add(loss, takes_labels=True)
    with pytest.raises(AssertionError, match="empty"):
        mx.mod.SequentialModule().bind([("data", (1,))])


def test_names_in_a_chain_must_differ():
    def layer():
        return mx.mod.Module(
            mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=4, name="same"), label_names=None
        )

    chain = mx.mod.SequentialModule().add(layer()).add(layer(), auto_wiring=True)
    chain.bind([("data", (2, 4))])
    with pytest.raises(ValueError, match="Duplicated parameter names"):
        chain.init_params()


@pytest.mark.filterwarnings("ignore:.*FeedForward has been deprecated")
def test_feed_forward(tmp_path):
    x, y = rows(64)
    np.random.seed(0)
    mx.random.seed(0)
    model = mx.model.FeedForward.create(
        mlp(),
        x,
        y,
        num_epoch=20,
        learning_rate=0.5,
        numpy_batch_size=16,
        eval_data=(x, y),
        initializer=mx.init.Xavier(),
    )
    assert model.score(mx.io.NDArrayIter(x, y, 16)) > 0.8
    outputs, data, label = model.predict(mx.io.NDArrayIter(x, y, 24), return_data=True)
    assert outputs.shape == (64, 3)
    assert np.array_equal(data, x)
    assert np.array_equal(label, y)
    model.save(str(tmp_path / "ff"))
    loaded = mx.model.FeedForward.load(str(tmp_path / "ff"), 20)
    assert np.allclose(loaded.predict(x), outputs, atol=1e-6)
    with pytest.raises(ValueError, match="y must be specified"):
        model.fit(x)
    with pytest.raises(TypeError, match="X must be"):
        model.fit([1])
    with pytest.raises(ValueError, match="not equal"):
        model.fit(x, y[:3])


# ---- watching -------------------------------------------------------------------------------


def test_a_monitor_sees_both_directions():
    module = ready()
    monitor = mx.mon.Monitor(2, pattern=".*fc2.*", sort=True)
    module.install_monitor(monitor)
    monitor.tic()
    module.forward_backward(batch())
    names = [name for _, name, _ in monitor.toc()]
    assert names == [
        "fc2_backward_output0",
        "fc2_backward_output1",
        "fc2_backward_output2",
        "fc2_bias",
        "fc2_output",
        "fc2_weight",
    ]
    monitor.tic()
    module.forward_backward(batch())
    assert monitor.toc() == [], "only every second batch"


def test_a_monitor_does_not_change_the_numbers(caplog):
    plain, watched = ready(), ready()
    monitor = mx.mon.Monitor(1, stat_func=lambda x: [mx.nd.max(x), mx.nd.min(x)])
    watched.install_monitor(monitor)
    for one in (plain, watched):
        one.init_optimizer()
    monitor.tic()
    for one in (plain, watched):
        one.forward_backward(batch())
        one.update()
    with caplog.at_level(logging.INFO):
        monitor.toc_print()
    assert re.search(r"^Batch: +1 softmax_output +\S+\t\S+\t$", "\n".join(caplog.messages), re.M)
    same(values(plain), values(watched))
    monitor.stat_func = lambda x: 3
    monitor.tic()
    watched.forward(batch())
    with pytest.raises(ValueError, match="no NDArray"):
        monitor.toc()
