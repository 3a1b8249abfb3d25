"""Order along an axis: sort, argsort, topk.

Equal elements keep their order. nan comes last whatever the direction, but among few elements
where MXNet's sort, which compares without regard to nan, leaves it.
"""

from ..error import ParameterError, message
from . import rules
from .params import Bool, DType, Enum, Int, Shape
from .registry import op

_DTYPE_OF_INDEX = "float32"


#: std::stable_sort inserts one by one up to this size
_INSERTED = 14


def _order(xp, data, axis, is_ascend):
    few = data.dtype.kind == "f" and 1 < data.shape[axis] <= _INSERTED
    if few and bool(xp.isnan(data).any()):
        return _order_with_nan(xp, data, axis, is_ascend)
    if is_ascend or data.dtype.kind == "f":
        return xp.argsort(data if is_ascend else -data, axis=axis, kind="stable")
    # integers may have no negative: sort backwards from the end, so that equal ones keep order
    back = (slice(None),) * axis + (slice(None, None, -1),)
    order = xp.argsort(data[back], axis=axis, kind="stable")
    return (data.shape[axis] - 1 - order)[back]


def _order_with_nan(xp, data, axis, is_ascend):
    """The order that inserting one by one gives: to the front, or leftwards past what is behind."""
    host = data.get() if hasattr(data, "get") else data
    rows = (host if is_ascend else -host).swapaxes(axis, -1)
    orders = []
    for row in rows.reshape(-1, rows.shape[-1]).tolist():
        order: list[int] = []
        for i, value in enumerate(row):
            at = len(order)
            if order and value < row[order[0]]:
                at = 0
            while at and value < row[order[at - 1]]:
                at -= 1
            order.insert(at, i)
        orders.append(order)
    return xp.asarray(orders).reshape(rows.shape).swapaxes(axis, -1)


def _along(data, axis):
    """The array and axis to work on: None flattens first."""
    if axis is None:
        return data.reshape(-1), 0
    return data, rules.one_axis(axis, data.ndim)


def _flat_or_same(p, ins):
    if ins[0] is None:
        return ins, [None]
    if p["axis"] is None:
        return ins, [(rules.prod(ins[0]),)]
    rules.one_axis(p["axis"], len(ins[0]))
    return ins, [ins[0]]


_EXAMPLES = [
    {"data": (3, 4)},
    {"data": (2, 3, 4), "axis": 1, "is_ascend": False},
    {"data": (2, 3), "axis": None},
]


@op(aliases=["_npi_sort"], output_names=["output0"], infer=_flat_or_same, examples=_EXAMPLES)
def sort(
    xp,
    data,
    *,
    axis: Int(optional=True) = -1,  # axis to sort along; None flattens first
    is_ascend: Bool = True,  # the smallest first
):
    """The elements in order along an axis."""
    data, axis = _along(data, axis)
    return xp.take_along_axis(data, _order(xp, data, axis, is_ascend), axis)


def _sort_back(F, g, data, data_shape, p):
    if p["axis"] is None:
        data = F._reshape_to(data, shape=(rules.prod(data_shape),))
    axis = -1 if p["axis"] is None else p["axis"]
    order = F.argsort(data, axis=axis, is_ascend=p["is_ascend"], dtype="int64")
    rank = 1 if p["axis"] is None else len(data_shape)
    shape = (rules.prod(data_shape),) if p["axis"] is None else data_shape
    grad = F._put_along(g, order, axis=rules.one_axis(axis, rank), shape=shape)
    return F._reshape_to(grad, shape=data_shape)


sort.grad(data=_sort_back)


@op(
    "_put_along",
    dtype="first",
    infer=lambda p, ins: (ins, [p["shape"]]),
    examples=[{"data": (2, 3), "order": ([[0, 2, 1], [3, 1, 0]],), "axis": 1, "shape": (2, 4)}],
)
def put_along(xp, data, order, *, axis: Int, shape: Shape):
    """Zeros of *shape* with *data* added at the indices *order* along *axis*."""
    made = xp.zeros(shape, data.dtype)
    places = list(xp.indices(order.shape))
    places[axis] = order.astype("int64")
    xp.add.at(made, tuple(places), data)
    return made


put_along.grad(data=lambda F, g, order, p: F._take_along(g, order, axis=p["axis"]))


@op(
    "_take_along",
    infer=lambda p, ins: (ins, [ins[1]]),
    dtype="first",
    examples=[{"data": (2, 4), "order": ([[0, 2, 1], [3, 1, 0]],), "axis": 1}],
)
def take_along(xp, data, order, *, axis: Int):
    """The elements at the indices *order* along *axis*."""
    return xp.take_along_axis(data, order.astype("int64"), axis)


take_along.grad(
    data=lambda F, g, order, data_shape, p: F._put_along(g, order, axis=p["axis"], shape=data_shape)
)


@op(
    aliases=["_npi_argsort"],
    zero_grad=True,
    infer=_flat_or_same,
    dtype=lambda p, ins, n: (ins, [p["dtype"]]),
    examples=_EXAMPLES,
)
def argsort(
    xp,
    data,
    *,
    axis: Int(optional=True) = -1,  # axis to sort along; None flattens first
    is_ascend: Bool = True,  # the smallest first
    dtype: DType = _DTYPE_OF_INDEX,  # dtype of the indices
):
    """The indices that sort along an axis; the gradient is zero."""
    data, axis = _along(data, axis)
    return _order(xp, data, axis, is_ascend).astype(dtype)


# ---- topk --------------------------------------------------------------------------------------


#: how long an axis may be for its indices to be exact in a dtype
_EXACT = {"float32": 1 << 24, "float64": 1 << 53, "int32": 1 << 31, "int64": 1 << 62}


def _has_values(p):
    return p["ret_typ"] in ("value", "both")


@op(
    aliases=["_npx_topk"],
    outputs=lambda p: 2 if p["ret_typ"] == "both" else 1,
    dtype=lambda p, ins, n: (
        ins,
        {"value": [ins[0]], "both": [ins[0], p["dtype"]], "mask": [ins[0]]}.get(
            p["ret_typ"], [p["dtype"]]
        ),
    ),
    examples=[
        {"data": (3, 4), "k": 2, "ret_typ": "value"},
        {"data": (3, 4), "k": 2, "ret_typ": "both", "axis": 0, "is_ascend": True},
        {"data": (3, 4), "k": 2, "ret_typ": "mask"},
        {"data": (3, 4), "axis": None},
    ],
)
def topk(
    xp,
    data,
    *,
    axis: Int(optional=True) = -1,  # axis to search along; None flattens first
    k: Int = 1,  # how many; 0 for all
    ret_typ: Enum("both", "indices", "mask", "value") = "indices",
    is_ascend: Bool = False,  # the smallest instead of the largest
    dtype: DType = _DTYPE_OF_INDEX,  # dtype of the indices
):
    """The *k* largest elements along an axis in falling order.

    Their indices, their values, both, or a mask of data's shape that is 1 where they are.
    """
    shape = data.shape
    data, axis = _along(data, axis)
    count = _count(k, data.shape[axis])
    order = _order(xp, data, axis, is_ascend)[(slice(None),) * axis + (slice(count),)]
    if ret_typ == "mask":
        mask = put_along.body(
            xp, xp.ones(order.shape, data.dtype), order, axis=axis, shape=data.shape
        )
        return (mask.reshape(shape),)
    indices = order.astype(dtype)
    if ret_typ == "indices":
        return (indices,)
    values = xp.take_along_axis(data, order, axis)
    return (values,) if ret_typ == "value" else (values, indices)


def _count(k, size):
    if k > size:
        raise ParameterError(
            message(f"topk: k {k} exceeds the {size} elements along the axis", fix="Lower k.")
        )
    return k if k > 0 else size


@topk.infer
def _topk_shape(p, ins):
    n = 2 if p["ret_typ"] == "both" else 1
    if ins[0] is None:
        return ins, [None] * n
    if p["ret_typ"] == "mask":
        return ins, [ins[0]]
    shape = (rules.prod(ins[0]),) if p["axis"] is None else ins[0]
    axis = 0 if p["axis"] is None else rules.one_axis(p["axis"], len(shape))
    size = shape[axis] and _count(p["k"], shape[axis])
    return ins, [(*shape[:axis], size, *shape[axis + 1 :])] * n


def _topk_back(F, g, data, outs, data_shape, p):
    if not _has_values(p):
        return None
    flat = p["axis"] is None
    shape = (rules.prod(data_shape),) if flat else data_shape
    axis = 0 if flat else rules.one_axis(p["axis"], len(shape))
    if p["ret_typ"] == "both" and shape[axis] <= _EXACT.get(p["dtype"], 0):
        order = outs[1]
    else:
        order = F.argsort(
            F._reshape_to(data, shape=shape), axis=axis, is_ascend=p["is_ascend"], dtype="int64"
        )
        size = _count(p["k"], shape[axis])
        order = F.slice_axis(order, axis=axis, begin=0, end=size)
    grad = F._put_along(g[0], order, axis=axis, shape=shape)
    return F._reshape_to(grad, shape=data_shape)


topk.grad(data=_topk_back)
