"""Images to and from the bytes of JPEG and PNG files, by OpenCV or Pillow, whichever is there.

PNG files are read without either, too.
"""

from __future__ import annotations

import functools
import io
from typing import Any

import numpy as np

from . import _png
from .error import DataFileError, ParameterError, message

__all__ = ["decode", "decode_alpha", "encode"]


def decode(content: bytes, iscolor: int = -1, rgb: bool = False) -> np.ndarray:
    """The pixels of an encoded image.

    Parameters
    ----------
    content : bytes
        A whole JPEG or PNG file (or another kind that the installed library knows).
    iscolor : int
        1 colour, 0 grey, -1 as the file has it.
    rgb : bool
        Colours in the order red, green, blue instead of OpenCV's blue, green, red.

    Returns
    -------
    numpy.ndarray
        uint8, (height, width) when grey, else (height, width, 3).

    Raises
    ------
    DataFileError
        The bytes are no image.
    ImportError
        Neither Pillow nor OpenCV is installed, and it is no PNG file.
    """
    cv2 = _opencv()
    if cv2 is not None:
        img, red_first = _cv2_decode(cv2, content, iscolor), False
    elif content.startswith(_png.SIGNATURE) and not _has_pillow():
        img, red_first = _png_decode(content, iscolor), True
    else:
        img, red_first = _pillow_decode(content, iscolor), True
    if img is None:
        raise _undecodable(content)
    if img.ndim == 3 and rgb != red_first:
        img = img[..., ::-1]
    return np.ascontiguousarray(img)


def decode_alpha(content: bytes) -> np.ndarray:
    """The pixels of an image with transparency: uint8, (height, width, 4), red, green, blue, alpha.

    DataFileError when the bytes are no image, or one without transparency; needs Pillow.
    """
    pillow = _pillow()
    try:
        image = pillow.open(io.BytesIO(content))
        if "A" not in image.getbands():
            raise DataFileError(
                message(
                    f"Expected 4 channels, got {len(image.getbands())}",
                    fix="Ask for 3 channels, or write images with transparency.",
                )
            )
        return np.asarray(image.convert("RGBA"))
    except (OSError, SyntaxError, pillow.DecompressionBombError) as error:
        raise _undecodable(content) from error


def _undecodable(content: bytes) -> DataFileError:
    return DataFileError(
        message(
            f"{len(content)} bytes are no image that can be decoded",
            where=[f"starting with {bytes(content[:8]).hex() or 'nothing'}"],
            fix="Give the content of a whole JPEG or PNG file.",
        )
    )


def encode(img: np.ndarray, quality: int = 95, img_fmt: str = ".jpg") -> bytes:
    """The bytes of an image file.

    Parameters
    ----------
    img : numpy.ndarray
        uint8, (height, width), (height, width, 1) or (height, width, 3) in blue, green, red.
    quality : int
        1 to 100 for JPEG; the compression 0 to 9 for PNG (more counts as 9).
    img_fmt : str
        ``".jpg"``, ``".jpeg"`` or ``".png"``.
    """
    img_fmt = img_fmt.lower()
    if img_fmt not in (".jpg", ".jpeg", ".png"):
        raise ParameterError(f"image format {img_fmt!r}: use .jpg, .jpeg or .png")
    img = np.ascontiguousarray(img)
    if img.dtype != np.uint8 or img.ndim not in (2, 3) or img.shape[2:] not in ((), (1,), (3,)):
        raise ParameterError(
            f"an image is uint8 of (height, width[, 1 or 3]), not {img.dtype} {img.shape}"
        )
    png = img_fmt == ".png"
    quality = min(quality, 9) if png else quality
    cv2 = _opencv()
    if cv2 is not None:
        option = cv2.IMWRITE_PNG_COMPRESSION if png else cv2.IMWRITE_JPEG_QUALITY
        return cv2.imencode(img_fmt, img, [option, quality])[1].tobytes()
    file = io.BytesIO()
    pixels = img[..., 0] if img.shape[2:] == (1,) else img if img.ndim == 2 else img[..., ::-1]
    image = _pillow().fromarray(np.ascontiguousarray(pixels))
    if png:
        image.save(file, "PNG", compress_level=quality)
    else:
        image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def _cv2_decode(cv2: Any, content: bytes, iscolor: int) -> np.ndarray | None:
    return cv2.imdecode(np.frombuffer(content, np.uint8), iscolor) if content else None


def _pillow_decode(content: bytes, iscolor: int) -> np.ndarray | None:
    pillow = _pillow()
    try:
        image = pillow.open(io.BytesIO(content))
        grey = iscolor == 0 or (iscolor < 0 and image.mode in ("1", "L"))
        if grey:
            image.draft("L", image.size)  # of a JPEG file, its own brightness
        return np.asarray(image.convert("L" if grey else "RGB"))
    except (OSError, ValueError, SyntaxError, pillow.DecompressionBombError):
        return None


def _png_decode(content: bytes, iscolor: int) -> np.ndarray:
    img = _png.decode(content)
    if img.ndim == 3 and iscolor == 0:  # the weights of red, green and blue in ITU-R 601
        return (img @ np.array([19595, 38470, 7471]) + 0x8000 >> 16).astype(np.uint8)
    if img.ndim == 2 and iscolor > 0:
        return np.repeat(img[..., None], 3, axis=2)
    return img


def _has_pillow() -> bool:
    try:
        import PIL  # noqa: F401 (asked whether it is there)
    except ImportError:
        return False
    return True


@functools.cache  # a module that is missing is looked for in every folder, every time
def _opencv() -> Any:
    """The OpenCV module, or None."""
    try:
        import cv2
    except ImportError:
        return None
    return cv2


def _pillow() -> Any:
    """Pillow's Image module; when it is missing the error says how to get it."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("images need Pillow or OpenCV: pip install pillow") from error
    return Image
