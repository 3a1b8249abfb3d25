from __future__ import annotations

import gc
import threading

import numpy as np
import pytest
from graphs import apply, values, var
from op_examples import Call

from workbench.error import OperatorError
from workbench.graph import Graph, Type, infer
from workbench.graph.memory import last_uses, plan_buffers, roots_of_memory
from workbench.graph.plan import make_plan
from workbench.ops import all_ops

SHAPE = (20, 30)


def chain():
    x, y = var("x"), var("y")
    a = apply("tanh", apply("elemwise_mul", x, y))
    b = apply("elemwise_add", apply("exp", a), a)
    return Graph([apply("elemwise_mul", b, a)])


def planned(graph, device, shape=SHAPE, dtype="float32", **options):
    types = infer(graph, {node: Type(shape, dtype) for node in graph.variables})
    return make_plan(graph, types, device, **options)


def expected(x, y):
    a = np.tanh(x * y)
    return (np.exp(a) + a) * a


def test_a_plan_gives_the_same_on_every_device(any_device):
    backend = any_device.backend
    arrays = [backend.from_host(a) for a in values(SHAPE, SHAPE)]
    plan = planned(chain(), any_device, wanted=chain().variables and ())
    (out,), saved = plan.forward(arrays)
    assert saved is None
    assert np.allclose(backend.to_host(out), expected(*values(SHAPE, SHAPE)), atol=1e-6)


def test_results_in_place_on_every_device(any_device):
    backend = any_device.backend
    x = var("x")
    graph = Graph([apply("square", apply("negative", apply("tanh", apply("exp", x))))])
    plan = planned(graph, any_device, passes="inplace")
    assert any("__inplace__" in node.attrs for node in plan.graph.nodes)
    (array,) = values(SHAPE)
    (out,), _ = plan.forward([backend.from_host(array)])
    assert np.allclose(backend.to_host(out), np.tanh(np.exp(array)) ** 2, atol=1e-6)


def test_outputs_are_new_each_time_and_never_the_inputs(device):
    x = var("x")
    graph = Graph([x, apply("Reshape", x, shape=(-1,)), apply("exp", x), apply("exp", x)])
    (array,) = values(SHAPE)
    plan = planned(graph, device)
    first, _ = plan.forward([array])
    second, _ = plan.forward([array])
    everything = [array, *first, *second]
    for i, one in enumerate(everything):
        assert not any(np.shares_memory(one, other) for other in everything[i + 1 :])


def test_two_forwards_before_one_backward(device):
    graph = chain()
    plan = planned(graph, device, wanted=graph.variables, train=True)
    first, second = values(SHAPE, SHAPE), values(SHAPE, SHAPE, seed=1)
    head = np.ones(SHAPE, "float32")
    _, saved_first = plan.forward(first)
    _, saved_second = plan.forward(second)
    got_second = plan.backward(saved_second, [head])
    got_first = plan.backward(saved_first, [head])
    for arrays, got in ((first, got_first), (second, got_second)):
        _, saved = plan.forward(arrays)
        for one, other in zip(plan.backward(saved, [head]), got, strict=True):
            assert np.array_equal(one, other)


def test_a_second_backward_gives_the_same(device):
    graph = chain()
    plan = planned(graph, device, wanted=graph.variables, train=True)
    _, saved = plan.forward(values(SHAPE, SHAPE))
    head = np.ones(SHAPE, "float32")
    once = [g.copy() for g in plan.backward(saved, [head])]
    for one, other in zip(once, plan.backward(saved, [head]), strict=True):
        assert np.array_equal(one, other)


def test_buffers_come_back_when_nobody_needs_them(device):
    graph = chain()
    plan = planned(graph, device, (200, 200), wanted=graph.variables, train=True)
    assert plan._buffer_types
    _, saved = plan.forward(values((200, 200), (200, 200)))
    first = {id(b) for b in saved.buffers}
    del saved
    gc.collect()
    _, saved = plan.forward(values((200, 200), (200, 200)))
    assert {id(b) for b in saved.buffers} == first


def test_threads_do_not_disturb_each_other(device):
    graph = chain()
    plan = planned(graph, device, wanted=graph.variables, train=True)
    faults = []

    def work(seed):
        arrays = values(SHAPE, SHAPE, seed=seed)
        for _ in range(50):
            (out,), saved = plan.forward(arrays)
            plan.backward(saved, [np.ones(SHAPE, "float32")])
            if not np.allclose(out, expected(*arrays), atol=1e-6):
                faults.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults


def test_a_kernel_that_fails_names_its_node(device):
    data, index = var("data"), var("index")
    graph = Graph([apply("take", data, index, mode="raise", name="look_up")])
    types = infer(graph, {data.node: Type((3,), "float32"), index.node: Type((1,), "float32")})
    plan = make_plan(graph, types, device)
    with pytest.raises((OperatorError, ValueError, IndexError), match=r"look_up|range|bounds"):
        plan.forward([np.ones(3, "float32"), np.array([7], "float32")])


def test_open_constants_take_the_inferred_shape(device):
    x = var("x")
    graph = Graph([apply("elemwise_add", x, apply("_ones", shape=(0, 3)))])
    types = infer(graph, {x.node: Type((2, 3), "float32")})
    (out,), _ = make_plan(graph, types, device).forward([np.ones((2, 3), "float32")])
    assert np.array_equal(out, np.full((2, 3), 2))


# ---- memory -------------------------------------------------------------------------------


def test_views_keep_the_memory_they_look_at():
    x = var("x")
    made = apply("exp", x)
    view = apply("Reshape", made, shape=(-1,))
    graph = Graph([apply("exp", view)])
    assert roots_of_memory(graph)[view] == {made, view}
    assert last_uses(graph)[made] == 3


def test_values_whose_lives_do_not_overlap_share_a_buffer():
    x = var("x")
    entry, chain_ = x, []
    for _ in range(5):
        entry = apply("exp", entry)
        chain_.append(entry)
    graph = Graph([entry])
    types = infer(graph, {x.node: Type((4,), "float32")})
    buffers = plan_buffers(graph, types, chain_)
    assert len(buffers.types) == 2
    assert entry not in buffers.of  # an output is always new


def test_records_without_the_mark_give_new_memory():
    """``views`` must be true for every body that hands out its input's memory."""
    wrong = []
    for op in all_ops():
        if op.views or op.uses or not op.inputs or op.mutates or op.variadic:
            continue
        for example in op.examples:
            call = Call(op, example, "float32")
            results = call.run()
            if any(np.shares_memory(r, a) for r in results for a in call.arrays.values()):
                wrong.append(op.name)
    assert not wrong
