"""Writing files so that a crash, a full disk or an interrupt never leaves half of one."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from typing import IO, Any

from .error import StorageError

__all__ = ["atomic_write", "write_bytes", "write_text"]


_DISK = frozenset(
    getattr(errno, name)
    for name in (
        *("ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EIO", "ENOENT", "ENOTDIR", "EISDIR"),
        *("EACCES", "EPERM", "ENAMETOOLONG"),
    )
    if hasattr(errno, name)
)


@contextlib.contextmanager
def atomic_write(
    path: str | os.PathLike[str], mode: str = "wb", **kwargs: Any
) -> Iterator[IO[Any]]:
    """Open a temporary file that takes the place of *path* when the block ends well.

    Parameters
    ----------
    path : str or PathLike
        The file to write. Its folder must exist. A symbolic link is followed: its target is
        replaced, not the link.
    mode : str
        ``"wb"`` or ``"w"``; text is UTF-8 unless *kwargs* says otherwise.
    **kwargs
        Passed to :func:`open` (encoding, newline, buffering).

    Yields
    ------
    file
        The open temporary file, in the same folder, so that the final rename is atomic.

    Raises
    ------
    StorageError
        The file cannot be written: no such folder, no permission, disk full.

    Notes
    -----
    The content is flushed to disk (``fsync``) before the rename. When anything fails (the block
    raises, the disk is full, Ctrl-C) the old file is untouched and the temporary one removed.
    An existing file keeps its permissions; a new one gets what the umask leaves. What is no file
    (``/dev/stdout``, a pipe) cannot be replaced and is written to as it is.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp(), "weights.bin")
    >>> with atomic_write(path) as file:
    ...     _ = file.write(b"123")
    >>> path.read_bytes()
    b'123'
    """
    if mode not in ("w", "wb"):
        raise ValueError(f'atomic_write writes whole files: mode is "w" or "wb", got {mode!r}')
    if mode == "w":
        kwargs.setdefault("encoding", "utf-8")
    target = os.path.realpath(os.fspath(path))
    try:
        with _opened(target, mode, kwargs) as file:
            yield file
    except OSError as error:
        # what the block itself met elsewhere names its own file, or is no fault of a disk
        ours = error.filename in (None, target) and error.errno in _DISK
        if not ours or isinstance(error, StorageError):
            raise
        raise StorageError.of(error, f"cannot write {os.fspath(path)!s}") from error


@contextlib.contextmanager
def _opened(target: str, mode: str, kwargs: dict[str, Any]) -> Iterator[IO[Any]]:
    if os.path.exists(target) and not os.path.isfile(target) and not os.path.isdir(target):
        with open(target, mode, **kwargs) as device:
            yield device
        return
    folder, name = os.path.split(target)
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{name[:100]}.", suffix=".part", dir=folder)
    except OSError as error:
        error.filename = target
        raise
    try:
        with open(handle, mode, **kwargs) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _permissions(target))
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def write_bytes(path: str | os.PathLike[str], data: bytes | bytearray | memoryview) -> None:
    """Replace the content of *path* by *data*, atomically."""
    with atomic_write(path) as file:
        file.write(data)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Replace the content of *path* by *text* in UTF-8, atomically, newlines as given."""
    with atomic_write(path, "w", newline="") as file:
        file.write(text)


def _permissions(target: str) -> int:
    """Mode bits of the file that is replaced, or those of a new one under the umask."""
    try:
        return os.stat(target).st_mode & 0o7777
    except FileNotFoundError:
        return 0o666 & ~_UMASK


def _read_umask() -> int:
    # There is no call that only reads the umask; setting it is safe while importing only.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


_UMASK = _read_umask()
