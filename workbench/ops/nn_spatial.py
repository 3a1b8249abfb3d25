"""Images of another size: interpolated, averaged or cut out.

All of them are linear, each a pair with its transpose: the gradient of one is the other, and so
the gradient of the gradient.
"""

from ..error import ParameterError, ShapeError, message
from . import rules
from .params import Bool, Enum, Float, Int, Shape
from .registry import op

_MODES = Enum("like", "odd_scale", "size", "to_even_down", "to_even_up", "to_odd_down", "to_odd_up")


def check_image(name, shape):
    """ShapeError unless these are images, (N, C, H, W)."""
    if len(shape) != 4:
        raise ShapeError(f"{name}: Shape inconsistent, (N, C, H, W) is expected, got {shape}")


# ---- BilinearResize2D -------------------------------------------------------------------------


def _neighbours(xp, size, target, align_corners):
    """For each of *target* places on a line of *size* pixels: two pixels, share of the second.

    Places are computed in float32, as MXNet does, whatever the dtype of the data.
    """
    at = xp.arange(target, dtype="float32")
    if target == 1:
        at = at * 0
    elif align_corners:
        at = at * ((size - 1) / (target - 1))
    else:
        at = xp.maximum((at + 0.5) * (size / target) - 0.5, 0)
    low = xp.minimum(at.astype("int64"), size - 1)
    return low, xp.minimum(low + 1, size - 1), at - low.astype("float32")


def _interpolated(xp, data, axis, target, align_corners):
    """Linear interpolation along one axis."""
    if data.shape[axis] == target:
        return data
    low, high, share = _neighbours(xp, data.shape[axis], target, align_corners)
    share = share.astype(data.dtype).reshape([-1 if i == axis else 1 for i in range(data.ndim)])
    out = xp.take(data, low, axis=axis)
    out *= 1 - share
    out += xp.take(data, high, axis=axis) * share
    return out


def _weights(xp, size, target, align_corners, dtype):
    """The same as a matrix: row i says how much of each pixel place i takes."""
    if size == target:
        return xp.eye(size, dtype=dtype)
    low, high, share = _neighbours(xp, size, target, align_corners)
    made, rows = xp.zeros((target, size), dtype), xp.arange(target)
    made[rows, low] += (1 - share).astype(dtype)
    made[rows, high] += share.astype(dtype)
    return made


@op(
    "_contrib_BilinearResize2D",
    dtype="first",
    optional_when=lambda p: [] if p["mode"] == "like" else ["like"],
    examples=[
        {"data": (1, 2, 3, 4), "height": 5, "width": 2},
        {"data": (2, 1, 3, 2), "height": 1, "width": 4, "align_corners": False},
        {"data": (1, 2, 3, 4), "scale_height": 2.0, "scale_width": 1.5, "mode": "odd_scale"},
        {"data": (1, 1, 3, 2), "scale_height": 2.0, "scale_width": 1.5},
        {"data": (1, 2, 2, 3), "like": (2, 1, 3, 3), "mode": "like"},
        {"data": (1, 1, 3, 4), "mode": "to_even_down"},
        {"data": (1, 1, 3, 4), "mode": "to_odd_up", "align_corners": False},
    ],
)
def BilinearResize2D(
    xp,
    data,
    like=None,
    *,
    height: Int(min=1) = 1,  # rows of the result, in mode size
    width: Int(min=1) = 1,  # columns of the result, in mode size
    scale_height: Float(optional=True) = None,  # size, odd_scale: height is multiplied by it
    scale_width: Float(optional=True) = None,  # size, odd_scale: width is multiplied by it
    mode: _MODES = "size",  # what the size of the result follows from
    align_corners: Bool = True,  # corner pixels stay corner pixels; else areas are scaled
):
    """Images resized by bilinear interpolation: (N, C, H, W) → (N, C, H', W').

    *mode* says how large: ``size`` (the given height and width, or the scales where they are
    given), ``odd_scale`` (an odd size n becomes (n - 1) · scale + 1), ``like`` (as large as the
    second input), or the nearest even or odd size, ``to_even_down`` and so on.
    """
    p = {
        "height": height,
        "width": width,
        "scale_height": scale_height,
        "scale_width": scale_width,
        "mode": mode,
    }
    rows, columns = _resized(p, data.shape, None if like is None else like.shape)
    out = _interpolated(xp, data, 2, rows, align_corners)
    out = _interpolated(xp, out, 3, columns, align_corners)
    return out.copy() if out is data else out


def _resized(p, data, like):
    """Height and width of the result; 0 where it is unknown."""
    mode, sizes = p["mode"], data[2:]
    if mode == "like":
        return like[2:] if like else (0, 0)
    scales = p["scale_height"], p["scale_width"]
    if mode == "odd_scale" or (mode == "size" and scales[0] is not None):
        if None in scales:
            raise ParameterError(
                message(
                    f"BilinearResize2D: mode {mode} needs both scales",
                    where=[f"scale_height = {scales[0]}, scale_width = {scales[1]}"],
                    fix="Give scale_height and scale_width.",
                )
            )
        odd = mode == "odd_scale"
        return tuple(
            int((n - 1) * s) + 1 if odd and n % 2 else int(n * s)
            for n, s in zip(sizes, scales, strict=True)
        )
    if mode == "size":
        return p["height"], p["width"]
    parity, step = int("odd" in mode), 1 if mode.endswith("up") else -1
    return tuple(n and (n if n % 2 == parity else n + step) for n in sizes)


@BilinearResize2D.infer
def _resize_shape(p, ins):
    data, *like = ins
    if data is None:
        return ins, [None]
    check_image("BilinearResize2D", data)
    like = like[0] if like else None
    if p["mode"] == "like" and like is not None:
        check_image("BilinearResize2D", like)
    sizes = _resized(p, data, like)
    if p["mode"] != "like" and any(n and not m for n, m in zip(data[2:], sizes, strict=True)):
        raise ShapeError(f"BilinearResize2D: {data} becomes an image of {sizes}, without pixels")
    return ins, [(*data[:2], *sizes)]


BilinearResize2D.grad(
    data=lambda F, g, data_shape, p: F._backward_BilinearResize2D(
        g, height=data_shape[2], width=data_shape[3], align_corners=p["align_corners"]
    )
)


@op(
    "_backward_BilinearResize2D",
    infer=lambda p, ins: (ins, [ins[0] and (*ins[0][:2], p["height"], p["width"])]),
    examples=[
        {"grad": (1, 2, 5, 2), "height": 3, "width": 4},
        {"grad": (1, 2, 5, 3), "height": 2, "width": 3, "align_corners": False},
    ],
)
def backward_resize(
    xp,
    grad,
    *,
    height: Int,  # rows of the image that was resized
    width: Int,  # its columns
    align_corners: Bool = True,
):
    """The transpose of BilinearResize2D: each place gives its value back to the pixels it took."""
    rows = _weights(xp, height, grad.shape[2], align_corners, grad.dtype)
    columns = _weights(xp, width, grad.shape[3], align_corners, grad.dtype)
    return xp.matmul(rows.T, xp.matmul(grad, columns))


backward_resize.grad(
    grad=lambda F, g, grad_shape, p: F._contrib_BilinearResize2D(
        g, height=grad_shape[2], width=grad_shape[3], align_corners=p["align_corners"]
    )
)


# ---- AdaptiveAvgPooling2D ---------------------------------------------------------------------


def _cells(size, target):
    """Where each of *target* cells begins and ends that together cover *size* pixels."""
    return [(i * size // target, -(-(i + 1) * size // target)) for i in range(target)]


def _targets(output_size):
    """Height and width of the result; one number stands for both."""
    if len(output_size) > 2 or any(n < 1 for n in output_size):
        raise ShapeError(f"AdaptiveAvgPooling2D: output_size {output_size} is no height and width")
    return (tuple(output_size) * 2 or (1, 1))[:2]


@op(
    "_contrib_AdaptiveAvgPooling2D",
    examples=[
        {"data": (1, 2, 3, 4)},
        {"data": (1, 2, 5, 4), "output_size": (3,)},
        {"data": (2, 1, 3, 2), "output_size": (2, 3)},
    ],
)
def AdaptiveAvgPooling2D(
    xp,
    data,
    *,
    output_size: Shape = (),  # height and width of the result, or one number for both; else 1 × 1
):
    """Means of cells that cover an image of any size: (N, C, H, W) → (N, C, h, w).

    Cell i of h spans the rows ``⌊i H / h⌋`` to ``⌈(i + 1) H / h⌉``; neighbours may overlap.
    """
    height, width = _targets(output_size)
    rows = [data[:, :, a:b].mean(axis=2) for a, b in _cells(data.shape[2], height)]
    lines = xp.stack(rows, axis=2)
    cells = [lines[..., a:b].mean(axis=3) for a, b in _cells(data.shape[3], width)]
    return xp.stack(cells, axis=3)


@AdaptiveAvgPooling2D.infer
def _adaptive_shape(p, ins):
    sizes = _targets(p["output_size"])
    if ins[0] is None:
        return ins, [None]
    check_image("AdaptiveAvgPooling2D", ins[0])
    return ins, [(*ins[0][:2], *sizes)]


AdaptiveAvgPooling2D.grad(
    data=lambda F, g, data_shape: F._backward_AdaptiveAvgPooling2D(
        g, height=data_shape[2], width=data_shape[3]
    )
)


@op(
    "_backward_AdaptiveAvgPooling2D",
    infer=lambda p, ins: (ins, [ins[0] and (*ins[0][:2], p["height"], p["width"])]),
    examples=[{"grad": (1, 2, 3, 2), "height": 5, "width": 4}],
)
def backward_adaptive(
    xp,
    grad,
    *,
    height: Int,  # rows of the image that was pooled
    width: Int,  # its columns
):
    """The transpose of AdaptiveAvgPooling2D: each cell shares its value among its pixels."""
    n, channels, rows, columns = grad.shape
    lines = xp.zeros((n, channels, rows, width), grad.dtype)
    for i, (a, b) in enumerate(_cells(width, columns)):
        lines[..., a:b] += grad[..., i : i + 1] / (b - a)
    made = xp.zeros((n, channels, height, width), grad.dtype)
    for i, (a, b) in enumerate(_cells(height, rows)):
        made[:, :, a:b] += lines[:, :, i : i + 1] / (b - a)
    return made


backward_adaptive.grad(
    grad=lambda F, g, grad_shape: F._contrib_AdaptiveAvgPooling2D(g, output_size=grad_shape[2:])
)


# ---- Crop -------------------------------------------------------------------------------------


def _window(p, shape, sizes):
    """The first row and column of the part that is cut out."""
    if p["center_crop"]:
        return tuple((n - size) // 2 for n, size in zip(shape[2:], sizes, strict=True))
    return p["offset"]


@op(
    examples=[
        {"args": [(1, 2, 4, 5)], "num_args": 1, "offset": (1, 2), "h_w": (2, 3)},
        {"args": [(1, 1, 4, 5), (1, 2, 2, 3)], "num_args": 2, "center_crop": True},
    ]
)
def Crop(
    xp,
    *args,
    num_args: Int(min=1, max=2),
    offset: Shape([2]) = (0, 0),  # first row and column that are kept
    h_w: Shape([2]) = (0, 0),  # rows and columns that are kept, without a second input
    center_crop: Bool = False,  # keep the middle, whatever the offset
):
    """A part of each image: (N, C, H, W) → (N, C, h, w).

    A second input gives the size that is kept; of it nothing else is read.
    """
    sizes = args[1].shape[2:] if num_args == 2 else h_w
    top, left = _window({"center_crop": center_crop, "offset": offset}, args[0].shape, sizes)
    return args[0][:, :, top : top + sizes[0], left : left + sizes[1]].copy()


@Crop.infer
def _crop_shape(p, ins):
    if len(ins) != p["num_args"]:
        raise ShapeError(f"Crop: num_args is {p['num_args']}, got {len(ins)} inputs")
    for one in ins:
        if one is None:
            return ins, [None]
        check_image("Crop", one)
    data, sizes = ins[0], ins[1][2:] if len(ins) == 2 else p["h_w"]
    if len(ins) == 1 and min(sizes) < 1:
        raise ShapeError(f"Crop: h_w {sizes} without pixels")
    if rules.known(data) and 0 not in sizes:
        begin = _window(p, data, sizes)
        fits = zip(begin, sizes, data[2:], strict=True)
        if any(a < 0 or a + size > n for a, size, n in fits):
            raise ShapeError(f"Crop: {sizes} from {begin} on exceeds images of {data[2:]}")
    return ins, [(*data[:2], *sizes)]


def _crop_back(F, g, args_shape, p):
    data = args_shape[0]
    sizes = args_shape[1][2:] if len(args_shape) == 2 else p["h_w"]
    top, left = _window(p, data, sizes)
    bottom, right = data[2] - top - sizes[0], data[3] - left - sizes[1]
    width = (0, 0, 0, 0, top, bottom, left, right)
    grad = F.Pad(g, mode="constant", pad_width=width, constant_value=0.0)
    return [grad, None][: len(args_shape)]


Crop.grad(args=_crop_back)
