"""Files of vectors in MXNet's repository: their sums, and how they come here."""

from __future__ import annotations

import functools
import json
import os
import tarfile
import zipfile
from pathlib import Path

from ...error import DataFileError, message
from ...gluon._download import check_sha1, fetch, repo_file_url

__all__ = ["file_of", "sums"]


@functools.cache
def _table() -> dict[str, dict[str, dict[str, str]]]:
    return json.loads(Path(__file__).with_name("pretrained.json").read_text(encoding="utf-8"))


def sums(embedding: str, kind: str) -> dict[str, str]:
    """The sha1 sums of the ``"files"`` or ``"archives"`` of an embedding, by name."""
    return _table()[embedding][kind]


def file_of(embedding: str, folder: str, file: tuple[str, str], fetched: tuple[str, str]) -> str:
    """The path of *file* in *folder*, which is made if need be.

    Parameters
    ----------
    embedding : str
        whose file it is
    folder : str
        where it is kept
    file, fetched : (name, sha1)
        what is wanted, and what is fetched for it: the file itself or an archive

    Raises
    ------
    DownloadError, DataFileError
        It cannot be fetched, or is not what it should be.
    """
    path = os.path.join(folder, file[0])
    if os.path.exists(path) and check_sha1(path, file[1]):
        return path
    source = os.path.join(folder, fetched[0])
    fetch(repo_file_url(f"gluon/embeddings/{embedding}", fetched[0]), source, [fetched[1]])
    if source != path:
        _extract(source, file[0], folder)
    return path


def _extract(archive: str, name: str, folder: str) -> None:
    """Take one file out of an archive."""
    try:
        if archive.endswith(".zip"):
            with zipfile.ZipFile(archive) as opened:
                opened.extract(name, folder)
        else:
            with tarfile.open(archive) as opened_tar:
                opened_tar.extract(name, folder)
    except KeyError as error:
        raise DataFileError(message(f"{archive} does not have {name}")) from error
