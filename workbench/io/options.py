"""Options of the iterators over records: many, in groups, each with a type and a default."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

from ..error import ParameterError, message

__all__ = ["Augmentation", "DetAugmentation", "Normalization", "Reading", "taken"]

Group = TypeVar("Group")

INTERPOLATIONS = (0, 1, 2, 3, 4, 9, 10)


def taken(group: type[Group], given: dict[str, Any], **also: Any) -> Group:
    """A *group* of options out of *given*, from which they are removed.

    A value of another type is converted, texts as they stand in old scripts too. ParameterError
    when it cannot be.
    """
    values = dict(also)
    for field in dataclasses.fields(group):  # type: ignore[arg-type]
        if field.name in given:
            values[field.name] = _converted(field.name, given.pop(field.name), field.default)
    return group(**values)


def _converted(name: str, value: Any, default: Any) -> Any:
    """*value* as what *default* is; a tuple's items as its first one."""
    try:
        if isinstance(default, bool):
            return value not in (False, 0, "0", "False", "false", "")
        if isinstance(default, tuple):
            text = value.strip("()[] ").split(",") if isinstance(value, str) else value
            items = [text] if isinstance(text, (int, float)) else list(text)
            return tuple(type(default[0])(one) for one in items)
        if value is None or default is None or default is dataclasses.MISSING:
            return value
        return type(default)(value)
    except (TypeError, ValueError) as error:
        kind = type(default).__name__
        raise ParameterError(
            message(f"{name} is {value!r}, not {kind}", fix=f"Give {name} as {kind}.")
        ) from error


@dataclasses.dataclass(frozen=True)
class Reading:
    """Which records are read, and how. The words are in the iterators' docstrings."""

    path_imgrec: str = ""
    path_imgidx: str = ""
    path_imglist: str = ""
    label_width: int = 1
    batch_size: int = 0
    round_batch: bool = True
    shuffle: bool = False
    seed: int = 0
    seed_aug: Any = None
    num_parts: int = 1
    part_index: int = 0
    preprocess_threads: int = 4
    prefetch_buffer: int = 4
    dtype: Any = None


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """What happens to an image before it is normalized; each step only where its options ask."""

    resize: int = -1
    rand_crop: bool = False
    random_resized_crop: bool = False
    max_rotate_angle: int = 0
    rotate: int = -1
    rotate_list: tuple[int, ...] = (0,)
    max_aspect_ratio: float = 0.0
    min_aspect_ratio: Any = None
    max_shear_ratio: float = 0.0
    max_crop_size: int = -1
    min_crop_size: int = -1
    max_random_scale: float = 1.0
    min_random_scale: float = 1.0
    max_random_area: float = 1.0
    min_random_area: float = 1.0
    max_img_size: float = 1e10
    min_img_size: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    pca_noise: float = 0.0
    random_h: int = 0
    random_s: int = 0
    random_l: int = 0
    fill_value: int = 255
    inter_method: int = 1
    pad: int = 0

    def __post_init__(self) -> None:
        check_interpolation(self.inter_method)
        if self.random_resized_crop and (
            self.rand_crop
            or (self.min_random_scale, self.max_random_scale) != (1.0, 1.0)
            or (self.min_crop_size, self.max_crop_size) != (-1, -1)
        ):
            raise ParameterError(
                message(
                    "Setting random_resized_crop to true conflicts with min_random_scale, "
                    "max_random_scale, min_crop_size, max_crop_size and rand_crop.",
                    fix="Use one or the others.",
                )
            )
        low, high = self.ratios
        if self.random_resized_crop and not (0 < low <= high):
            raise ParameterError(
                message(f"aspect ratios from {low} to {high}", fix="Give 0 < least <= largest.")
            )
        if self.min_random_area > self.max_random_area or self.min_crop_size > self.max_crop_size:
            raise ParameterError(
                message("a least size is above the largest", fix="Exchange min and max.")
            )

    @property
    def ratios(self) -> tuple[float, float]:
        """Least and largest width over height."""
        if self.min_aspect_ratio is not None:
            return float(self.min_aspect_ratio), self.max_aspect_ratio
        return 1 - self.max_aspect_ratio, 1 + self.max_aspect_ratio


@dataclasses.dataclass(frozen=True)
class DetAugmentation:
    """What happens to an image and its boxes before it is normalized."""

    resize: int = -1
    rand_crop_prob: float = 0.0
    min_crop_scales: tuple[float, ...] = (0.0,)
    max_crop_scales: tuple[float, ...] = (1.0,)
    min_crop_aspect_ratios: tuple[float, ...] = (1.0,)
    max_crop_aspect_ratios: tuple[float, ...] = (1.0,)
    min_crop_overlaps: tuple[float, ...] = (0.0,)
    max_crop_overlaps: tuple[float, ...] = (1.0,)
    min_crop_sample_coverages: tuple[float, ...] = (0.0,)
    max_crop_sample_coverages: tuple[float, ...] = (1.0,)
    min_crop_object_coverages: tuple[float, ...] = (0.0,)
    max_crop_object_coverages: tuple[float, ...] = (1.0,)
    num_crop_sampler: int = 1
    crop_emit_mode: str = "center"
    emit_overlap_thresh: float = 0.3
    max_crop_trials: tuple[int, ...] = (25,)
    rand_pad_prob: float = 0.0
    max_pad_scale: float = 1.0
    max_random_hue: int = 0
    random_hue_prob: float = 0.0
    max_random_saturation: int = 0
    random_saturation_prob: float = 0.0
    max_random_illumination: int = 0
    random_illumination_prob: float = 0.0
    max_random_contrast: float = 0.0
    random_contrast_prob: float = 0.0
    rand_mirror_prob: float = 0.0
    fill_value: int = 127
    inter_method: int = 1
    resize_mode: str = "force"

    def __post_init__(self) -> None:
        check_interpolation(self.inter_method)
        for name, words in (
            ("crop_emit_mode", ("center", "overlap")),
            ("resize_mode", ("fit", "force", "shrink")),
        ):
            if getattr(self, name) not in words:
                raise ParameterError(
                    message(f"{name} is {getattr(self, name)!r}", fix=f"Use one of {words}.")
                )
        for name in CROP_OPTIONS:
            count = len(getattr(self, name))
            if count not in (1, self.num_crop_sampler):
                raise ParameterError(
                    message(
                        f"{name} has {count} values for {self.num_crop_sampler} samplers",
                        fix="Give one value, or one for each sampler.",
                    )
                )

    def sampler(self, number: int) -> dict[str, Any]:
        """The options of one of the samplers of crops."""
        lists = {name: getattr(self, name) for name in CROP_OPTIONS}
        return {name: one[number if len(one) > 1 else 0] for name, one in lists.items()}


CROP_OPTIONS = (
    "min_crop_scales",
    "max_crop_scales",
    "min_crop_aspect_ratios",
    "max_crop_aspect_ratios",
    "min_crop_overlaps",
    "max_crop_overlaps",
    "min_crop_sample_coverages",
    "max_crop_sample_coverages",
    "min_crop_object_coverages",
    "max_crop_object_coverages",
    "max_crop_trials",
)


@dataclasses.dataclass(frozen=True)
class Normalization:
    """Mirroring, and what is subtracted and multiplied. A deviation of 0 is not divided by."""

    mirror: bool = False
    rand_mirror: bool = False
    mean_img: str = ""
    mean_r: float = 0.0
    mean_g: float = 0.0
    mean_b: float = 0.0
    mean_a: float = 0.0
    std_r: float = 1.0
    std_g: float = 1.0
    std_b: float = 1.0
    std_a: float = 1.0
    scale: float = 1.0
    max_random_contrast: float = 0.0
    max_random_illumination: float = 0.0

    def of_channels(self, what: str, count: int) -> list[float]:
        """The mean or the std of each of *count* channels."""
        return [getattr(self, f"{what}_{channel}") for channel in "rgba"[:count]]


def check_interpolation(number: int) -> None:
    """ParameterError unless it is a number of OpenCV's, 9 (by the sizes) or 10 (at random)."""
    if number not in INTERPOLATIONS:
        raise ParameterError(
            message(
                f"invalid inter_method {number}: valid value 0,1,2,3,4,9,10",
                fix="Use 0 nearest, 1 bilinear, 2 bicubic, 3 area, 4 Lanczos, 9 or 10.",
            )
        )
