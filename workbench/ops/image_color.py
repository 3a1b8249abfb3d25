"""Brightness, contrast, saturation, hue and lighting of an image (height, width, 1 or 3 channels).

Channels are red, green, blue. Values are computed in float32 and, for integers, held within the
range of the dtype, their fraction dropped. The factors are drawn from the generator that MXNet's
shuffle uses, so that a seed gives MXNet's images. Gradients pass unchanged, as in MXNet 1.9.1.

Source: ``src/operator/image/image_random-inl.h`` of MXNet 1.9.1.
"""

from ..error import ParameterError, ShapeError, message
from .image import image_sizes
from .params import Float, Floats
from .registry import op

_GREY = (0.299, 0.587, 0.114)
#: principal components of ImageNet's colours times their standard deviations, one row a channel
_LIGHTING = (
    (55.46 * -0.5675, 4.794 * 0.7192, 1.148 * 0.4009),
    (55.46 * -0.5808, 4.794 * -0.0045, 1.148 * -0.8140),
    (55.46 * -0.5836, 4.794 * -0.6948, 1.148 * 0.4203),
)
_LIMITS = {"uint8": (0, 255), "int8": (-128, 127)}


def _color_shape(p, ins):
    shape = ins[0]
    if shape is not None and image_sizes(shape, (3,))[2] not in (0, 1, 3):
        raise ShapeError(
            message(
                f"an image has 1 or 3 channels in its last axis, not the shape {shape}",
                fix="Give (height, width, channels), before to_tensor.",
            )
        )
    return ins, [shape]


def _computed(data):
    """The pixels as numbers to compute with."""
    return data.astype("float64" if data.dtype.name == "float64" else "float32", copy=False)


def _delivered(xp, values, like):
    if like.dtype.name in _LIMITS:
        values = xp.clip(values, *_LIMITS[like.dtype.name])
    return values.astype(like.dtype, copy=False)


# ---- what is done to colours ----------------------------------------------------------------


def _brightness(xp, data, factor):
    return _delivered(xp, _computed(data) * factor, data)


def _contrast(xp, data, factor):
    pixels = _computed(data)
    if data.shape[2] == 1:
        grey = pixels.mean()
    else:
        grey = xp.tensordot(pixels.mean((0, 1)), xp.asarray(_GREY, dtype=pixels.dtype), 1)
    return _delivered(xp, pixels * factor + (1 - factor) * grey, data)


def _saturation(xp, data, factor):
    """As in 1.9.1, what is mixed in is the blue channel's part of the grey value alone."""
    if data.shape[2] == 1:
        return data.copy()
    pixels = _computed(data)
    grey = pixels[..., 2:] * _GREY[2]
    return _delivered(xp, pixels * factor + grey * (1 - factor), data)


def _hue(xp, data, turn):
    """Colours moved along the circle of hues by *turn* of it (1 is all the way round)."""
    if data.shape[2] == 1:
        return data.copy()
    hue, light, saturation = to_hls(xp, _computed(data) / 255)
    return _delivered(xp, from_hls(xp, hue + turn * 6, light, saturation) * 255, data)


def to_hls(xp, pixels):
    """Hue in sixths of the circle, lightness and saturation of colours in [0, 1]."""
    red, green, blue = xp.ascontiguousarray(xp.moveaxis(pixels, -1, 0))
    high = xp.maximum(xp.maximum(red, green), blue)
    low = xp.minimum(xp.minimum(red, green), blue)
    spread, total = high - low, high + low
    colored = spread > 2.0**-23
    safe = xp.where(colored, spread, 1)
    light = total / 2
    room = xp.where(light < 0.5, total, 2 - total)
    saturation = xp.where(colored, spread / xp.where(colored, room, 1), 0)
    hue = xp.where(
        high == red,
        (green - blue) / safe,
        xp.where(high == green, 2 + (blue - red) / safe, 4 + (red - green) / safe),
    )
    return xp.where(colored, hue, 0), light, saturation


def from_hls(xp, hue, light, saturation):
    """Colours in [0, 1], in a last axis of red, green and blue; the inverse of :func:`to_hls`."""
    reach = saturation * xp.minimum(light, 1 - light)
    channels = []
    for first in (0, 8, 4):  # twelfths of the circle
        place = first + 2 * hue
        place = place - 12 * xp.floor(place / 12)
        channels.append(light - reach * xp.clip(xp.minimum(place - 3, 9 - place), -1, 1))
    return xp.stack(channels, -1)


def _lighting(xp, data, alpha):
    if data.shape[2] == 1:
        return data.copy()
    pixels = _computed(data)
    change = [sum(part * a for part, a in zip(row, alpha, strict=True)) for row in _LIGHTING]
    return _delivered(xp, pixels + xp.asarray(change, dtype=pixels.dtype), data)


# ---- operators --------------------------------------------------------------------------------


def _drawn(rng, low, high):
    """One number of equal probability in [low, high)."""
    return low + rng.single_uniform() * (high - low)


def _register(name, change, doc):
    @op(
        f"_image_random_{name}",
        aliases=[f"_npx__image_random_{name}"],
        infer=_color_shape,
        examples=[{"data": ("unit", (2, 3, 3)), "min_factor": 0.5, "max_factor": 1.5}],
        doc=doc + "\n\n    (H, W, 1 or 3) → the same. The gradient is passed unchanged.",
    )
    def random_factor(
        xp,
        data,
        *,
        min_factor: Float(min=0),  # least factor
        max_factor: Float(min=0),  # upper limit of the factor
        rng,
    ):
        return change(xp, data, _drawn(rng, min_factor, max_factor))

    random_factor.grad(data=lambda F, g: g)


_register("brightness", _brightness, "Pixels times a random factor.")
_register("contrast", _contrast, "The distance of pixels from the mean grey times a random factor.")
_register("saturation", _saturation, "The distance of colours from grey times a random factor.")
_register("hue", _hue, "Colours moved along the circle of hues by a random part of it.")


@op(
    aliases=["_npx__image_random_color_jitter"],
    infer=_color_shape,
    examples=[
        {
            "data": ("unit", (2, 3, 3)),
            "brightness": 0.5,
            "contrast": 0.5,
            "saturation": 0.5,
            "hue": 0.1,
        }
    ],
)
def _image_random_color_jitter(
    xp,
    data,
    *,
    brightness: Float,  # its factor is drawn from 1 - it to 1 + it; left out where 0
    contrast: Float,  # likewise
    saturation: Float,  # likewise
    hue: Float,  # the part of the circle is drawn from -it to it
    rng,
):
    """Brightness, contrast, saturation and hue changed at random, in random order.

    (H, W, 1 or 3) → the same. The gradient is passed unchanged.
    """
    changes = (
        (_brightness, brightness, 1),
        (_contrast, contrast, 1),
        (_saturation, saturation, 1),
        (_hue, hue, 0),
    )
    out = data
    for which in rng.shuffle_permutation(len(changes)).tolist():
        change, jitter, middle = changes[which]
        if jitter > 0:
            out = change(xp, out, middle + _drawn(rng, -jitter, jitter))
    return data.copy() if out is data else out


@op(
    aliases=["_npx__image_adjust_lighting"],
    infer=_color_shape,
    examples=[{"data": (2, 3, 3), "alpha": (0.1, -0.05, 0.2)}],
)
def _image_adjust_lighting(
    xp,
    data,
    *,
    alpha: Floats,  # how far along each of the three principal components of colour
):
    """Noise along the principal components of ImageNet's colours, as in AlexNet.

    (H, W, 1 or 3) → the same.
    """
    if len(alpha) != 3:
        raise ParameterError(
            message(
                f"image.adjust_lighting: {len(alpha)} numbers as alpha",
                fix="Give three, one for each principal component.",
            )
        )
    return _lighting(xp, data, alpha)


@op(
    aliases=["_npx__image_random_lighting"],
    infer=_color_shape,
    examples=[{"data": (2, 3, 3), "alpha_std": 0.1}],
)
def _image_random_lighting(
    xp,
    data,
    *,
    alpha_std: Float = 0.05,  # standard deviation of the noise
    rng,
):
    """Random noise along the principal components of ImageNet's colours, as in AlexNet.

    (H, W, 1 or 3) → the same. The gradient is passed unchanged.
    """
    return _lighting(xp, data, [alpha_std * one for one in rng.single_normal(3)])


for _one in (_image_random_color_jitter, _image_adjust_lighting, _image_random_lighting):
    _one.grad(data=lambda F, g: g)
