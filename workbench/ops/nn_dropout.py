"""Dropout."""

from .params import Bool, Enum, Float, Shape
from .registry import op


@op(
    aliases=["_npx_dropout"],
    outputs=2,
    visible=1,
    examples=[{"data": (3, 4), "p": 0.0}, {"data": (3, 4), "p": 0.5}],
)
def Dropout(
    xp,
    data,
    *,
    p: Float(min=0, max=1) = 0.5,  # share of the elements to drop
    mode: Enum("always", "training") = "training",  # drop also outside of training
    axes: Shape = (),  # axes along which one decision holds for all elements
    cudnn_off: Bool(optional=True) = False,
    train,
    rng,
):
    """Zero a random share *p* of the elements and divide the others by ``1 - p``.

    Outside of training, the elements as they are. A hidden second output is the mask that was
    multiplied with.
    """
    shape = _mask_shape(data.shape, axes)
    if not p or (mode == "training" and not train):
        return data.copy(), xp.ones(shape, data.dtype)
    keep = 1 - p
    mask = xp.asarray(rng.keep_mask(shape, keep, data.dtype)).astype(data.dtype)
    if keep:
        mask *= data.dtype.type(1 / keep)
    return data * mask, mask


def _mask_shape(shape, axes):
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


@Dropout.infer
def _dropout_shape(p, ins):
    if ins[0] is None:
        return ins, [None, None]
    return ins, [ins[0], _mask_shape(ins[0], p["axes"])]


Dropout.grad(data=lambda F, g, outs: F.broadcast_mul(g[0], outs[1]))
