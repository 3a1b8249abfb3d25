"""``import mxnet`` for code that is left as it is: opt-in, and never over the real one.

``workbench.install_as_mxnet()`` puts a finder in ``sys.meta_path`` that serves ``mxnet`` and
everything below it with *the same* module objects as ``workbench``, so classes, registries and
state are shared however a module was reached.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

from ._surface import SameModule
from .base import MXNetError
from .error import message

__all__ = ["install_as_mxnet", "real_mxnet"]

_PACKAGE = __name__.partition(".")[0]


class _AsMXNet(importlib.abc.MetaPathFinder):
    """Serves ``mxnet.x.y`` with the module ``workbench.x.y``."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "mxnet" and not fullname.startswith("mxnet."):
            return None
        ours = _PACKAGE + fullname[len("mxnet") :]
        if importlib.util.find_spec(ours) is None:
            return None
        return ModuleSpec(fullname, SameModule(ours), is_package=True)


def real_mxnet() -> str:
    """Where the real MXNet is installed; empty when it is not.

    Nothing is imported. An alias that is installed already does not count.
    """
    loaded = sys.modules.get("mxnet")
    if loaded is not None:
        ours = loaded is sys.modules.get(_PACKAGE)
        return "" if ours else str(getattr(loaded, "__file__", None) or "mxnet in sys.modules")
    for finder in sys.meta_path:
        find_spec = getattr(finder, "find_spec", None)
        if find_spec is None or isinstance(finder, _AsMXNet):
            continue
        spec = find_spec("mxnet", None)
        # A folder that merely is called mxnet (no __init__.py) has no origin and is no package.
        if spec is not None and spec.origin is not None:
            return str(spec.origin)
    return ""


def install_as_mxnet() -> None:
    """From now on ``import mxnet`` means Workbench, in this process.

    Calling it again changes nothing.

    Raises
    ------
    MXNetError
        The real MXNet is installed or was imported: two of them in one process would share
        neither arrays nor types.
    """
    if any(isinstance(finder, _AsMXNet) for finder in sys.meta_path):
        return
    real = real_mxnet()
    if real:
        raise MXNetError(
            message(
                "the real MXNet is installed, `import mxnet` stays with it",
                where=[real],
                fix="Write `import workbench as mx`, or use an environment without mxnet.",
            )
        )
    # Before the search of sys.path, where a mere folder called mxnet would be found, and behind the
    # finders that others put first on purpose.
    search = importlib.machinery.PathFinder
    place = sys.meta_path.index(search) if search in sys.meta_path else 0
    sys.meta_path.insert(place, _AsMXNet())
