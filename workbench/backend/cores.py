"""The cores that BLAS uses, divided among the CPU devices that work at the same time.

A product alone may use every core; of two devices that multiply side by side each gets half of
them, for threads of two products that take turns on a core cost both of them more than they gain.
What BLAS was told before (``OPENBLAS_NUM_THREADS``, threadpoolctl) is the whole that is divided.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

__all__ = ["Cores", "cores"]


class Cores:
    """BLAS's number of threads, by how many devices share them.

    Parameters
    ----------
    find : gives functions that read and set that number, or None where there is no such BLAS
    """

    def __init__(
        self, find: Callable[[], tuple[Callable[[], int], Callable[[int], None]] | None]
    ) -> None:
        self._find = find
        self._set: Callable[[int], None] | None = None
        self._whole = self._now = 1
        self.ready = False

    def prepare(self) -> None:
        """Look for BLAS; takes some milliseconds, once. Until then :meth:`share` does nothing."""
        if self.ready:
            return
        found = self._find()
        if found is not None:
            read, self._set = found
            self._whole = self._now = read()
        self.ready = True

    def share(self, devices: int) -> None:
        """Let each of so many devices that work now have an equal part; 1: all for one."""
        if self._set is None or self._whole == 1:
            return
        wanted = max(1, self._whole // max(1, devices))
        if wanted != self._now:
            self._set(wanted)
            self._now = wanted


def _openblas() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """By threadpoolctl, where it is installed."""
    if importlib.util.find_spec("threadpoolctl") is None:
        return None
    from threadpoolctl import ThreadpoolController

    found = ThreadpoolController().select(user_api="blas").lib_controllers
    if not found:
        return None

    def set_all(count: int) -> None:
        for library in found:
            library.set_num_threads(count)

    return found[0].get_num_threads, set_all


cores = Cores(_openblas)
"""The process's."""
