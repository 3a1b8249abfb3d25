"""Names and paths of MXNet 1.9.1: what exists is loaded, what does not exist says so."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import workbench as mx
from workbench import _surface
from workbench.error import MXNetError, NotYetInWorkbench

LISTING = json.loads(Path(_surface.__file__).with_name("_surface.json").read_text("utf-8"))


def python(code: str, *, check: bool = True) -> str:
    """Standard output of a program in a fresh interpreter."""
    root = str(Path(mx.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=False
    )
    assert not check or done.returncode == 0, done.stderr
    return done.stdout + ("" if check else done.stderr)


@pytest.mark.parametrize("path", sorted(filter(None, LISTING["modules"])))
def test_every_module_path_of_mxnet_imports(path):
    module = importlib.import_module(f"workbench.{path}")
    assert module.__name__ == f"workbench.{path}"


@pytest.mark.parametrize(("alias", "path"), sorted(LISTING["aliases"].items()))
def test_a_second_spelling_is_the_same_module(alias, path):
    module = importlib.import_module(f"workbench.{path}")
    assert importlib.import_module(f"workbench.{alias}") is module
    assert module.__spec__.name == f"workbench.{path}"


@pytest.mark.parametrize(("alias", "path"), sorted(LISTING["aliases"].items()))
def test_modules_below_a_second_spelling_are_not_loaded_twice(alias, path):
    below = [one for one in LISTING["modules"] if one.startswith(path + ".")]
    for module in below:
        spelled = f"workbench.{alias}{module[len(path) :]}"
        assert importlib.import_module(spelled) is importlib.import_module(f"workbench.{module}")


def test_a_wrong_path_below_a_second_spelling_is_not_found():
    with pytest.raises(ModuleNotFoundError, match="no_such_thing"):
        importlib.import_module("workbench.nd.no_such_thing")


@pytest.mark.parametrize("path", sorted(LISTING["modules"]))
def test_every_public_name_exists_or_is_not_yet(path):
    module = importlib.import_module(f"workbench.{path}" if path else "workbench")
    for name in LISTING["modules"][path].split():
        if not hasattr(module, name):
            with pytest.raises(NotYetInWorkbench, match=r"docs/compat\.md"):
                getattr(module, name)


@pytest.fixture
def placeholder(monkeypatch):
    """A path of MXNet and a name below it that have no file, as if none were ever built."""
    listing = _surface._surface()
    ghosts = {"ghost": frozenset({"Boo", "attic"}), "ghost.attic": frozenset({"Boo"})}
    grown = listing._replace(
        modules={**listing.modules, **ghosts}, inner=listing.inner | {"ghost.attic"}
    )
    monkeypatch.setattr(_surface, "_surface", lambda: grown)
    yield "workbench.ghost"
    for name in ("workbench.ghost", "workbench.ghost.attic"):
        sys.modules.pop(name, None)
    vars(mx).pop("ghost", None)


def test_a_missing_name_is_told_from_a_wrong_one(placeholder):
    ghost = importlib.import_module(placeholder)
    with pytest.raises(NotYetInWorkbench, match=r"mx\.ghost\.Boo is part of MXNet 1\.9\.1"):
        ghost.Boo  # noqa: B018
    with pytest.raises(AttributeError, match="has no attribute 'Bo'") as caught:
        ghost.Bo  # noqa: B018
    assert not isinstance(caught.value, MXNetError)
    assert not hasattr(ghost, "Boo")


def test_from_import_of_a_missing_name_is_an_import_error(placeholder):
    with pytest.raises(ImportError, match="Boo"):
        exec("from workbench.ghost import Boo")


def test_old_deep_paths_find_what_the_package_above_has(placeholder):
    ghost = importlib.import_module(placeholder)
    attic = importlib.import_module(placeholder + ".attic")
    assert ghost.attic is attic
    ghost.Boo = object()
    assert attic.Boo is ghost.Boo


def test_a_namespace_of_its_own_does_not_look_above():
    assert not hasattr(importlib.import_module("workbench.ndarray.image"), "no_such_thing")
    assert "ndarray.image" not in _surface._surface().inner


def test_a_module_is_loaded_on_first_use_and_kept(placeholder):
    assert "ghost" not in vars(mx)
    ghost = mx.ghost
    assert vars(mx)["ghost"] is ghost


def test_a_real_module_wins_over_its_placeholder():
    assert importlib.import_module("workbench.name").__file__.endswith("name.py")


def test_a_module_outside_mxnet_is_not_found():
    with pytest.raises(ModuleNotFoundError, match="no_such_thing"):
        importlib.import_module("workbench.no_such_thing")


def test_completion_offers_modules_and_own_names():
    assert {"nd", "gluon", "cpu", "Session", "install_as_mxnet", "__version__"} <= set(dir(mx))


def test_importing_the_package_imports_nothing_but_itself():
    code = "import sys, workbench; print(*[m for m in sys.modules if 'workb' in m])"
    loaded = python(code).split()
    assert set(loaded) == {"workbench", "workbench._surface"}


@pytest.mark.parametrize(("name", "where"), sorted(mx._LAZY.items()))
def test_a_lazy_name_of_the_package_is_where_it_says(name, where):
    module, _, attribute = where.partition(":")
    home = importlib.import_module(f"workbench.{module}")
    assert getattr(mx, name) is getattr(home, attribute)
