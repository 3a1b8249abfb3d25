"""Parts of graphs: a graph is a csr matrix whose element (u, v) is the number of the edge u → v.

A dense matrix is taken as one whose zeros are no edges; then the results are dense too.
"""

from ..error import OperatorError, ShapeError, message
from .params import Bool, Int, Shape
from .registry import op
from .sparse import Csr, csr_at, of_dense, rows_of
from .storage import keeps_where

_GRAPH = ("int", 3, (4, 4))


def _refused(what, fix):
    return OperatorError(message(what, fix=fix))


def _on_dense(xp, function, graph, *arrays, **options):
    """*function* of a dense graph, its matrices dense."""
    made = function(of_dense(xp, graph, "csr"), *arrays, **options)
    return tuple(one.dense() if isinstance(one, Csr) else one for one in made)


def _square(shape):
    if shape is not None and len(shape) != 2:
        raise ShapeError(f"Shape inconsistent, a graph is a matrix, got {shape}")
    return shape


# ---- adjacency ------------------------------------------------------------------------------


@op(
    infer=lambda p, ins: ([_square(ins[0])], [ins[0]]),
    dtype=lambda p, ins, n: (ins, ["float32"]),
    zero_grad=True,
    storage=keeps_where(lambda p: True, only="csr"),
    examples=[{"data": _GRAPH}],
)
def _contrib_dgl_adjacency(xp, data):
    """Ones in float32 where the graph has edges; (N, N) → (N, N)."""
    return (data != 0).astype("float32")


@_contrib_dgl_adjacency.stored("csr")
def _adjacency(kernel, data):
    return data.with_values(data.xp.ones(data.data.shape, "float32"))


# ---- induced subgraphs ----------------------------------------------------------------------


def _subgraph(graph, vertices):
    """The edges among *vertices*: numbered anew from 0, and with their own numbers."""
    xp, vertices = graph.xp, vertices.astype("int64")
    if bool((vertices[1:] <= vertices[:-1]).any()):
        raise _refused("the input vertex list has to be sorted", "Give each vertex once, in order.")
    if vertices.shape[0] and not 0 <= int(vertices[0]) <= int(vertices[-1]) < graph.shape[0]:
        raise _refused(
            f"a vertex isn't in a graph of {graph.shape[0]} vertices", "Look at the vertices."
        )
    places, indptr = graph.elements(vertices)
    columns = graph.indices[places]
    new = xp.minimum(xp.searchsorted(vertices, columns), max(vertices.shape[0] - 1, 0))
    inside = vertices[new] == columns
    pointers = xp.concatenate([xp.zeros(1, "int64"), xp.cumsum(inside)])[indptr]
    old = graph.data[places[inside]]
    shape = (vertices.shape[0],) * 2
    made = Csr(graph.xp, xp.arange(old.shape[0]).astype(old.dtype), pointers, new[inside], shape)
    return made, made.with_values(old)


def _subgraphs(graph, *vertices, return_mapping, num_args):
    pairs = [_subgraph(graph, one) for one in vertices]
    new, old = (tuple(pair[i] for pair in pairs) for i in (0, 1))
    return new + old if return_mapping else new


def _subgraph_shapes(p, ins):
    graph, *vertices = ins
    outs = [None if one is None else (one[0], one[0]) for one in vertices]
    return [_square(graph), *vertices], outs * (2 if p["return_mapping"] else 1)


@op(
    outputs=lambda p: (p["num_args"] - 1) * (2 if p["return_mapping"] else 1),
    infer=_subgraph_shapes,
    dtype=lambda p, ins, n: (ins, [ins[0]] * n),
    zero_grad=True,
    examples=[{"args": [_GRAPH, ([0.0, 2.0, 3.0],)], "num_args": 2, "return_mapping": True}],
)
def _contrib_dgl_subgraph(
    xp,
    *args,
    num_args: Int(min=2),
    return_mapping: Bool,  # give also the subgraphs with the edges' own numbers
):
    """The subgraph of each list of vertices, which ascend: graph, (K,), ... → (K, K), ...

    Its edges are numbered from 0 in the order in which they are stored.
    """
    return _on_dense(xp, _subgraphs, *args, num_args=num_args, return_mapping=return_mapping)


@_contrib_dgl_subgraph.stored("csr", "default", ...)
def _stored_subgraphs(kernel, *args, **p):
    return _subgraphs(*args, **p)


# ---- samples of neighbours ------------------------------------------------------------------


def _chosen(xp, rows, indptr, keys, count):
    """Which elements to take: in each row the *count* with the smallest keys."""
    by_key = xp.argsort(keys)
    order = by_key[xp.argsort(rows[by_key], kind="stable")]
    rank = xp.arange(order.shape[0]) - indptr[rows[order]]
    return xp.sort(order[rank < count])


def _sample(graph, seeds, weights, rng, num_hops, num_neighbor, max_num_vertices):
    """Breadth first from the seeds: vertices, their edges, their layers."""
    xp, size = graph.xp, max_num_vertices
    frontier = xp.unique(seeds.astype("int64"))
    if frontier.shape[0] > size:
        raise _refused(
            f"{frontier.shape[0]} seeds for at most {size} vertices", "Raise max_num_vertices."
        )
    layers = xp.full(graph.shape[0], -1, "int64")
    layers[frontier] = 0
    count, sources, targets, edges = frontier.shape[0], [], [], []
    for hop in range(num_hops):
        if not frontier.shape[0] or count >= size:
            break
        places, indptr = graph.elements(frontier)
        rows = rows_of(xp, indptr, places.shape[0])
        columns = graph.indices[places]
        keys = -xp.log(1 - xp.asarray(rng.uniform(places.shape[0], "float64")))
        if weights is not None:  # the smallest of such keys fall as often as the weights say
            keys = keys / weights[columns].astype("float64")
        chosen = _chosen(xp, rows, indptr, keys, num_neighbor)
        sources.append(frontier[rows[chosen]])
        targets.append(columns[chosen])
        edges.append(graph.data[places[chosen]])
        new = xp.unique(columns[chosen])
        frontier = new[layers[new] < 0][: size - count]
        layers[frontier], count = hop + 1, count + frontier.shape[0]
    return layers, sources, targets, edges


def _sampled_graph(graph, ids, layers, sources, targets, edges, size):
    """The sampled edges as rows of the sampled vertices."""
    xp, shape = graph.xp, (size, graph.shape[1])
    if not sources:
        none = xp.zeros(0, "int64")
        return csr_at(xp, none, xp.zeros(0, graph.data.dtype), shape)
    source, target, edge = (xp.concatenate(one) for one in (sources, targets, edges))
    kept = layers[target] >= 0
    keys = xp.searchsorted(ids, source[kept]) * shape[1] + target[kept]
    order = xp.argsort(keys)
    return csr_at(xp, keys[order], edge[kept][order], shape)


def _sampled(graph, seeds, weights, rng, num_hops, num_neighbor, max_num_vertices):
    """(vertices and their number, graph, weights, layers); unused places hold -1."""
    xp, size = graph.xp, max_num_vertices
    layers, *parts = _sample(graph, seeds, weights, rng, num_hops, num_neighbor, size)
    (ids,) = xp.nonzero(layers >= 0)
    count = ids.shape[0]
    vertices = xp.full(size + 1, -1, "int64")
    vertices[:count], vertices[size] = ids, count
    depth = xp.full(size, -1, "int64")
    depth[:count] = layers[ids]
    likely = None
    if weights is not None:
        likely = xp.zeros(size, weights.dtype)
        likely[:count] = weights[ids]
    made = _sampled_graph(graph, ids, layers, *parts, size)
    return vertices.astype(seeds.dtype), made, likely, depth.astype(seeds.dtype)


def _grouped(samples, weighted):
    """All vertices, then all graphs, then all weights, then all layers."""
    kinds = zip(*samples, strict=True)
    return tuple(one for i, kind in enumerate(kinds) if weighted or i != 2 for one in kind)


def _uniform(graph, *seeds, rng, num_args, **p):
    return _grouped([_sampled(graph, one, None, rng, **p) for one in seeds], False)


def _weighted(graph, weights, *seeds, rng, num_args, **p):
    return _grouped([_sampled(graph, one, weights, rng, **p) for one in seeds], True)


def _sample_shapes(weighted):
    def rule(p, ins):
        graph, size = _square(ins[0]), p["max_num_vertices"]
        count = len(ins) - 1 - weighted
        matrix = None if graph is None else (size, graph[1])
        kinds = [(size + 1,), matrix, *[(size,)] * (1 + weighted)]
        return [graph, *ins[1:]], [kind for kind in kinds for _ in range(count)]

    return rule


def _sample_dtypes(weighted):
    def rule(p, ins, n):
        seeds = ins[1 + weighted :]
        likely = [ins[1]] * len(seeds) if weighted else []
        return ins, [*seeds, *[ins[0]] * len(seeds), *likely, *seeds]

    return rule


@op(
    outputs=lambda p: 3 * (p["num_args"] - 1),
    infer=_sample_shapes(False),
    dtype=_sample_dtypes(False),
    zero_grad=True,
    examples=[{"args": [_GRAPH, ([0.0, 2.0],)], "num_args": 2, "max_num_vertices": 3}],
)
def _contrib_dgl_csr_neighbor_uniform_sample(
    xp,
    *args,
    num_args: Int(min=2),
    num_hops: Int(min=0) = 1,  # how many steps to go from the seeds
    num_neighbor: Int(min=0) = 2,  # how many edges to take from each vertex
    max_num_vertices: Int(min=1) = 100,  # size of the results
    rng,
):
    """Neighbours of seeds, drawn evenly: graph, seeds (K,), ... → vertices, graphs, layers.

    Vertices ascend and end in their number, (max_num_vertices + 1,); the graph has a row for each
    of them and all columns; a layer counts the steps from the seeds, (max_num_vertices,). Unused
    places hold -1. The draws are others than those of MXNet for the same seed.
    """
    p = {"num_hops": num_hops, "num_neighbor": num_neighbor, "max_num_vertices": max_num_vertices}
    return _on_dense(xp, _uniform, *args, rng=rng, num_args=num_args, **p)


@_contrib_dgl_csr_neighbor_uniform_sample.stored("csr", "default", ...)
def _stored_uniform(kernel, *args, **p):
    return _uniform(*args, **p)


@op(
    outputs=lambda p: 4 * (p["num_args"] - 2),
    infer=_sample_shapes(True),
    dtype=_sample_dtypes(True),
    zero_grad=True,
    examples=[
        {
            "args": [_GRAPH, ("positive", (4,)), ([0.0, 2.0],)],
            "num_args": 3,
            "max_num_vertices": 3,
        }
    ],
)
def _contrib_dgl_csr_neighbor_non_uniform_sample(
    xp,
    *args,
    num_args: Int(min=3),
    num_hops: Int(min=0) = 1,  # how many steps to go from the seeds
    num_neighbor: Int(min=0) = 2,  # how many edges to take from each vertex
    max_num_vertices: Int(min=1) = 100,  # size of the results
    rng,
):
    """As ``dgl_csr_neighbor_uniform_sample``, a vertex being drawn by its weight.

    graph, weights (N,), seeds (K,), ... → vertices, graphs, weights, layers. Efraimidis and
    Spirakis, Weighted random sampling with a reservoir, 2006.
    """
    p = {"num_hops": num_hops, "num_neighbor": num_neighbor, "max_num_vertices": max_num_vertices}
    return _on_dense(xp, _weighted, *args, rng=rng, num_args=num_args, **p)


@_contrib_dgl_csr_neighbor_non_uniform_sample.stored("csr", "default", ...)
def _stored_weighted(kernel, *args, **p):
    return _weighted(*args, **p)


# ---- compaction -----------------------------------------------------------------------------


def _compact(graph, vertices, size):
    """A sampled graph with columns numbered as its rows: edges numbered anew, and as they were."""
    xp, vertices = graph.xp, vertices.astype("int64")
    if int(vertices[-1]) != size:
        raise _refused(
            f"graph_sizes says {size}, the list of vertices {int(vertices[-1])}",
            "Give the last element of each list of vertices.",
        )
    own, columns = vertices[:size], graph.indices
    new = xp.minimum(xp.searchsorted(own, columns), max(size - 1, 0))
    if size and bool((own[new] != columns).any()):
        raise _refused(
            "an edge leads out of the vertices", "Give a sampled graph and its vertices."
        )
    numbers = xp.arange(columns.shape[0]).astype(graph.data.dtype)
    made = Csr(xp, numbers, graph.indptr[: size + 1], new, (size, size))
    return made, made.with_values(graph.data)


def _compacted(*args, num_args, return_mapping, graph_sizes):
    count = len(args) // 2
    if len(graph_sizes) != count:
        raise _refused(f"{len(graph_sizes)} graph_sizes for {count} graphs", "Give one for each.")
    pairs = [_compact(*one) for one in zip(args[:count], args[count:], graph_sizes, strict=True)]
    new, old = (tuple(pair[i] for pair in pairs) for i in (0, 1))
    return new + old if return_mapping else new


@op(
    outputs=lambda p: p["num_args"] // 2 * (2 if p["return_mapping"] else 1),
    infer=lambda p, ins: (
        list(ins),
        [(n, n) for n in p["graph_sizes"]] * (2 if p["return_mapping"] else 1),
    ),
    dtype=lambda p, ins, n: (ins, [ins[0]] * n),
    zero_grad=True,
    examples=[
        {
            "args": [
                ([[0.0, 0.0, 5.0, 0.0], [7.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]],),
                ([0.0, 2.0, -1.0, 2.0],),
            ],
            "num_args": 2,
            "return_mapping": True,
            "graph_sizes": (2,),
        }
    ],
)
def _contrib_dgl_graph_compact(
    xp,
    *args,
    num_args: Int(min=2),
    return_mapping: Bool,  # give also the graphs with the edges' own numbers
    graph_sizes: Shape,  # how many vertices each sampled graph has
):
    """Sampled graphs without empty rows and columns: graphs, ..., lists of vertices, ... → graphs.

    Vertices and edges are numbered from 0, vertices in the order of their list.
    """
    count = len(args) // 2
    graphs = [of_dense(xp, one, "csr") for one in args[:count]]
    made = _compacted(
        *graphs,
        *args[count:],
        num_args=num_args,
        return_mapping=return_mapping,
        graph_sizes=graph_sizes,
    )
    return tuple(one.dense() for one in made)


def _stored_compact(kernel, *args, **p):
    return _compacted(*args, **p)


for _count in range(1, 9):
    _contrib_dgl_graph_compact.stored(*["csr"] * _count, *["default"] * _count)(_stored_compact)
