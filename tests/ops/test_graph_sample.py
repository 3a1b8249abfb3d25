"""Subgraphs, samples of neighbours and what becomes of them."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import nd
from workbench.error import MXNetError, ShapeError

X = np.array([[1, 0, 0, 2], [3, 0, 4, 0], [0, 5, 0, 0], [0, 6, 7, 0]])


@pytest.fixture
def graph(request):
    return nd.array(X, dtype="int64").tostype("csr")


def complete(n):
    """A graph with an edge from each node to every other, numbered from 1."""
    numbers = np.zeros((n, n), "int64")
    numbers[~np.eye(n, dtype=bool)] = np.arange(1, n * (n - 1) + 1)
    return nd.array(numbers, dtype="int64").tostype("csr"), numbers


def vertices(*numbers):
    return nd.array(numbers, dtype="int64")


def test_adjacency(graph):
    made = nd.contrib.dgl_adjacency(graph)
    assert (made.stype, made.dtype) == ("csr", np.float32)
    np.testing.assert_array_equal(made.asnumpy(), X > 0)
    assert nd.contrib.dgl_adjacency(nd.array(X)).stype == "default"


def test_subgraphs(graph):
    new, other, old, other_old = nd.contrib.dgl_subgraph(
        graph, vertices(0, 1, 2), vertices(1, 3), num_args=3, return_mapping=True
    )
    assert new.data.asnumpy().tolist() == [0, 1, 2, 3]
    np.testing.assert_array_equal(old.asnumpy(), [[1, 0, 0], [3, 0, 4], [0, 5, 0]])
    np.testing.assert_array_equal(new.indices.asnumpy(), old.indices.asnumpy())
    np.testing.assert_array_equal(other_old.asnumpy(), [[0, 0], [6, 0]])
    assert other.dtype == np.int64
    alone = nd.contrib.dgl_subgraph(graph, vertices(1, 2), num_args=2, return_mapping=False)
    assert alone.stype == "csr"
    assert alone.shape == (2, 2)


def test_what_subgraphs_refuse(graph):
    for wrong, text in (((2, 1), "sorted"), ((1, 9), "isn't in a graph")):
        with pytest.raises(MXNetError, match=text):
            nd.contrib.dgl_subgraph(graph, vertices(*wrong), num_args=2, return_mapping=False)
    with pytest.raises(ShapeError, match="a graph is a matrix"):
        nd.contrib.dgl_adjacency(nd.ones((2, 2, 2)))


@pytest.mark.parametrize("hops", [0, 1, 2])
@pytest.mark.parametrize("count", [1, 3, 9])
def test_samples(hops, count):
    mx.random.seed(1)
    graph, numbers = complete(6)
    ids, made, layers = nd.contrib.dgl_csr_neighbor_uniform_sample(
        graph, vertices(4, 0), num_args=2, num_hops=hops, num_neighbor=count, max_num_vertices=8
    )
    known = int(ids[-1].asscalar())
    own, depth = ids.asnumpy()[:known], layers.asnumpy()
    assert (np.diff(own) > 0).all()
    assert ids.asnumpy()[known:-1].tolist() == [-1] * (8 - known)
    assert own[depth[:known] == 0].tolist() == [0, 4]
    assert depth[:known].max() <= hops
    assert (depth[known:] == -1).all()
    made.check_format()
    assert made.shape == (8, 6)
    degrees = np.diff(made.indptr.asnumpy())
    for row in range(8):
        inner = row < known and depth[row] < hops
        assert degrees[row] == (min(count, 5) if inner else 0)
    dense = made.asnumpy()
    for row, column in zip(*np.nonzero(dense), strict=True):
        assert dense[row, column] == numbers[own[row], column]
        assert column in own
    compact = nd.contrib.dgl_graph_compact(
        made, ids, num_args=2, return_mapping=False, graph_sizes=known
    )
    assert compact.shape == (known, known)
    assert compact.data.asnumpy().tolist() == list(range(degrees.sum()))
    np.testing.assert_array_equal(own[compact.indices.asnumpy()], made.indices.asnumpy())


def test_no_more_vertices_than_asked_for():
    graph, _ = complete(20)
    ids, made, _ = nd.contrib.dgl_csr_neighbor_uniform_sample(
        graph, vertices(3), num_args=2, num_hops=3, num_neighbor=5, max_num_vertices=4
    )
    assert ids.asnumpy()[-1] == 4
    assert set(made.indices.asnumpy()) <= set(ids.asnumpy()[:4].tolist())
    with pytest.raises(MXNetError, match="seeds for at most"):
        nd.contrib.dgl_csr_neighbor_uniform_sample(
            graph, vertices(1, 2, 3), num_args=2, max_num_vertices=2
        )


def test_neighbours_are_drawn_evenly_or_by_weight():
    mx.random.seed(5)
    graph, _ = complete(4)
    weights = nd.array([1.0, 0.0, 3.0, 1.0])
    even, weighted = np.zeros(4), np.zeros(4)
    for _ in range(600):
        ids, *_ = nd.contrib.dgl_csr_neighbor_uniform_sample(
            graph, vertices(1), num_args=2, num_neighbor=1, max_num_vertices=3
        )
        even[ids.asnumpy()[:2]] += 1
        ids, _, likely, _ = nd.contrib.dgl_csr_neighbor_non_uniform_sample(
            graph, weights, vertices(1), num_args=3, num_neighbor=1, max_num_vertices=3
        )
        own = ids.asnumpy()[:2]
        weighted[own] += 1
        np.testing.assert_array_equal(likely.asnumpy()[:2], weights.asnumpy()[own])
    np.testing.assert_allclose(even[[0, 2, 3]] / 600, [1 / 3] * 3, atol=0.08)
    np.testing.assert_allclose(weighted[[0, 2, 3]] / 600, [0.2, 0.6, 0.2], atol=0.08)


def test_several_seeds_and_both_mappings():
    graph, numbers = complete(5)
    made = nd.contrib.dgl_csr_neighbor_uniform_sample(
        graph, vertices(0), vertices(3), num_args=3, num_neighbor=4, max_num_vertices=5
    )
    assert [one.stype for one in made] == ["default", "default", "csr", "csr", "default", "default"]
    first, second, *old = nd.contrib.dgl_graph_compact(
        *made[2:4], *made[:2], num_args=4, return_mapping=True, graph_sizes=(5, 5)
    )
    np.testing.assert_array_equal(old[0].asnumpy()[0], numbers[0])
    np.testing.assert_array_equal(old[1].asnumpy()[3], numbers[3])
    assert first.data.asnumpy().tolist() == second.data.asnumpy().tolist() == [0, 1, 2, 3]


def test_what_compaction_refuses():
    graph, _ = complete(5)
    ids, made, _ = nd.contrib.dgl_csr_neighbor_uniform_sample(
        graph, vertices(0), num_args=2, num_neighbor=4, max_num_vertices=5
    )
    for sizes, wrong, text in (
        (4, ids, "graph_sizes says 4"),
        ((5, 5), ids, "2 graph_sizes for 1"),
        (5, nd.array([0, 1, 2, 3, 9, 5], dtype="int64"), "leads out"),
    ):
        with pytest.raises(MXNetError, match=text):
            nd.contrib.dgl_graph_compact(
                made, wrong, num_args=2, return_mapping=False, graph_sizes=sizes
            )
