"""Make workbench/data/mnist from MNIST's four original files: python make_mnist_sample.py SOURCE.

Takes training digits 0, 6, 12, ... (10,000) and test digits 0, 5, 10, ... (2,000), in the order
of the files. The result is the same on every machine up to the version of zlib.
"""

from __future__ import annotations

import gzip
import io
import struct
import sys
from pathlib import Path

import numpy as np

TARGET = Path(__file__).parent.parent / "workbench" / "data" / "mnist"
EVERY = {"train": 6, "t10k": 5}
AXES = {"images-idx3": 3, "labels-idx1": 1}


def thin_out(content: bytes, axes: int, step: int) -> bytes:
    """Every *step*-th item of an idx file."""
    head = struct.Struct(f">{axes + 1}i")
    magic, *shape = head.unpack_from(content)
    items = np.frombuffer(content, np.uint8, offset=head.size).reshape(shape)[::step]
    return head.pack(magic, *items.shape) + items.tobytes()


def compress(content: bytes) -> bytes:
    """A gzip file without a time or a name, so that equal content gives equal files."""
    file = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(content)
    return file.getvalue()


def main(source: Path) -> None:
    """Write the four files of the sample."""
    for part, step in EVERY.items():
        for kind, axes in AXES.items():
            name = f"{part}-{kind}-ubyte.gz"
            content = gzip.decompress((source / name).read_bytes())
            (TARGET / name).write_bytes(compress(thin_out(content, axes, step)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
