"""Image datasets: the well-known ones, record files and folders.

The well-known ones are looked for in *root* first. A file that is missing, or has a hash that is
not known, is fetched from ``MXNET_GLUON_REPO`` (``http``, ``https`` or ``file``).
"""

from __future__ import annotations

import gzip
import os
import struct
import tarfile
import warnings
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .... import _imagecodec, ndarray as nd, recordio
from ...._surface import getattr_for
from ....base import data_dir
from ....data import data_path
from ....error import DataFileError, StorageError, message
from ....fileio import atomic_write
from ... import _download
from ..dataset import Dataset, RecordFileDataset, take_rows

__all__ = [
    "CIFAR10",
    "CIFAR100",
    "MNIST",
    "FashionMNIST",
    "ImageFolderDataset",
    "ImageRecordDataset",
]

__getattr__ = getattr_for(__name__)

Transform = Callable[[Any, Any], Any]


class _DownloadedDataset(Dataset):
    """Base of the data sets that come from Gluon's repository.

    Parameters
    ----------
    root : str or None
        Folder of the files; default below ``MXNET_HOME`` (``~/.mxnet``).
    transform : callable or None
        Called with (data, label) of each sample.
    """

    _namespace = ""

    def __init__(self, root: str | None, transform: Transform | None) -> None:
        if root is None:
            root = os.path.join(data_dir(), "datasets", self._namespace)
        self._root = os.path.expanduser(os.fspath(root))
        self._transform = transform
        self._data: Any = None
        self._label: Any = None
        self._get_data()

    def __getitem__(self, idx: int) -> Any:
        data, label = self._data[idx], self._label[idx]
        return (data, label) if self._transform is None else self._transform(data, label)

    def __len__(self) -> int:
        return len(self._label)

    def _columns(self, indices: Sequence[Any]) -> Any:
        own = type(self).__getitem__ is not _DownloadedDataset.__getitem__
        if own or self._transform is not None:
            return None
        columns = [take_rows(self._data, indices), take_rows(self._label, indices)]
        return None if any(column is None for column in columns) else columns

    def _get_data(self) -> None:
        raise NotImplementedError(f"{type(self).__name__} has no _get_data")

    def _local_file(self, name: str, hashes: Sequence[str], note: str = "") -> str:
        """Path of a file in the root whose sha1 is one of *hashes*, fetched when need be."""
        path = os.path.join(self._root, name)
        found = _download.sha1_of(path) if os.path.isfile(path) else None
        if found in hashes:
            return path
        url = _download.repo_file_url(f"gluon/dataset/{self._namespace}", name)
        try:
            _download.fetch(url, path, hashes)
        except (StorageError, DataFileError) as error:
            there = "is not there" if found is None else f"has another sha1: {found}"
            raise type(error)(
                message(
                    f"{type(self).__name__}: {name} {there}, and cannot be fetched: "
                    f"{str(error).splitlines()[0]}",
                    where=[f"looked at {path}", f"expected sha1 {hashes[0]}"],
                    fix=f"Put the file into {self._root}, or set MXNET_GLUON_REPO.{note}",
                )
            ) from error
        return path


_SAMPLE_SHA1 = {
    "train-images-idx3-ubyte.gz": "ad15904a4317bf7d2318aa4b3c7198ed15d5d310",
    "train-labels-idx1-ubyte.gz": "594a9688db141f3d74b230769cc83ff6bb995184",
    "t10k-images-idx3-ubyte.gz": "6ea976c5d40c6fa6fb00ae861ea3a7db289d938e",
    "t10k-labels-idx1-ubyte.gz": "0d73d3ec1f2cd6158c0073d67f696d70c332ae79",
}


class MNIST(_DownloadedDataset):
    """Handwritten digits: 60,000 to train on and 10,000 to test.

    A sample is (image, label): an NDArray (28, 28, 1) uint8 and a NumPy int32.

    Parameters
    ----------
    root : str
        Folder of the four files, default ``$MXNET_HOME/datasets/mnist``. With
        ``workbench.data_path("mnist")`` the 10,000 + 2,000 digits that ship with Workbench are
        read; they are never chosen by themselves.
    train : bool
        The training part or the test part.
    transform : callable
        Called with (data, label) of each sample.

    Examples
    --------
    >>> from workbench.data import data_path
    >>> digits = MNIST(root=data_path("mnist"), train=False)
    >>> len(digits), digits[0][0].shape, int(digits[0][1])
    (2000, (28, 28, 1), 7)
    """

    _namespace = "mnist"
    _train_data = ("train-images-idx3-ubyte.gz", "6c95f4b05d2bf285e1bfb0e7960c31bd3b3f8a7d")
    _train_label = ("train-labels-idx1-ubyte.gz", "2a80914081dc54586dbdf242f9805a6b8d2a15fc")
    _test_data = ("t10k-images-idx3-ubyte.gz", "c3a25af1f52dad7f726cce8cacb138654b760d48")
    _test_label = ("t10k-labels-idx1-ubyte.gz", "763e7fa3757d93b0cdec073cef058b2004252c17")
    _sample_sha1 = _SAMPLE_SHA1

    def __init__(
        self, root: str | None = None, train: bool = True, transform: Transform | None = None
    ) -> None:
        self._train = train
        super().__init__(root, transform)

    def _get_data(self) -> None:
        data, label = (
            (self._train_data, self._train_label)
            if self._train
            else (self._test_data, self._test_label)
        )
        images_path, labels_path = (self._known_file(*file) for file in (data, label))
        images, labels = _read_idx(images_path, 3), _read_idx(labels_path, 1)
        if len(images) != len(labels) or images.shape[1:] != (28, 28):
            raise DataFileError(
                message(
                    f"{type(self).__name__}: {len(images)} images of {images.shape[1:]} and "
                    f"{len(labels)} labels do not belong together",
                    where=[images_path, labels_path],
                    fix="Take all files from one place: the full data set, or the sample.",
                )
            )
        self._data = nd.array(images[..., None], dtype=np.uint8)
        self._label = labels.astype(np.int32)

    def _known_file(self, name: str, sha1: str) -> str:
        if name not in self._sample_sha1:
            return self._local_file(name, [sha1])
        sample = data_path(self._namespace)
        note = (
            f' Or take the small sample: {type(self).__name__}(root=workbench.data_path("mnist"))'
            f" reads {sample}."
        )
        return self._local_file(name, [sha1, self._sample_sha1[name]], note)


class FashionMNIST(MNIST):
    """Articles of clothing, in the place of MNIST's digits; see :class:`MNIST`.

    ``root`` defaults to ``$MXNET_HOME/datasets/fashion-mnist``.
    """

    _namespace = "fashion-mnist"
    _train_data = ("train-images-idx3-ubyte.gz", "0cf37b0d40ed5169c6b3aba31069a9770ac9043d")
    _train_label = ("train-labels-idx1-ubyte.gz", "236021d52f1e40852b06a4c3008d8de8aef1e40b")
    _test_data = ("t10k-images-idx3-ubyte.gz", "626ed6a7c06dd17c0eec72fa3be1740f146a2863")
    _test_label = ("t10k-labels-idx1-ubyte.gz", "17f9ab60e7257a1620f4ad76bbbaf857c3920701")
    _sample_sha1: dict[str, str] = {}


def _read_idx(path: str, rank: int) -> np.ndarray:
    """The uint8 array in a gzipped idx file."""
    head = struct.Struct(f">{rank + 1}i")
    try:
        with gzip.open(path, "rb") as file:
            content = file.read()
        magic, *shape = head.unpack_from(content)
        if magic != 0x0800 + rank:
            raise ValueError(f"magic number {magic:#x} instead of {0x0800 + rank:#x}")
        return np.frombuffer(content, np.uint8, offset=head.size).reshape(shape)
    except (OSError, EOFError, ValueError, struct.error, zlib.error) as error:
        raise DataFileError(
            message(
                f"{path} is no idx file of {rank} axes: {error}",
                fix="Remove it, so that it is fetched again.",
            )
        ) from error


class CIFAR10(_DownloadedDataset):
    """Small colour photographs of ten classes: 50,000 to train on and 10,000 to test.

    A sample is (image, label): an NDArray (32, 32, 3) uint8 and a NumPy int32.

    Parameters
    ----------
    root : str
        Folder of the files, default ``$MXNET_HOME/datasets/cifar10``: the ``.bin`` files, or the
        archive, which is then unpacked there.
    train : bool
        The training part or the test part.
    transform : callable
        Called with (data, label) of each sample.
    """

    _namespace = "cifar10"
    _archive_file = ("cifar-10-binary.tar.gz", "fab780a1e191a7eda0f345501ccd62d20f7ed891")
    _train_data: Sequence[tuple[str, str]] = (
        ("data_batch_1.bin", "aadd24acce27caa71bf4b10992e9e7b2d74c2540"),
        ("data_batch_2.bin", "c0ba65cce70568cd57b4e03e9ac8d2a5367c1795"),
        ("data_batch_3.bin", "1dd00a74ab1d17a6e7d73e185b69dbf31242f295"),
        ("data_batch_4.bin", "aab85764eb3584312d3c7f65fd2fd016e36a258e"),
        ("data_batch_5.bin", "26e2849e66a845b7f1e4614ae70f4889ae604628"),
    )
    _test_data: Sequence[tuple[str, str]] = (
        ("test_batch.bin", "67eb016db431130d61cd03c7ad570b013799c88c"),
    )
    _label_bytes = 1
    _label_byte = 0

    def __init__(
        self, root: str | None = None, train: bool = True, transform: Transform | None = None
    ) -> None:
        self._train = train
        super().__init__(root, transform)

    def _get_data(self) -> None:
        files = (*self._train_data, *self._test_data)
        if not all(self._has(*file) for file in files):
            name, sha1 = self._archive_file
            self._unpack(self._local_file(name, [sha1]), {name for name, _ in files})
        wanted = self._train_data if self._train else self._test_data
        data, label = zip(*(self._read_batch(name) for name, _ in wanted), strict=True)
        self._data = nd.array(np.concatenate(data), dtype=np.uint8)
        self._label = np.concatenate(label)

    def _has(self, name: str, sha1: str) -> bool:
        path = os.path.join(self._root, name)
        return os.path.isfile(path) and _download.check_sha1(path, sha1)

    def _unpack(self, archive: str, names: set[str]) -> None:
        """Take the files that are wanted out of an archive, wherever in it they are."""
        with tarfile.open(archive) as tar:
            for member in tar:
                name = os.path.basename(member.name)
                content = tar.extractfile(member) if name in names else None
                if content is not None:
                    with atomic_write(os.path.join(self._root, name)) as file:
                        file.write(content.read())

    def _read_batch(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        path = os.path.join(self._root, name)
        row = self._label_bytes + 3072
        content = np.fromfile(path, np.uint8)
        if not content.size or content.size % row:
            raise DataFileError(
                message(
                    f"{path}: {content.size} bytes are no whole number of images of {row}",
                    fix="Remove it, so that it is fetched again.",
                )
            )
        rows = content.reshape(-1, row)
        images = rows[:, self._label_bytes :].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        return images, rows[:, self._label_byte].astype(np.int32)


class CIFAR100(CIFAR10):
    """Small colour photographs of 100 classes in 20 groups; see :class:`CIFAR10`.

    Parameters
    ----------
    root : str
        Default ``$MXNET_HOME/datasets/cifar100``.
    fine_label : bool
        Labels are the 100 classes rather than the 20 groups.
    train, transform
        As in :class:`CIFAR10`.
    """

    _namespace = "cifar100"
    _archive_file = ("cifar-100-binary.tar.gz", "a0bb982c76b83111308126cc779a992fa506b90b")
    _train_data = (("train.bin", "e207cd2e05b73b1393c74c7f5e7bea451d63e08e"),)
    _test_data = (("test.bin", "8fb6623e830365ff53cf14adec797474f5478006"),)
    _label_bytes = 2

    def __init__(
        self,
        root: str | None = None,
        fine_label: bool = False,
        train: bool = True,
        transform: Transform | None = None,
    ) -> None:
        self._label_byte = int(fine_label)
        super().__init__(root, train, transform)


class ImageRecordDataset(RecordFileDataset):
    """The images of a RecordIO file.

    A sample is (image, label): an NDArray (height, width, channels) uint8 and the label, or
    labels, of the record's header.

    Parameters
    ----------
    filename : str
        Path of the ``.rec`` file, with its ``.idx`` beside it.
    flag : {0, 1}
        0 reads grey images with one channel, 1 colour images in red, green, blue.
    transform : callable
        Called with (data, label) of each sample.
    """

    def __init__(self, filename: str, flag: int = 1, transform: Transform | None = None) -> None:
        super().__init__(filename)
        self._flag = flag
        self._transform = transform

    def __getitem__(self, idx: int) -> Any:
        header, content = recordio.unpack(super().__getitem__(idx))
        image = _decode(content, self._flag)
        if self._transform is not None:
            return self._transform(image, header.label)
        return image, header.label


class ImageFolderDataset(Dataset):
    """Images in a folder for each class: ``root/car/0001.jpg``, ``root/bus/123.png``.

    A sample is (image, label): an NDArray (height, width, channels) uint8 and the number of the
    class in alphabetical order.

    Parameters
    ----------
    root : str
        Folder of the classes' folders.
    flag : {0, 1}
        0 reads grey images with one channel, 1 colour images in red, green, blue.
    transform : callable
        Called with (data, label) of each sample.

    Attributes
    ----------
    synsets : list of str
        Names of the classes; ``synsets[label]``.
    items : list of (str, int)
        Path and label of each image.
    """

    def __init__(self, root: str, flag: int = 1, transform: Transform | None = None) -> None:
        self._root = os.path.expanduser(os.fspath(root))
        self._flag = flag
        self._transform = transform
        self._exts = (".jpg", ".jpeg", ".png")
        self.synsets: list[str] = []
        self.items: list[tuple[str, int]] = []
        self._list_images(self._root)

    def _list_images(self, root: str) -> None:
        try:
            folders = sorted(os.listdir(root))
        except OSError as error:
            raise StorageError.of(error, f"cannot list the images of {root}") from error
        for folder in folders:
            path = os.path.join(root, folder)
            if not os.path.isdir(path):
                warnings.warn(f"Ignoring {path}, which is not a directory.", stacklevel=4)
                continue
            label = len(self.synsets)
            self.synsets.append(folder)
            for name in sorted(os.listdir(path)):
                filename = os.path.join(path, name)
                extension = os.path.splitext(name)[1]
                if extension.lower() not in self._exts:
                    kinds = ", ".join(self._exts)
                    warnings.warn(
                        f"Ignoring {filename} of type {extension}. Only support {kinds}",
                        stacklevel=4,
                    )
                    continue
                self.items.append((filename, label))

    def __getitem__(self, idx: int) -> Any:
        filename, label = self.items[idx]
        with open(filename, "rb") as file:
            content = file.read()
        image = _decode(content, self._flag, filename)
        return (image, label) if self._transform is None else self._transform(image, label)

    def __len__(self) -> int:
        return len(self.items)


def _decode(content: bytes, flag: int, source: str = "record") -> Any:
    """The pixels of an image file as an NDArray (height, width, 1 or 3) uint8."""
    try:
        pixels = _imagecodec.decode(content, flag, rgb=True)
    except DataFileError as error:
        raise DataFileError(f"{source}: {error}") from error
    return nd.array(pixels if pixels.ndim == 3 else pixels[..., None], dtype=np.uint8)
