"""Batches of images with boxes out of record files."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..error import DataFileError, ParameterError, message
from ..recordio import HEADER
from .boxes import Boxes, augmented_with_boxes
from .files import MXDataIter
from .options import DetAugmentation, Normalization, taken
from .records import RecordIter, Sample, channel_means, read_mean_image, standardized

__all__ = ["ImageDetRecordIter"]


class ImageDetRecordIter(RecordIter):
    """Batches of the images of a record file and their boxes.

    A label in the records is a row of numbers: how many of them are the head (2 or more), how many
    an object has (5 or more), the rest of the head, then the objects: class, left, top, right and
    bottom as shares of the image, anything. A label of a batch has the channels, height and width
    of the image and the count of the numbers after these four; then those, filled up with
    *label_pad_value*.

    Parameters
    ----------
    path_imgrec, path_imglist, data_shape, batch_size, shuffle, seed, round_batch, num_parts, \
part_index, preprocess_threads, prefetch_buffer, resize, inter_method, mean_img, \
mean_r, mean_g, mean_b, mean_a, std_r, std_g, std_b, std_a, scale, dtype, data_name, label_name
        As for :class:`ImageRecordIter`; a mean image must be there already.
    label_width : int
        How many numbers each label has; -1 for any count.
    label_pad_width : int
        Room for a label; 0 for that of the longest.
    label_pad_value : float
    rand_mirror_prob, rand_crop_prob, rand_pad_prob : float
        Probabilities of a mirror image, a part and padding.
    max_pad_scale : float
        Largest size of a padded image, in sizes of the image.
    num_crop_sampler, min_crop_scales, max_crop_scales, min_crop_aspect_ratios, \
max_crop_aspect_ratios, min_crop_overlaps, max_crop_overlaps, min_crop_sample_coverages, \
max_crop_sample_coverages, min_crop_object_coverages, max_crop_object_coverages, max_crop_trials
        Samplers of parts, and for each the limits that a part and one of the objects must keep.
    crop_emit_mode, emit_overlap_thresh : {"center", "overlap"}, float
        Which objects a part shows: those whose middle it has, or a share above the threshold.
    max_random_hue, max_random_saturation, max_random_illumination, max_random_contrast
        How much of each may be changed, with the probabilities *random_hue_prob* and so on.
    fill_value : int
        Value of padded pixels.
    resize_mode : {"force", "shrink", "fit"}
        Whether the image gets the final size whatever its ratio, or at most that size; the rest
        is 0.

    Raises
    ------
    DataFileError
        A record, an image or a label is truncated or corrupt; the message names it.
    """

    def __init__(self, data_shape: Any = (), **kwargs: Any) -> None:
        options = dict(kwargs)
        pad_width = int(options.pop("label_pad_width", 0))
        self._pad_value = float(options.pop("label_pad_value", -1.0))
        super().__init__(data_shape, options, label_width=-1)
        self._augmentation = taken(DetAugmentation, options)
        unknown = {name: options.pop(name) for name in ("mirror", "rand_mirror") if name in options}
        self._normalization = taken(Normalization, options)
        MXDataIter.__init__(self, **options, **unknown)
        self._open()
        longest = self._longest_label()
        if 0 < pad_width < longest:
            raise ParameterError(
                message(
                    f"label_pad_width: {pad_width} smaller than estimated width: {longest}",
                    fix=f"Give label_pad_width={longest} or leave it out.",
                )
            )
        self._label_size = 4 + max(pad_width, longest)
        n, channels = self._normalization, self.data_shape[0]
        if n.mean_img:
            self._mean = read_mean_image(n.mean_img, self.data_shape)
        else:
            self._mean = channel_means(n, channels)
        self._start()

    def _longest_label(self) -> int:
        """How many numbers the longest label has; reads the heads of all records."""
        if self._labels is not None:
            return max((len(one) for one in self._labels.values()), default=0)
        counts = (self._file.read_at(number)[0].flag for number in range(len(self._file)))
        return max(counts, default=0)

    def _raw_label(self, header: HEADER) -> np.ndarray:
        if self._labels is None and not header.flag:
            raise DataFileError(
                message(
                    "Not enough label packed in img_list or rec file.",
                    fix="Pack the record with an array as label, or give path_imglist.",
                )
            )
        return self._label_of(header)

    def _sample(self, number: int, rng: np.random.Generator) -> Sample:
        header, content = self._file.read_at(number)
        boxes = Boxes.of(self._raw_label(header))
        how = self._augmentation
        image, boxes = augmented_with_boxes(
            self._decoded(content), boxes, how, self._image_size, rng
        )
        rows, columns, channels = image.shape
        pixels = np.zeros(self.data_shape, np.float32)
        pixels[:, :rows, :columns] = np.moveaxis(image, 2, 0)
        label = np.full(self._label_size, self._pad_value, np.float32)
        numbers = boxes.raw()
        label[:4] = channels, rows, columns, len(numbers)
        label[4 : 4 + len(numbers)] = numbers
        return standardized(pixels, self._mean, self._normalization, rng), label, header.id
