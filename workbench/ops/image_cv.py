"""Operators over what MXNet takes from OpenCV: image files, sizes, borders.

Images are (height, width, channels). Files are decoded on the host, by Pillow or OpenCV.
"""

from .. import _imagecodec
from ..data import data_path
from ..error import ParameterError, ShapeError, StorageError, message
from .image import image_sizes
from .image_resample import resized
from .params import Bool, Float, Floats, Int, Str
from .registry import op

_SAMPLE = data_path("images") + "/gradient.png"
#: the file of an image of 2 x 1 grey pixels
_TINY_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000010800000000d14920560000000b49444154789c63"
    "3cc10000019600ca142a02760000000049454e44ae426082"
)
_UINT8 = {"dtype": lambda p, ins, n: (ins, ["uint8"] * n), "dynamic_shape": True}


def _decoded(xp, content, flag, to_rgb):
    """Pixels (height, width, 1 or 3), uint8, of the bytes of an image file."""
    if flag not in (0, 1):
        raise ParameterError(
            message(f"flag {flag} is not known", fix="Use 1 for colour or 0 for grey.")
        )
    pixels = _imagecodec.decode(content, flag, rgb=to_rgb)
    shape = (*pixels.shape[:2], 3 if flag else 1)
    return xp.frombuffer(bytearray(pixels), dtype="uint8").reshape(shape)


@op(
    aliases=["_npi_cvimdecode"],
    zero_grad=True,
    examples=[{"buf": (list(_TINY_PNG),)}],
    **_UINT8,
)
def _cvimdecode(
    xp,
    buf,
    *,
    flag: Int = 1,  # 1 for colour, 0 for grey with one channel
    to_rgb: Bool = True,  # red, green, blue; else blue, green, red
):
    """The pixels of a whole image file, given as its bytes: (N,) → (H, W, C) uint8."""
    return _decoded(xp, buf.astype("uint8").tobytes(), flag, to_rgb)


@op(
    aliases=["_npi_cvimread"],
    zero_grad=True,
    examples=[{"filename": _SAMPLE}, {"filename": _SAMPLE, "flag": 0}],
    **_UINT8,
)
def _cvimread(
    xp,
    *,
    filename: Str,  # path of the image file
    flag: Int = 1,  # 1 for colour, 0 for grey with one channel
    to_rgb: Bool = True,  # red, green, blue; else blue, green, red
):
    """The pixels of an image file: (H, W, C) uint8."""
    try:
        with open(filename, "rb") as file:
            content = file.read()
    except OSError as error:
        raise StorageError.of(error, f"cannot read the image {filename}") from error
    return _decoded(xp, content, flag, to_rgb)


@op(
    aliases=["_npi_cvimresize"],
    zero_grad=True,
    examples=[
        {"src": (4, 5, 3), "w": 3, "h": 6},
        {"src": (4, 5, 1), "w": 7, "h": 6, "interp": 2},
        {"src": (4, 5, 3), "w": 7, "h": 6, "interp": 3},
        {"src": (4, 5, 3), "w": 7, "h": 2, "interp": 0},
    ],
)
def _cvimresize(
    xp,
    src,
    *,
    w: Int,  # new width
    h: Int,  # new height
    interp: Int = 1,  # 0 nearest, 1 bilinear, 2 bicubic, 3 area, 4 Lanczos
):
    """An image at another size, of the same dtype: (H, W, C) → (h, w, C)."""
    return resized(xp, src, w, h, interp)


@_cvimresize.infer
def _resize_shape(p, ins):
    if min(p["w"], p["h"]) < 1:
        raise ShapeError(
            message(
                f"an image cannot be resized to {p['w']} x {p['h']}",
                fix="Give a width and a height above 0.",
            )
        )
    if ins[0] is None:
        return ins, [None]
    return ins, [(p["h"], p["w"], image_sizes(ins[0], (3,))[2])]


# ---- borders ------------------------------------------------------------------------------------

#: OpenCV's flag "isolated": no pixels from around the image, of which there are none here
_ISOLATED = 16


@op(
    zero_grad=True,
    examples=[
        {"src": (3, 4, 3), "top": 1, "bot": 2, "left": 0, "right": 1, "value": 7.0},
        {"src": (3, 4, 3), "top": 1, "bot": 0, "left": 5, "right": 1, "type": 2},
        {"src": (3, 4, 3), "top": 0, "bot": 1, "left": 1, "right": 1, "values": (1.0, 2.0, 3.0)},
    ],
)
def _cvcopyMakeBorder(
    xp,
    src,
    *,
    top: Int,  # rows above
    bot: Int,  # rows below
    left: Int,  # columns on the left
    right: Int,  # columns on the right
    type: Int = 0,  # 0 constant, 1 edge, 2 mirrored, 3 periodic, 4 mirrored without the edge
    value: Float = 0.0,  # the constant
    values: Floats = (),  # the constant of each channel, instead of value
):
    """An image with a border around it, of the same dtype: (H, W, C) → larger."""
    rows, columns, channels = image_sizes(src.shape, (3,))
    kind = type & ~_ISOLATED
    if kind:
        down = _border(xp, rows, top, bot, kind)
        return src[down][:, _border(xp, columns, left, right, kind)]
    fill = [*values, *(0.0,) * channels][:channels] if values else [value] * channels
    out = xp.empty((top + rows + bot, left + columns + right, channels), src.dtype)
    out[...] = xp.asarray(fill, dtype="float64").astype(src.dtype)
    out[top : top + rows, left : left + columns] = src
    return out


def _border(xp, size, before, after, kind):
    """Which of *size* pixels stands at each place of an axis with a border."""
    place = xp.arange(-before, size + after)
    if kind == 1 or size == 1:
        return xp.clip(place, 0, size - 1)
    if kind == 3:
        return place % size
    edge = 1 if kind == 2 else 0  # a mirror that repeats the edge
    period = 2 * (size - 1 + edge)
    place = place % period
    return xp.minimum(place, period - edge - place)


@_cvcopyMakeBorder.infer
def _border_shape(p, ins):
    added = [p[name] for name in ("top", "bot", "left", "right")]
    if min(added) < 0 or p["type"] & ~_ISOLATED not in range(5):
        raise ShapeError(
            message(
                f"no border of type {p['type']} with {added} pixels",
                fix="Give top, bot, left, right of 0 or more and a type from 0 to 4.",
            )
        )
    if ins[0] is None:
        return ins, [None]
    rows, columns, channels = image_sizes(ins[0], (3,))
    sums = rows and rows + added[0] + added[1], columns and columns + added[2] + added[3]
    return ins, [(*sums, channels)]
