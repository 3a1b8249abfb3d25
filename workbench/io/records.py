"""Batches of images out of record files, decoded and augmented by threads."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from .. import _imagecodec, ndarray as nd
from ..error import DataFileError, ParameterError, ShapeError, message
from ..recordio import HEADER
from .base import DataBatch
from .files import MXDataIter, as_batch, batch_size_of, batches_of, next_start, part_of, shape_of
from .options import Augmentation, Normalization, Reading, taken
from .pixels import augmented
from .record_file import RecordFile, read_labels

__all__ = [
    "ImageRecordInt8Iter",
    "ImageRecordIter",
    "ImageRecordIter_v1",
    "ImageRecordUInt8Iter",
    "ImageRecordUInt8Iter_v1",
]

#: options that have a meaning in MXNet only
_UNUSED = ("aug_seq", "verbose", "device_id", "ctx", "shuffle_chunk_size", "shuffle_chunk_seed")

#: pixels (channels, height, width), label and number of one sample
Sample = tuple[np.ndarray, np.ndarray, int]


class RecordIter(MXDataIter):
    """What the iterators over records share: threads make samples some batches ahead.

    A subclass has ``_sample(number, rng)``, and calls ``_open()`` and ``_start()``.
    """

    #: a batch tells the numbers of its samples, and one that is not rounded how many of them are
    #: repeated; otherwise, as in MXNet's newer iterators, numbers and pad are 0
    _tells = True

    def __init__(self, data_shape: Any, options: dict[str, Any], **usual: Any) -> None:
        shape = shape_of("data_shape", data_shape)
        if len(shape) != 3 or shape[0] not in (1, 3, 4):
            raise ShapeError(
                message(
                    f"Invalid output shape {shape}",
                    fix="Give data_shape=(channels, height, width) with 1, 3 or 4 channels.",
                )
            )
        self.data_shape = shape
        self._image_size = (shape[1], shape[2])
        self._reading = taken(Reading, options, **usual)
        for name in _UNUSED:
            options.pop(name, None)
        if not self._reading.path_imgrec:
            raise ParameterError(
                message(f"{type(self).__name__}: no records", fix="Give path_imgrec.")
            )

    def _open(self) -> None:
        reading = self._reading
        self._size = batch_size_of(reading.batch_size)
        self._file = RecordFile(reading.path_imgrec, reading.path_imgidx)
        self._labels = None
        if reading.path_imglist:
            self._labels = read_labels(reading.path_imglist, reading.label_width)
        self._part = part_of(len(self._file), reading.num_parts, reading.part_index)
        self._from, self._number_of_epoch = 0, 0
        threads = max(1, reading.preprocess_threads)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="records")
        self._made: deque[list[Future[Sample]]] = deque()

    def __del__(self) -> None:
        if hasattr(self, "_pool"):
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _forget(self) -> None:
        for samples in self._made:
            for sample in samples:
                sample.cancel()
        self._made.clear()

    # ---- epochs -----------------------------------------------------------------------------

    def _epoch(self) -> Iterator[DataBatch]:
        reading, (first, end) = self._reading, self._part
        epoch, start = self._number_of_epoch, self._from
        self._number_of_epoch, self._from = epoch + 1, 0
        plan = (end - first, self._size, reading.round_batch, start)
        order = np.arange(first, end)
        if reading.shuffle:
            np.random.default_rng([reading.seed, epoch]).shuffle(order)
        coming = iter(batches_of(*plan))
        pads: deque[int] = deque()
        while True:
            while len(self._made) <= reading.prefetch_buffer:
                planned = next(coming, None)
                if planned is None:
                    break
                numbers, pad = planned
                cut = pad if not (reading.round_batch or self._tells) else 0
                used = numbers[: self._size - cut]
                pads.append(pad)
                self._made.append(self._samples(order[used], epoch, numbers))
            if not self._made:
                return
            samples, pad = self._made.popleft(), pads.popleft()
            if pad:
                self._from = next_start(*plan)
            yield self._stacked([sample.result() for sample in samples], pad)

    def _samples(self, records: np.ndarray, epoch: int, places: np.ndarray) -> list[Future[Sample]]:
        """Samples that threads are making; the random numbers do not depend on which thread."""
        seed = self._reading.seed_aug
        submitted = []
        for record, place in zip(records.tolist(), places.tolist(), strict=False):
            key = [int(seed), place] if seed is not None else [self._reading.seed, epoch, record]
            rng = np.random.default_rng([abs(one) for one in key])
            submitted.append(self._pool.submit(self._named_sample, record, rng))
        return submitted

    def _named_sample(self, number: int, rng: np.random.Generator) -> Sample:
        try:
            return self._sample(number, rng)
        except DataFileError as error:
            place = f"{os.fspath(self._reading.path_imgrec)}, record {number}"
            raise DataFileError(f"{place}: {error}") from error

    def _sample(self, number: int, rng: np.random.Generator) -> Sample:
        raise NotImplementedError(f"{type(self).__name__} has no _sample")

    def _stacked(self, samples: list[Sample], pad: int) -> DataBatch:
        """A batch of samples, with zeros after them where they are too few."""
        made = []
        for arrays in list(zip(*samples, strict=True))[:2]:
            whole = np.zeros((self._size, *arrays[0].shape), arrays[0].dtype)
            np.stack(arrays, out=whole[: len(arrays)])
            made.append(whole)
        data, label = made
        if self._reading.dtype is not None:
            data = data.astype(np.dtype(self._reading.dtype))
        if self._tells:
            return as_batch(data, label, pad, [number for _, _, number in samples])
        return as_batch(data, label, pad if self._reading.round_batch else 0, np.zeros(self._size))

    # ---- one image ----------------------------------------------------------------------------

    def _decoded(self, content: bytes) -> np.ndarray:
        """Pixels (height, width, channels) in red, green, blue."""
        channels = self.data_shape[0]
        if channels == 4:
            return _imagecodec.decode_alpha(content)
        pixels = _imagecodec.decode(content, int(channels == 3), rgb=True)
        return pixels if pixels.ndim == 3 else pixels[..., None]

    def _label_of(self, header: HEADER) -> np.ndarray:
        width = self._reading.label_width
        if self._labels is not None:
            if header.id not in self._labels:
                raise DataFileError(
                    message(
                        f"image {header.id} is not in the list", fix="Compare list and records."
                    )
                )
            return self._labels[header.id]
        label = np.atleast_1d(np.asarray(header.label, np.float32))
        if width > 0 and len(label) != width:
            raise ShapeError(
                message(
                    f"rec file provide {len(label)}-dimensional label but label_width is set to "
                    f"{width}",
                    fix=f"Set label_width={len(label)}.",
                )
            )
        return label


class ImageRecordIter(RecordIter):
    """Batches of the images of a record file: float32 (batch, channels, height, width).

    Parameters
    ----------
    path_imgrec : str
        The record file. *path_imgidx*: its index, which spares reading all heads.
    data_shape : (int, int, int)
        Channels (1, 3 or 4), height and width.
    batch_size : int
    path_imglist : str
        Labels by the numbers of the images, instead of those in the records.
    label_width : int
        How many numbers a label has.
    shuffle : bool
        Another order in every epoch, by *seed*.
    round_batch : bool
        Fill the last batch up with the first images, and start the next epoch after those.
        Otherwise it ends with zeros.
    num_parts, part_index : int
        Read one of several parts of the records.
    preprocess_threads, prefetch_buffer : int
        How many threads there are, and how many batches they are ahead.
    seed_aug : int
        The same augmentation in every epoch, by this seed.
    resize : int
        The shorter edge is resized to it first.
    rand_crop, random_resized_crop, min_crop_size, max_crop_size, min_random_area, \
max_random_area, min_aspect_ratio, max_aspect_ratio : bool, int, float
        Which part is taken: the middle, one at a random place, one of random size.
    max_rotate_angle, rotate, rotate_list, max_shear_ratio, min_random_scale, max_random_scale, \
min_img_size, max_img_size : int, float
        Affine maps, angles in degrees.
    pad, fill_value : int
        Pixels around the image, and their value.
    brightness, contrast, saturation, random_h, random_s, random_l, pca_noise : float, int
        How much of each may be changed at random.
    inter_method : int
        0 nearest, 1 bilinear, 2 bicubic, 3 area, 4 Lanczos, 9 by the sizes, 10 at random.
    mirror, rand_mirror : bool
        Mirror all images, or half of them.
    mean_r, mean_g, mean_b, mean_a, std_r, std_g, std_b, std_a, scale : float
        ``(pixel - mean) * scale / std``.
    mean_img : str
        File of the mean image, subtracted instead; made when it is not there.
    max_random_contrast, max_random_illumination : float
        Random factor and summand, like *scale*.
    dtype : str
        Another dtype of the data.
    data_name, label_name : str
        Names in ``provide_data`` and ``provide_label``.

    Raises
    ------
    DataFileError
        A record or an image is truncated or corrupt; the message names it.

    Notes
    -----
    The random numbers are not those of MXNet 1.9.1, whose depend on the number of threads; here
    they depend on *seed* alone. Without rounding ``pad`` is 0, as there.
    """

    _pixels = "float32"
    _tells = False

    def __init__(self, data_shape: Any = (), **kwargs: Any) -> None:
        options = dict(kwargs)
        super().__init__(data_shape, options)
        self._augmentation = taken(Augmentation, options)
        self._normalization = taken(Normalization, options)
        MXDataIter.__init__(self, **options)
        self._open()
        self._mean = self._means()
        self._start()

    def _sample(self, number: int, rng: np.random.Generator) -> Sample:
        header, content = self._file.read_at(number)
        label = self._label_of(header)
        image = augmented(self._decoded(content), self._augmentation, self._image_size, rng)
        pixels = self._normalized(np.moveaxis(image, 2, 0), rng)
        return pixels, label[0] if self._reading.label_width == 1 else label, header.id

    def _means(self) -> np.ndarray:
        """What is subtracted: a number for each channel, or the mean image."""
        n = self._normalization
        if n.mean_img and self._pixels != "uint8":
            if not os.path.exists(n.mean_img):
                self._write_mean_image(n.mean_img)
            return read_mean_image(n.mean_img, self.data_shape)
        return channel_means(n, self.data_shape[0])

    def _write_mean_image(self, path: str) -> None:
        """Save the mean of all augmented images, as they are before it is subtracted."""
        logging.info("Cannot find %s: create mean image, this will take some time...", path)
        total = np.zeros(self.data_shape, np.float64)
        first, end = self._part
        for number in range(first, end):
            rng = np.random.default_rng([self._reading.seed, number])
            content = self._file.read_at(number)[1]
            pixels = self._decoded(content)
            image = augmented(pixels, self._augmentation, self._image_size, rng)
            total += np.moveaxis(image, 2, 0)
        mean = total / max(1, end - first)
        nd.save(path, {"mean_img": nd.array(mean, dtype=np.float32)})

    def _normalized(self, pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        n = self._normalization
        if n.mirror or (n.rand_mirror and rng.random() < 0.5):
            pixels = pixels[..., ::-1]
        if self._pixels == "uint8":
            return pixels
        if self._pixels == "int8":
            return np.clip(pixels - np.rint(self._mean), -128, 127).astype(np.int8)
        return standardized(pixels, self._mean, n, rng)


class ImageRecordUInt8Iter(ImageRecordIter):
    """As :class:`ImageRecordIter`, with pixels as they are, uint8."""

    _pixels = "uint8"


class ImageRecordInt8Iter(ImageRecordIter):
    """As :class:`ImageRecordIter`, with pixels less their mean: int8, held within -128 and 127."""

    _pixels = "int8"


class ImageRecordIter_v1(ImageRecordIter):
    """As :class:`ImageRecordIter`, and batches tell the numbers of their images.

    Without rounding a last batch is filled up with images of the one before, and ``pad`` says how
    many those are.
    """

    _tells = True


class ImageRecordUInt8Iter_v1(ImageRecordUInt8Iter):
    """As :class:`ImageRecordIter_v1`, with pixels as they are, uint8."""

    _tells = True


def channel_means(n: Normalization, channels: int) -> np.ndarray:
    """The mean of each channel: (channels, 1, 1)."""
    return np.array(n.of_channels("mean", channels), np.float32).reshape(-1, 1, 1)


def standardized(
    pixels: np.ndarray, mean: np.ndarray, n: Normalization, rng: np.random.Generator
) -> np.ndarray:
    """Pixels (channels, height, width) less *mean*, scaled and divided as *n* says; float32."""
    factor = (1 + rng.uniform(-1, 1) * n.max_random_contrast) * n.scale
    summand = rng.uniform(-1, 1) * n.max_random_illumination * n.scale
    deviations = [one or 1.0 for one in n.of_channels("std", len(pixels))]
    std = np.array(deviations, np.float32).reshape(-1, 1, 1)
    made = np.empty(pixels.shape, np.float32)
    np.subtract(pixels, mean, out=made)
    made *= np.float32(factor) / std
    if summand:
        made += np.float32(summand) / std
    return made


def read_mean_image(path: str, shape: tuple[int, ...]) -> np.ndarray:
    """The mean image in a file, at least as large as *shape*: its upper left part."""
    loaded = nd.load(path)
    arrays = list(loaded.values()) if isinstance(loaded, dict) else loaded
    mean: np.ndarray[Any, Any] = arrays[0].asnumpy() if len(arrays) == 1 else np.empty(0)
    large = mean.ndim == 3 and len(mean) == shape[0]
    if not large or mean.shape[1] < shape[1] or mean.shape[2] < shape[2]:
        raise DataFileError(
            message(
                f"Invalid mean image file format: {path}",
                where=[f"{len(arrays)} arrays, the first {mean.shape}, images {shape}"],
                fix="Remove the file, so that it is made anew.",
            )
        )
    return mean[:, : shape[1], : shape[2]].astype(np.float32)
