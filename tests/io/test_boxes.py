"""Batches of images with boxes out of record files, and what happens to the boxes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench import io, recordio
from workbench.error import DataFileError, MXNetError, ParameterError
from workbench.io.boxes import Boxes, augmented_with_boxes
from workbench.io.options import DetAugmentation

#: class, left, top, right, bottom
OBJECTS = np.array([[1, 0.25, 0.25, 0.5, 0.75], [2, 0.5, 0.5, 1.0, 1.0]], "float32")
ROWS, COLUMNS = 40, 48


def painted(objects: np.ndarray = OBJECTS) -> np.ndarray:
    """An image in which each box is filled with 40 times its class."""
    pixels = np.zeros((ROWS, COLUMNS, 3), np.uint8)
    for number, left, top, right, bottom in objects:
        rows = slice(round(top * ROWS), round(bottom * ROWS))
        pixels[rows, round(left * COLUMNS) : round(right * COLUMNS)] = 40 * number
    return pixels


def check(image: np.ndarray, objects: np.ndarray) -> None:
    """The middle of every box that is large enough has the colour of its class."""
    rows, columns = image.shape[:2]
    for number, left, top, right, bottom in objects:
        if (right - left) * columns > 4 and (bottom - top) * rows > 4:
            middle = image[int((top + bottom) / 2 * rows), int((left + right) / 2 * columns)]
            assert abs(int(middle[0]) - 40 * number) <= 1


def raw(objects: np.ndarray = OBJECTS) -> np.ndarray:
    return np.concatenate([[2, 5], objects.ravel()]).astype("float32")


def test_a_label_there_and_back():
    boxes = Boxes.of(raw())
    assert np.array_equal(boxes.objects, OBJECTS)
    assert np.array_equal(boxes.raw(), raw())
    empty = np.array([[0, 0.5, 0, 0.5, 1]], "float32")
    assert len(Boxes.of(raw(empty)).objects) == 0
    np.testing.assert_allclose(boxes.mirrored().mirrored().raw(), raw())


@pytest.mark.parametrize(
    "label",
    [
        [2, 5],
        [2, 0, 1, 0, 0, 1, 1],
        [2, 4, 1, 0, 0, 1, 1],
        [1, 6, 1, 0, 0, 1, 1],
        [99, 5, 1, 0, 0, 1, 1],
        [2, 6, 1, 0, 0, 1, 1],
        [np.nan, 5, 1, 0, 0, 1, 1],
    ],
)
def test_labels_that_make_no_sense(label):
    with pytest.raises(DataFileError, match="a label of"):
        Boxes.of(np.array(label, "float32"))


@given(st.integers(0, 10**6), st.booleans(), st.sampled_from(["center", "overlap"]))
@settings(deadline=None)
def test_boxes_follow_their_objects(seed, padded, mode):
    how = DetAugmentation(
        rand_mirror_prob=0.5,
        rand_pad_prob=float(padded),
        max_pad_scale=2.0,
        rand_crop_prob=1.0,
        num_crop_sampler=2,
        min_crop_scales=(0.3, 0.6),
        min_crop_aspect_ratios=(0.5,),
        max_crop_aspect_ratios=(2.0,),
        min_crop_object_coverages=(0.5, 0.9),
        crop_emit_mode=mode,
        resize_mode="shrink",
    )
    rng = np.random.default_rng(seed)
    made, boxes = augmented_with_boxes(painted(), Boxes.of(raw()), how, (100, 100), rng)
    assert 1 <= len(boxes.objects) <= 2
    assert (boxes.objects[:, 1:] >= 0).all()
    assert (boxes.objects[:, 1:] <= 1).all()
    check(made, boxes.objects)


def test_colours():
    how = DetAugmentation(
        random_hue_prob=1.0,
        max_random_hue=20,
        random_illumination_prob=1.0,
        max_random_illumination=30,
        random_saturation_prob=1.0,
        max_random_saturation=30,
        random_contrast_prob=1.0,
        max_random_contrast=0.3,
    )
    rng = np.random.default_rng(0)
    made, _ = augmented_with_boxes(painted(), Boxes.of(raw()), how, (ROWS, COLUMNS), rng)
    assert made.dtype == np.uint8
    assert not np.array_equal(made, painted())


# ---- the iterator ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    pytest.importorskip("PIL")
    path = tmp_path_factory.mktemp("boxes") / "all.rec"
    record = recordio.MXRecordIO(path, "w")
    for i in range(4):
        objects = OBJECTS[: 1 + i % 2]
        header = (0, raw(objects), i, 0)
        record.write(recordio.pack_img(header, painted(objects), img_fmt=".png", quality=3))
    record.close()
    return path


def batches(path: Path, **options) -> io.ImageDetRecordIter:
    usual = {"path_imgrec": str(path), "data_shape": (3, 20, 24), "batch_size": 3}
    return io.ImageDetRecordIter(**{**usual, **options})


def test_labels_of_a_batch(path):
    made = batches(path)
    assert made.provide_label == [("softmax_label", (3, 16))]
    first, second = made
    assert first.label[0].asnumpy()[0].tolist() == [3, 20, 24, 7, *raw(OBJECTS[:1]), *[-1] * 5]
    np.testing.assert_allclose(first.label[0].asnumpy()[1, 4:], raw())
    assert second.pad == 2
    assert second.index.tolist() == [3, 0, 1]
    wide = batches(path, label_pad_width=20, label_pad_value=-7.0).next().label[0].asnumpy()
    assert wide.shape == (3, 24)
    assert wide[0, -1] == -7
    with pytest.raises(ParameterError, match="label_pad_width: 3 smaller than estimated width: 12"):
        batches(path, label_pad_width=3)


def test_sizes_of_images(path):
    fit = batches(path, data_shape=(3, 30, 60), resize_mode="fit").next()
    assert fit.label[0].asnumpy()[0, :3].tolist() == [3, 30, 36]
    assert fit.data[0].asnumpy()[..., 36:].max() == 0
    shrunk = batches(path, data_shape=(3, 60, 60), resize_mode="shrink").next()
    assert shrunk.label[0].asnumpy()[0, :3].tolist() == [3, 40, 48]


def test_labels_of_a_list(path, tmp_path):
    lines = ["\t".join([str(i), *map(str, raw(OBJECTS[1:])), "x.png"]) for i in range(4)]
    (tmp_path / "all.lst").write_text("\n".join(lines))
    label = batches(path, path_imglist=str(tmp_path / "all.lst")).next().label[0].asnumpy()
    assert label[0, 6] == 2


def test_what_makes_no_sense(path, tmp_path):
    for options, says in (
        ({"resize_mode": "x"}, "resize_mode"),
        ({"crop_emit_mode": "x"}, "crop_emit_mode"),
        ({"num_crop_sampler": 3, "max_crop_scales": (0.1, 0.2)}, "2 values for 3 samplers"),
        ({"inter_method": 8}, "inter_method"),
    ):
        with pytest.raises(ParameterError, match=says):
            batches(path, **options)
    record = recordio.MXRecordIO(tmp_path / "plain.rec", "w")
    record.write(recordio.pack_img((0, 1.0, 0, 0), painted(), img_fmt=".png"))
    record.close()
    with pytest.raises(DataFileError, match="Not enough label"):
        batches(tmp_path / "plain.rec", batch_size=1)


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_mutated_files_never_crash(path, tmp_path_factory, data):
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    mutated = tmp_path_factory.mktemp("mutated") / "all.rec"
    mutated.write_bytes(content)
    try:
        for batch in batches(mutated, preprocess_threads=1):
            assert batch.data[0].shape == (3, 3, 20, 24)
    except MXNetError:
        return
