"""Batches of images out of record files and lists of files."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench import image as im, recordio
from workbench.error import (
    DataFileError,
    MXNetError,
    ParameterError,
    ShapeError,
    StorageError,
)

COUNT, SIZE = 10, (3, 6, 8)


def picture(number: int) -> np.ndarray:
    """(12, 16, 3) of one grey value."""
    return np.full((12, 16, 3), 20 * number, np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Ten images: as files with a list, and in a record file with an index."""
    pytest.importorskip("PIL")
    folder = tmp_path_factory.mktemp("images")
    record = recordio.MXIndexedRecordIO(folder / "all.idx", folder / "all.rec", "w")
    lines = []
    for i in range(COUNT):
        packed = recordio.pack_img((0, float(i), i, 0), picture(i), img_fmt=".png", quality=3)
        record.write_idx(i, packed)
        (folder / f"{i}.png").write_bytes(recordio.unpack(packed)[1])
        lines.append(f"{i}\t{i}\t{i}.png\n")
    record.close()
    (folder / "all.lst").write_text("".join(lines))
    return folder


@pytest.fixture(params=["records", "index", "list", "entries"])
def source(request, folder) -> dict:
    return {
        "records": {"path_imgrec": str(folder / "all.rec")},
        "index": {
            "path_imgrec": str(folder / "all.rec"),
            "path_imgidx": str(folder / "all.idx"),
        },
        "list": {"path_imglist": str(folder / "all.lst"), "path_root": str(folder)},
        "entries": {
            "imglist": [[i, f"{i}.png"] for i in range(COUNT)],
            "path_root": str(folder),
        },
    }[request.param]


def seen(iterator) -> list[list[int]]:
    """The labels of each batch, each of which must be that of its image."""
    made = []
    for batch in iterator:
        label = batch.label[0].asnumpy()
        assert np.array_equal(batch.data[0].asnumpy()[:, 0, 0, 0], label * 20)
        made.append(label.astype(int).tolist())
    return made


def test_an_epoch(source):
    batches = im.ImageIter(4, SIZE, **source)
    assert batches.provide_data == [("data", (4, *SIZE))]
    assert batches.provide_label == [("softmax_label", (4,))]
    for _ in range(2):
        assert seen(batches) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 0, 1]]
        with pytest.raises(StopIteration):
            batches.next()
        batches.reset()
    assert [batch.pad for batch in batches] == [0, 0, 2]


def test_last_batches(source):
    assert seen(im.ImageIter(4, SIZE, last_batch_handle="discard", **source)) == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
    ]
    batches = im.ImageIter(4, SIZE, last_batch_handle="roll_over", **source)
    assert len(seen(batches)) == 2
    batches.reset()
    assert batches.next().label[0].asnumpy().tolist() == [8, 9, 0, 1]
    assert seen(batches) == [[2, 3, 4, 5], [6, 7, 8, 9]]
    batches.reset()
    assert seen(batches)[0] == [0, 1, 2, 3]
    batches.hard_reset()
    assert batches.next().label[0].asnumpy().tolist() == [0, 1, 2, 3]
    assert seen(im.ImageIter(12, SIZE, **source)) == [[*range(10), 0, 1]]


def test_shuffling_and_parts(folder):
    files = {"path_imgrec": str(folder / "all.rec"), "path_imgidx": str(folder / "all.idx")}
    random.seed(2)
    batches = im.ImageIter(5, SIZE, shuffle=True, **files)
    first = np.ravel(seen(batches)).tolist()
    batches.reset()
    second = np.ravel(seen(batches)).tolist()
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second
    part = im.ImageIter(5, SIZE, num_parts=2, part_index=1, **files)
    assert seen(part) == [[5, 6, 7, 8, 9]]


def test_labels_of_several_numbers(folder):
    entries = [[i, 2 * i, f"{i}.png"] for i in range(4)]
    batches = im.ImageIter(2, SIZE, 2, imglist=entries, path_root=str(folder), dtype="int32")
    assert batches.provide_label == [("softmax_label", (2, 2))]
    assert batches.next().label[0].asnumpy().tolist() == [[0, 0], [1, 2]]
    relabelled = im.ImageIter(
        2,
        SIZE,
        path_imgrec=str(folder / "all.rec"),
        path_imgidx=str(folder / "all.idx"),
        path_imglist=str(folder / "all.lst"),
    )
    assert seen(relabelled)[0] == [0, 1]
    with pytest.raises(ShapeError, match="label_width=1"):
        im.ImageIter(2, SIZE, imglist=entries, path_root=str(folder)).next()


def test_augmenters(folder):
    files = {"path_imgrec": str(folder / "all.rec")}
    batch = im.ImageIter(2, SIZE, mean=True, std=True, rand_crop=True, **files).next()
    expected = (20 - np.array(im.augment.MEAN)) / im.augment.STD
    np.testing.assert_allclose(batch.data[0].asnumpy()[1, :, 0, 0], expected, rtol=1e-5)
    with pytest.raises(ShapeError, match=r"shape \(3, 12, 16\), not \(3, 6, 8\)"):
        im.ImageIter(2, SIZE, aug_list=[], **files).next()


def test_images_that_are_no_images_are_named(folder, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no image")
    batches = im.ImageIter(1, SIZE, imglist=[[0, "bad.png"]], path_root=str(tmp_path))
    with pytest.raises(RuntimeError, match=r"Broken image filename: bad\.png"):
        batches.next()
    record = recordio.MXRecordIO(tmp_path / "bad.rec", "w")
    record.write(recordio.pack((0, 1.0, 0, 0), b"no image"))
    record.close()
    with pytest.raises(DataFileError, match="Broken image index: 0"):
        im.ImageIter(1, SIZE, path_imgrec=str(tmp_path / "bad.rec")).next()
    with pytest.raises(StorageError, match="cannot read the image"):
        im.ImageIter(1, SIZE, imglist=[[0, "missing.png"]], path_root=str(tmp_path)).next()


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({}, ParameterError, "no images"),
        ({"imglist": [[1]]}, ParameterError, "entry 1"),
        ({"imglist": [[1, "a"]], "dtype": "uint8"}, ParameterError, "uint8 label"),
        ({"imglist": [[1, "a"]], "data_shape": (3, 4)}, ShapeError, "length 3"),
        ({"imglist": [[1, "a"]], "data_shape": (1, 4, 4)}, ShapeError, "3 channels"),
        ({"imglist": [[1, "a"]], "batch_size": 0}, ParameterError, "batch_size 0"),
        ({"imglist": [[1, "a"]], "last_batch_handle": "x"}, ParameterError, "'x'"),
        ({"imglist": [[1, "a"]], "num_parts": 2, "part_index": 2}, ParameterError, "part_index"),
        ({"path_imglist": "/no/such.lst"}, StorageError, "image list"),
    ],
)
def test_what_makes_no_sense(options, error, says):
    with pytest.raises(error, match=says):
        im.ImageIter(**{"batch_size": 2, "data_shape": SIZE, **options})


def test_records_are_shuffled_by_their_index_only(folder):
    with pytest.raises(ParameterError, match="by its index only"):
        im.ImageIter(2, SIZE, path_imgrec=str(folder / "all.rec"), shuffle=True)


@pytest.mark.parametrize("line", ["a\t1\tx.png", "1\tx.png", "1", "1\tb\tx.png"])
def test_lines_of_a_list_that_make_no_sense(tmp_path, line):
    (tmp_path / "bad.lst").write_text(f"0\t1\tx.png\n{line}\n")
    with pytest.raises(DataFileError, match=r"(?s)line of the list.*line 2"):
        im.ImageIter(2, SIZE, path_imglist=str(tmp_path / "bad.lst"))


@given(st.data())
@settings(deadline=None, max_examples=50)
def test_mutated_record_files_never_crash(folder, tmp_path_factory, data):
    content = bytearray((folder / "all.rec").read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("mutated") / "all.rec"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        for batch in im.ImageIter(4, SIZE, path_imgrec=str(path)):
            assert batch.data[0].shape == (4, *SIZE)
    except MXNetError:
        return
