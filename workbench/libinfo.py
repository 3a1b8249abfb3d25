"""``mx.libinfo``. There is no C library: what asks for one gets an empty answer."""

from __future__ import annotations

from ._surface import getattr_for

__all__ = ["__version__", "find_include_path", "find_lib_path"]

__getattr__ = getattr_for(__name__)

__version__ = "1.9.1"
"""The version of MXNet whose API this is; ``workbench.__version__`` is Workbench's own."""


def find_lib_path(prefix: str = "libmxnet") -> list[str]:
    """Paths of the shared library: none, Workbench is Python."""
    return []


def find_include_path() -> str:
    """The folder of the C headers: none."""
    return ""
