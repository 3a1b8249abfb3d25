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
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["SameModule", "error_for", "getattr_for", "install", "names_of"]

_PACKAGE = __name__.partition(".")[0]
_POINTER = "docs/compat.md lists what is built and what is not"


@functools.cache
def _surface() -> tuple[dict[str, frozenset[str]], dict[str, str]]:
    """MXNet's modules with their names, and other spellings of modules, without package name."""
    data = json.loads(Path(__file__).with_name("_surface.json").read_text(encoding="utf-8"))
    modules = {path: frozenset(names.split()) for path, names in data["modules"].items()}
    return modules, data["aliases"]


def _short(module: str) -> str:
    """``gluon.nn`` for ``workbench.gluon.nn``, the empty string for ``workbench``."""
    return module[len(_PACKAGE) + 1 :]


def names_of(module: str) -> frozenset[str]:
    """The names that MXNet 1.9.1 has in a module, given as ``workbench.gluon.nn``."""
    return _surface()[0].get(_short(module), frozenset())


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


def getattr_for(module: str, lazy: Mapping[str, str] | None = None) -> Callable[[str], Any]:
    """A ``__getattr__`` for *module*: ``__getattr__ = getattr_for(__name__)``.

    Parameters
    ----------
    module : str
        ``__name__`` of the module that gets it.
    lazy : mapping of str to str
        Where public names live that are loaded on first use, relative to the package: ``"ndarray"``
        for the module itself, ``"context:cpu"`` for a name in a module.

    Returns
    -------
    callable
        Finds lazy names and submodules of MXNet's paths, keeps them in the module, and raises
        what :func:`error_for` gives for everything else.
    """
    table = dict(lazy or {})

    def __getattr__(name: str) -> Any:
        if name in table:
            value = _load(table[name])
        elif not name.startswith("_") and _is_module(f"{module}.{name}"):
            value = importlib.import_module(f"{module}.{name}")
        else:
            raise error_for(module, name)
        setattr(sys.modules[module], name, value)
        return value

    return __getattr__


def _load(where: str) -> Any:
    module, _, attribute = where.partition(":")
    loaded = importlib.import_module(f"{_PACKAGE}.{module}")
    return getattr(loaded, attribute) if attribute else loaded


def _is_module(fullname: str) -> bool:
    modules, aliases = _surface()
    return _short(fullname) in modules or _short(fullname) in aliases


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
        """Give the module a ``__getattr__`` that also looks into the package above it.

        Files are cut differently here: what MXNet keeps in ``gluon.nn.basic_layers`` is found in
        ``gluon.nn``, so the old path still serves it.
        """
        name = module.__name__
        parent = name.rpartition(".")[0]
        module.__doc__ = f"Names of MXNet 1.9.1 in {_short(name)}; {_POINTER}."
        own = getattr_for(name)

        def __getattr__(attribute: str) -> Any:
            if attribute in names_of(name) and parent != _PACKAGE:
                found = getattr(sys.modules[parent], attribute, None)
                if found is not None:
                    return found
            return own(attribute)

        module.__getattr__ = __getattr__  # type: ignore[method-assign]


class _Finder(importlib.abc.MetaPathFinder):
    """Finds MXNet's module paths below the package that nothing else has found."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(_PACKAGE + "."):
            return None
        modules, aliases = _surface()
        short = _short(fullname)
        if short in aliases:
            return ModuleSpec(fullname, SameModule(f"{_PACKAGE}.{aliases[short]}"))
        if short in modules:
            return ModuleSpec(fullname, _EmptyModule(), is_package=True)
        return None


def install() -> None:
    """Put the finder at the end of ``sys.meta_path``, once."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())
