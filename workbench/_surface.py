"""MXNet's names before they are built, and modules that are loaded on first use.

One mechanism behind every lazy module: :func:`getattr_for` makes a module's ``__getattr__``
(PEP 562). It loads what exists, raises :class:`~workbench.error.NotYetInWorkbench` for a name
that MXNet 1.9.1 has and Workbench does not have yet, and an ordinary AttributeError otherwise.
A finder at the end of ``sys.meta_path`` does the same for ``import``: a module path of MXNet that
has no file here imports as an empty module with that ``__getattr__``. A real module, once it
exists, is found first and takes its place; nothing here needs to be told.

The names come from ``_surface.json``, the public surface of MXNet 1.9.1 (read on the first miss).
"""

from __future__ import annotations

import functools
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

__all__ = ["SameModule", "error_for", "getattr_for", "install", "names_of"]

_PACKAGE = __name__.partition(".")[0]
_POINTER = "docs/compat.md lists what is built and what is not"


class _Listing(NamedTuple):
    """MXNet's public surface; modules are named without the package's name."""

    modules: dict[str, frozenset[str]]
    aliases: dict[str, str]  # other spellings of modules
    inner: frozenset[str]  # files whose names are public in the package above them


@functools.cache
def _surface() -> _Listing:
    data = json.loads(Path(__file__).with_name("_surface.json").read_text(encoding="utf-8"))
    modules = {path: frozenset(names.split()) for path, names in data["modules"].items()}
    return _Listing(modules, data["aliases"], frozenset(data["inner"]))


def _short(module: str) -> str:
    """``gluon.nn`` for ``workbench.gluon.nn``, the empty string for ``workbench``."""
    return module[len(_PACKAGE) + 1 :]


def names_of(module: str) -> frozenset[str]:
    """The names that MXNet 1.9.1 has in a module, given as ``workbench.gluon.nn``."""
    return _surface().modules.get(_short(module), frozenset())


def error_for(module: str, name: str) -> AttributeError:
    """The exception to raise for a *name* that *module* does not have.

    NotYetInWorkbench for a name of MXNet 1.9.1, else an AttributeError in Python's words.
    """
    if name.startswith("__"):
        return AttributeError(f"module {module!r} has no attribute {name!r}")
    if name in names_of(module):
        from .error import NotYetInWorkbench, message  # error.py has a __getattr__ from here too

        path = f"mx.{_short(module)}.{name}".replace("..", ".")
        return NotYetInWorkbench(
            message(
                f"{path} is part of MXNet 1.9.1 and not built in Workbench yet",
                fix=f"Do without it for now (hasattr is False); {_POINTER}.",
            )
        )
    return AttributeError(f"module {module!r} has no attribute {name!r}")


def getattr_for(
    module: str,
    lazy: Mapping[str, str] | None = None,
    error: Callable[[str, str], AttributeError] = error_for,
) -> Callable[[str], Any]:
    """A ``__getattr__`` for *module*: ``__getattr__ = getattr_for(__name__)``.

    Parameters
    ----------
    module : str
        ``__name__`` of the module that gets it.
    lazy : mapping of str to str
        Where public names live that are loaded on first use, relative to the package: ``"ndarray"``
        for the module itself, ``"context:cpu"`` for a name in a module.
    error : callable
        ``error(module, name)`` makes the exception for a name that is not there.

    Returns
    -------
    callable
        Finds lazy names and submodules of MXNet's paths, keeps them in the module, and raises
        what :func:`error_for` gives for everything else. Files are cut differently here: a name
        of MXNet's ``gluon/nn/basic_layers.py`` is also looked for in ``gluon.nn``.
    """
    table = dict(lazy or {})
    parent = module.rpartition(".")[0]

    def __getattr__(name: str) -> Any:
        if name in table:
            value = _load(table[name])
        elif not name.startswith("_") and _is_module(f"{module}.{name}"):
            value = importlib.import_module(f"{module}.{name}")
        elif _short(module) in _surface().inner and name in names_of(module):
            value = getattr(importlib.import_module(parent), name, None)
        else:
            value = None
        if value is None:
            raise error(module, name)
        setattr(sys.modules[module], name, value)
        return value

    return __getattr__


def _load(where: str) -> Any:
    module, _, attribute = where.partition(":")
    loaded = importlib.import_module(f"{_PACKAGE}.{module}")
    return getattr(loaded, attribute, None) if attribute else loaded


def _is_module(fullname: str) -> bool:
    listing = _surface()
    return _short(fullname) in listing.modules or _short(fullname) in listing.aliases


class SameModule(importlib.abc.Loader):
    """Loads a second name of a module: both names then hold the same object.

    The import system stamps the spec of the second name on the module; it is given back, since
    ``importlib.reload`` and pickling go by it.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module called *target*, imported if need be."""
        module = importlib.import_module(self.target)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its own spec back; its code has run already."""
        module.__spec__ = self._spec


class _EmptyModule(importlib.abc.Loader):
    """Makes the module for a path of MXNet that has no file in Workbench."""

    def create_module(self, spec: ModuleSpec) -> None:
        """None: an ordinary module object will do."""

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its ``__getattr__``."""
        name = module.__name__
        module.__doc__ = f"Names of MXNet 1.9.1 in {_short(name)}; {_POINTER}."
        module.__getattr__ = getattr_for(name)  # type: ignore[method-assign]


class _Finder(importlib.abc.MetaPathFinder):
    """Finds MXNet's module paths below the package that nothing else has found."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(_PACKAGE + "."):
            return None
        listing = _surface()
        short = _short(fullname)
        if short in listing.aliases:
            return ModuleSpec(fullname, SameModule(f"{_PACKAGE}.{listing.aliases[short]}"))
        if short in listing.modules:
            return ModuleSpec(fullname, _EmptyModule(), is_package=True)
        return None


class _BelowAlias(importlib.abc.MetaPathFinder):
    """Finds ``workbench.nd.random`` as ``workbench.ndarray.random``, before files are looked for.

    A module below another spelling of its package would be loaded a second time: the import
    system goes by the folder of ``sys.modules["workbench.nd"]``, which is that of ``ndarray``.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        parent, _, name = fullname.rpartition(".")
        if not parent.startswith(_PACKAGE + "."):
            return None
        real = getattr(sys.modules.get(parent), "__name__", parent)
        if real == parent or importlib.util.find_spec(f"{real}.{name}") is None:
            return None
        return ModuleSpec(fullname, SameModule(f"{real}.{name}"), is_package=True)


def install() -> None:
    """Put the finders at both ends of ``sys.meta_path``, once."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _BelowAlias())
        sys.meta_path.append(_Finder())
