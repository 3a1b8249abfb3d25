"""Every public name is documented, and every example in the documentation runs."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import pytest

import workbench


def modules():
    """Names of all modules of the package, from its files."""
    found = pkgutil.walk_packages(workbench.__path__, "workbench.", onerror=pytest.fail)
    return ["workbench", *sorted(one.name for one in found)]


MODULES = [name for name in modules() if name != "workbench.__main__"]


def load(name):
    """The module; skipped where it needs a package that is not installed (CuPy)."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if str(error.name).startswith("workbench"):
            raise
        return pytest.skip(f"{error.name} is not installed")


def public_members(klass):
    """Methods and properties that the class itself defines."""
    for name, member in vars(klass).items():
        if isinstance(member, staticmethod | classmethod):
            member = member.__func__
        documented = inspect.isfunction(member) or isinstance(member, property)
        if documented and not name.startswith("_"):
            yield name


@pytest.mark.parametrize("name", MODULES)
def test_public_classes_and_functions_are_documented(name):
    module = load(name)
    assert inspect.getdoc(module), name
    missing = []
    for public, value in vars(module).items():
        if public.startswith("_") or getattr(value, "__module__", "") != name:
            continue
        if inspect.isfunction(value) and not inspect.getdoc(value):
            missing.append(public)
        if inspect.isclass(value):
            if not inspect.getdoc(value):
                missing.append(public)
            missing += [
                f"{public}.{member}"
                for member in public_members(value)
                if not inspect.getdoc(getattr(value, member))
            ]
    assert missing == []


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    module = load(name)
    failed, _ = doctest.testmod(module, extraglobs={"mx": workbench})
    assert failed == 0
