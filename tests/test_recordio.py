"""RecordIO: the same bytes as MXNet's, and a typed error for everything that is broken."""

from __future__ import annotations

import io
import json
import multiprocessing
import pickle
import struct
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench import _imagecodec, recordio
from workbench.error import DataFileError, MXNetError, StorageError
from workbench.recordio import IRHeader, MXIndexedRecordIO, MXRecordIO, pack, unpack

FILES = Path(__file__).parent / "data" / "records"
MAGIC = struct.pack("<I", 0xCED7230A)
PLAIN = [
    b"hello",
    b"",
    b"12345678",
    b"abc" + MAGIC + b"def",
    b"abcd" + MAGIC + b"efgh",
    bytes(range(256)),
]


def write_plain(path: Path, payloads: list[bytes]) -> bytes:
    writer = MXRecordIO(path, "w")
    for payload in payloads:
        writer.write(payload)
    writer.close()
    return path.read_bytes()


def read_all(path) -> list[bytes]:
    reader = MXRecordIO(path, "r")
    try:
        return list(iter(reader.read, None))
    finally:
        reader.close()


def indexed(folder: Path, count: int = 5) -> tuple[Path, Path]:
    paths = folder / "tmp.idx", folder / "tmp.rec"
    writer = MXIndexedRecordIO(*paths, "w")
    for i in range(count):
        writer.write_idx(i, b"record_%d" % i)
    writer.close()
    return paths


def test_plain_file_of_mxnet_is_read_and_written_back(tmp_path):
    assert read_all(FILES / "plain.rec") == PLAIN
    assert write_plain(tmp_path / "plain.rec", PLAIN) == (FILES / "plain.rec").read_bytes()


@pytest.mark.parametrize("name", ["indexed", "images"])
def test_indexed_files_of_mxnet_are_read_and_written_back(name, tmp_path):
    reader = MXIndexedRecordIO(FILES / f"{name}.idx", FILES / f"{name}.rec", "r")
    paths = tmp_path / "a.idx", tmp_path / "a.rec"
    writer = MXIndexedRecordIO(*paths, "w")
    for key in reader.keys:
        writer.write_idx(key, pack(*unpack(reader.read_idx(key))))
    writer.close()
    reader.close()
    for path in paths:
        assert path.read_bytes() == (FILES / (name + path.suffix)).read_bytes()


def test_headers_and_pixels_of_mxnet():
    pytest.importorskip("PIL")
    pixels = np.load(FILES / "indexed_pixels.npz")
    reader = MXIndexedRecordIO(FILES / "indexed.idx", FILES / "indexed.rec", "r")
    labels = []
    for key in reader.keys:
        header, img = recordio.unpack_img(reader.read_idx(key), 1)
        labels.append(np.asarray(header.label).tolist())
        rgb = img[..., ::-1].astype(int)
        assert np.abs(rgb - pixels[f"img{key}"]).max() <= 2  # decoders may round differently
    reader.close()
    assert labels == [0.0, 1.0, [2.0, 7.5], [3.0, 7.5]]


@given(
    st.lists(
        st.binary(max_size=20) | st.lists(st.sampled_from([MAGIC, b"a", b"bcd"])).map(b"".join)
    )
)
@settings(max_examples=60)
def test_round_trip(tmp_path_factory, payloads):
    path = tmp_path_factory.mktemp("rec") / "a.rec"
    content = write_plain(path, payloads)
    assert read_all(path) == payloads
    assert len(content) % 4 == 0


def test_pack_gives_the_bytes_of_mxnet():
    scalar = "0000000000004040070000000000000000000000000000007879"
    assert pack(IRHeader(0, 3.0, 7, 0), b"xy").hex() == scalar
    vector = pack(IRHeader(9, [1, 2], 1, 0), b"xy")
    assert vector[:8].hex() == "0200000000000000"
    assert vector[24:] == struct.pack("<ff", 1, 2) + b"xy"
    assert repr(IRHeader(0, 1, 2, 3)) == "HEADER(flag=0, label=1, id=2, id2=3)"


def test_unpack_gives_what_was_packed():
    header, content = unpack(pack((0, np.float32(1.5), 2, 3), b"abc"))
    assert header == (0, 1.5, 2, 3)
    assert content == b"abc"
    header, content = unpack(pack((0, np.zeros((2, 2)), 2, 3), b"abc"))
    assert header.flag == 4
    assert header.label.dtype == np.float32
    assert content == b"abc"


@pytest.mark.parametrize("content", [b"", bytes(23), struct.pack("<IfQQ", 5, 0, 0, 0) + b"12"])
def test_unpack_refuses_what_is_too_short(content):
    with pytest.raises(DataFileError, match="fix:"):
        unpack(content)


def test_pack_refuses_a_header_that_does_not_fit():
    with pytest.raises(DataFileError, match="cannot be packed"):
        pack((0, 1.0, -2, 0), b"")


BROKEN = {
    "payload": lambda content: content[:-20],
    "head": lambda content: content[:18],
    "magic": lambda content: content[:16] + b"zzzz" + content[20:],
    "length": lambda content: content[:20] + b"\xff\xff\xff\x1f" + content[24:],
    "later part": lambda content: content[:20] + struct.pack("<I", 2 << 29 | 50) + content[24:],
    "no last part": lambda content: content[:20] + struct.pack("<I", 1 << 29 | 50) + content[24:],
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_raise_a_typed_error(name, tmp_path):
    path = tmp_path / "a.rec"
    path.write_bytes(BROKEN[name](write_plain(path, [b"hello", b"x" * 50])))
    reader = MXRecordIO(path, "r")
    assert reader.read() == b"hello"
    with pytest.raises(DataFileError, match=r"(?s)a\.rec.*where: byte.*fix:"):
        reader.read()
    reader.close()


@given(st.data())
@settings(max_examples=150)
def test_mutated_files_end_or_raise_a_typed_error(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("rec") / "a.rec"
    content = bytearray((FILES / "plain.rec").read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    reader = MXRecordIO(path, "r")
    try:
        for _ in range(len(content)):
            if reader.read() is None:
                break
        else:
            pytest.fail("the reader does not come to an end")
    except DataFileError:
        assert not reader.writable
    finally:
        reader.close()


def test_wrong_use(tmp_path):
    path = tmp_path / "a.rec"
    writer = MXRecordIO(path, "w")
    with pytest.raises(AssertionError, match="opened to be written"):
        writer.read()
    writer.close()
    writer.close()
    with pytest.raises(RuntimeError, match="closed"):
        writer.write(b"x")
    reader = MXRecordIO(path, "r")
    with pytest.raises(AssertionError, match="opened to be read"):
        reader.write(b"x")
    reader.close()
    with pytest.raises(ValueError, match="Invalid flag a"):
        MXRecordIO(path, "a")
    with pytest.raises(StorageError, match=r"cannot open.*none\.rec") as caught:
        MXRecordIO(tmp_path / "none.rec", "r")
    assert isinstance(caught.value, MXNetError)


def test_reset_goes_back_to_the_first_record(tmp_path):
    path = tmp_path / "a.rec"
    write_plain(path, [b"one", b"two"])
    reader = MXRecordIO(path, "r")
    assert [reader.read(), reader.read(), reader.read()] == [b"one", b"two", None]
    reader.reset()
    assert reader.read() == b"one"
    reader.close()


def test_indexed_access(tmp_path):
    paths = tmp_path / "a.idx", tmp_path / "a.rec"
    writer = MXIndexedRecordIO(*paths, "w", key_type=str)
    places = []
    for key in "ba":
        writer.write_idx(key, key.encode() * 5)
        places.append(writer.tell())
    writer.close()
    assert places == [16, 32]
    assert paths[0].read_text() == "b\t0\na\t16\n"
    reader = MXIndexedRecordIO(*paths, "r", key_type=str)
    assert reader.keys == ["b", "a"]
    assert reader.read_idx("a") == b"aaaaa"
    assert reader.read_idx("b") == b"bbbbb"
    assert reader.read() == b"aaaaa"
    with pytest.raises(KeyError):
        reader.read_idx("c")
    reader.close()


def test_broken_index(tmp_path):
    index, records = indexed(tmp_path)
    index.write_text("0\t0\n1\n")
    with pytest.raises(DataFileError, match="line 2"):
        MXIndexedRecordIO(index, records, "r")
    index.write_text("0\t4\n1\t1000000\n")
    reader = MXIndexedRecordIO(index, records, "r")
    for key in (0, 1):
        with pytest.raises(DataFileError, match="fix:"):
            reader.read_idx(key)
    reader.close()
    index.unlink()
    with pytest.raises(StorageError, match="index file"):
        MXIndexedRecordIO(index, records, "r")


def test_a_pickled_reader_opens_the_file_anew(tmp_path):
    reader = MXIndexedRecordIO(*indexed(tmp_path), "r")
    assert reader.read() == b"record_0"
    copy = pickle.loads(pickle.dumps(reader))
    assert not reader.is_open
    assert copy.read() == b"record_0"
    assert copy.read_idx(3) == b"record_3"
    copy.close()
    assert not pickle.loads(pickle.dumps(copy)).is_open


def in_child(reader, answers):
    try:
        reader.read()
    except RuntimeError as error:
        answers.put(str(error))
    answers.put(reader.read_idx(2))
    answers.put(reader.read_idx(4))


def test_a_forked_reader_gets_a_handle_of_its_own(tmp_path):
    fork = multiprocessing.get_context("fork")
    reader = MXIndexedRecordIO(*indexed(tmp_path), "r")
    answers = fork.SimpleQueue()
    child = fork.Process(target=in_child, args=(reader, answers))
    child.start()
    child.join(20)
    assert answers.get() == "Forbidden operation in multiple processes"
    assert [answers.get(), answers.get()] == [b"record_2", b"record_4"]
    assert reader.read() == b"record_0"
    reader.close()


def test_threads_may_share_a_reader(tmp_path):
    reader = MXIndexedRecordIO(*indexed(tmp_path, 50), "r")
    wrong = []

    def work(start):
        for i in range(500):
            key = (start + i * 7) % 50
            if reader.read_idx(key) != b"record_%d" % key:
                wrong.append(key)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reader.close()
    assert wrong == []


class FullDisk(io.FileIO):
    """Takes 100 bytes, the last of them in part, then fails as a full disk does."""

    def write(self, content):
        room = 100 - self.tell()
        if room <= 0:
            raise OSError(28, "No space left on device")
        return super().write(bytes(content)[:room])


def test_full_disk_keeps_every_whole_record(tmp_path):
    index, records = indexed(tmp_path, 0)
    writer = MXIndexedRecordIO(index, records, "w")
    writer._file.close()
    writer._file = FullDisk(records, "w")
    for i in range(4):
        writer.write_idx(i, b"x" * 16)
    with pytest.raises(StorageError, match=r"(?s)No space left.*fix: Free"):
        writer.write_idx(4, b"x" * 16)
    writer.close()
    reader = MXIndexedRecordIO(index, records, "r")
    assert reader.keys == [0, 1, 2, 3]
    assert read_all(records) == [b"x" * 16] * 4
    reader.close()


@pytest.mark.parametrize("img_fmt", [".png", ".JPG"])
@pytest.mark.parametrize("shape", [(12, 10), (12, 10, 3)])
def test_images_round_trip(img_fmt, shape):
    pytest.importorskip("PIL")
    img = np.add.outer(np.arange(12), np.arange(10)).astype("uint8") * 10
    img = np.stack([img, img // 2, img // 3], axis=2) if len(shape) == 3 else img
    header, back = recordio.unpack_img(recordio.pack_img((0, 4.0, 1, 0), img, 95, img_fmt))
    assert header.label == 4.0
    assert back.shape == shape
    assert np.abs(back.astype(int) - img).max() <= (0 if img_fmt == ".png" else 12)


def test_grey_and_colour_on_demand():
    pytest.importorskip("PIL")
    packed = recordio.pack_img((0, 1.0, 0, 0), np.full((4, 5, 3), 9, "uint8"), 9, ".png")
    assert recordio.unpack_img(packed, 0)[1].shape == (4, 5)
    grey = recordio.pack_img((0, 1.0, 0, 0), np.full((4, 5), 9, "uint8"), 9, ".png")
    assert recordio.unpack_img(grey, 1)[1].shape == (4, 5, 3)


def test_what_is_no_image_is_refused():
    pytest.importorskip("PIL")
    with pytest.raises(DataFileError, match="no image"):
        recordio.unpack_img(pack((0, 1.0, 0, 0), b"no image"))
    with pytest.raises(ValueError, match=r"\.gif"):
        recordio.pack_img((0, 1.0, 0, 0), np.zeros((2, 2), "uint8"), img_fmt=".gif")
    with pytest.raises(ValueError, match="float64"):
        recordio.pack_img((0, 1.0, 0, 0), np.zeros((2, 2)))


def test_imports_nothing_but_numpy_and_errors():
    program = (
        "import sys, json, workbench.recordio; print(json.dumps(sorted("
        "name for name in sys.modules if name.split('.')[0] in ('workbench', 'PIL', 'cv2'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(recordio.__file__).parent.parent,
    )
    allowed = ("_imagecodec", "_png", "_surface", "base", "error", "recordio")
    assert set(json.loads(done.stdout)) <= {"workbench", *(f"workbench.{name}" for name in allowed)}


def test_without_pillow_one_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setattr(_imagecodec, "_opencv", lambda: None)
    with pytest.raises(ImportError, match="pip install pillow"):
        recordio.pack_img((0, 1.0, 0, 0), np.zeros((2, 2), "uint8"))
