"""Layers that end a network: their gradient is that of a loss, whatever comes from above."""

from ..error import ShapeError
from . import rules
from .nn_softmax import softmax
from .params import Bool, Enum, Float
from .registry import op

_NORMALIZATION = Enum("batch", "null", "valid")


def _over(data_shape, multi_output, preserve_shape):
    """The shape in which SoftmaxOutput works, and the axis that sums to 1."""
    if multi_output:
        return (*data_shape[:2], rules.prod(data_shape[2:])), 1
    if preserve_shape:
        return data_shape, len(data_shape) - 1
    return (data_shape[0], rules.prod(data_shape[1:])), 1


@op(
    aliases=["Softmax"],
    examples=[
        {"data": (4, 3), "label": ("int", 3, (4,))},
        {"data": (2, 3, 4), "label": ("int", 3, (2, 4)), "multi_output": True},
        {"data": (2, 4, 3), "label": ("int", 3, (2, 4)), "preserve_shape": True},
    ],
)
def SoftmaxOutput(
    xp,
    data,
    label,
    *,
    grad_scale: Float = 1.0,  # factor of the gradient
    ignore_label: Float = -1.0,  # label without gradient, where use_ignore
    multi_output: Bool = False,  # classes along axis 1, one label for each further place
    use_ignore: Bool = False,
    preserve_shape: Bool = False,  # classes along the last axis
    normalization: _NORMALIZATION = "null",  # divide the gradient by the number of labels
    out_grad: Bool = False,  # multiply the gradient by the output
    smooth_alpha: Float = 0.0,  # label smoothing
):
    """softmax, with the gradient of the cross entropy against *label*: ``out - one_hot(label)``.

    (N, C), (N,) → (N, C). The gradient from above is ignored.
    """
    shape, axis = _over(data.shape, multi_output, preserve_shape)
    return softmax.body(xp, data.reshape(shape), axis=axis).reshape(data.shape)


@SoftmaxOutput.infer
def _softmax_output_shape(p, ins):
    data, label = ins
    if data is None:
        return ins, [None]
    if label is not None and label == data:
        return ins, [data]
    if p["multi_output"]:
        flat = (data[0], rules.prod(data[2:]))
        whole, kept = data[:1] + data[2:], (data[0], 1, *data[2:])
        if label is None:
            label = whole if len(data) == 3 else flat
        elif label not in (flat, whole, kept) and 0 not in label + data:
            raise ShapeError(f"Shape inconsistent, expected label {whole}, got {label}")
        return [data, label], [data]
    return [data, rules.merge(label, data[:-1], "label")], [data]


def _softmax_output_back(F, g, label, out, p):
    own = {name: value for name, value in p.items() if name != "out_grad"}
    grad = F._backward_SoftmaxOutput(out, label, **own)
    # out_grad multiplies the output, not the gradient from above: so does MXNet 1.9.1
    return grad * out if p["out_grad"] else grad


SoftmaxOutput.grad(data=_softmax_output_back)


@op(
    "_backward_SoftmaxOutput",
    infer="like",
    dtype="first",
    examples=[{"data": ("unit", (4, 3)), "label": ("int", 3, (4,))}],
)
def backward_softmax_output(
    xp,
    data,
    label,
    *,
    grad_scale: Float = 1.0,
    ignore_label: Float = -1.0,
    multi_output: Bool = False,
    use_ignore: Bool = False,
    preserve_shape: Bool = False,
    normalization: _NORMALIZATION = "null",
    smooth_alpha: Float = 0.0,
):
    """SoftmaxOutput's gradient from its output, here called *data*."""
    if data.shape == label.shape:
        return (data - label) * grad_scale
    shape, axis = _over(data.shape, multi_output, preserve_shape)
    out = data.reshape(shape)
    kept = (*shape[:axis], 1, *shape[axis + 1 :])
    classes = xp.arange(shape[axis]).reshape([-1 if i == axis else 1 for i in range(len(shape))])
    hit = classes == label.astype("int64").reshape(kept)
    if smooth_alpha:
        others = smooth_alpha / max(1, shape[axis] - 1)
        grad = out - xp.where(hit, 1 - smooth_alpha, others).astype(data.dtype)
    else:
        grad = out - hit
    if use_ignore:
        grad = grad * (label.reshape(kept) != ignore_label)
    count = 1.0
    if normalization == "batch":
        count = float(label.shape[0])
    elif normalization == "valid":
        count = max(1.0, float((label != ignore_label).sum())) if use_ignore else float(label.size)
    if multi_output and normalization != "valid":
        count *= shape[2]
    return (grad * (grad_scale / count)).reshape(data.shape)


# ---- regression -----------------------------------------------------------------------------


def _label_like_data(p, ins):
    data, label = ins
    if data is None:
        return ins, [None]
    if label is None:
        label = data
    elif rules.prod(label) != rules.prod(data) and 0 not in data + label:
        raise ShapeError(f"Shape inconsistent, expected label {data}, got {label}")
    return [data, label], [data]


def _regression(name, formula, slope, doc):
    def body(xp, data, label, *, grad_scale: Float = 1.0):
        return formula(xp, data)

    body.__doc__ = doc
    made = op(
        name,
        aliases=[f"_sparse_{name}"],
        infer=_label_like_data,
        dtype="first",
        examples=[{"data": (4, 3), "label": (4, 3)}],
    )(body)

    def grad(F, g, out, label, data_shape, p):
        label = F._reshape_to(label, shape=data_shape)
        outputs = max(1, rules.prod(data_shape[1:]))
        return slope(F, out - label) * (p["grad_scale"] / outputs)

    return made.grad(data=grad)


_regression(
    "LinearRegressionOutput",
    lambda xp, data: data.copy(),
    lambda F, gap: gap,
    "*data*, with the gradient of the squared error against *label*: ``data - label``.",
)
_regression(
    "LogisticRegressionOutput",
    lambda xp, data: 1 / (1 + xp.exp(-data)),
    lambda F, gap: gap,
    "``sigmoid(data)``, with the gradient of the cross entropy against *label*.",
)
_regression(
    "MAERegressionOutput",
    lambda xp, data: data.copy(),
    lambda F, gap: F.sign(gap),
    "*data*, with the gradient of the absolute error against *label*: ``sign(data - label)``.",
)


# ---- SVMOutput ------------------------------------------------------------------------------


def _label_of_rows(p, ins):
    data, label = ins
    if data is None:
        return ins, [None]
    return [data, rules.merge(label, data[:-1], "label")], [data]


@op(infer=_label_of_rows, examples=[{"data": (4, 3), "label": ("int", 3, (4,))}])
def SVMOutput(
    xp,
    data,
    label,
    *,
    margin: Float = 1.0,  # how far a score is to be on its side of 0
    regularization_coefficient: Float = 1.0,  # factor of the gradient
    use_linear: Bool = False,  # linear hinges; else squared ones
):
    """A copy of the scores *data*, with the gradient of hinge losses, one class against the rest.

    (N, C), (N,) → (N, C). The label's score is to be above *margin*, each other one below
    -*margin*. The gradient from above is ignored.
    """
    return data.copy()


SVMOutput.grad(data=lambda F, g, out, label, p: F._backward_SVMOutput(out, label, **p))


@op(
    "_backward_SVMOutput",
    infer="like",
    examples=[{"data": (4, 3), "label": ("int", 3, (4,))}],
)
def backward_svm_output(
    xp,
    data,
    label,
    *,
    margin: Float = 1.0,
    regularization_coefficient: Float = 1.0,
    use_linear: Bool = False,
):
    """SVMOutput's gradient from its output, here called *data*."""
    hit = xp.arange(data.shape[-1]) == label.astype("int64")[..., None]
    side = xp.where(hit, 1, -1).astype(data.dtype)
    gap = margin - side * data
    slope = (gap > 0) if use_linear else 2 * xp.maximum(gap, 0)
    return (-side * slope * regularization_coefficient).astype(data.dtype, copy=False)


# ---- IdentityAttachKLSparseReg --------------------------------------------------------------


@op(
    aux=["moving_avg"],
    infer=lambda p, ins: (
        [ins[0], ins[1] if ins[0] is None else rules.merge(ins[1], ins[0][1:2])],
        [ins[0]],
    ),
    examples=[{"data": ("unit", (4, 3)), "moving_avg": ("unit", (3,)), "penalty": 0.1}],
)
def IdentityAttachKLSparseReg(
    xp,
    data,
    moving_avg,
    *,
    sparseness_target: Float(min=0, max=1) = 0.1,  # mean activation that is aimed at
    penalty: Float = 0.001,  # factor of the penalty
    momentum: Float(min=0, max=1) = 0.9,  # share of the old moving average that is kept
):
    """A copy of *data*, to whose gradient a penalty on its mean is added.

    *data* are outputs of sigmoids, (N, C). The penalty is the Kullback-Leibler divergence of the
    target and each unit's moving average, which moves when the gradient is computed. A practical
    guide to training restricted Boltzmann machines, Hinton 2010.
    """
    return data.copy()


IdentityAttachKLSparseReg.grad(
    data=lambda F, g, data, moving_avg, p: F._backward_IdentityAttachKLSparseReg(
        g, data, moving_avg, **p
    )
)


@op(
    "_backward_IdentityAttachKLSparseReg",
    mutates=["moving_avg"],
    infer="like",
    examples=[{"grad": (4, 3), "data": ("unit", (4, 3)), "moving_avg": ("unit", (3,))}],
)
def backward_sparse_reg(
    xp,
    grad,
    data,
    moving_avg,
    *,
    sparseness_target: Float = 0.1,
    penalty: Float = 0.001,
    momentum: Float = 0.9,
):
    """The gradient of IdentityAttachKLSparseReg's data; moves the moving average."""
    others = tuple(i for i in range(data.ndim) if i != 1)
    moving_avg *= momentum
    moving_avg += (1 - momentum) * data.mean(axis=others)
    slope = (1 - sparseness_target) / (1 - moving_avg) - sparseness_target / moving_avg
    return grad + penalty * slope.reshape((1, -1) + (1,) * (data.ndim - 2))


# ---- make_loss ------------------------------------------------------------------------------


@op(
    aliases=["_sparse_make_loss"],
    output_names=["loss"],
    infer="same",
    storage="keeps",
    examples=[{"data": (3, 4)}],
)
def make_loss(xp, data):
    """A copy of *data* whose gradient is 1, whatever comes from above."""
    return data.copy()


make_loss.grad(data=lambda F, g, out: F.ones_like(out))


@op(infer="same", examples=[{"data": (3, 4), "grad_scale": 2.0}])
def MakeLoss(
    xp,
    data,
    *,
    grad_scale: Float = 1.0,  # the gradient
    valid_thresh: Float = 0.0,  # with valid: elements above it are counted
    normalization: _NORMALIZATION = "null",  # divide the gradient by a number of elements
):
    """A copy of *data* whose gradient is *grad_scale*, whatever comes from above."""
    return data.copy()


def _make_loss_back(F, g, data, data_shape, p):
    grad = F.ones_like(data) * p["grad_scale"]
    if p["normalization"] == "batch":
        return grad / data_shape[0]
    if p["normalization"] == "valid":
        count = F.sum(F._greater_scalar(data, scalar=p["valid_thresh"]), keepdims=True)
        return F.broadcast_div(grad, F._maximum_scalar(count, scalar=1))
    return grad


MakeLoss.grad(data=_make_loss_back)


@op(
    infer=lambda p, ins: ([ins[0], ins[1] or (ins[0] and ins[0][:1])], [(1,)]),
    dtype="first",
    examples=[{"data": (4, 3), "label": ("int", 3, (4,))}],
)
def softmax_cross_entropy(xp, data, label):
    """``-Σ log softmax(data)[i, label[i]]`` over the batch: (N, C), (N,) → (1,)."""
    top = data.max(axis=1, keepdims=True)
    total = xp.log(xp.exp(data - top).sum(axis=1)) + top[:, 0]
    picked = xp.take_along_axis(data, label.astype("int64")[:, None], 1)[:, 0]
    return (total - picked).sum().reshape(1).astype(data.dtype)


def _cross_entropy_back(F, g, data, label, data_shape):
    hot = F._cast_like(F.one_hot(label, depth=data_shape[1]), data)
    return F.broadcast_mul(F.softmax(data) - hot, F._reshape_to(g, shape=(1, 1)))


softmax_cross_entropy.grad(data=_cross_entropy_back)
