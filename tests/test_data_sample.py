"""The digits that ship with Workbench."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from workbench.data import data_path

SHA1 = {
    "train-images-idx3-ubyte.gz": "ad15904a4317bf7d2318aa4b3c7198ed15d5d310",
    "train-labels-idx1-ubyte.gz": "594a9688db141f3d74b230769cc83ff6bb995184",
    "t10k-images-idx3-ubyte.gz": "6ea976c5d40c6fa6fb00ae861ea3a7db289d938e",
    "t10k-labels-idx1-ubyte.gz": "0d73d3ec1f2cd6158c0073d67f696d70c332ae79",
}


@pytest.mark.parametrize("name", SHA1)
def test_the_files_are_the_ones_whose_hashes_are_known(name):
    content = (Path(data_path("mnist")) / name).read_bytes()
    assert hashlib.sha1(content).hexdigest() == SHA1[name]
    assert content[3] == 0, "no file name in the gzip header"
    assert content[4:8] == bytes(4), "no time in the gzip header"


@pytest.mark.parametrize(("part", "count"), [("train", 10_000), ("t10k", 2_000)])
def test_the_content_is_digits_of_every_class(part, count):
    folder = Path(data_path("mnist"))
    images = gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes())
    assert np.frombuffer(images, ">i4", 4).tolist() == [2051, count, 28, 28]
    assert np.frombuffer(labels, ">i4", 2).tolist() == [2049, count]
    assert len(images) == 16 + count * 28 * 28
    classes = np.bincount(np.frombuffer(labels, np.uint8, offset=8))
    assert classes.shape == (10,)
    assert classes.min() > 0.07 * count


def test_an_unknown_name_says_what_there_is():
    with pytest.raises(ValueError, match=r"'cifar'.*there is images, mnist"):
        data_path("cifar")
