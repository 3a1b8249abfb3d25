"""Images (height, width, channels) and batches of them: to tensors, cropped, flipped, resized.

Sizes in parameters are width first, as in OpenCV; shapes are height first.
"""

from ..error import DTypeError, ParameterError, ShapeError, message
from .image_resample import resized
from .params import Bool, Floats, Int, Shape
from .registry import op


def image_sizes(shape, ranks=(3, 4)):
    """(rows, columns, channels) of images of this shape; ShapeError for a rank not in *ranks*."""
    if len(shape) not in ranks:
        kinds = {3: "(height, width, channels)", 4: "(batch, height, width, channels)"}
        raise ShapeError(
            message(
                f"an image has shape {' or '.join(kinds[rank] for rank in ranks)}, not {shape}",
                fix="Add or take away axes with expand_dims, reshape or [0].",
            )
        )
    return shape[-3:]


def _same_image(p, ins):
    if ins[0] is not None:
        image_sizes(ins[0])
    return ins, [ins[0]]


# ---- tensors --------------------------------------------------------------------------------


@op(
    aliases=["_npx__image_to_tensor"],
    dtype=lambda p, ins, n: (ins, ["float32"] * n),
    examples=[{"data": (4, 5, 3)}, {"data": (2, 3, 4, 1)}],
)
def _image_to_tensor(xp, data):
    """From (height, width, channels) in [0, 255] to float32 (channels, height, width) in [0, 1].

    A batch (N, H, W, C) becomes (N, C, H, W).
    """
    axes = (2, 0, 1) if data.ndim == 3 else (0, 3, 1, 2)
    out = xp.empty(tuple(data.shape[i] for i in axes), "float32")
    out[...] = data.transpose(axes)
    out /= 255
    return out


@_image_to_tensor.infer
def _to_tensor_shape(p, ins):
    if ins[0] is None:
        return ins, [None]
    rows, columns, channels = image_sizes(ins[0])
    return ins, [(*ins[0][:-3], channels, rows, columns)]


def _to_tensor_gradient(F, g, data, data_shape):
    axes = (1, 2, 0) if len(data_shape) == 3 else (0, 2, 3, 1)
    return F._cast_like(F.transpose(g, axes=axes) / 255, data)


_image_to_tensor.grad(data=_to_tensor_gradient)


@op(
    aliases=["_npx__image_normalize"],
    examples=[
        {"data": (3, 2, 4), "mean": (0.5, 0.25, 0.0), "std": (0.5, 2.0, 4.0)},
        {"data": (2, 1, 3, 3), "mean": (0.5,), "std": (0.25,)},
    ],
)
def _image_normalize(
    xp,
    data,
    *,
    mean: Floats = (0.0, 0.0, 0.0, 0.0),  # of each channel, or one number for all
    std: Floats = (1.0, 1.0, 1.0, 1.0),  # of each channel, or one number for all
):
    """``(data - mean) / std`` of each channel of (C, H, W) or (N, C, H, W), as to_tensor gives."""
    if data.dtype.kind != "f":
        raise DTypeError(
            message(
                f"image.normalize: data is {data.dtype}, not a floating type",
                fix="Apply to_tensor first.",
            )
        )
    shape = (-1, 1, 1)
    mean, std = (xp.asarray(one, dtype=data.dtype).reshape(shape) for one in (mean, std))
    return (data - mean) / std


@_image_normalize.infer
def _normalize_shape(p, ins):
    shape = ins[0]
    if shape is None:
        return ins, [None]
    if len(shape) not in (3, 4) or shape[-3] not in (0, 1, 3):
        raise ShapeError(
            message(
                f"a tensor of an image is ([N,] 1 or 3 channels, height, width), not {shape}",
                fix="Apply to_tensor first.",
            )
        )
    for name in ("mean", "std"):
        if shape[-3] and len(p[name]) not in (1, shape[-3]):
            raise ShapeError(
                message(
                    f"{len(p[name])} numbers as {name} for {shape[-3]} channels",
                    fix="Give one number, or one for each channel.",
                )
            )
    return ins, [shape]


def _normalize_gradient(F, g, data, p):
    zeros = (0.0,) * len(p["std"])
    return F._image_normalize(g, mean=zeros, std=p["std"])


_image_normalize.grad(data=_normalize_gradient)


# ---- parts and mirror images ------------------------------------------------------------------


def crop_key(shape, x, y, width, height):
    """The slices of a rectangle whose upper left corner is (x, y); ShapeError outside."""
    rows, columns, _ = image_sizes(shape)
    if min(x, y) < 0 or min(width, height) < 1 or x + width > columns or y + height > rows:
        raise ShapeError(
            message(
                f"a crop of {width} x {height} at ({x}, {y}) leaves the image",
                where=[f"image of width {columns}, height {rows}"],
                fix="Choose a rectangle inside the image.",
            )
        )
    return (..., slice(y, y + height), slice(x, x + width), slice(None))


@op(
    aliases=["_npx__image_crop"],
    views=True,
    examples=[
        {"data": (4, 5, 3), "x": 1, "y": 0, "width": 2, "height": 3},
        {"data": (2, 4, 5, 1), "x": 0, "y": 1, "width": 4, "height": 2},
    ],
)
def _image_crop(
    xp,
    data,
    *,
    x: Int,  # left edge
    y: Int,  # upper edge
    width: Int,  # columns of the part
    height: Int,  # rows of the part
):
    """A rectangle of an image or of each image of a batch."""
    return data[crop_key(data.shape, x, y, width, height)]


@_image_crop.infer
def _crop_shape(p, ins):
    shape = ins[0]
    if shape is None:
        return ins, [None]
    if all(shape[-3:-1]):
        crop_key(shape, p["x"], p["y"], p["width"], p["height"])
    image_sizes(shape)
    return ins, [(*shape[:-3], p["height"], p["width"], shape[-1])]


def _crop_gradient(F, g, data_shape, p):
    key = crop_key(data_shape, p["x"], p["y"], p["width"], p["height"])
    return F._getitem_backward(g, key=key, shape=data_shape)


_image_crop.grad(data=_crop_gradient)

_MIRRORED = {"infer": _same_image, "examples": [{"data": (2, 3, 3)}, {"data": (2, 2, 4, 1)}]}


@op(aliases=["_npx__image_flip_left_right"], views=True, **_MIRRORED)
def _image_flip_left_right(xp, data):
    """The mirror image: columns in reverse order."""
    return data[..., ::-1, :]


@op(aliases=["_npx__image_flip_top_bottom"], views=True, **_MIRRORED)
def _image_flip_top_bottom(xp, data):
    """The image upside down: rows in reverse order."""
    return data[..., ::-1, :, :]


_image_flip_left_right.grad(data=lambda F, g: F._image_flip_left_right(g))
_image_flip_top_bottom.grad(data=lambda F, g: F._image_flip_top_bottom(g))


@op(aliases=["_npx__image_random_flip_left_right"], **_MIRRORED)
def _image_random_flip_left_right(xp, data, *, rng):
    """The image, or with probability one half its mirror image.

    The gradient is passed unchanged, as in MXNet 1.9.1.
    """
    return data.copy() if rng.single_coin() else data[..., ::-1, :].copy()


@op(aliases=["_npx__image_random_flip_top_bottom"], **_MIRRORED)
def _image_random_flip_top_bottom(xp, data, *, rng):
    """The image, or with probability one half the image upside down.

    The gradient is passed unchanged, as in MXNet 1.9.1.
    """
    return data.copy() if rng.single_coin() else data[..., ::-1, :, :].copy()


_image_random_flip_left_right.grad(data=lambda F, g: g)
_image_random_flip_top_bottom.grad(data=lambda F, g: g)


# ---- sizes --------------------------------------------------------------------------------------


def _new_size(shape, size, keep_ratio):
    """(width, height) that *size* asks for; *keep_ratio* makes one number the shorter edge."""
    if len(size) not in (1, 2) or min(size) < 1:
        raise ParameterError(
            message(
                f"image.resize: size {size} is not one or two numbers above 0",
                fix="Give size=edge or size=(width, height).",
            )
        )
    if len(size) == 2:
        return size
    rows, columns, _ = image_sizes(shape)
    if not keep_ratio:
        return size[0], size[0]
    if rows > columns:
        return size[0], size[0] * rows // columns
    return size[0] * columns // rows, size[0]


@op(
    aliases=["_npx__image_resize"],
    zero_grad=True,
    examples=[
        {"data": (4, 5, 3), "size": (3, 6)},
        {"data": (2, 4, 3, 1), "size": (2,), "interp": 3},
        {"data": (4, 6, 3), "size": (3,), "keep_ratio": True, "interp": 4},
    ],
)
def _image_resize(
    xp,
    data,
    *,
    size: Shape = (),  # new width and height; one number is both, or the shorter edge
    keep_ratio: Bool = False,  # keep the ratio of width and height, when size is one number
    interp: Int = 1,  # 0 nearest, 1 bilinear, 2 bicubic, 3 area, 4 Lanczos
):
    """An image or a batch at another size, of the same dtype. No gradient flows through."""
    return resized(xp, data, *_new_size(data.shape, size, keep_ratio), interp)


@_image_resize.infer
def _resize_shape(p, ins):
    shape = ins[0]
    if shape is None:
        return ins, [None]
    rows, columns, channels = image_sizes(shape)
    if p["keep_ratio"] and len(p["size"]) == 1 and 0 in (rows, columns):
        return ins, [(*shape[:-3], 0, 0, channels)]
    width, height = _new_size(shape, p["size"], p["keep_ratio"])
    return ins, [(*shape[:-3], height, width, channels)]
