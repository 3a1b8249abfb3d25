"""What the process holds of main memory, and the most that it has held."""

from __future__ import annotations

import os
import sys

__all__ = ["resident_bytes"]


def resident_bytes() -> tuple[int, int]:
    """Bytes of main memory that the process occupies now, and the most that it ever has.

    (0, 0) where the system does not tell; macOS tells only the second, for both.
    """
    try:
        import resource
    except ImportError:  # Windows
        return 0, 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    most *= 1 if sys.platform == "darwin" else 1024
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = int(file.read().split()[1])
    except (OSError, ValueError, IndexError):
        return most, most
    now = pages * os.sysconf("SC_PAGE_SIZE")
    return now, max(now, most)
