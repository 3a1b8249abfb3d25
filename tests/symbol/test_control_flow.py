"""Loops and branches: eager, bound, hybridized, on other devices, read back, all the same."""

from __future__ import annotations

import json
import threading
import warnings

import numpy as np
import pytest

import workbench as mx
from workbench.error import DataFileError, GraphError, MXNetError, ShapeError
from workbench.graph import parse_graph, verify
from workbench.graph.passes import PIPELINE
from workbench.ndarray.cached_op import CachedOp

SHAPES = {"x": (4, 3), "s": (3,), "w": (3,), "p": (1,)}


def values(ctx=None, seed=0):
    rng = np.random.default_rng(seed)
    return {
        name: mx.nd.array(rng.uniform(0.3, 0.9, shape), ctx=ctx) for name, shape in SHAPES.items()
    }


def scan(F, x, s, w, p):
    def body(row, state):
        out = F.tanh(row * w + state)
        return [out * p_of(F, p, out), row], out

    outputs, state = F.contrib.foreach(body, x, s)
    return [*outputs, state]


def p_of(F, p, like):
    return F.broadcast_like(F.reshape(p, shape=(1,)), like)


def loop(F, x, s, w, p):
    def step(count, total):
        return total * w, [count + 1, F.tanh(total * w + s)]

    outputs, (count, total) = F.contrib.while_loop(
        lambda count, total: count < 3, step, [p, s + w], max_iterations=5
    )
    return [outputs, count, total]


def branch(F, x, s, w, p):
    return [
        F.contrib.cond(
            p < 0.5,
            lambda: s * w,
            lambda: (
                F.exp(s) + x[0]
                if F is mx.nd
                else F.exp(s) + F.reshape(F.slice_axis(x, axis=0, begin=0, end=1), shape=(-1,))
            ),
        )
    ]


def nested(F, x, s, w, p):
    def body(row, state):
        outs, inner = F.contrib.foreach(lambda d, c: (d * w, c + d * state), x, row)
        picked = F.contrib.cond(F.sum(inner) > 100, lambda: inner, lambda: inner * 0.5)
        return F.sum(outs, axis=0), F.tanh(picked)

    out, state = F.contrib.foreach(body, x, s)
    return [out, state]


def normalized(F, x, s, w, p):
    def body(row, state):
        out = F.Dropout(F.broadcast_mul(row, w), p=0.5) + state
        return out, out

    return list(F.contrib.foreach(body, x, s))


PROGRAMS = [scan, loop, branch, nested]
every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)


def symbol_of(program):
    with mx.name.NameManager():
        return mx.sym.Group(program(mx.sym, **{name: mx.sym.var(name) for name in SHAPES}))


def eager(program, ctx=None):
    arrays = values(ctx)
    for one in arrays.values():
        one.attach_grad()
    with mx.autograd.record():
        outputs = program(mx.nd, **arrays)
    mx.autograd.backward(outputs)
    return outputs, {name: one.grad.asnumpy() for name, one in arrays.items()}


def bound(symbol, ctx):
    arrays = values(ctx)
    grads = {name: mx.nd.zeros(shape, ctx=ctx) for name, shape in SHAPES.items()}
    names = symbol.list_arguments()
    executor = symbol.bind(
        ctx, {n: arrays[n] for n in names}, args_grad={n: grads[n] for n in names}
    )
    outputs = executor.forward(is_train=True)
    executor.backward([mx.nd.ones(one.shape, ctx=ctx) for one in outputs])
    return outputs, {name: grad.asnumpy() for name, grad in grads.items()}


def same(one, other):
    for a, b in zip(one[0], other[0], strict=True):
        assert a.shape == b.shape
        assert np.allclose(a.asnumpy(), b.asnumpy(), rtol=1e-5, atol=1e-6)
    for name in SHAPES:
        assert np.allclose(one[1][name], other[1][name], rtol=1e-4, atol=1e-6), name


@every_program
@pytest.mark.parametrize("ctx", [mx.cpu(), mx.cpu(1), mx.Context("loopback", 0)], ids=str)
def test_a_bound_symbol_gives_what_python_gives(program, ctx):
    same(bound(symbol_of(program), ctx), eager(program))


@every_program
def test_eager_gives_the_same_on_a_device_with_a_queue(program):
    with mx.cpu(1):
        same(eager(program, mx.cpu(1)), eager(program, mx.cpu()))


@every_program
def test_files_and_printed_graphs_are_read_back(program):
    symbol = symbol_of(program)
    verify(symbol._graph)
    again = mx.sym.load_json(symbol.tojson())
    assert again.tojson() == symbol.tojson()
    text = symbol.debug_str()
    assert str(parse_graph(text)[0]) == text
    same(bound(again, mx.cpu()), bound(symbol, mx.cpu()))


@every_program
def test_shapes_are_inferred_through_the_graphs(program):
    symbol = symbol_of(program)
    names = symbol.list_arguments()
    arguments, outputs, _ = symbol.infer_shape(**{n: SHAPES[n] for n in names if n != "w"})
    assert dict(zip(names, arguments, strict=True))["w"] == (3,)
    assert outputs == [one.shape for one in eager(program)[0]]
    _, dtypes, _ = symbol.infer_type(**{n: "float32" for n in names if n in "sp"})
    assert set(dtypes) == {np.float32}


@every_program
@pytest.mark.parametrize("name", [one.name for one in PIPELINE])
def test_passes_leave_loops_as_they_are(program, name):
    symbol = symbol_of(program)
    arrays = [values()[n] for n in symbol.list_inputs()]
    whole = CachedOp(symbol)(*arrays)
    without = CachedOp(symbol, passes=f"-{name}")(*arrays)
    for one, other in zip(whole, without, strict=True):
        assert np.array_equal(one.asnumpy(), other.asnumpy())


class Net(mx.gluon.HybridBlock):
    def __init__(self, program):
        super().__init__()
        self.program = program
        self.w = self.params.get("w", shape=(3,))

    def hybrid_forward(self, F, x, s, p, w):
        return self.program(F, x, s, w, p)


@pytest.mark.filterwarnings("ignore:.*is not used by any computation:UserWarning")
@every_program
def test_a_hybridized_block_gives_what_python_gives(program):
    arrays = values()
    net = Net(program)
    net.initialize(mx.init.Constant(0.4))
    args = [arrays[name] for name in "xsp"]
    found = []
    for active in (False, True):
        net.hybridize(active)
        for one in args:
            one.attach_grad()
        with mx.autograd.record():
            outputs = net(*args)
        mx.autograd.backward(outputs)
        found.append([one.asnumpy() for one in (*outputs, *(a.grad for a in args), net.w.grad())])
    for one, other in zip(*found, strict=True):
        assert np.allclose(one, other, rtol=1e-4, atol=1e-6)


@every_program
def test_gradients_of_gradients_through_a_compiled_loop(program):
    symbol = symbol_of(program)
    places = symbol.list_inputs()

    def second(run):
        arrays = values()
        for one in arrays.values():
            one.attach_grad()
        with mx.autograd.record():
            outputs = run(arrays)
            total = mx.nd.add_n(*[mx.nd.sum(one) for one in outputs])
            (first,) = mx.autograd.grad(total, [arrays["w"]], create_graph=True)
            mx.nd.sum(first * first).backward()
        return arrays["s"].grad.asnumpy(), arrays["w"].grad.asnumpy()

    compiled = second(lambda arrays: CachedOp(symbol)(*[arrays[n] for n in places]))
    plain = second(lambda arrays: program(mx.nd, **arrays))
    for one, other in zip(compiled, plain, strict=True):
        assert np.allclose(one, other, rtol=1e-4, atol=1e-6)


def test_dropout_in_a_body_has_one_mask_for_both_directions():
    symbol = symbol_of(normalized)
    outputs, grads = bound(symbol, mx.cpu())
    arrays = values()
    steps = np.diff(np.vstack([arrays["s"].asnumpy(), outputs[0].asnumpy()]), axis=0)
    mask = steps / (arrays["x"].asnumpy() * arrays["w"].asnumpy())
    assert set(np.round(mask.ravel())) <= {0.0, 2.0}
    left = np.arange(4, 0, -1)[:, None] + 1.0  # a row is in its own output, later ones, the state
    assert np.allclose(grads["x"], mask * arrays["w"].asnumpy() * left, rtol=1e-4, atol=1e-5)


def test_moving_averages_of_a_body_are_states_of_the_whole():
    def body(row, state):
        out = mx.sym.BatchNorm(row, name="bn", fix_gamma=False, momentum=0.5)
        return out + state, state * 1

    out, _ = mx.sym.contrib.foreach(body, mx.sym.var("x"), mx.sym.var("s"))
    assert out.list_auxiliary_states() == ["bn_moving_mean", "bn_moving_var"]
    executor = out.simple_bind(mx.cpu(), x=(2, 4, 3), s=(4, 3))
    executor.arg_dict["x"][:] = 1
    executor.forward(is_train=True)
    executor.backward(mx.nd.ones((2, 4, 3)))
    assert np.allclose(executor.aux_dict["bn_moving_mean"].asnumpy(), 0.75)  # 0, .5, .75


@pytest.mark.parametrize(("limit", "rounds"), [(2, 2), (6, 4)])
def test_rows_that_were_not_reached_are_zeros(limit, rounds):
    def run(F, i):
        return F.contrib.while_loop(lambda i: i < 4, lambda i: (i + 1, [i + 1]), [i], limit)

    out, _ = run(mx.nd, mx.nd.zeros(1))
    expected = [n + 1.0 if n < rounds else 0.0 for n in range(limit)]
    assert out.asnumpy().ravel().tolist() == expected
    symbol, _ = run(mx.sym, mx.sym.var("i"))
    assert symbol.eval(i=mx.nd.zeros(1))[0].asnumpy().ravel().tolist() == expected


def test_no_round_at_all():
    def run(F, i):
        return F.contrib.while_loop(lambda i: i < 0, lambda i: (i * 2, [i + 1]), [i], 3)

    out, (state,) = run(mx.nd, mx.nd.ones(1))
    assert (out, state.asscalar()) == ([], 1)
    symbol = mx.sym.Group([part for some in run(mx.sym, mx.sym.var("i")) for part in some])
    found = symbol.eval(i=mx.nd.ones(1))
    assert [one.asnumpy().ravel().tolist() for one in found] == [[0, 0, 0], [1]]


def test_one_variable_given_twice_is_two_states():
    a = mx.sym.var("a")
    _, states = mx.sym.contrib.while_loop(
        lambda i, j: i < 3, lambda i, j: ([], [i + 1, j * 2]), [a, a], max_iterations=9
    )
    found = mx.sym.Group(states).eval(a=mx.nd.ones(1))
    assert [one.asscalar() for one in found] == [3, 4]


@pytest.mark.parametrize("F", [mx.nd, mx.sym], ids=["nd", "sym"])
def test_misuse_is_explained(F):
    x = mx.nd.ones((2, 3)) if F is mx.nd else mx.sym.var("x")
    with pytest.raises(AssertionError, match="nested"):
        F.contrib.foreach(lambda d, s: (d, s), 3, x)
    with pytest.raises(ValueError, match="max_iterations should be specified"):
        F.contrib.while_loop(lambda i: i, lambda i: ([], [i]), [x])
    with pytest.raises(ValueError, match="at least one"):
        F.contrib.while_loop(lambda: x, lambda: ([], []), [], 3)
    with pytest.raises(ValueError, match="consistent during the loop"):
        F.contrib.while_loop(lambda i: 1 if F is mx.nd else i, lambda i: (i, [i, i]), [x], 3)


def test_misuse_of_symbols_is_explained():
    x, s = mx.sym.var("x"), mx.sym.var("s")
    with pytest.raises(AssertionError, match="data arrays have to be used"):
        mx.sym.contrib.foreach(lambda d, s: (s + 1, s + 1), x, s)
    with pytest.raises(AssertionError, match="different format"):
        mx.sym.contrib.foreach(lambda d, s: (d, [s]), x, s)
    with pytest.raises(ValueError, match="Return of cond must be a Symbol"):
        mx.sym.contrib.while_loop(lambda i: True, lambda i: (i, [i]), [x], 3)
    with pytest.raises(ValueError, match="1-th loop_var doesn't involve"):
        mx.sym.contrib.while_loop(lambda i: i, lambda i: (s, [s]), [x], 3)
    with pytest.raises(ValueError, match="Number of outputs differs"):
        mx.sym.contrib.cond(x, lambda: s, lambda: [s, s])


def test_data_of_different_lengths_is_refused():
    a, b, s = (mx.sym.var(n) for n in "abs")
    out, _ = mx.sym.contrib.foreach(lambda d, s: (d[0] + d[1] + s, s * 1), [a, b], s)
    with pytest.raises(ShapeError, match=r"2.*3|3.*2"):
        out.infer_shape(a=(2, 4), b=(3, 4), s=(4,))
    arrays = [mx.nd.ones((2, 4)), mx.nd.ones((3, 4))]
    with pytest.raises(ShapeError, match="different lengths"):
        mx.nd.contrib.foreach(lambda d, s: (d[0], s), arrays, mx.nd.ones(4))


def test_a_condition_of_several_numbers_is_refused():
    p, a = mx.sym.var("p"), mx.sym.var("a")
    out = mx.sym.contrib.cond(p, lambda: a + 1, lambda: a - 1)
    with pytest.raises(ShapeError, match="predicate must be a scalar"):
        out.eval(p=mx.nd.ones(2), a=mx.nd.ones(3))
    with pytest.raises(ValueError, match="scalar"):
        mx.nd.contrib.cond(mx.nd.ones(2), lambda: 1, lambda: 2)


def test_two_forwards_before_one_backward():
    op = CachedOp(symbol_of(scan))
    arrays = values()
    args = [arrays[n] for n in op.names]
    for one in args:
        one.attach_grad()
    with mx.autograd.record():
        first = op(*args)
        op(*[one * 2 for one in args])
    mx.autograd.backward(first)
    _, expected = eager(scan)
    assert np.allclose(arrays["w"].grad.asnumpy(), expected["w"], rtol=1e-4)


def broken(change):
    content = json.loads(symbol_of(scan).tojson())
    node = next(one for one in content["nodes"] if one["op"] == "_foreach")
    change(node)
    return json.dumps(content)


@pytest.mark.parametrize(
    "change",
    [
        lambda node: node.pop("subgraphs"),
        lambda node: node.update(subgraphs=[]),
        lambda node: node.update(subgraphs=[1]),
        lambda node: node["subgraphs"].append(node["subgraphs"][0]),
        lambda node: node["attrs"].pop("remain_locs"),
        lambda node: node["attrs"].update(in_data_locs="[7]"),
        lambda node: node["attrs"].update(in_data_locs="[-1]"),
        lambda node: node["attrs"].update(in_data_locs="[None]"),
        lambda node: node["attrs"].update(in_data_locs="[]"),
        lambda node: node["attrs"].update(num_outputs="9"),
        lambda node: node["attrs"].update(num_out_data="99999999999"),
        lambda node: node["inputs"].pop(),
        lambda node: node["subgraphs"][0].update(heads=[]),
    ],
)
def test_a_malformed_loop_in_a_file_is_a_typed_error(change):
    with pytest.raises((DataFileError, GraphError, MXNetError)):
        mx.sym.load_json(broken(change))


def test_graphs_too_deep_in_each_other_are_refused():
    content = json.loads(symbol_of(scan).tojson())
    node = next(one for one in content["nodes"] if one["op"] == "_foreach")
    body = inner = node["subgraphs"][0]
    for _ in range(40):
        inner = {**body, "nodes": [*body["nodes"], {**node, "subgraphs": [inner]}]}
    node["subgraphs"] = [inner]
    with pytest.raises(DataFileError, match="deep"):
        mx.sym.load_json(json.dumps(content))


def test_a_block_with_a_loop_is_exported_and_imported(tmp_path):
    net = Net(nested)
    net.initialize(mx.init.Constant(0.4))
    net.hybridize()
    arrays = values()
    args = [arrays[name] for name in "xs"]

    class Two(mx.gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            self.inner = net

        def hybrid_forward(self, F, x, s):
            return self.inner(x, s, F.ones((1,)))

    block = Two()
    block.hybridize()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the loop takes no part of the third input
        expected = [one.asnumpy() for one in block(*args)]
        symbol_file, params_file = block.export(str(tmp_path / "loop"))
    again = mx.gluon.SymbolBlock.imports(symbol_file, ["data0", "data1"], params_file)
    for one, other in zip(again(*args), expected, strict=True):
        assert np.allclose(one.asnumpy(), other, atol=1e-6)


def test_a_graph_with_a_loop_is_drawn_and_printed():
    symbol = symbol_of(nested)
    assert "_foreach" in mx.viz.plot_network(symbol).source
    op = CachedOp(symbol)
    op(*[values()[n] for n in op.names])
    (plan,) = op._plans.values()
    assert " as\n" in str(plan.graph)


def test_two_threads_on_one_loop():
    op = CachedOp(symbol_of(scan))
    args = [values()[n] for n in op.names]
    expected = [one.asnumpy() for one in op(*args)]
    found = []

    def work():
        for _ in range(10):
            found.append([one.asnumpy() for one in op(*args)])

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 30
    assert all(np.array_equal(a, b) for some in found for a, b in zip(some, expected, strict=True))
