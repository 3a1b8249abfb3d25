"""Compiled code on disk: below ``WORKBENCH_CACHE``, else in the user's cache folder.

A file is a digest and what it is the digest of, so that a torn or altered file is noticed and
made anew. Files are written beside their place and renamed, so that two processes may write one
at the same time. A folder that cannot be written costs time, not results.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from ...fileio import write_bytes

__all__ = ["folder", "key_of", "load", "save"]

_DIGEST = hashlib.sha256().digest_size


def folder() -> Path:
    """Where caches of Workbench live."""
    chosen = os.environ.get("WORKBENCH_CACHE")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "workbench"


def key_of(*parts: str) -> str:
    """A file name for what depends on these texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:40]


def load(path: Path) -> bytes | None:
    """What was saved there; None when there is nothing, or nothing whole."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, payload = content[:_DIGEST], content[_DIGEST:]
    return payload if hashlib.sha256(payload).digest() == digest else None


def save(path: Path, payload: bytes) -> bool:
    """Save for later processes; False when that is not possible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, hashlib.sha256(payload).digest() + payload)
    except OSError:
        return False
    return True
