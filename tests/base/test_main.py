"""python -m workbench: an old program runs as `python` would run it, with mxnet = workbench."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import workbench

ROOT = Path(workbench.__file__).parent.parent


def run(*arguments: object, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess:
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        [sys.executable, "-m", "workbench", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=variables,
        check=False,
    )


@pytest.fixture
def script(tmp_path):
    def write(text: str, name: str = "old.py") -> Path:
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def test_a_script_gets_its_arguments_and_mxnet(script):
    path = script("import sys, mxnet as mx\nprint(__name__, __file__, sys.argv, mx.__name__)\n")
    done = run(path, "--epochs", "3")
    assert done.stdout == f"__main__ {path} {[str(path), '--epochs', '3']} workbench\n"
    assert done.returncode == 0


def test_a_script_imports_its_neighbours_and_not_the_current_folder(script, tmp_path):
    script("value = 7\n", "neighbour.py")
    path = script("import neighbour, sys\nprint(neighbour.value, sys.path[0])\n")
    assert run(path, cwd=Path("/")).stdout == f"7 {tmp_path}\n"


@pytest.mark.parametrize(
    ("text", "status"), [("raise SystemExit(3)", 3), ("import sys; sys.exit('no')", 1), ("1/0", 1)]
)
def test_exit_status_is_the_programs(script, text, status):
    assert run(script(text)).returncode == status


def test_a_traceback_shows_the_line(script):
    done = run(script("x = 1\nraise ValueError('mine')\n"))
    assert 'old.py", line 2' in done.stderr
    assert done.stderr.rstrip().endswith("ValueError: mine")


def test_globals_live_until_threads_and_exit_handlers_are_done(script):
    path = script(
        "import atexit, threading, time\n"
        "word = 'kept'\n"
        "def late():\n    time.sleep(0.1); print('thread', word)\n"
        "atexit.register(lambda: print('exit', word))\n"
        "threading.Thread(target=late).start()\n"
    )
    assert sorted(run(path).stdout.splitlines()) == ["exit kept", "thread kept"]


def test_classes_of_the_script_can_be_pickled(script):
    path = script(
        "import pickle\nclass Point: x = 4\nprint(pickle.loads(pickle.dumps(Point())).x)\n"
    )
    assert run(path).stdout == "4\n"


def test_worker_processes_start(script):
    path = script(
        "import multiprocessing as mp\n"
        "def double(x): return 2 * x\n"
        "if __name__ == '__main__':\n"
        "    with mp.get_context('spawn').Pool(1) as pool: print(pool.map(double, [1, 2]))\n"
    )
    assert run(path).stdout == "[2, 4]\n"


def test_a_module_runs_too(script, tmp_path):
    script("import sys, mxnet\nprint(__name__, sys.argv[1:], mxnet.__name__)\n", "train.py")
    done = run("-m", "train", "-x", cwd=tmp_path)
    assert done.stdout == "__main__ ['-x'] workbench\n"


def test_version_and_usage():
    assert run("--version").stdout == f"workbench {workbench.__version__} (MXNet 1.9.1's API)\n"
    assert run("--help").stdout.startswith("usage: python -m workbench SCRIPT")
    for wrong in ([], ["-m"], ["--nonsense"]):
        done = run(*wrong)
        assert done.returncode == 2
        assert done.stderr.startswith("usage:")


def test_a_missing_script_is_named(tmp_path):
    done = run(tmp_path / "gone.py")
    assert done.returncode == 2
    assert f"cannot open {tmp_path / 'gone.py'}: No such file" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_real_mxnet_is_left_alone(script, tmp_path):
    (tmp_path / "real" / "mxnet").mkdir(parents=True)
    (tmp_path / "real" / "mxnet" / "__init__.py").write_text("")
    path = script("print('ran')")
    done = run(path, PYTHONPATH=os.pathsep.join([str(ROOT), str(tmp_path / "real")]))
    assert done.returncode == 1
    assert "the real MXNet is installed" in done.stderr
    assert "ran" not in done.stdout
