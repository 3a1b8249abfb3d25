"""Image datasets: which file is taken, when it is fetched, what is said when it cannot be."""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest

from workbench import recordio
from workbench.data import data_path
from workbench.error import DataFileError, MXNetError, StorageError
from workbench.gluon.data import DataLoader
from workbench.gluon.data.vision import (
    CIFAR10,
    CIFAR100,
    MNIST,
    FashionMNIST,
    ImageFolderDataset,
    ImageRecordDataset,
    datasets,
)

SAMPLE = Path(data_path("mnist"))
TEST_FILES = ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
RECORDS = Path(__file__).parents[3] / "data" / "records"


@pytest.fixture(autouse=True)
def no_network(monkeypatch, tmp_path):
    monkeypatch.setenv("MXNET_GLUON_REPO", (tmp_path / "no-repository").as_uri())
    monkeypatch.setenv("MXNET_HOME", str(tmp_path / "home"))


def repository(folder: Path, namespace: str, files: dict[str, bytes], monkeypatch) -> Path:
    place = folder / "repository" / "gluon" / "dataset" / namespace
    place.mkdir(parents=True)
    for name, content in files.items():
        (place / name).write_bytes(content)
    monkeypatch.setenv("MXNET_GLUON_REPO", (folder / "repository").as_uri())
    return place


def sha1(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


def idx(array: np.ndarray) -> bytes:
    head = struct.pack(f">{array.ndim + 1}i", 0x0800 + array.ndim, *array.shape)
    return gzip.compress(head + array.tobytes(), mtime=0)


def test_the_sample_by_its_root():
    digits = MNIST(root=SAMPLE, train=False)
    image, label = digits[0]
    assert len(digits) == 2000
    assert (image.shape, image.dtype) == ((28, 28, 1), np.uint8)
    assert type(label) is np.int32
    assert label == 7
    assert digits[1999][1] in range(10)


def test_a_loader_gives_digits_at_once_as_one_by_one():
    digits = MNIST(root=SAMPLE, train=False)
    data, label = next(iter(DataLoader(digits, 5)))
    assert (data.shape, data.dtype) == ((5, 28, 28, 1), np.uint8)
    assert (label.shape, label.dtype) == ((5,), np.int32)
    for i in range(5):
        assert np.array_equal(data[i].asnumpy(), digits[i][0].asnumpy())
        assert label.asnumpy()[i] == digits[i][1]


def test_a_transform_of_data_and_label():
    digits = MNIST(root=SAMPLE, train=False, transform=lambda data, label: (data.shape, -label))
    assert digits[0] == ((28, 28, 1), -7)
    assert digits._columns([0]) is None


def test_files_are_fetched_from_the_repository(tmp_path, monkeypatch):
    files = {name: (SAMPLE / name).read_bytes() for name in TEST_FILES}
    place = repository(tmp_path, "mnist", files, monkeypatch)
    assert len(MNIST(train=False)) == 2000
    home = tmp_path / "home" / "datasets" / "mnist"
    assert sorted(path.name for path in home.iterdir()) == sorted(TEST_FILES)
    shutil.rmtree(place)
    assert len(MNIST(train=False)) == 2000


def test_without_network_the_error_tells_all(tmp_path):
    with pytest.raises(MXNetError) as caught:
        MNIST(root=tmp_path / "digits", train=True)
    text = str(caught.value)
    assert isinstance(caught.value, StorageError)
    for part in (
        "train-images-idx3-ubyte.gz is not there",
        "6c95f4b05d2bf285e1bfb0e7960c31bd3b3f8a7d",
        f"Put the file into {tmp_path / 'digits'}",
        "MXNET_GLUON_REPO",
        'MNIST(root=workbench.data_path("mnist"))',
    ):
        assert part in text


def test_a_file_with_another_hash_is_fetched_again_or_kept(tmp_path, monkeypatch):
    root = tmp_path / "digits"
    root.mkdir()
    for name in TEST_FILES:
        (root / name).write_bytes(b"something else")
    with pytest.raises(MXNetError, match=f"another sha1: {sha1(b'something else')}"):
        MNIST(root=root, train=False)
    assert (root / TEST_FILES[0]).read_bytes() == b"something else"
    files = {name: (SAMPLE / name).read_bytes() for name in TEST_FILES}
    repository(tmp_path, "mnist", files, monkeypatch)
    assert len(MNIST(root=root, train=False)) == 2000


def test_what_the_repository_has_must_have_a_known_hash(tmp_path, monkeypatch):
    repository(tmp_path, "mnist", dict.fromkeys(TEST_FILES, b"wrong"), monkeypatch)
    with pytest.raises(DataFileError, match=r"(?s)another hash.*MNIST\(root="):
        MNIST(train=False)


def test_files_that_do_not_belong_together(tmp_path, monkeypatch):
    images, labels = idx(np.zeros((3, 28, 28), "uint8")), idx(np.zeros(2, "uint8"))
    files = dict(zip(TEST_FILES, (images, labels), strict=True))
    monkeypatch.setattr(MNIST, "_sample_sha1", {name: sha1(files[name]) for name in files})
    repository(tmp_path, "mnist", files, monkeypatch)
    with pytest.raises(DataFileError, match=r"3 images of \(28, 28\) and 2 labels"):
        MNIST(train=False)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no gzip",
        gzip.compress(b"", mtime=0),
        idx(np.zeros(3, "uint8")),
        idx(np.zeros((3, 4, 5)))[:-9],
    ],
    ids=["empty", "no gzip", "empty gzip", "one axis", "cut off"],
)
def test_broken_idx_files(tmp_path, content):
    path = tmp_path / "x.gz"
    path.write_bytes(content)
    with pytest.raises(DataFileError, match=r"(?s)no idx file of 3 axes.*fix:"):
        datasets._read_idx(str(path), 3)


def test_fashion_mnist_has_files_of_its_own(tmp_path, monkeypatch):
    images, labels = idx(np.ones((3, 28, 28), "uint8")), idx(np.arange(3, dtype="uint8"))
    files = dict(zip(TEST_FILES, (images, labels), strict=True))
    monkeypatch.setattr(FashionMNIST, "_test_data", (TEST_FILES[0], sha1(images)))
    monkeypatch.setattr(FashionMNIST, "_test_label", (TEST_FILES[1], sha1(labels)))
    repository(tmp_path, "fashion-mnist", files, monkeypatch)
    assert [label for _, label in FashionMNIST(train=False)] == [0, 1, 2]
    with pytest.raises(MXNetError) as caught:
        FashionMNIST(root=SAMPLE, train=True)
    assert "data_path" not in str(caught.value)


def archive(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def test_cifar10_is_unpacked_once(tmp_path, monkeypatch):
    row = bytes([7]) + bytes(range(256)) * 12
    files = {"data_batch_1.bin": row * 2, "test_batch.bin": row}
    packed = archive({"../outside": b"x", **{f"inner/{name}": files[name] for name in files}})
    train, test = ((name, sha1(content)) for name, content in files.items())
    monkeypatch.setattr(CIFAR10, "_train_data", (train,))
    monkeypatch.setattr(CIFAR10, "_test_data", (test,))
    monkeypatch.setattr(CIFAR10, "_archive_file", ("c.tar.gz", sha1(packed)))
    place = repository(tmp_path, "cifar10", {"c.tar.gz": packed}, monkeypatch)
    root = tmp_path / "cifar"
    images = CIFAR10(root)
    assert len(images) == 2
    image, label = images[1]
    assert image.shape == (32, 32, 3)
    assert image.asnumpy()[0, 1].tolist() == [1, 1, 1]
    assert label == 7
    assert sorted(path.name for path in root.iterdir()) == [
        "c.tar.gz",
        "data_batch_1.bin",
        "test_batch.bin",
    ]
    shutil.rmtree(place)
    (root / "c.tar.gz").unlink()
    assert len(CIFAR10(root, train=False)) == 1


@pytest.mark.parametrize(("fine_label", "label"), [(False, 3), (True, 99)])
def test_cifar100_has_two_labels(tmp_path, monkeypatch, fine_label, label):
    row = bytes([3, 99]) + bytes(3072)
    for part in ("_train_data", "_test_data"):
        monkeypatch.setattr(CIFAR100, part, (("x.bin", sha1(row)),))
    (tmp_path / "x.bin").write_bytes(row)
    assert CIFAR100(tmp_path, fine_label)[0][1] == label


def test_cifar_files_of_an_odd_length(tmp_path, monkeypatch):
    for part in ("_train_data", "_test_data"):
        monkeypatch.setattr(CIFAR10, part, (("x.bin", sha1(b"odd")),))
    (tmp_path / "x.bin").write_bytes(b"odd")
    with pytest.raises(DataFileError, match="3 bytes are no whole number"):
        CIFAR10(tmp_path)


@pytest.mark.parametrize(("flag", "channels"), [(1, 3), (0, 1)])
def test_image_records(flag, channels):
    pytest.importorskip("PIL")
    images = ImageRecordDataset(str(RECORDS / "images.rec"), flag)
    image, label = images[4]
    assert (image.shape, image.dtype) == ((24, 32, channels), np.uint8)
    assert label == 4
    images._record.close()


def test_image_records_with_a_transform():
    pytest.importorskip("PIL")
    images = ImageRecordDataset(str(RECORDS / "images.rec"), 1, lambda data, label: label + 1)
    assert images[4] == 5
    images._record.close()


@pytest.fixture
def folder(tmp_path):
    pytest.importorskip("PIL")
    png = recordio.pack_img((0, 0.0, 0, 0), np.full((4, 5, 3), (1, 2, 3), "uint8"), 9, ".png")[24:]
    for name in ("car/b.png", "car/a.PNG", "bus/c.png"):
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png)
    return tmp_path / "images"


def test_image_folder(folder):
    images = ImageFolderDataset(str(folder))
    assert images.synsets == ["bus", "car"]
    names = [(Path(path).name, label) for path, label in images.items]
    assert names == [("c.png", 0), ("a.PNG", 1), ("b.png", 1)]
    image, label = images[1]
    assert image.shape == (4, 5, 3)
    assert image.asnumpy()[0, 0].tolist() == [3, 2, 1]
    assert label == 1
    assert ImageFolderDataset(str(folder), 0)[0][0].shape == (4, 5, 1)
    assert ImageFolderDataset(str(folder), transform=lambda x, y: y)[2] == 1


def test_image_folder_tells_what_it_leaves_out(folder):
    (folder / "readme").write_text("x")
    with pytest.warns(UserWarning, match="readme, which is not a directory"):
        ImageFolderDataset(str(folder))
    (folder / "readme").unlink()
    (folder / "car" / "x.gif").write_text("x")
    with pytest.warns(UserWarning, match=r"x\.gif of type \.gif\. Only support"):
        ImageFolderDataset(str(folder))


def test_image_folder_with_broken_things(folder, tmp_path):
    (folder / "car" / "a.PNG").write_bytes(b"no image")
    with pytest.raises(DataFileError, match=r"a\.PNG: 8 bytes are no image"):
        ImageFolderDataset(str(folder))[1]
    with pytest.raises(StorageError, match="cannot list"):
        ImageFolderDataset(str(tmp_path / "absent"))
