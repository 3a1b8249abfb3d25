"""Batches of images with boxes."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..error import DataFileError, ShapeError, message
from ..io import DataDesc
from ..ndarray import NDArray
from .augment import MEAN, STD
from .detection import CreateDetAugmenter, Sample
from .iterator import ImageIter, Row

__all__ = ["ImageDetIter"]


class ImageDetIter(ImageIter):
    """Batches of images and their boxes; see :class:`ImageIter`.

    A label in the file is one row of numbers: how many of them are the head (2 or more), how many
    an object has (5 or more), the rest of the head, then the objects: class, left, top, right and
    bottom as shares of the image, anything. In a batch labels are (objects, numbers), filled up
    with -1 to the largest count of objects.

    Parameters
    ----------
    aug_list : list of DetAugmenter
        Without it those of :func:`CreateDetAugmenter` with the further keywords.
    label_name : str
        Name in ``provide_label``.
    batch_size, data_shape, path_imgrec, path_imglist, path_root, path_imgidx, shuffle, \
part_index, num_parts, imglist, data_name, last_batch_handle
        As for :class:`ImageIter`.

    Attributes
    ----------
    label_shape : (int, int)
        Objects and numbers of each in a label of a batch.
    """

    def __init__(
        self,
        batch_size: int,
        data_shape: tuple[int, int, int],
        path_imgrec: str | None = None,
        path_imglist: str | None = None,
        path_root: str | None = None,
        path_imgidx: str | None = None,
        shuffle: bool = False,
        part_index: int = 0,
        num_parts: int = 1,
        aug_list: Sequence[Any] | None = None,
        imglist: Sequence[Any] | None = None,
        data_name: str = "data",
        label_name: str = "label",
        last_batch_handle: str = "pad",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            batch_size,
            data_shape,
            path_imgrec=path_imgrec,
            path_imglist=path_imglist,
            path_root=path_root,
            path_imgidx=path_imgidx,
            shuffle=shuffle,
            part_index=part_index,
            num_parts=num_parts,
            aug_list=[],
            imglist=imglist,
            data_name=data_name,
            label_name=label_name,
            last_batch_handle=last_batch_handle,
        )
        self.auglist: Any = aug_list
        if aug_list is None:
            self.auglist = CreateDetAugmenter(data_shape, **kwargs)
        self.label_shape = self._estimate_label_shape()
        self.provide_label = [DataDesc(label_name, (batch_size, *self.label_shape))]

    # ---- labels -----------------------------------------------------------------------------

    def _estimate_label_shape(self) -> tuple[int, int]:
        """The largest count of objects, and how many numbers each has; reads all labels."""
        shapes = set()
        self.hard_reset()
        for label, _ in iter(self._sample_or_none, None):
            shapes.add(self._parse_label(label).shape)
        self.hard_reset()
        widths = {width for _, width in shapes}
        if len(widths) != 1:
            raise DataFileError(
                message(
                    f"objects have {sorted(widths)} numbers" if widths else "there are no labels",
                    fix="Write labels with as many numbers for each object.",
                )
            )
        return max(count for count, _ in shapes), widths.pop()

    def _sample_or_none(self) -> Any:
        try:
            return self.next_sample()
        except StopIteration:
            return None

    def _parse_label(self, label: Any) -> np.ndarray:
        """The objects of a label as it is in the file: (objects, numbers)."""
        raw = label.asnumpy() if isinstance(label, NDArray) else np.asarray(label)
        raw = raw.ravel()
        if raw.size < 7:
            raise DataFileError(f"Label shape is invalid: {raw.shape}")
        head, width = raw[:2]
        whole = np.isfinite(raw[:2]).all() and head >= 2 and width >= 5
        if not whole or (raw.size - int(head)) % int(width) or int(head) >= raw.size:
            raise DataFileError(
                f"Label shape {raw.shape} inconsistent with annotation width {width:g} "
                f"and head {head:g}."
            )
        objects = raw[int(head) :].reshape(-1, int(width))
        objects = objects[_has_area(objects)]
        if not len(objects):
            raise DataFileError("Encounter sample with no valid label.")
        return objects

    def _check_valid_label(self, label: np.ndarray) -> None:
        """DataFileError, which is a RuntimeError, when no object is left."""
        if label.ndim != 2 or label.shape[1] < 5:
            raise DataFileError(f"Label with shape (1+, 5+) required, {label.shape} received.")
        if not (_has_area(label) & (label[:, 0] >= 0)).any():
            raise DataFileError("Invalid label occurs.")

    def check_label_shape(self, label_shape: tuple[int, int]) -> None:
        """ShapeError unless *label_shape* holds as many objects, of as many numbers, as now."""
        if len(label_shape) != 2:
            raise ShapeError("label_shape should have length 2")
        if label_shape[0] < self.label_shape[0]:
            raise ShapeError(
                f"Attempts to reduce label count from {self.label_shape[0]} to {label_shape[0]}, "
                "not allowed."
            )
        if label_shape[1] != self.label_shape[1]:
            raise ShapeError(
                f"label_shape object width inconsistent: {self.label_shape[1]} vs {label_shape[1]}."
            )

    def reshape(
        self,
        data_shape: tuple[int, int, int] | None = None,
        label_shape: tuple[int, int] | None = None,
    ) -> None:
        """Give images another size, or labels more room, from the next batch on.

        The augmenters stay as they are.
        """
        if data_shape is not None:
            self.check_data_shape(data_shape)
            name = self.provide_data[0].name
            self.data_shape = tuple(data_shape)
            self.provide_data = [DataDesc(name, (self.batch_size, *self.data_shape))]
        if label_shape is not None:
            self.check_label_shape(label_shape)
            name = self.provide_label[0].name
            self.label_shape = (label_shape[0], label_shape[1])
            self.provide_label = [DataDesc(name, (self.batch_size, *self.label_shape))]

    def sync_label_shape(self, it: ImageDetIter, verbose: bool = False) -> ImageDetIter:
        """Give this iterator and *it* room for the same count of objects; returns *it*.

        For a training and a validation set, whose batches then fit one network.
        """
        if not isinstance(it, ImageDetIter):
            raise TypeError("Synchronize with invalid iterator.")
        if it.label_shape[1] != self.label_shape[1]:
            raise ShapeError(
                f"object width mismatch: {self.label_shape[1]} and {it.label_shape[1]}."
            )
        count = max(self.label_shape[0], it.label_shape[0])
        for one in (self, it):
            one.reshape(label_shape=(count, one.label_shape[1]))
        if verbose:
            logging.info("Resized label_shape to (%d, %d).", *self.label_shape)
        return it

    # ---- samples ----------------------------------------------------------------------------

    def augmentation_transform(self, data: NDArray, label: Any = None) -> Any:
        """Image and label after all augmenters."""
        for augmenter in self.auglist:
            data, label = augmenter(data, label)
        return data, label

    def _next_valid(self) -> Sample:
        """The next augmented image that has an object, and its label."""
        while True:
            label, content = self.next_sample()
            data = self.imdecode(content)
            try:
                self.check_valid_image([data])
                data, objects = self.augmentation_transform(data, self._parse_label(label))
                self._check_valid_label(objects)
            except RuntimeError as error:
                logging.debug("Invalid image, skipping:  %s", error)
                continue
            return data, objects

    def _next_row(self) -> Row:
        data, objects = self._next_valid()
        room = np.full(self.label_shape, -1, np.float32)
        if objects.shape[1] != room.shape[1] or len(objects) > len(room):
            raise ShapeError(
                message(
                    f"an augmented label has shape {objects.shape}, there is room for {room.shape}",
                    fix="Call reshape(label_shape=...), or look at the augmenters.",
                )
            )
        room[: len(objects)] = objects
        return self._checked(self.postprocess_data(data)), room

    def draw_next(
        self,
        color: tuple[int, int, int] | None = None,
        thickness: int = 2,
        mean: Any = None,
        std: Any = None,
        clip: bool = True,
        waitKey: int | None = None,
        window_name: str = "draw_next",
        id2labels: dict[int, str] | None = None,
    ) -> Iterator[np.ndarray]:
        """The images of this epoch with their boxes drawn.

        Parameters
        ----------
        color : (int, int, int)
            Red, green and blue of the boxes; random without it.
        thickness : int
            Width of the lines in pixels.
        mean, std : True or numpy.ndarray
            What the augmenters subtracted and divided by, to be undone; True: ImageNet's.
        clip : bool
            Hold pixels within 0 and 255.
        waitKey : int
            Show each image in a window of OpenCV, for so many milliseconds; needs OpenCV.
        window_name : str
        id2labels : dict of int to str
            Names of the classes, written into the boxes; needs Pillow.

        Yields
        ------
        numpy.ndarray
            (height, width, 3), uint8, in blue, green, red as OpenCV shows them.
        """
        while True:
            try:
                data, objects = self._next_valid()
            except StopIteration:
                return
            pixels = data.asnumpy().astype(np.float32)
            if std is not None:
                pixels = pixels * np.asarray(STD if std is True else std, np.float32)
            if mean is not None:
                pixels = pixels + np.asarray(MEAN if mean is True else mean, np.float32)
            if clip:
                pixels = np.clip(pixels, 0, 255)
            image = pixels.astype(np.int64).astype(np.uint8)
            for one in objects:
                if one[1] >= 0:
                    chosen = color or tuple(np.random.randint(0, 256, 3).tolist())
                    image = _with_box(image, one, chosen, thickness, id2labels or {})
            image = np.ascontiguousarray(image[..., ::-1])
            if waitKey is not None:
                _show(window_name, image, waitKey)
            yield image


def _has_area(objects: np.ndarray) -> np.ndarray:
    return (objects[:, 3] > objects[:, 1]) & (objects[:, 4] > objects[:, 2])


def _with_box(
    image: np.ndarray,
    one: np.ndarray,
    color: tuple[int, int, int],
    thickness: int,
    names: dict[int, str],
) -> np.ndarray:
    """An image with the lines of one object's box, and its name where it has one."""
    height, width = image.shape[:2]
    left, top, right, bottom = (
        int(np.clip(share, 0, 1) * (size - 1))
        for share, size in zip(one[1:5], (width, height, width, height), strict=True)
    )
    image = image.copy()
    line = max(1, thickness)
    for row in (top, max(top, bottom - line + 1)):
        image[row : row + line, left : right + 1] = color
    for column in (left, max(left, right - line + 1)):
        image[top : bottom + 1, column : column + line] = color
    name = names.get(int(one[0]))
    if name is None:
        return image
    from PIL import Image, ImageDraw

    picture = Image.fromarray(image)
    ImageDraw.Draw(picture).text((left + 5, top + 5), name, fill=(255, 255, 255))
    return np.asarray(picture)


def _show(window: str, image: np.ndarray, milliseconds: int) -> None:
    try:
        import cv2
    except ImportError as error:
        warnings.warn(f"Unable to import cv2, skip showing: {error}", stacklevel=3)
        return
    cv2.imshow(window, image)
    cv2.waitKey(milliseconds)
