"""Images with boxes: augmenters and the iterator."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import workbench as mx
from workbench import image as im, nd, recordio
from workbench.error import DataFileError, ParameterError, ShapeError

#: class, left, top, right, bottom
BOXES = np.array([[1, 0.25, 0.25, 0.5, 0.75], [2, 0.5, 0.5, 1.0, 1.0]])


def painted(boxes: np.ndarray = BOXES, rows: int = 40, columns: int = 48) -> nd.NDArray:
    """An image in which each box is filled with ten times its class."""
    pixels = np.zeros((rows, columns, 3), np.uint8)
    for number, left, top, right, bottom in boxes:
        y, x = slice(int(top * rows), int(bottom * rows)), slice(int(left * columns), None)
        pixels[y, x.start : int(right * columns)] = 10 * number
    return nd.array(pixels, dtype="uint8")


def check(image: nd.NDArray, boxes: np.ndarray) -> None:
    """The middle of every box has the colour of its class."""
    pixels = image.asnumpy()
    for number, left, top, right, bottom in boxes:
        y = int((top + bottom) / 2 * pixels.shape[0])
        x = int((left + right) / 2 * pixels.shape[1])
        assert pixels[y, x, 0] == 10 * number


def test_det_is_the_module():
    assert mx.image.det is mx.image.detection
    assert mx.image.det.DetBorrowAug is im.DetBorrowAug
    assert mx.image.det.ImageDetIter is im.ImageDetIter


def test_a_flip_takes_the_boxes_with_it():
    made, boxes = im.DetHorizontalFlipAug(1)(painted(), BOXES)
    np.testing.assert_allclose(boxes[0], [1, 0.5, 0.25, 0.75, 0.75])
    check(made, boxes)
    assert BOXES[0, 1] == 0.25
    made, boxes = im.DetHorizontalFlipAug(0)(painted(), BOXES)
    assert boxes is BOXES


def test_borrowed_augmenters_leave_the_boxes():
    made, boxes = im.DetBorrowAug(im.ForceResizeAug((10, 12)))(painted(), BOXES)
    assert made.shape == (12, 10, 3)
    assert boxes is BOXES
    with pytest.raises(TypeError, match="invalid Augmenter"):
        im.DetBorrowAug(im.DetHorizontalFlipAug(1))


@given(st.integers(0, 10**6))
@settings(deadline=None)
def test_crops_show_what_their_labels_say(seed):
    random.seed(seed)
    source = painted()
    crop = im.DetRandomCropAug(0.4, (0.5, 2.0), (0.1, 0.9), 0.3)
    made, boxes = crop(source, BOXES)
    assert len(boxes) >= 1
    assert (boxes[:, 1:] >= 0).all()
    assert (boxes[:, 1:] <= 1).all()
    if made is not source:
        share = made.shape[0] * made.shape[1] / (40 * 48)
        assert 0.1 <= share <= 0.9
    large = boxes[(boxes[:, 3] - boxes[:, 1]) * made.shape[1] > 3]
    check(made, large[(large[:, 4] - large[:, 2]) * made.shape[0] > 3])


def test_objects_that_are_hardly_left_are_taken_out():
    crop = im.DetRandomCropAug(min_eject_coverage=0.3)
    left_half = crop._inside(BOXES, np.array([0, 0, 0.55, 1.0]))
    assert left_half[:, 0].tolist() == [1]
    np.testing.assert_allclose(left_half[0, 1:], [0.25 / 0.55, 0.25, 0.5 / 0.55, 0.75])
    assert crop._inside(BOXES, np.array([0, 0, 0.1, 0.1])) is None


@given(st.integers(0, 10**6))
@settings(deadline=None)
def test_padding_makes_objects_smaller(seed):
    random.seed(seed)
    made, boxes = im.DetRandomPadAug((0.5, 2.0), (1.0, 4.0), pad_val=99)(painted(), BOXES)
    check(made, boxes)
    if made.shape != (40, 48, 3):
        areas = [(b[:, 3] - b[:, 1]) * (b[:, 4] - b[:, 2]) for b in (boxes, BOXES)]
        assert (areas[0] < areas[1]).all()
        assert 99 in (made.asnumpy()[0, 0, 0], made.asnumpy()[-1, -1, 0])


def test_ranges_that_make_no_sense_switch_it_off():
    for make in (
        lambda: im.DetRandomCropAug(area_range=(0.5, 0.1)),
        lambda: im.DetRandomCropAug(aspect_ratio_range=(-1, 1)),
        lambda: im.DetRandomPadAug(area_range=1.0),
    ):
        with pytest.warns(UserWarning, match="Skip DetRandom"):
            augmenter = make()
        source = painted()
        assert augmenter(source, BOXES) == (source, BOXES)


def test_one_of_several():
    flips = [im.DetHorizontalFlipAug(0), im.DetHorizontalFlipAug(1)]
    random.seed(3)
    selected = im.DetRandomSelectAug(flips, 0.5)
    lefts = [selected(painted(), BOXES)[1][0, 1] for _ in range(40)]
    assert 3 < lefts.count(0.5) < 20
    assert im.DetRandomSelectAug([])(painted(), BOXES)[1] is BOXES
    with pytest.raises(ValueError, match="DetAugmenter in list only"):
        im.DetRandomSelectAug([im.CastAug()])
    assert selected.dumps()[0] == "detrandomselectaug"
    assert json.loads(flips[0].dumps()) == ["dethorizontalflipaug", {"p": 0}]


def test_several_crops():
    crops = im.CreateMultiRandCropAugmenter([0.1, 0.5], area_range=[(0.1, 1.0), (0.2, 1.0)])
    assert [one.min_object_covered for one in crops.aug_list] == [0.1, 0.5]
    assert [one.area_range[0] for one in crops.aug_list] == [0.1, 0.2]
    with pytest.raises(ParameterError, match="lists of 2 and of 3"):
        im.CreateMultiRandCropAugmenter([0.1, 0.5], max_attempts=[1, 2, 3])


def test_the_usual_list():
    made = im.CreateDetAugmenter(
        (3, 20, 24),
        resize=30,
        rand_crop=0.9,
        rand_pad=0.9,
        rand_gray=0.1,
        rand_mirror=True,
        mean=True,
        std=True,
        brightness=0.1,
        contrast=0.1,
        saturation=0.1,
        hue=0.1,
        pca_noise=0.1,
        inter_method=10,
    )
    random.seed(5)
    for _ in range(10):
        image, boxes = painted(), BOXES
        for augmenter in made:
            image, boxes = augmenter(image, boxes)
        assert image.shape == (20, 24, 3)
        assert len(boxes) in (1, 2)


# ---- the iterator ---------------------------------------------------------------------------


def label(*boxes: np.ndarray) -> list[float]:
    return [2, 5, *np.concatenate(boxes).tolist()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    pytest.importorskip("PIL")
    folder = tmp_path_factory.mktemp("boxes")
    record = recordio.MXRecordIO(folder / "all.rec", "w")
    for i in range(5):
        boxes = BOXES[: 1 + i % 2]
        pixels = painted(boxes).asnumpy()
        packed = recordio.pack_img((0, label(*boxes), i, 0), pixels, img_fmt=".png", quality=3)
        record.write(packed)
        (folder / f"{i}.png").write_bytes(recordio.unpack(packed)[1])
    record.close()
    return folder


def test_batches(folder):
    batches = im.ImageDetIter(2, (3, 40, 48), path_imgrec=str(folder / "all.rec"))
    assert batches.label_shape == (2, 5)
    assert batches.provide_label == [("label", (2, 2, 5))]
    for _ in range(2):
        first, _, third = batches
        np.testing.assert_allclose(first.label[0].asnumpy()[1], BOXES, rtol=1e-6)
        assert first.label[0].asnumpy()[0, 1].tolist() == [-1] * 5
        assert first.data[0].shape == (2, 3, 40, 48)
        assert third.pad == 1
        batches.reset()


def test_a_list_and_room_for_more(folder):
    entries = [[*label(BOXES[0]), f"{i}.png"] for i in range(4)]
    options = {"imglist": entries, "path_root": str(folder)}
    few = im.ImageDetIter(2, (3, 20, 24), rand_mirror=True, **options)
    many = im.ImageDetIter(2, (3, 20, 24), path_imgrec=str(folder / "all.rec"))
    assert few.label_shape == (1, 5)
    assert few.sync_label_shape(many, verbose=True) is many
    assert few.label_shape == many.label_shape == (2, 5)
    assert few.next().label[0].shape == (2, 2, 5)
    few.reshape(data_shape=(3, 10, 12))
    assert few.provide_data == [("data", (2, 3, 10, 12))]
    for shape, says in (((1, 5), "reduce label count"), ((2, 6), "width"), ((2,), "length 2")):
        with pytest.raises(ShapeError, match=says):
            few.reshape(label_shape=shape)
    with pytest.raises(TypeError, match="invalid iterator"):
        few.sync_label_shape(object())


@pytest.mark.parametrize(
    "raw",
    [
        [2, 5, 1],
        [2, 0, 1, 0, 0, 1, 1],
        [2, 4, 1, 0, 0, 1, 1],
        [0, 5, 1, 0, 0, 1, 1],
        [2, 6, 1, 0, 0, 1, 1],
        [np.nan, 5, 1, 0, 0, 1, 1],
        [2, np.inf, 1, 0, 0, 1, 1],
        [2, 5, 1, 0.5, 0, 0.5, 1],
        [99, 5, 1, 0, 0, 1, 1],
    ],
)
def test_labels_that_make_no_sense(folder, raw):
    options = {"imglist": [[*raw, "0.png"]], "path_root": str(folder)}
    with pytest.raises(DataFileError):
        im.ImageDetIter(1, (3, 20, 24), **options)


def test_images_without_objects_are_left_out(folder):
    def without_boxes(image, boxes):
        return image, boxes if boxes.shape[0] == 2 else boxes[:0]

    size = im.DetBorrowAug(im.ForceResizeAug((24, 20)))
    options = {"path_imgrec": str(folder / "all.rec"), "last_batch_handle": "discard"}
    batches = im.ImageDetIter(1, (3, 20, 24), aug_list=[size, without_boxes], **options)
    assert len(list(batches)) == 2


def test_drawing(folder):
    options = {"path_imgrec": str(folder / "all.rec"), "mean": True}
    batches = im.ImageDetIter(1, (3, 40, 48), **options)
    images = list(batches.draw_next(color=(255, 0, 7), mean=True, id2labels={1: "cat"}))
    assert len(images) == 5
    assert images[0].dtype == np.uint8
    assert images[0][10, 13].tolist() == [7, 0, 255]
    assert images[0].shape == (40, 48, 3)
