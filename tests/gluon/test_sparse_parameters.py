"""Parameters with row_sparse values or gradients, and the Trainer that keeps them."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, gluon, nd
from workbench.error import MXNetError


class Table(gluon.Block):
    """Looks rows of a row_sparse parameter up."""

    def __init__(self, rows=6, width=2, **kwargs):
        super().__init__(**kwargs)
        self.rows, self.width = rows, width
        self.weight = self.params.get(
            "weight", shape=(rows, width), stype="row_sparse", grad_stype="row_sparse"
        )

    def forward(self, x):
        weight = self.weight.row_sparse_data(x)
        return nd.Embedding(x, weight, input_dim=self.rows, output_dim=self.width, sparse_grad=True)


def test_values_are_read_by_rows():
    one = gluon.Parameter("w", shape=(4, 2), stype="row_sparse", grad_stype="row_sparse")
    one.initialize(init="ones", ctx=[mx.cpu(0), mx.cpu(1)])
    assert one.stype == "row_sparse"
    assert [grad.stype for grad in one.list_grad()] == ["row_sparse"] * 2
    rows = nd.array([1, 3], ctx=mx.cpu(1))
    with pytest.raises(RuntimeError, match="no Trainer"):
        one.row_sparse_data(rows)
    gluon.Trainer([one], "sgd")
    read = one.row_sparse_data(rows)
    assert read.context == mx.cpu(1)
    assert read.indices.asnumpy().tolist() == [1, 3]
    assert len(one.list_row_sparse_data(nd.array([0]))) == 2
    with pytest.raises(TypeError, match="NDArray"):
        one._fetch_rows([], [1])
    for method in (one.data, one.list_data):
        with pytest.raises(RuntimeError, match="row_sparse_data"):
            method()
    assert one.var().attr("__storage_type__") == "1"


def test_dense_values_have_no_rows_to_fetch():
    one = gluon.Parameter("w", shape=(4, 2))
    one.initialize()
    for method in (one.row_sparse_data, one.list_row_sparse_data):
        with pytest.raises(RuntimeError, match="use data"):
            method(nd.array([1]))
    with pytest.raises(AssertionError, match="grad_stype"):
        gluon.Parameter("w", grad_stype="rows")


@pytest.mark.parametrize("contexts", [[mx.cpu(0)], [mx.cpu(0), mx.cpu(1)]])
def test_training_a_row_sparse_table(contexts):
    net = Table(prefix="table_")
    net.initialize(mx.init.One(), ctx=contexts)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1.0})
    parts = gluon.utils.split_and_load(nd.array([[0, 2], [2, 5]]), contexts)
    with autograd.record():
        losses = [net(x).sum() for x in parts]
    autograd.backward(losses)
    trainer.step(1)
    assert not trainer._params_to_init
    rows = nd.arange(6, ctx=contexts[0])
    assert net.weight.row_sparse_data(rows).asnumpy()[:, 0].tolist() == [0, 1, -1, 1, 1, 0]


@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adagrad"])
@pytest.mark.parametrize("contexts", [[mx.cpu(0)], [mx.cpu(0), mx.cpu(1)]])
def test_tables_with_sparse_gradients_train_as_dense_ones(hybrid, optimizer, contexts):
    results = []
    for sparse_grad in (False, True):
        mx.random.seed(3)
        net = gluon.nn.HybridSequential(prefix="net_")
        net.add(gluon.nn.Embedding(8, 3, sparse_grad=sparse_grad), gluon.nn.Dense(1))
        net.initialize(mx.init.Uniform(0.5), ctx=contexts)
        if hybrid:
            net.hybridize()
        trainer = gluon.Trainer(net.collect_params(), optimizer, {"learning_rate": 0.1})
        for _ in range(3):
            parts = gluon.utils.split_and_load(nd.array([[0, 2], [2, 7]]), contexts)
            with autograd.record():
                losses = [(net(x) ** 2).sum() for x in parts]
            autograd.backward(losses)
            grad = net[0].weight.grad(contexts[0])
            assert grad.stype == ("row_sparse" if sparse_grad else "default")
            trainer.step(2)
        results.append(net[0].weight.data(contexts[0]).asnumpy())
    np.testing.assert_allclose(*results, rtol=1e-5, atol=1e-6)


def test_csr_data_in_a_compiled_block():
    class Linear(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.w = self.params.get("w", shape=(4, 2), grad_stype="row_sparse")

        def hybrid_forward(self, F, x, w):
            return F.dot(x, w)

    net = Linear()
    net.initialize(mx.init.One())
    x = np.array([[0, 1, 0, 2], [0, 0, 0, 3]], "float32")
    for hybrid in (False, True):
        net.hybridize(hybrid)
        with autograd.record():
            y = net(nd.array(x).tostype("csr"))
        y.backward()
        np.testing.assert_array_equal(y.asnumpy(), x.sum(1, keepdims=True).repeat(2, 1))
        assert net.w.grad().indices.asnumpy().tolist() == [1, 3]
        np.testing.assert_array_equal(net.w.grad().asnumpy()[:, 0], x.sum(0))


def test_a_compiled_block_that_stores_its_result_sparse():
    class Sparse(gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return F.cast_storage(F.relu(x), stype="csr")

    net = Sparse()
    net.hybridize()
    made = net(nd.array([[1.0, -1.0]]))
    assert made.stype == "csr"
    assert made.asnumpy().tolist() == [[1, 0]]


def test_saving_and_loading(tmp_path):
    net = Table(prefix="table_")
    net.initialize(mx.init.One())
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1.0, "momentum": 0.5})
    for _ in range(2):
        with autograd.record():
            loss = net(nd.array([1, 4])).sum()
        loss.backward()
        trainer.step(1)
    net.save_parameters(tmp_path / "table.params")
    trainer.save_states(tmp_path / "table.states")
    saved = nd.load(tmp_path / "table.params")["weight"]
    assert saved.stype == "row_sparse"
    assert saved.asnumpy()[:, 0].tolist() == [1, -1.5, 1, 1, -1.5, 1]

    other = Table(prefix="other_")
    other.load_parameters(tmp_path / "table.params")
    twin = gluon.Trainer(other.collect_params(), "sgd", {"learning_rate": 1.0, "momentum": 0.5})
    twin.load_states(tmp_path / "table.states")
    for block, one in ((net, trainer), (other, twin)):
        with autograd.record():
            loss = block(nd.array([1])).sum()
        loss.backward()
        one.step(1)
        # momentum is updated in the rows of the gradient alone
        rows = block.weight.row_sparse_data(nd.arange(6)).asnumpy()[:, 0]
        assert rows.tolist() == [1, -3.25, 1, 1, -1.5, 1]


def test_a_new_value_reaches_the_store():
    net = Table(prefix="table_")
    net.initialize(mx.init.One())
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1.0})
    with autograd.record():
        loss = net(nd.array([1])).sum()
    loss.backward()
    trainer.step(1)
    net.weight.set_data(nd.array(np.full((6, 2), 7)).tostype("row_sparse"))
    assert net.weight.row_sparse_data(nd.array([1])).data.asnumpy().tolist() == [[7, 7]]


def test_what_a_trainer_refuses():
    one = gluon.Parameter("w", shape=(4, 2), stype="row_sparse", grad_stype="row_sparse")
    one.initialize()
    trainer = gluon.Trainer([one], "sgd", update_on_kvstore=False)
    with pytest.raises(ValueError, match="update_on_kvstore=False"):
        one.row_sparse_data(nd.array([1]))
    with pytest.raises(RuntimeError, match="More than one"):
        gluon.Trainer([one], "sgd")
    one._set_trainer(None)
    assert one._trainer is None
    one._set_trainer(trainer)
    other = gluon.Parameter("v", shape=(4, 2), stype="row_sparse")
    other.initialize()
    gluon.Trainer([other], "sgd", kvstore=None)
    with pytest.raises(TypeError, match="kvstore"):
        other.row_sparse_data(nd.array([1]))


def test_graphs_with_sparse_parameters_are_no_symbol_blocks():
    weight = mx.sym.var("weight", stype="row_sparse")
    data = mx.sym.var("data")
    with pytest.raises(AssertionError, match="storage type"):
        gluon.SymbolBlock(mx.sym.dot(data, weight), data)


def test_stale_gradients_of_sparse_values_are_found():
    net = Table(prefix="table_")
    net.initialize()
    trainer = gluon.Trainer(net.collect_params(), "sgd")
    net.weight.row_sparse_data(nd.array([0]))
    with pytest.raises(UserWarning, match="has not been updated"):
        trainer.step(1)


def test_devices_count_from_zero_in_the_list_of_values():
    one = gluon.Parameter("w", shape=(2,))
    one.initialize(ctx=[mx.cpu(0), mx.cpu(1)])
    assert one._data[1] is one.data(mx.cpu(1))
    with pytest.raises(MXNetError, match="was not initialized on context"):
        one.data(mx.cpu(2))
    with pytest.raises(KeyError):
        one._data["cpu"]
