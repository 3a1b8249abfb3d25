"""Fetching files: atomically, under a lock, checked by their hash."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
import warnings
from collections.abc import Collection, Iterator

from ..error import DataFileError, StorageError, message
from ..fileio import atomic_write

try:
    import fcntl
except ImportError:  # Windows: without the lock two processes may fetch the same file twice
    fcntl = None  # type: ignore[assignment]

__all__ = ["DownloadError", "check_sha1", "download", "fetch", "replace_file"]

_DEFAULT_REPO = "https://apache-mxnet.s3-accelerate.dualstack.amazonaws.com/"
_CONNECT_SECONDS = 20
_LONGEST_PAUSE = 2.0
_CHUNK = 1 << 20
_TRY_AGAIN = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError)


class DownloadError(StorageError):
    """A file could not be fetched."""


def check_sha1(filename: str | os.PathLike[str], sha1_hash: str) -> bool:
    """Whether the file's content has this sha1 (hexadecimal)."""
    return sha1_of(filename) == sha1_hash


def sha1_of(filename: str | os.PathLike[str]) -> str:
    """The sha1 of a file's content, hexadecimal."""
    digest = hashlib.sha1(usedforsecurity=False)
    with open(filename, "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def replace_file(src: str | os.PathLike[str], dst: str | os.PathLike[str]) -> None:
    """Put *src* in the place of *dst* in one step."""
    os.replace(src, dst)


def download(
    url: str,
    path: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    sha1_hash: str | None = None,
    retries: int = 5,
    verify_ssl: bool = True,
) -> str:
    """Fetch a file unless it is there.

    Parameters
    ----------
    url : str
        ``http``, ``https`` or ``file``.
    path : str, optional
        File or existing folder to put it; default the URL's last part, in the working folder.
    overwrite : bool
        Fetch it even if it is there.
    sha1_hash : str, optional
        What its content must have; a file with another is fetched again.
    retries : int
        How often to try again after a failure.
    verify_ssl : bool
        Check the server's certificate.

    Returns
    -------
    str
        Where the file is.

    Raises
    ------
    DownloadError
        It cannot be fetched. A file that was there before is left as it was.
    DataFileError
        What came has another hash.
    """
    if retries < 0:
        raise ValueError(f"Number of retries should be at least 0, currently it's {retries}")
    if not verify_ssl:
        warnings.warn(
            "Unverified HTTPS request is being made (verify_ssl=False). "
            "Adding certificate verification is strongly advised.",
            stacklevel=2,
        )
    target = _target(url, path)
    hashes = () if sha1_hash is None else (sha1_hash,)
    if overwrite or not _is_there(target, hashes):
        fetch(url, target, hashes, retries=retries, verify_ssl=verify_ssl, overwrite=overwrite)
    return target


def fetch(
    url: str,
    target: str,
    hashes: Collection[str] = (),
    *,
    retries: int = 5,
    verify_ssl: bool = True,
    overwrite: bool = False,
) -> None:
    """Fetch *url* to the path *target*; one of *hashes*, if any are given, must fit.

    Of several processes that want the same file one fetches it, the others wait.
    """
    folder = os.path.dirname(os.path.abspath(target))
    try:
        os.makedirs(folder, exist_ok=True)
        with _locked(target):
            if overwrite or not _is_there(target, hashes):
                print(f"Downloading {target} from {url}...")
                _fetch_patiently(url, target, hashes, retries, verify_ssl)
    except DownloadError:
        raise
    except OSError as error:
        raise StorageError.of(error, f"cannot write {target}") from error


def repo_url() -> str:
    """Base of the addresses of Gluon's data sets: ``MXNET_GLUON_REPO``, else MXNet's own."""
    url = os.environ.get("MXNET_GLUON_REPO") or _DEFAULT_REPO
    return url if url.endswith("/") else url + "/"


def repo_file_url(namespace: str, filename: str) -> str:
    """Address of a file in Gluon's repository."""
    return f"{repo_url()}{namespace}/{filename}"


def _target(url: str, path: str | os.PathLike[str] | None) -> str:
    name = urllib.parse.urlsplit(url).path.rsplit("/", 1)[-1]
    if path is not None:
        path = os.path.expanduser(os.fspath(path))
        if not os.path.isdir(path):
            return path
    if not name:
        raise ValueError(
            f"Can't construct file-name from the URL {url}. Please set the `path` option manually."
        )
    return os.path.join(path, name) if path is not None else name


def _is_there(path: str, hashes: Collection[str]) -> bool:
    return os.path.exists(path) and (not hashes or sha1_of(path) in hashes)


@contextlib.contextmanager
def _locked(target: str) -> Iterator[None]:
    """Held by one process at a time for each target; let go even when the process dies."""
    if fcntl is None:
        yield
        return
    with open(f"{target}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(lock.name)


def _fetch_patiently(
    url: str, target: str, hashes: Collection[str], retries: int, verify_ssl: bool
) -> None:
    for attempt in range(retries + 1):
        try:
            _fetch_once(url, target, hashes, verify_ssl)
            return
        except _TRY_AGAIN as error:
            if attempt == retries or not _may_pass(error):
                raise _failure(url, target, error) from error
            time.sleep(min(0.1 * 2**attempt, _LONGEST_PAUSE))


def _may_pass(error: Exception) -> bool:
    """Whether trying again has a point: not for what is refused or missing."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code >= 500 or error.code in (408, 429)
    return not isinstance(getattr(error, "reason", None), FileNotFoundError)


def _failure(url: str, target: str, error: Exception) -> DownloadError:
    return DownloadError(
        message(
            f"cannot fetch {url}: {getattr(error, 'reason', None) or error}",
            where=[f"wanted at {os.path.abspath(target)}"],
            fix="Check the network, or put the file there yourself.",
        )
    )


def _fetch_once(url: str, target: str, hashes: Collection[str], verify_ssl: bool) -> None:
    digest = hashlib.sha1(usedforsecurity=False)
    tls = None if verify_ssl else ssl._create_unverified_context()
    with (
        urllib.request.urlopen(url, timeout=_CONNECT_SECONDS, context=tls) as answer,
        atomic_write(target) as file,
    ):
        expected = answer.headers.get("Content-Length")
        size = 0
        while chunk := answer.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
            size += len(chunk)
        if expected is not None and size != int(expected):
            raise http.client.IncompleteRead(b"", int(expected) - size)
        if hashes and digest.hexdigest() not in hashes:
            raise DataFileError(
                message(
                    f"what came from {url} has another hash than expected; it was thrown away",
                    where=[f"sha1 {digest.hexdigest()}, not {' or '.join(hashes)}"],
                    fix="Check MXNET_GLUON_REPO, or fetch the file from elsewhere.",
                )
            )
