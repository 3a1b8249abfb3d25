"""The opt-in kernel: installed, found, removed; and what it starts."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("jupyter_client")

from workbench.notebook import kernelspec


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    return tmp_path


def test_install_and_remove(home, capsys):
    assert kernelspec.main(["install"]) == 0
    path = home / "kernels" / kernelspec.NAME / "kernel.json"
    content = json.loads(path.read_text())
    assert content["argv"][0] == sys.executable
    assert "--ext=workbench" in content["argv"]
    assert kernelspec.main(["remove"]) == 0
    assert not path.exists()
    assert kernelspec.main(["remove"]) == 0
    assert "was not installed" in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_is_named(home, capsys, monkeypatch):
    (home / "kernels").write_text("a file")
    assert kernelspec.main(["install"]) == 1
    assert "kernels" in capsys.readouterr().err


def test_without_jupyter_the_pip_line_is_given(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "jupyter_client.kernelspec", None)
    assert kernelspec.main(["install"]) == 1
    assert 'pip install "workbench[lab]"' in capsys.readouterr().err


@pytest.mark.slow
def test_old_notebooks_run_in_it(home, tmp_path):
    pytest.importorskip("ipykernel")
    from jupyter_client.manager import start_new_kernel

    kernelspec.install()
    root = str(Path(__file__).parents[2])
    import os

    env = {**os.environ, "PYTHONPATH": root}
    manager, client = start_new_kernel(kernel_name=kernelspec.NAME, env=env)
    try:
        lines = []
        client.execute_interactive(
            "import mxnet as mx, workbench; print(mx is workbench)\n%mxruns",
            timeout=60,
            output_hook=lambda m: lines.append(m["content"].get("text", "")),
        )
        assert "True" in "".join(lines)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
