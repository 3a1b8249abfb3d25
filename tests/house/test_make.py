"""The Makefile and the scripts behind it: what a newcomer meets first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import matrix
import pytest
import run
import tools

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def fake(tmp_path):
    """Put a program of this name on a PATH that has little else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "echo", "id", "uname", "mkdir", "touch"):
        (folder / name).symlink_to(shutil.which(name))

    def add(name: str, script: str) -> None:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    add.path = str(folder)
    return add


@pytest.fixture
def make(root, fake, tmp_path):
    def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {"PATH": fake.path, "HOME": str(tmp_path), **environment}
        return subprocess.run(
            [shutil.which("make"), *arguments],
            capture_output=True,
            text=True,
            cwd=root,
            env=kept,
            check=False,
        )

    return call


WORKS = f'exec "{sys.executable}" "$@"'


def test_the_first_python_that_runs_is_taken(make, fake):
    fake("python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    fake("python3.12", WORKS)
    fake("python3.11", WORKS)
    done = make("--eval", "show:; @echo $(PYTHON)", "show")
    assert (done.stdout, done.stderr) == ("python3.12\n", "")


def test_no_python_is_said_in_one_line(make, tmp_path):
    done = make("quick", f"VENV={tmp_path / 'venv'}")
    assert done.returncode != 0
    assert done.stderr.startswith("Workbench needs Python 3.10 or newer, and none was found")


def test_a_missing_venv_module_gives_the_line_that_installs_it(make, fake, tmp_path):
    script = 'case "$*" in *"import venv"*) exit 1;; esac\n' + WORKS
    fake("python3.13", script)
    done = make("lab", f"VENV={tmp_path / 'venv'}")
    assert done.returncode != 0
    minor = sys.version_info.minor
    assert f"sudo apt-get install -y python3.{minor}-venv" in done.stderr


@pytest.fixture
def lab(make, tmp_path, fake):
    """The command line of ``make lab`` in an environment that is ready."""
    fake("python3", WORKS)
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    (venv / ".lab").touch()
    future = 4102444800
    for path in (venv / "bin" / "python", venv / ".lab"):
        os.utime(path, (future, future), follow_symlinks=False)

    def line(*arguments: str, **environment: str) -> str:
        done = make("-n", "lab", f"VENV={venv}", *arguments, **environment)
        assert done.returncode == 0, done.stderr
        return " ".join(done.stdout.split())

    return line


def test_lab_opens_the_tour(lab):
    assert lab(DISPLAY=":0").endswith("--LabApp.default_url=/lab/tree/notebooks/00-tour.ipynb")
    assert "--ServerApp.root_dir=. " in lab()
    assert "--port=8888" in lab()
    assert "--port=9999" in lab("PORT=9999")


def test_lab_prints_the_address_where_nothing_can_be_opened(lab):
    if sys.platform == "darwin":
        pytest.skip("a Mac always has a display")
    assert "--no-browser" in lab()
    assert "--no-browser" not in lab(DISPLAY=":0")
    assert "--no-browser" not in lab(WAYLAND_DISPLAY="wayland-0")


def test_lab_works_as_root(lab, fake):
    for user, allowed in (("0", True), ("1000", False)):
        os.unlink(os.path.join(fake.path, "id"))
        fake("id", f"echo {user}")
        assert ("--allow-root" in lab()) is allowed


def test_two_pytest_runs_the_notebooks_in_order():
    everything, notebooks = run.commands("all", ["-x"])
    assert "--nbval" not in everything
    assert "-x" in everything
    assert "--nbval" in notebooks
    assert notebooks[notebooks.index("no:randomly") - 1] == "-p"


def test_quick_leaves_out_what_is_slow():
    (quick,) = run.commands("quick", [])
    assert "not slow and not browser" in quick


def test_the_first_failure_is_the_exit_status_and_all_runs_happen(monkeypatch):
    statuses = iter([3, 0])
    seen = []

    def fake_run(command, **kwargs):
        seen.append(command)
        return subprocess.CompletedProcess(command, next(statuses))

    monkeypatch.setattr(tools, "ensure", dict)
    monkeypatch.setattr(run.subprocess, "run", fake_run)
    assert run.main("all", []) == 3
    assert len(seen) == 2


def test_missing_tools_are_installed_as_root_on_debian(monkeypatch, capsys):
    absent = {"chromium": tools.TOOLS["chromium"], "dot": tools.TOOLS["dot"]}
    installed = []

    def fake_run(command, **kwargs):
        installed.append(command)
        if "install" in command:
            absent.clear()

    monkeypatch.setattr(tools, "missing", lambda: dict(absent))
    monkeypatch.setattr(tools, "may_install", lambda: True)
    assert tools.ensure(fake_run) == {}
    assert installed[-1][-2:] == ["chromium", "graphviz"]
    assert "!!" not in capsys.readouterr().out


def test_missing_tools_are_named_with_the_line_that_gets_them(monkeypatch, capsys):
    monkeypatch.setattr(tools, "missing", lambda: {"chromium": tools.TOOLS["chromium"]})
    monkeypatch.setattr(tools, "may_install", lambda: False)
    monkeypatch.setattr(tools.shutil, "which", lambda name: name == "apt-get" or None)
    assert list(tools.ensure(pytest.fail)) == ["chromium"]
    (line,) = capsys.readouterr().out.splitlines()
    assert line == (
        "!! chromium is missing: browser tests will be skipped. sudo apt-get install -y chromium"
    )


def test_a_tool_may_be_named_by_a_variable(monkeypatch, tmp_path):
    program = tmp_path / "my-chromium"
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(program))
    assert tools.TOOLS["chromium"].find() == str(program)


NEEDS = """
def test_needs(tool):
    tool("chromium")
"""


@pytest.mark.parametrize(
    ("ci", "outcome", "status"), [("", "1 skipped", 0), ("true", "1 failed", 1)]
)
def test_a_skip_is_loud_and_a_failure_where_ci_is_true(root, tmp_path, ci, outcome, status):
    shutil.copy(root / "tests" / "conftest.py", tmp_path)
    shutil.copy(root / "tests" / "tools.py", tmp_path)
    (tmp_path / "test_needs.py").write_text(NEEDS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider", "."],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "CI": ci, "CHROMIUM": "/nowhere/chromium"},
        check=False,
    )
    assert done.returncode == status, done.stdout
    assert outcome in done.stdout
    assert "chromium is missing" in done.stdout
    assert ("!! 1 SKIPPED" in done.stdout) == (not ci)


def test_matrix_finds_a_python_that_runs():
    version = "{}.{}".format(*sys.version_info[:2])
    found = matrix.find_python(version)
    assert found is None or subprocess.run([found, "-c", ""], check=False).returncode == 0
    assert matrix.find_python("3.99") is None


def test_matrix_covers_the_oldest_and_the_newest(root):
    assert [row[:2] for row in matrix.MATRIX] == [("3.10", "numpy==1.26.*"), ("3.13", "numpy")]


def test_continuous_integration_runs_make_test(root):
    script = root / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [line for line in script.read_text().splitlines() if line and line[0] != "#"]
    assert commands[-1] == "CI=true exec make test"
