"""import mxnet: the same objects, opt-in, and never over the real one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import workbench

ROOT = Path(workbench.__file__).parent.parent


def run(code: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [ROOT, *paths]))}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


def check(code: str, *paths: Path) -> None:
    done = run(code, *paths)
    assert done.returncode == 0, done.stderr


INSTALL = "import sys, workbench; workbench.install_as_mxnet()\n"


@pytest.fixture
def real(tmp_path):
    """A folder with a package called mxnet that is not ours."""
    (tmp_path / "mxnet").mkdir()
    (tmp_path / "mxnet" / "__init__.py").write_text("real = True\n")
    return tmp_path


@pytest.mark.parametrize(
    "code",
    [
        "import mxnet as mx; assert mx is workbench",
        "import mxnet.gluon.nn as nn; assert nn is workbench.gluon.nn",
        "from mxnet.name import NameManager as N; assert N is workbench.name.NameManager",
        "from mxnet import nd; assert nd is workbench.nd is sys.modules['mxnet'].ndarray",
        "import mxnet.nd; assert sys.modules['mxnet.nd'] is workbench.ndarray",
        "import mxnet.base, workbench.base; assert mxnet.base is workbench.base",
        "import workbench.context as c; import mxnet.context as d; assert c is d",
    ],
)
def test_mxnet_is_workbench(code):
    check(INSTALL + code)


def test_specs_stay_so_reload_and_pickle_work():
    check(
        INSTALL
        + "import importlib, pickle, mxnet.attribute\n"
        + "assert workbench.attribute.__spec__.name == 'workbench.attribute'\n"
        + "assert workbench.__spec__.name == 'workbench'\n"
        + "assert importlib.reload(mxnet.attribute) is workbench.attribute\n"
        + "assert importlib.reload(mxnet) is workbench\n"
        + "assert pickle.loads(pickle.dumps(mxnet.cpu(1))) is workbench.cpu(1)\n"
    )


def test_installing_twice_is_the_same_as_once():
    check(INSTALL + "n = len(sys.meta_path); workbench.install_as_mxnet()\n"
          "assert len(sys.meta_path) == n")  # fmt: skip
    check(INSTALL + "import mxnet; workbench.install_as_mxnet(); assert mxnet is workbench")


def test_a_wrong_path_is_an_ordinary_import_error():
    done = run(INSTALL + "import mxnet.no_such_thing")
    assert "ModuleNotFoundError: No module named 'mxnet.no_such_thing'" in done.stderr


def test_without_the_alias_there_is_no_mxnet(tmp_path):
    done = run("import workbench.ndarray, mxnet")
    assert "No module named 'mxnet'" in done.stderr


def test_the_real_one_is_never_replaced(real):
    done = run(INSTALL, real)
    assert "MXNetError: the real MXNet is installed" in done.stderr
    assert str(real) in done.stderr
    assert "import workbench as mx" in done.stderr


def test_the_real_one_loaded_from_elsewhere_is_noticed(real):
    done = run(
        f"import sys; sys.path.append({str(real)!r}); import mxnet; sys.path.pop()\n" + INSTALL
    )
    assert "the real MXNet is installed" in done.stderr


def test_a_plain_folder_called_mxnet_is_no_package(tmp_path):
    (tmp_path / "mxnet").mkdir()
    check(INSTALL + "import mxnet; assert mxnet is workbench", tmp_path)


def test_the_extension_leaves_the_real_one_alone(real):
    code = """
import sys, types, workbench
stub = types.ModuleType("workbench.notebook")
stub.load_ipython_extension = lambda shell: shell.append("magics")
sys.modules["workbench.notebook"] = workbench.notebook = stub
shell = []
workbench.load_ipython_extension(shell)
import mxnet
assert shell == ["magics"]
assert hasattr(mxnet, "real") is EXPECTED
"""
    check(code.replace("EXPECTED", "True"), real)
    check(code.replace("EXPECTED", "False"))
