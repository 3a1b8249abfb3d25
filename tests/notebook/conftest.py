"""A session that a test drives by hand, and an IPython shell of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from workbench.watch import Session, runs

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))


@pytest.fixture(autouse=True)
def no_runs():
    """Runs of other tests are not ghosts of this one's."""
    runs.clear()
    yield
    runs.clear()


@pytest.fixture
def session():
    """A session with nothing in it that is not on any thread's way."""
    return Session("lenet", save=False, terminal=False)


@pytest.fixture
def fake():
    """The training loop that only fires signals."""
    import fake_training

    return fake_training


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """An IPython shell with the magics, as in a terminal."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    pytest.importorskip("IPython")
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=config)
    from workbench import notebook

    notebook.load_ipython_extension(shell)
    yield shell
    shell.history_manager = None
    InteractiveShell.clear_instance()
