"""atomic_write: all of the new file or all of the old one, and never anything else."""

from __future__ import annotations

import errno
import os
import stat

import pytest

from workbench.error import StorageError
from workbench.fileio import atomic_write, write_bytes, write_text


def test_new_file_has_the_content_and_nothing_else_is_left(tmp_path):
    write_bytes(tmp_path / "a", b"one")
    assert (tmp_path / "a").read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["a"]


def test_text_is_utf8_and_newlines_stay(tmp_path):
    write_text(tmp_path / "a", "é\r\n\n")
    assert (tmp_path / "a").read_bytes() == "é\r\n\n".encode()


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "disk full"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_untouched(tmp_path, error):
    path = tmp_path / "weights"
    path.write_bytes(b"old")

    def fail():
        with atomic_write(path) as file:
            file.write(b"new, but not all of it")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["weights"]


def test_a_failing_disk_leaves_the_old_file_untouched(tmp_path, monkeypatch):
    def full(fd):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "weights"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["weights"]


def test_a_device_is_written_to_and_stays_a_device():
    with pytest.raises(OSError, match="No space left"):
        write_bytes("/dev/full", b"new")
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


def test_the_reader_sees_the_old_file_until_the_end(tmp_path):
    path = tmp_path / "weights"
    path.write_bytes(b"old")
    with atomic_write(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_permissions_of_the_old_file_are_kept(tmp_path):
    path = tmp_path / "weights"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_bytes(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_is_readable_as_any_other(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    write_bytes(tmp_path / "atomic", b"")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_link_keeps_pointing_to_the_replaced_target(tmp_path):
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")
    write_bytes(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StorageError, match="nowhere"):
        write_bytes(tmp_path / "nowhere" / "a", b"")


def test_appending_is_refused(tmp_path):
    with pytest.raises(ValueError, match="whole files"), atomic_write(tmp_path / "a", "ab"):
        pass
