"""Augmenters for detection: they change an image and the boxes in it together.

A label is a NumPy array (objects, 5 or more): class, then left, top, right and bottom as shares of
the image's width and height, then anything. The random numbers are Python's (``random.seed``).
"""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import ndarray as nd
from .._surface import getattr_for
from ..error import ParameterError, message
from ..ndarray import NDArray
from .augment import (
    Augmenter,
    Described,
    ForceResizeAug,
    ResizeAug,
    color_augmenters,
    finishing,
)
from .functions import copyMakeBorder, fixed_crop

__all__ = [
    "CreateDetAugmenter",
    "CreateMultiRandCropAugmenter",
    "DetAugmenter",
    "DetBorrowAug",
    "DetHorizontalFlipAug",
    "DetRandomCropAug",
    "DetRandomPadAug",
    "DetRandomSelectAug",
]

__getattr__ = getattr_for(__name__)

Sample = tuple[NDArray, np.ndarray]


class DetAugmenter(Described):
    """Base of all augmenters for detection: called with image and label it returns both changed.

    Parameters
    ----------
    **kwargs
        What :meth:`dumps` tells of it; arrays become lists.
    """

    def __call__(self, src: NDArray, label: np.ndarray) -> Sample:
        raise NotImplementedError("Must override implementation.")


class DetBorrowAug(DetAugmenter):
    """An augmenter of images alone, which leaves the boxes where they are.

    Parameters
    ----------
    augmenter : Augmenter
    """

    def __init__(self, augmenter: Augmenter) -> None:
        if not isinstance(augmenter, Augmenter):
            raise TypeError(f"Borrowing from invalid Augmenter {type(augmenter).__name__}")
        super().__init__(augmenter=augmenter.dumps())
        self.augmenter = augmenter

    def dumps(self) -> Any:
        """The class name in small letters and the description of the augmenter, as a list."""
        return [type(self).__name__.lower(), self.augmenter.dumps()]

    def __call__(self, src: NDArray, label: np.ndarray) -> Sample:
        return self.augmenter(src), label


class DetRandomSelectAug(DetAugmenter):
    """One augmenter out of several, drawn for every image.

    Parameters
    ----------
    aug_list : list of DetAugmenter
    skip_prob : float
        Probability that none is applied.
    """

    def __init__(self, aug_list: Any, skip_prob: float = 0) -> None:
        super().__init__(skip_prob=skip_prob)
        aug_list = list(aug_list) if isinstance(aug_list, (list, tuple)) else [aug_list]
        if not all(isinstance(one, DetAugmenter) for one in aug_list):
            raise ValueError("Allow DetAugmenter in list only")
        self.aug_list = aug_list
        self.skip_prob = skip_prob if aug_list else 1

    def dumps(self) -> Any:
        """The class name in small letters and the descriptions of the augmenters, as a list."""
        return [type(self).__name__.lower(), [one.dumps() for one in self.aug_list]]

    def __call__(self, src: NDArray, label: np.ndarray) -> Sample:
        if not self.aug_list or random.random() < self.skip_prob:
            return src, label
        random.shuffle(self.aug_list)  # the order of the last image, as MXNet draws it
        return self.aug_list[0](src, label)


class DetHorizontalFlipAug(DetAugmenter):
    """The mirror image with probability *p*."""

    def __init__(self, p: float) -> None:
        super().__init__(p=p)
        self.p = p

    def __call__(self, src: NDArray, label: np.ndarray) -> Sample:
        if random.random() >= self.p:
            return src, label
        label = label.copy()
        label[:, (1, 3)] = 1.0 - label[:, (3, 1)]
        return nd.flip(src, axis=1), label


class _Proposing(DetAugmenter):
    """Draws rectangles until one fits.

    Its ranges are pairs, or one number for both ends.
    """

    def __init__(self, ranges: dict[str, Any], max_attempts: int, **options: Any) -> None:
        pairs = {name: _pair(value) for name, value in ranges.items()}
        super().__init__(**pairs, max_attempts=max_attempts, **options)
        self.aspect_ratio_range = pairs["aspect_ratio_range"]
        self.area_range = pairs["area_range"]
        self.max_attempts = max_attempts
        wrong = [name for name, (low, high) in pairs.items() if low > high or high <= 0]
        wrong += ["aspect_ratio_range"] if self.aspect_ratio_range[0] <= 0 else []
        self.enabled = not wrong and self._is_useful()
        if not self.enabled:
            what = wrong[0] if wrong else "area_range"
            warnings.warn(
                f"Skip {type(self).__name__} due to invalid {what}: {pairs[what]}", stacklevel=3
            )

    def _is_useful(self) -> bool:
        return True

    def _areas(self, height: int, width: int) -> tuple[float, float]:
        low, high = self.area_range
        return low * height * width, high * height * width

    def _heights(self, height: int, width: int) -> Iterator[tuple[float, int, int]]:
        """For each attempt an aspect ratio, and the heights of the least and largest area."""
        smallest, largest = self._areas(height, width)
        if not self.enabled or height <= 0 or width <= 0 or smallest < 0:
            return
        for _ in range(self.max_attempts):
            ratio = random.uniform(*self.aspect_ratio_range)
            yield ratio, round(math.sqrt(smallest / ratio)), round(math.sqrt(largest / ratio))


def _between(low: int, high: int) -> int:
    """A number from *low* to *high*; nothing is drawn where they are equal, as in MXNet."""
    return random.randint(low, high) if low < high else high


def _pair(value: Any) -> tuple[float, float]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)


class DetRandomCropAug(_Proposing):
    """A part of the image that still shows its objects.

    Parameters
    ----------
    min_object_covered : float
        Share that the part must show of every object that it shows any of.
    aspect_ratio_range : (float, float)
        Least and largest width over height of the part.
    area_range : (float, float)
        Least and largest share of the image's area.
    min_eject_coverage : float
        Objects of which a smaller share is left are taken out of the label.
    max_attempts : int
        After as many attempts the image stays as it is.
    """

    def __init__(
        self,
        min_object_covered: float = 0.1,
        aspect_ratio_range: Any = (0.75, 1.33),
        area_range: Any = (0.05, 1.0),
        min_eject_coverage: float = 0.3,
        max_attempts: int = 50,
    ) -> None:
        super().__init__(
            {"aspect_ratio_range": aspect_ratio_range, "area_range": area_range},
            max_attempts,
            min_object_covered=min_object_covered,
            min_eject_coverage=min_eject_coverage,
        )
        self.min_object_covered = min_object_covered
        self.min_eject_coverage = min_eject_coverage

    def __call__(self, src: NDArray, label: np.ndarray) -> Sample:
        rows, columns = src.shape[:2]
        smallest, largest = self._areas(rows, columns)
        for ratio, low, high in self._heights(rows, columns):
            if round(high * ratio) > columns:
                high = int((columns + 0.4999999) / ratio)
            high = min(high, rows)
            height = _between(min(low, high), high)
            width = round(height * ratio)
            if width * height < smallest:  # by rounding
                height += 1
            elif width * height > largest:
                height -= 1
            width = round(height * ratio)
            if not (smallest <= width * height <= largest and 0 < width <= columns and height > 0):
                continue
            y, x = random.randint(0, rows - height), random.randint(0, columns - width)
            box = np.array([x / columns, y / rows, (x + width) / columns, (y + height) / rows])
            if width * height < 2 or not self._shows_enough(label, box, rows * columns):
                continue
            inside = self._inside(label, box)
            if inside is not None:
                return fixed_crop(src, x, y, width, height, None), inside
        return src, label

    def _shows_enough(self, label: np.ndarray, box: np.ndarray, pixels: int) -> bool:
        """Whether the part shows objects, and of each of them as much as it must."""
        areas = _box_areas(label[:, 1:5])
        objects = areas * pixels > 2
        shown = _box_areas(_cut(label[objects, 1:5], box)) / areas[objects]
        shown = shown[shown > 0]
        return bool(shown.size) and bool(shown.min() > self.min_object_covered)

    def _inside(self, label: np.ndarray, box: np.ndarray) -> np.ndarray | None:
        """The label of the part; None when no object is left."""
        left, top, right, bottom = box
        whole = _box_areas(label[:, 1:5])
        cut = _cut(label[:, 1:5], box)
        kept = _box_areas(cut) > self.min_eject_coverage * whole
        if not kept.any():
            return None
        made = label[kept].copy()
        made[:, 1:5] = (cut[kept] - [left, top, left, top]) / [
            right - left,
            bottom - top,
            right - left,
            bottom - top,
        ]
        return made


def _box_areas(boxes: np.ndarray) -> np.ndarray:
    sides = np.maximum(0, boxes[:, 2:4] - boxes[:, 0:2])
    return sides[:, 0] * sides[:, 1]


def _cut(boxes: np.ndarray, box: np.ndarray) -> np.ndarray:
    """The part of each box within *box*; empty ones have no area."""
    return np.concatenate(
        [np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:], box[2:])], axis=1
    )


class DetRandomPadAug(_Proposing):
    """The image somewhere in a larger one, which makes its objects smaller.

    Parameters
    ----------
    aspect_ratio_range : (float, float)
        Least and largest width over height of the larger image.
    area_range : (float, float)
        Its least and largest area, in areas of the image.
    max_attempts : int
        After as many attempts the image stays as it is.
    pad_val : float or tuple of float
        Value of the pixels around the image, for all channels or for each.
    """

    def __init__(
        self,
        aspect_ratio_range: Any = (0.75, 1.33),
        area_range: Any = (1.0, 3.0),
        max_attempts: int = 50,
        pad_val: Any = (128, 128, 128),
    ) -> None:
        pad_val = tuple(pad_val) if isinstance(pad_val, (list, tuple)) else (pad_val,) * 3
        super().__init__(
            {"aspect_ratio_range": aspect_ratio_range, "area_range": area_range},
            max_attempts,
            pad_val=pad_val,
        )
        self.pad_val = pad_val

    def _is_useful(self) -> bool:
        return bool(self.area_range[1] > 1.0)

    def __call__(self, src: NDArray, label: np.ndarray) -> Sample:
        rows, columns = src.shape[:2]
        for ratio, low, high in self._heights(rows, columns):
            if round(low * ratio) < columns:
                low = int((columns + 0.499999) / ratio)
            height = _between(min(max(low, rows), high), high)
            width = round(height * ratio)
            if height - rows < 2 or width - columns < 2:
                continue
            y, x = random.randint(0, height - rows), random.randint(0, width - columns)
            borders = (y, height - y - rows, x, width - x - columns)
            made = label.copy()
            made[:, (1, 3)] = (made[:, (1, 3)] * columns + x) / width
            made[:, (2, 4)] = (made[:, (2, 4)] * rows + y) / height
            return copyMakeBorder(src, *borders, values=self.pad_val), made
        return src, label


# ---- the usual lists ----------------------------------------------------------------------------


def CreateMultiRandCropAugmenter(
    min_object_covered: Any = 0.1,
    aspect_ratio_range: Any = (0.75, 1.33),
    area_range: Any = (0.05, 1.0),
    min_eject_coverage: Any = 0.3,
    max_attempts: Any = 50,
    skip_prob: float = 0,
) -> DetRandomSelectAug:
    """One of several :class:`DetRandomCropAug`, drawn for every image.

    Parameters are those of the crops; a list has one value for each of them.
    """
    options = (min_object_covered, aspect_ratio_range, area_range, min_eject_coverage, max_attempts)
    lists = [one if isinstance(one, list) else [one] for one in options]
    count = max(map(len, lists))
    for one in lists:
        if len(one) not in (1, count):
            raise ParameterError(
                message(
                    f"lists of {len(one)} and of {count} values",
                    fix="Give one value, or one for each crop.",
                )
            )
    aligned = [one * count if len(one) == 1 else one for one in lists]
    crops = [DetRandomCropAug(*values) for values in zip(*aligned, strict=True)]
    return DetRandomSelectAug(crops, skip_prob=skip_prob)


def CreateDetAugmenter(
    data_shape: tuple[int, int, int],
    resize: int = 0,
    rand_crop: float = 0,
    rand_pad: float = 0,
    rand_gray: float = 0,
    rand_mirror: bool = False,
    mean: Any = None,
    std: Any = None,
    brightness: float = 0,
    contrast: float = 0,
    saturation: float = 0,
    pca_noise: float = 0,
    hue: float = 0,
    inter_method: int = 2,
    min_object_covered: Any = 0.1,
    aspect_ratio_range: Any = (0.75, 1.33),
    area_range: Any = (0.05, 3.0),
    min_eject_coverage: Any = 0.3,
    max_attempts: Any = 50,
    pad_val: Any = (127, 127, 127),
) -> list[DetAugmenter]:
    """The augmenters that :class:`ImageDetIter` uses, in their order.

    Parameters
    ----------
    data_shape : (int, int, int)
        Channels, height and width of the result.
    rand_crop, rand_pad : float
        Probabilities of :class:`DetRandomCropAug` and :class:`DetRandomPadAug`, whose options are
        *min_object_covered*, *aspect_ratio_range*, *area_range*, *min_eject_coverage*,
        *max_attempts* and *pad_val*. Areas up to 1 are those of crops, beyond of padding.
    resize, rand_gray, rand_mirror, mean, std, brightness, contrast, saturation, pca_noise, hue, \
inter_method
        As for :func:`CreateAugmenter`.

    Examples
    --------
    >>> names = [type(one).__name__ for one in CreateDetAugmenter((3, 300, 300), rand_crop=0.5)]
    >>> names
    ['DetRandomSelectAug', 'DetBorrowAug', 'DetBorrowAug']
    """
    made: list[DetAugmenter] = []
    if resize > 0:
        made.append(DetBorrowAug(ResizeAug(resize, inter_method)))
    if rand_crop > 0:
        options = (min_object_covered, aspect_ratio_range, area_range)
        more = (min_eject_coverage, max_attempts, 1 - rand_crop)
        made.append(CreateMultiRandCropAugmenter(*options, *more))
    if rand_mirror:
        made.append(DetHorizontalFlipAug(0.5))
    if rand_pad > 0:
        most = area_range[1] if isinstance(area_range, (tuple, list)) else area_range
        pad = DetRandomPadAug(aspect_ratio_range, (1.0, most), max_attempts, pad_val)
        made.append(DetRandomSelectAug([pad], 1 - rand_pad))
    size = (data_shape[2], data_shape[1])
    plain: list[Augmenter] = [ForceResizeAug(size, inter_method)]
    plain += color_augmenters(brightness, contrast, saturation, hue)
    plain += finishing(pca_noise, rand_gray, mean, std)
    return made + [DetBorrowAug(one) for one in plain]
