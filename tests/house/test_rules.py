"""Rules of the house that a program checks: storeys, style, types, environment."""

from __future__ import annotations

import re

import pytest

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10; pytest brings it there
    import tomli as tomllib


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]


def requirements(project):
    extras = project["optional-dependencies"]
    listed = [*project["dependencies"], *(one for extra in extras.values() for one in extra)]
    return [one for one in listed if not one.startswith("workbench[")]


def test_imports_go_down_never_up(command, tmp_path):
    done = command("lint-imports", "--cache-dir", tmp_path)
    assert done.returncode == 0, done.stdout


def test_ruff(command):
    done = command("ruff", "check", "--no-cache", ".")
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_mypy(command, tmp_path):
    done = command("mypy", "--cache-dir", tmp_path)
    assert done.returncode == 0, done.stdout


def test_installed_packages_fit_together(command):
    done = command("python", "-m", "pip", "check")
    assert done.returncode == 0, done.stdout


def test_dependencies_have_a_lower_bound_and_no_upper_one(project):
    wrong = [one for one in requirements(project) if not re.fullmatch(r"[\w-]+>=[\d.]+", one)]
    assert not wrong
    assert re.fullmatch(r">=3\.\d+", project["requires-python"])


def test_numpy_is_the_only_dependency(project):
    assert [one.partition(">")[0] for one in project["dependencies"]] == ["numpy"]


def test_every_dependency_is_justified(project, root):
    text = (root / "docs" / "dependencies.md").read_text("utf-8").lower()
    names = {one.partition(">")[0] for one in requirements(project)}
    assert sorted(name for name in names if f"**{name}**" not in text) == []


def test_the_version_stands_in_one_place(project, root, command):
    assert "version" not in project
    assert project["dynamic"] == ["version"]
    import workbench

    assert command("python", "-m", "hatchling", "version").stdout.strip() == workbench.__version__
    pattern = re.compile(rf"(?<![\d.]){re.escape(workbench.__version__)}(?![\d.])")
    places = [
        path.relative_to(root).as_posix()
        for folder in ("workbench", "scripts", "binder", "widgets/src")
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in (".py", ".js", ".toml", ".yml")
        and pattern.search(path.read_text("utf-8"))
    ]
    assert places == ["workbench/__init__.py"]
    assert f"## {workbench.__version__}" in (root / "CHANGELOG.md").read_text("utf-8")


def test_every_error_is_explained(root):
    from workbench import error

    text = (root / "docs" / "errors.md").read_text("utf-8")
    classes = [name for name in error.__all__ if isinstance(getattr(error, name), type)]
    assert [name for name in classes if f"## {name}" not in text] == []
