"""Iterators over text files and MNIST's."""

from __future__ import annotations

import gzip
import logging
import struct

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench import data_path, io
from workbench.error import DataFileError, MXNetError, ParameterError, ShapeError, StorageError
from workbench.io.files import batches_of, next_start

X = np.arange(20, dtype="float32").reshape(10, 2)


@pytest.fixture
def csv(tmp_path):
    np.savetxt(tmp_path / "data.csv", X, "%g", ",")
    np.savetxt(tmp_path / "label.csv", np.arange(10), "%g", ",")
    return {"data_csv": str(tmp_path / "data.csv"), "label_csv": str(tmp_path / "label.csv")}


def seen(iterator) -> list[tuple[list[float], int]]:
    return [(batch.label[0].asnumpy().tolist(), batch.pad) for batch in iterator]


# ---- how samples become batches -----------------------------------------------------------------


@given(st.integers(1, 12), st.integers(1, 15), st.integers(1, 4))
def test_rounded_epochs_go_on_where_the_last_ended(count, size, epochs):
    start, numbers = 0, []
    for _ in range(epochs):
        for batch, pad in batches_of(count, size, True, start):
            assert 0 <= pad < size
            numbers += batch.tolist()
        start = next_start(count, size, True, start)
    whole = [i % count for i in range(len(numbers))]
    assert numbers == whole


# ---- comma-separated values ---------------------------------------------------------------------


def test_csv_rounds(csv):
    batches = io.CSVIter(**csv, data_shape=(2,), batch_size=4)
    assert batches.provide_data == [("data", (4, 2))]
    assert batches.provide_label == [("softmax_label", (4,))]
    assert seen(batches) == [([0, 1, 2, 3], 0), ([4, 5, 6, 7], 0), ([8, 9, 0, 1], 2)]
    batches.reset()
    assert seen(batches) == [([2, 3, 4, 5], 0), ([6, 7, 8, 9], 0)]


def test_csv_without_rounding(csv):
    batches = io.CSVIter(**csv, data_shape=(2,), batch_size=4, round_batch=False)
    for _ in range(2):
        assert seen(batches)[2] == ([8, 9, 6, 7], 2)
        batches.reset()


def test_steps_of_an_iterator_over_a_file(csv):
    batches = io.CSVIter(**csv, data_shape=(2, 1), batch_size=5, data_name="x")
    assert isinstance(batches, io.MXDataIter)
    assert batches.provide_data[0].name == "x"
    with pytest.raises(ParameterError, match="no current batch"):
        batches.getdata()
    assert batches.iter_next()
    assert batches.getdata().shape == (5, 2, 1)
    assert batches.getlabel().asnumpy().tolist() == [0, 1, 2, 3, 4]
    assert batches.getindex().tolist() == [0, 1, 2, 3, 4]
    assert batches.getpad() == 0
    assert batches.iter_next()
    assert not batches.iter_next()
    with pytest.raises(StopIteration):
        batches.next()
    batches.reset()
    batches.debug_skip_load()
    first = batches.next()
    assert batches.next() is first


@pytest.mark.parametrize(("dtype", "entry"), [("int32", 200000001), ("int64", 2**40 + 1)])
def test_csv_of_integers(tmp_path, dtype, entry):
    path = tmp_path / "data.csv"
    path.write_text(f"{entry},{entry}\n" * 4)
    batch = io.CSVIter(data_csv=str(path), data_shape=(2,), batch_size=2, dtype=dtype).next()
    assert batch.data[0].dtype is np.dtype(dtype).type
    assert batch.data[0].asnumpy().tolist() == [[entry] * 2] * 2
    assert batch.label[0].asnumpy().tolist() == [0, 0]


def test_a_folder_of_csv_files(tmp_path):
    for i in range(2):
        (tmp_path / f"{i}.csv").write_text(f"{i},{i}\n{i},{i}\n")
    batch = io.CSVIter(data_csv=str(tmp_path), data_shape="(2,)", batch_size=4).next()
    assert batch.data[0].asnumpy()[:, 0].tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("1,2\n3\n", DataFileError, "no table of float32"),
        ("1,x\n", DataFileError, "no table of float32"),
        ("", DataFileError, "no numbers"),
        ("1,2,3\n", ShapeError, "row-length=3"),
        ("1,2\n\xff", DataFileError, "no table"),
    ],
)
def test_csv_files_that_make_no_sense(tmp_path, text, error, says):
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(error, match=says):
        io.CSVIter(data_csv=str(path), data_shape=(2,), batch_size=1)


def test_csv_options_that_make_no_sense(csv, tmp_path):
    with pytest.raises(StorageError, match="cannot read the CSV file"):
        io.CSVIter(data_csv=str(tmp_path / "none"), data_shape=(2,), batch_size=1)
    with pytest.raises(ParameterError, match="float64 is not supported"):
        io.CSVIter(**csv, data_shape=(2,), batch_size=1, dtype="float64")
    with pytest.raises(ParameterError, match="batch_size"):
        io.CSVIter(**csv, data_shape=(2,), batch_size=0)
    with pytest.raises(ParameterError, match="data_shape"):
        io.CSVIter(**csv, data_shape=("a",), batch_size=1)
    (tmp_path / "label.csv").write_text("1\n")
    with pytest.raises(ShapeError, match="10 lines of data, 1 of labels"):
        io.CSVIter(**csv, data_shape=(2,), batch_size=1)
    with pytest.warns(UserWarning, match="CSVIter ignores rand_crop"):
        io.CSVIter(csv["data_csv"], (2,), 1, rand_crop=True)


@given(
    st.text("0123456789.,-e \r\n\t#'\"nax\0", max_size=40), st.sampled_from(["float32", "int32"])
)
@settings(deadline=None)
def test_any_csv_text_is_read_or_refused(tmp_path_factory, text, dtype):
    path = tmp_path_factory.mktemp("csv") / "data.csv"
    path.write_text(text)
    try:
        batches = io.CSVIter(data_csv=str(path), data_shape=(2,), batch_size=2, dtype=dtype)
    except MXNetError:
        return
    assert batches.next().data[0].shape == (2, 2)


# ---- LibSVM -------------------------------------------------------------------------------------


def libsvm(tmp_path, text: str, **options) -> io.LibSVMIter:
    path = tmp_path / "data.libsvm"
    path.write_text(text)
    return io.LibSVMIter(data_libsvm=str(path), **{"data_shape": (4,), "batch_size": 2, **options})


def test_libsvm(tmp_path):
    batches = libsvm(tmp_path, "1 0:1 2:2\n0 1:3\n\n1 0:4 3:5\n")
    first, second = batches
    assert first.data[0].stype == "csr"
    assert first.data[0].asnumpy().tolist() == [[1, 0, 2, 0], [0, 3, 0, 0]]
    assert (first.label[0].asnumpy().tolist(), first.pad) == ([1, 0], 0)
    assert second.data[0].asnumpy().tolist() == [[4, 0, 0, 5], [1, 0, 2, 0]]
    assert second.pad == 1
    assert batches.provide_data[0].shape == (2, 4)


def test_libsvm_with_labels_in_a_file(tmp_path):
    labels = tmp_path / "label.libsvm"
    labels.write_text("1.0\n-2.0 0:0.125\n-3.0 2:1.2\n4 1:1.0 2:-1.5\n")
    text = "1.0 0:0.5 2:1.25\n-2.0\n-3.0 0:0.5 1:2.5 2:1.25\n4 2:-1.25\n"
    options = {"data_shape": (3,), "label_shape": (3,), "batch_size": 3}
    first, second = libsvm(tmp_path, text, label_libsvm=str(labels), **options)
    assert first.data[0].asnumpy().tolist() == [[0.5, 0, 1.25], [0, 0, 0], [0.5, 2.5, 1.25]]
    assert first.label[0].asnumpy()[1].tolist() == [0.125, 0, 0]
    assert second.label[0].asnumpy()[0].tolist() == [0, 1, -1.5]
    with pytest.raises(ShapeError, match="5 lines of data, 4 of labels"):
        libsvm(tmp_path, text + "1\n", label_libsvm=str(labels), **options)


def test_a_part_of_a_libsvm_file(tmp_path):
    text = "".join(f"{i} 0:{i}\n" for i in range(6))
    made = [seen(libsvm(tmp_path, text, num_parts=3, part_index=i)) for i in range(3)]
    assert made == [[([0, 1], 0)], [([2, 3], 0)], [([4, 5], 0)]]
    with pytest.raises(ParameterError, match="part_index 3"):
        libsvm(tmp_path, text, num_parts=3, part_index=3)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("-3.0 -1:0.6", "index -1"),
        ("1 4:1", "index 4 is none of the 4 columns"),
        ("1 0.5:1", "index 0.5"),
        ("1 nan:1", "index nan"),
        ("1 x:1", "no number"),
        ("1 2", "no label followed by"),
        ("1:2 3", "no label followed by"),
        ("1 2:3:4", "no label followed by"),
        ("1 2: 3", "no label followed by"),
    ],
)
def test_libsvm_lines_that_make_no_sense(tmp_path, line, says):
    with pytest.raises(DataFileError, match=rf"(?s){says}.*line 2"):
        libsvm(tmp_path, f"1 0:1\n{line}\n")


@given(st.text("0123456789.:- \n\texn", max_size=40))
@settings(deadline=None)
def test_any_libsvm_text_is_read_or_refused(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("libsvm")
    try:
        batches = libsvm(folder, text)
    except MXNetError:
        return
    assert batches.next().data[0].shape == (2, 4)


# ---- MNIST --------------------------------------------------------------------------------------


def idx(array: np.ndarray) -> bytes:
    head = struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape)
    return head + array.astype(np.uint8).tobytes()


@pytest.fixture
def digits(tmp_path):
    pixels = np.arange(120).reshape(6, 4, 5)
    (tmp_path / "images").write_bytes(idx(pixels))
    (tmp_path / "labels").write_bytes(gzip.compress(idx(np.arange(6))))
    return {"image": str(tmp_path / "images"), "label": str(tmp_path / "labels"), "batch_size": 4}


def test_mnist(digits, caplog):
    with caplog.at_level(logging.INFO):
        (batch,) = io.MNISTIter(**digits, shuffle=False)
    assert "load 6 images" in caplog.text
    assert batch.data[0].shape == (4, 1, 4, 5)
    assert batch.data[0].asnumpy()[1, 0, 0].tolist() == (np.arange(20, 25) / 256).tolist()
    assert batch.label[0].asnumpy().tolist() == [0, 1, 2, 3]
    flat = io.MNISTIter(**digits, flat=True, silent=True, data_shape=(20,), seed=3)
    assert flat.provide_data[0].shape == (4, 20)
    again = io.MNISTIter(**digits, silent=True, seed=3)
    first = flat.next().label[0].asnumpy().tolist()
    assert first == again.next().label[0].asnumpy().tolist()
    flat.reset()
    assert flat.next().label[0].asnumpy().tolist() == first
    part = io.MNISTIter(**{**digits, "batch_size": 2}, shuffle=False, num_parts=3, part_index=2)
    assert part.next().label[0].asnumpy().tolist() == [4, 5]


def test_the_digits_that_ship_with_workbench():
    folder = data_path("mnist")
    batches = io.MNISTIter(
        image=f"{folder}/t10k-images-idx3-ubyte.gz",
        label=f"{folder}/t10k-labels-idx1-ubyte.gz",
        batch_size=500,
        silent=True,
    )
    assert sum(1 for _ in batches) == 4


def test_mnist_files_that_make_no_sense(digits, tmp_path):
    with pytest.raises(MXNetError, match="magic number 0x803 instead of 0x801"):
        io.MNISTIter(**{**digits, "label": digits["image"]})
    huge = struct.pack(">4I", 0x0803, 2**32 - 1, 2**32 - 1, 2**32 - 1)
    empty = idx(np.zeros((6, 0, 5)))
    for content in (empty, huge, gzip.compress(huge), huge[:7], b"", gzip.compress(huge)[:12]):
        (tmp_path / "bad").write_bytes(content)
        with pytest.raises(DataFileError, match="invalid mnist format"):
            io.MNISTIter(**{**digits, "image": str(tmp_path / "bad")})
    (tmp_path / "labels").write_bytes(idx(np.arange(5)))
    with pytest.raises(ShapeError, match="6 images, 5 labels"):
        io.MNISTIter(**digits)
    (tmp_path / "labels").write_bytes(idx(np.arange(6)))
    with pytest.raises(ParameterError, match="not a single batch"):
        io.MNISTIter(**{**digits, "batch_size": 7})


@given(st.data())
@settings(deadline=None)
def test_mutated_mnist_files_never_crash(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("mnist")
    content = idx(np.arange(120).reshape(6, 4, 5))
    zipped = data.draw(st.booleans())
    content = bytearray(gzip.compress(content) if zipped else content)
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (folder / "images").write_bytes(content)
    (folder / "labels").write_bytes(idx(np.arange(6)))
    files = {"image": str(folder / "images"), "label": str(folder / "labels")}
    try:
        batches = io.MNISTIter(**files, batch_size=2, silent=True)
    except MXNetError:
        return
    assert batches.next().data[0].shape[0] == 2
