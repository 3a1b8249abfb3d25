"""What all tests share: own folders for everything on disk, the time limits, outside tools."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))

from tools import TOOLS, how_to_get

SLOW_SECONDS = 180
_FOLDERS = ("WORKBENCH_CACHE", "MXNET_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "IPYTHONDIR")
_skipped: Counter[str] = Counter()


def _let_hypothesis_take_its_time() -> None:
    """No test fails because a busy machine draws examples slowly or draws many in vain."""
    busy = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    settings.register_profile("workbench", deadline=None, suppress_health_check=busy)
    settings.load_profile("workbench")


def pytest_configure(config: pytest.Config) -> None:
    """Point everything that Workbench keeps on disk at one temporary folder of this run."""
    home = tempfile.mkdtemp(prefix="workbench-tests-")
    for name in _FOLDERS:
        folder = os.path.join(home, name.lower())
        os.makedirs(folder)
        os.environ[name] = folder
    config.add_cleanup(lambda: _remove(home))
    _let_hypothesis_take_its_time()


def _remove(folder: str) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests marked slow their longer limit."""
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW_SECONDS))


@pytest.fixture
def tool(request: pytest.FixtureRequest):
    """``tool("chromium")``: the path of an outside program.

    Where it is missing the test is skipped, and the end of the run says how to get it; with
    CI=true it fails.
    """

    def path(name: str) -> str:
        found = TOOLS[name].find()
        if found:
            return found
        line = f"{name} is missing: {how_to_get({name: TOOLS[name]})}"
        if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
            pytest.fail(f"{line} (a skip is a failure where CI=true)")
        _skipped[name] += 1
        pytest.skip(line)

    return path


def pytest_terminal_summary(terminalreporter) -> None:
    """Say loudly which tests did not run for want of a tool."""
    for name, count in sorted(_skipped.items()):
        line = f"!! {count} SKIPPED, {name} is missing: {how_to_get({name: TOOLS[name]})}"
        terminalreporter.write_line(line, red=True, bold=True)
