"""Convolution and ReLU in one: what the pass :mod:`~workbench.graph.passes.epilogue` chooses."""

from .nn_conv import Convolution, _convolution_shape, _places
from .params import Bool, Int, Shape
from .registry import op


@op(
    "_Convolution_relu",
    optional_when=lambda p: ["bias"] if p["no_bias"] else [],
    examples=[
        {
            "data": (2, 3, 5, 4),
            "weight": (4, 3, 3, 3),
            "bias": (4,),
            "kernel": (3, 3),
            "pad": (1, 1),
            "num_filter": 4,
        }
    ],
)
def convolution_relu(
    xp,
    data,
    weight,
    bias=None,
    *,
    kernel: Shape,
    stride: Shape = (),
    dilate: Shape = (),
    pad: Shape = (),
    num_filter: Int(min=1),
    num_group: Int(min=1) = 1,
    no_bias: Bool = False,
):
    """``max(Convolution(data, weight, bias), 0)``."""
    places = {"kernel": kernel, "stride": stride, "dilate": dilate, "pad": pad}
    out = Convolution.body(
        xp, data, weight, bias, num_filter=num_filter, num_group=num_group, **places
    )
    return xp.maximum(out, 0, out=out)


convolution_relu.infer(lambda p, ins: _convolution_shape({**p, "layout": None}, ins))


def _bent(F, g, out):
    return F.elemwise_mul(g, F._greater_scalar(out, scalar=0.0))


convolution_relu.grad(
    data=lambda F, g, weight, data_shape, out, p: F._backward_Convolution_data(
        _bent(F, g, out), weight, shape=data_shape, **_places(p)
    ),
    weight=lambda F, g, data, out, p: F._backward_Convolution_weight(
        _bent(F, g, out), data, **_places(p)
    ),
    bias=lambda F, g, out: F.sum(_bent(F, g, out), axis=(1,), exclude=True),
)
