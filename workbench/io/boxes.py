"""Labels for detection, and changes to an image with its boxes, on the host.

Source: ``src/io/image_det_aug_default.cc`` of MXNet 1.9.1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..error import DataFileError, message
from .options import DetAugmentation
from .pixels import Pixels, Rng, hls_shifted, resize_short, resize_to

__all__ = ["Boxes", "augmented_with_boxes"]


@dataclass(frozen=True)
class Boxes:
    """The objects of an image.

    Attributes
    ----------
    head : numpy.ndarray
        The first numbers of the label.
    objects : numpy.ndarray
        (count, 5 or more): class, left, top, right, bottom as shares of the image, anything.
    """

    head: np.ndarray
    objects: np.ndarray

    @classmethod
    def of(cls, raw: np.ndarray) -> Boxes:
        """The objects that a label has, as it is in a file; empty boxes are left out."""
        head, width = (raw[0], raw[1]) if len(raw) >= 7 else (0, 0)
        whole = np.isfinite([head, width]).all() and head >= 2 and width >= 5
        if not whole or head > len(raw) or (len(raw) - int(head)) % int(width):
            raise DataFileError(
                message(
                    f"a label of {len(raw)} numbers with a head of {head:g} and objects of "
                    f"{width:g} numbers",
                    fix="Write the width of the head (2 or more), of objects (5 or more), objects.",
                )
            )
        objects = raw[int(head) :].reshape(-1, int(width))
        has_area = (objects[:, 3] > objects[:, 1]) & (objects[:, 4] > objects[:, 2])
        return cls(raw[: int(head)], objects[has_area])

    def raw(self) -> np.ndarray:
        """The label as it is in a file."""
        return np.concatenate([self.head, self.objects.ravel()])

    def mirrored(self) -> Boxes:
        """The objects of the mirror image."""
        objects = self.objects.copy()
        objects[:, (1, 3)] = 1 - objects[:, (3, 1)]
        return Boxes(self.head, objects)

    def seen_in(self, box: np.ndarray, chosen: Any = slice(None)) -> Boxes:
        """The *chosen* objects as shares of *box*: left, top, right, bottom."""
        objects = self.objects[chosen].copy()
        size = np.tile(box[2:] - box[:2], 2)
        objects[:, 1:5] = np.clip((objects[:, 1:5] - np.tile(box[:2], 2)) / size, 0, 1)
        return Boxes(self.head, objects)

    def overlaps(self, box: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each object and *box*: area of both together, of the object, of what they share."""
        corners = self.objects[:, 1:5]
        shared = np.minimum(corners[:, 2:], box[2:]) - np.maximum(corners[:, :2], box[:2])
        common = np.clip(shared, 0, None).prod(1)
        own = (corners[:, 2:] - corners[:, :2]).prod(1)
        return own + (box[2:] - box[:2]).prod() - common, own, common


def augmented_with_boxes(
    image: Pixels, boxes: Boxes, how: DetAugmentation, size: tuple[int, int], rng: Rng
) -> tuple[Pixels, Boxes]:
    """Image and boxes after all steps that *how* asks for; at most (height, width) *size*."""
    if how.resize != -1:
        image = resize_short(image, how.resize, how.inter_method, rng)
    if image.shape[2] == 3:
        image = _recolored(image, how, rng)
    if how.rand_mirror_prob > 0 and rng.random() < how.rand_mirror_prob:
        image, boxes = image[:, ::-1], boxes.mirrored()
    if how.rand_pad_prob > 0 and how.max_pad_scale > 1 and rng.random() < how.rand_pad_prob:
        image, boxes = _padded(image, boxes, how, rng)
    if how.rand_crop_prob > 0 and rng.random() < how.rand_crop_prob:
        image, boxes = _cropped(image, boxes, how, rng)
    return _sized(image, how, size, rng), boxes


def _recolored(image: Pixels, how: DetAugmentation, rng: Rng) -> Pixels:
    kinds = ("hue", "illumination", "saturation", "contrast")
    changes = []
    for kind in kinds:
        change = rng.uniform(-1, 1) * getattr(how, f"max_random_{kind}")
        changes.append(change if rng.random() < getattr(how, f"random_{kind}_prob") else 0)
    *shifts, contrast = changes
    shifts = [int(one) for one in shifts]
    if any(shifts):
        image = hls_shifted(image, *shifts)
    if contrast:
        image = np.clip(np.rint(image * np.float32(1 + contrast)), 0, 255).astype(np.uint8)
    return image


def _padded(image: Pixels, boxes: Boxes, how: DetAugmentation, rng: Rng) -> tuple[Pixels, Boxes]:
    scale = rng.uniform(1, how.max_pad_scale)
    if scale < 1.05:
        return image, boxes
    rows, columns = image.shape[:2]
    left, top = int(rng.uniform(0, scale - 1) * columns), int(rng.uniform(0, scale - 1) * rows)
    right, bottom = int((scale - 1) * columns) - left, int((scale - 1) * rows) - top
    right, bottom = max(0, right), max(0, bottom)
    border = ((top, bottom), (left, right), (0, 0))
    made = np.pad(image, border, constant_values=how.fill_value)
    box = np.array([-left / columns, -top / rows, 1 + right / columns, 1 + bottom / rows])
    return made, boxes.seen_in(box)


def _cropped(image: Pixels, boxes: Boxes, how: DetAugmentation, rng: Rng) -> tuple[Pixels, Boxes]:
    """The first part that keeps the limits of its sampler, samplers in random order."""
    rows, columns = image.shape[:2]
    for number in rng.permutation(how.num_crop_sampler):
        sampler = how.sampler(int(number))
        for _ in range(sampler["max_crop_trials"]):
            box = _random_box(sampler, columns / rows, rng)
            left, top, right, bottom = (box * [columns, rows, columns, rows]).astype(int)
            if right <= left or bottom <= top or not _allowed(boxes, box, sampler):
                continue
            kept = _emitted(boxes, box, how)
            if kept.any() or not len(boxes.objects):
                return image[top:bottom, left:right], boxes.seen_in(box, kept)
    return image, boxes


def _random_box(sampler: dict[str, Any], image_ratio: float, rng: Rng) -> np.ndarray:
    scale = rng.uniform(sampler["min_crop_scales"], sampler["max_crop_scales"]) + 1e-12
    low = max(sampler["min_crop_aspect_ratios"] / image_ratio, scale * scale)
    high = min(sampler["max_crop_aspect_ratios"] / image_ratio, 1 / (scale * scale))
    ratio = math.sqrt(max(low + rng.random() * (high - low), 1e-12))
    size = np.minimum(1, [scale * ratio, scale / ratio])
    corner = rng.random(2) * (1 - size)
    return np.concatenate([corner, corner + size])


def _allowed(boxes: Boxes, box: np.ndarray, sampler: dict[str, Any]) -> bool:
    """Whether one of the objects keeps all limits; so does a part of an image without objects."""
    together, own, common = boxes.overlaps(box)
    measures = {
        "overlaps": common / together,
        "sample_coverages": common / (box[2:] - box[:2]).prod(),
        "object_coverages": common / own,
    }
    allowed = np.ones(len(own), bool)
    for name, measure in measures.items():
        low, high = sampler[f"min_crop_{name}"], sampler[f"max_crop_{name}"]
        if low > 0 or high < 1:
            allowed &= (measure >= low) & (measure <= high)
    return bool(allowed.any()) or not len(own)


def _emitted(boxes: Boxes, box: np.ndarray, how: DetAugmentation) -> np.ndarray:
    """Which objects a part shows."""
    if how.crop_emit_mode == "overlap":
        _, own, common = boxes.overlaps(box)
        return common / own > how.emit_overlap_thresh
    middle = (boxes.objects[:, 1:3] + boxes.objects[:, 3:5]) / 2
    return ((middle >= box[:2]) & (middle < box[2:])).all(1)


def _sized(image: Pixels, how: DetAugmentation, size: tuple[int, int], rng: Rng) -> Pixels:
    height, width = size
    if how.resize_mode == "force":
        return resize_to(image, (width, height), how.inter_method, rng)
    rows, columns = image.shape[:2]
    ratio = np.float32(min(height / rows, width / columns))
    if how.resize_mode == "shrink" and rows <= height and columns <= width:
        return image
    new = (max(1, int(ratio * np.float32(columns))), max(1, int(ratio * np.float32(rows))))
    return resize_to(image, new, how.inter_method, rng)
