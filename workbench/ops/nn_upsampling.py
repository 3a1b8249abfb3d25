"""Images enlarged by a whole number."""

from ..error import ShapeError
from . import rules
from .nn_deconv import Deconvolution
from .nn_spatial import check_image
from .params import Enum, Int
from .registry import op


def _blocks(shape, down, across):
    """The shape in which each block of *down* × *across* has two axes of its own."""
    *lead, width = shape
    lead = (*lead[:-1], lead[-1] // down, down) if lead else ()
    return (*lead, width // across, across)


def _block_rule(grows):
    def rule(p, ins):
        if ins[0] is None:
            return ins, [None]
        *lead, height, width = (1, *ins[0])
        if grows:
            out = (*lead, height * p["down"], width * p["across"])
        else:
            out = (*lead, height // p["down"], width // p["across"])
        return ins, [out[1:]]

    return rule


_BLOCK = [{"data": (2, 4, 6), "down": 2, "across": 3}, {"data": (4,), "across": 2}]


@op("_repeat_blocks", infer=_block_rule(grows=True), examples=_BLOCK)
def repeat_blocks(
    xp,
    data,
    *,
    down: Int(min=1) = 1,  # rows of a block
    across: Int(min=1) = 1,  # columns of a block
):
    """Each element as a block, in the last two axes: (..., H, W) → (..., down · H, across · W)."""
    _, (shape,) = repeat_blocks.infer_shape({"down": down, "across": across}, [data.shape])
    made = xp.empty(_blocks(shape, down, across), data.dtype)
    made[...] = data[..., None] if data.ndim == 1 else data[..., :, None, :, None]
    return made.reshape(shape)


@op("_sum_blocks", infer=_block_rule(grows=False), examples=_BLOCK)
def sum_blocks(
    xp,
    data,
    *,
    down: Int(min=1) = 1,  # rows of a block
    across: Int(min=1) = 1,  # columns of a block
):
    """The sum of each block: (..., down · H, across · W) → (..., H, W)."""
    blocks = data.reshape(_blocks(data.shape, down, across))
    return blocks.sum(axis=-1 if data.ndim == 1 else (-3, -1), dtype=data.dtype)


repeat_blocks.grad(data=lambda F, g, p: F._sum_blocks(g, down=p["down"], across=p["across"]))
sum_blocks.grad(data=lambda F, g, p: F._repeat_blocks(g, down=p["down"], across=p["across"]))


def _as_deconvolution(p):
    """The transposed convolution that bilinear upsampling is."""
    scale, channels = p["scale"], p["num_filter"]
    return {
        "kernel": (2 * scale - scale % 2,) * 2,
        "stride": (scale,) * 2,
        "dilate": (),
        "pad": (scale // 2,) * 2,
        "adj": (),
        "target_shape": (),
        "num_filter": channels,
        "num_group": channels,
        "no_bias": True,
        "layout": None,
    }


@op(
    input_names=lambda p: ("data", "weight") if p["sample_type"] == "bilinear" else None,
    examples=[
        {"args": [(1, 2, 2, 3)], "scale": 2, "sample_type": "nearest", "num_args": 1},
        {
            "args": [(1, 1, 1, 2), (1, 2, 3, 6)],
            "scale": 3,
            "sample_type": "nearest",
            "num_args": 2,
        },
        {
            "args": [(1, 2, 2, 2), (1, 2, 4, 4)],
            "scale": 2,
            "sample_type": "nearest",
            "multi_input_mode": "sum",
            "num_args": 2,
        },
        {
            "args": [(1, 2, 2, 3), (2, 1, 4, 4)],
            "scale": 2,
            "sample_type": "bilinear",
            "num_filter": 2,
            "num_args": 2,
        },
    ],
)
def UpSampling(
    xp,
    *args,
    scale: Int(min=1),  # how many times larger the first input becomes
    num_filter: Int(min=0) = 0,  # bilinear: the number of channels
    sample_type: Enum("bilinear", "nearest"),  # interpolate by a given kernel, or repeat pixels
    multi_input_mode: Enum("concat", "sum") = "concat",  # what becomes of several images
    num_args: Int(min=1) = 1,
    workspace: Int(min=0) = 512,
):
    """Images enlarged: (N, C, H, W) → (N, C, scale · H, scale · W).

    ``nearest`` repeats pixels; further inputs are enlarged to the same size, and their channels
    appended or summed. ``bilinear`` is a transposed convolution of the first input with a weight
    of shape (C, 1, k, k), k = 2 scale - scale % 2, that the ``Bilinear`` initializer fills.
    """
    if sample_type == "bilinear":
        p = {"scale": scale, "num_filter": num_filter}
        return Deconvolution.body(xp, *args, **_as_deconvolution(p))
    height = args[0].shape[2] * scale
    times = [height // one.shape[2] for one in args]
    enlarged = [
        repeat_blocks.body(xp, one, down=n, across=n) for one, n in zip(args, times, strict=True)
    ]
    if len(args) == 1:
        return enlarged[0]
    if multi_input_mode == "concat":
        return xp.concatenate(enlarged, axis=1)
    return sum(enlarged[1:], enlarged[0])


@UpSampling.infer
def _upsampling_shape(p, ins):
    if ins[0] is None:
        return ins, [None]
    check_image("UpSampling", ins[0])
    if p["sample_type"] == "bilinear":
        return _bilinear_shape(p, ins)
    out = tuple(n * p["scale"] for n in ins[0][2:])
    for one in ins:
        if one is None:
            return ins, [(ins[0][0], 0, *out)]
        check_image("UpSampling", one)
        times = {a // b for a, b in zip(out, one[2:], strict=True) if a and b}
        uneven = any(a % b for a, b in zip(out, one[2:], strict=True) if a and b)
        if uneven or len(times) > 1 or 0 in times:
            raise ShapeError(f"UpSampling: Shape inconsistent, {one} cannot be enlarged to {out}")
    channels = [one[1] for one in ins]
    if p["multi_input_mode"] == "sum":
        if len({*channels} - {0}) > 1:
            raise ShapeError(f"UpSampling: Shape inconsistent, sums of {channels} channels")
        return ins, [(ins[0][0], max(channels), *out)]
    return ins, [(ins[0][0], 0 if 0 in channels else sum(channels), *out)]


def _bilinear_shape(p, ins):
    if len(ins) != 2:
        raise ShapeError(f"UpSampling: bilinear needs data and weight, got {len(ins)} inputs")
    data, weight = ins
    if data[1] and data[1] != p["num_filter"]:
        raise ShapeError(
            f"UpSampling: num_filter {p['num_filter']} is not the number of channels, {data[1]}"
        )
    side = 2 * p["scale"] - p["scale"] % 2
    weight = rules.merge(weight, (data[1], 1, side, side), "weight")
    return [data, weight], [(*data[:2], *(n * p["scale"] for n in data[2:]))]


def _upsampling_back(F, g, args, args_shape, p):
    if p["sample_type"] == "bilinear":
        options, (data, weight) = _as_deconvolution(p), args
        rule = {name: one.function for name, one in Deconvolution.grads.items()}
        return [
            rule["data"](F, g, weight, args_shape[0], options),
            rule["weight"](F, g, data, args_shape[0], options),
        ]
    grads, at = [], 0
    for _, channels, height, _ in args_shape:
        part = g
        if len(args_shape) > 1 and p["multi_input_mode"] == "concat":
            part = F._getitem(g, key=(slice(None), slice(at, at + channels)))
            at += channels
        times = args_shape[0][2] * p["scale"] // height
        grads.append(F._sum_blocks(part, down=times, across=times))
    return grads


UpSampling.grad(args=_upsampling_back)
