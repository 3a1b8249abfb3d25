"""The wheel: pure Python, complete, built without a network, usable on its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

DATA = [
    "workbench/_surface.json",
    "workbench/data/mnist/train-images-idx3-ubyte.gz",
    "workbench/data/mnist/t10k-labels-idx1-ubyte.gz",
]


@pytest.fixture(scope="module")
def wheel(root, command, tmp_path_factory) -> Path:
    """The wheel of what a fresh clone would have."""
    if not (root / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    clone = tmp_path_factory.mktemp("clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (root / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, clone / name)
    done = command("python", "-m", "hatchling", "build", "-t", "wheel", cwd=clone)
    assert done.returncode == 0, done.stderr
    (built,) = (clone / "dist").glob("*.whl")
    return built


def test_it_is_pure_python(wheel):
    assert wheel.name.endswith("-py3-none-any.whl")


def test_it_holds_the_package_its_data_and_nothing_else(wheel, root):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert set(DATA) <= names
    static = root / "workbench" / "notebook" / "views" / "static"
    bundles = [path.relative_to(root).as_posix() for path in static.glob("*") if path.is_file()]
    assert set(bundles) <= names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"workbench"}
    assert not any("__pycache__" in name or name.endswith((".so", ".pyd")) for name in names)


def test_the_licence_goes_with_it(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_it_works_from_where_it_is_installed(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        "import os, workbench as mx; mx.install_as_mxnet(); import mxnet.gluon\n"
        "assert mx.__file__.startswith(os.environ['PYTHONPATH'])\n"
        "print(sorted(os.listdir(mx.data_path('mnist'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site"), "PATH": ""},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("ubyte.gz") == 4
