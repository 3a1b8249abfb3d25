"""Several arrays as one."""

from ..error import ShapeError
from . import rules
from .params import Int
from .registry import op
from .storage import Storage


def _concat_stype(p, stypes):
    return "csr" if set(stypes) == {"csr"} and p["dim"] == 0 else "default"


@op(
    aliases=["_sparse_concat", "concat"],
    storage=Storage(_concat_stype),
    examples=[
        {"args": [(2, 3), (2, 4)], "num_args": 2},
        {"args": [(2, 3), (1, 3), (2, 3)], "num_args": 3, "dim": 0},
    ],
)
def Concat(xp, *args, num_args: Int(min=1), dim: Int = 1):
    """The inputs one after the other along axis *dim*; all other sizes are equal."""
    return xp.concatenate(args, axis=dim)


@Concat.infer
def _concat_shape(p, ins):
    rank = next((len(s) for s in ins if s is not None), None)
    if rank is None:
        return ins, [None]
    dim, common = rules.one_axis(p["dim"], rank), None
    for one in ins:
        if one is not None:
            if len(one) != rank:
                raise ShapeError(f"Shape inconsistent, inputs of {rank} and {len(one)} axes")
            common = rules.merge(common, (*one[:dim], 0, *one[dim + 1 :]))
    sizes = [0 if one is None else one[dim] for one in ins]
    ins = [(*common[:dim], n, *common[dim + 1 :]) for n in sizes]
    total = 0 if 0 in sizes else sum(sizes)
    return ins, [(*common[:dim], total, *common[dim + 1 :])]


@Concat.infer_from_outputs
def _concat_from_output(p, ins, outs):
    """All sizes but those along the axis are the output's; of these one may be what is left."""
    out = outs[0]
    if out is None or not ins:
        return ins
    dim = rules.one_axis(p["dim"], len(out))
    sizes = [0 if one is None else one[dim] for one in ins]
    if out[dim] and sizes.count(0) == 1:
        sizes[sizes.index(0)] = max(out[dim] - sum(sizes), 0)
    return [
        rules.merge(one, (*out[:dim], size, *out[dim + 1 :]))
        for one, size in zip(ins, sizes, strict=True)
    ]


def _concat_back(F, g, args_shape, p):
    grads, at = [], 0
    for shape in args_shape:
        lead = (slice(None),) * rules.one_axis(p["dim"], len(shape))
        end = at + shape[p["dim"]]
        grads.append(F._getitem(g, key=(*lead, slice(at, end))))
        at = end
    return grads


Concat.grad(args=_concat_back)


@op(
    aliases=["_npi_rnn_param_concat"],
    examples=[{"args": [(6,), (4,)], "num_args": 2, "dim": 0}],
)
def _rnn_param_concat(xp, *args, num_args: Int(min=1), dim: Int = 1):
    """Concat of the flattened parameters of recurrent layers."""
    return xp.concatenate(args, axis=dim)


@_rnn_param_concat.infer
def _rnn_param_shape(p, ins):
    return _concat_shape(p, ins)


@_rnn_param_concat.infer_from_outputs
def _rnn_param_from_output(p, ins, outs):
    """Parts of unknown size, weights of the first layer, share what the known ones leave."""
    dim, out = p["dim"], outs[0]
    unknown = [i for i, one in enumerate(ins) if one is None or one[dim] == 0]
    if not unknown or not out or not out[dim]:
        return ins
    left = out[dim] - sum(one[dim] for one in ins if one is not None)
    if left <= 0 or left % len(unknown):
        return ins
    size = left // len(unknown)
    return [
        (*out[:dim], size, *out[dim + 1 :]) if i in unknown else one for i, one in enumerate(ins)
    ]


_rnn_param_concat.grad(args=_concat_back)


@op(
    examples=[
        {"args": [(2, 3), (2, 3)], "num_args": 2},
        {"args": [(2, 3), (2, 3)], "num_args": 2, "axis": -1},
    ]
)
def stack(xp, *args, axis: Int = 0, num_args: Int(min=1)):
    """The inputs, all of one shape, side by side along a new axis."""
    return xp.stack(args, axis=axis)


@stack.infer
def _stack_shape(p, ins):
    shape = None
    for one in ins:
        shape = rules.merge(shape, one)
    if shape is None:
        return ins, [None]
    axis = rules.one_axis(p["axis"], len(shape) + 1)
    return [shape] * len(ins), [(*shape[:axis], len(ins), *shape[axis:])]


def _stack_back(F, g, args_shape, p):
    lead = (slice(None),) * rules.one_axis(p["axis"], len(args_shape[0]) + 1)
    return [F._getitem(g, key=(*lead, i)) for i in range(len(args_shape))]


stack.grad(args=_stack_back)


@op(
    aliases=["_sparse_where"],
    dtype=lambda p, ins, n: ([ins[0], ins[1] or ins[2], ins[2] or ins[1]], [ins[1] or ins[2]]),
    examples=[
        {"condition": ("int", 2, (3, 4)), "x": (3, 4), "y": (3, 4)},
        {"condition": ("int", 2, (3,)), "x": (3, 4), "y": (3, 4)},
    ],
)
def where(xp, condition, x, y):
    """*x* where the condition is not 0, else *y*.

    The condition has the shape of both, or one axis that chooses whole rows.
    """
    if condition.ndim < x.ndim:
        condition = condition.reshape((-1,) + (1,) * (x.ndim - 1))
    return xp.where(condition if condition.dtype.kind == "b" else condition != 0, x, y)


@where.infer
def _where_shape(p, ins):
    condition, x, y = ins
    x = rules.merge(x, y)
    if not rules.known(condition):  # as in MXNet, nothing is told then
        return [condition, x, x], [None]
    if x is not None:
        if len(condition) == len(x):
            x = rules.merge(x, condition)
        elif len(condition) != 1 or (condition[0] and x[0] and condition[0] != x[0]):
            raise ShapeError(f"Shape inconsistent, condition {condition}, x {x}")
    return [condition, x, x], [x]


where.grad(
    x=lambda F, g, condition: F.where(condition, g, F.zeros_like(g)),
    y=lambda F, g, condition: F.where(condition, F.zeros_like(g), g),
)
