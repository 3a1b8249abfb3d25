"""The JavaScript: its own tests, its style and types, and that the committed bundles are its build.

Needs Node and npm; installing and using Workbench does not.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WIDGETS = ROOT / "widgets"

pytestmark = [pytest.mark.node, pytest.mark.slow]


def output_of(*command: str, cwd: Path) -> str:
    done = subprocess.run(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture
def npm(tool):
    """npm, with the packages of widgets/package-lock.json installed."""
    tool("node")
    path = tool("npm")
    if not (WIDGETS / "node_modules").exists():
        output_of(path, "ci", "--no-audit", "--no-fund", cwd=WIDGETS)
    return path


def test_style_types_and_unit_tests(npm):
    output_of(npm, "run", "check", cwd=WIDGETS)


def test_the_committed_bundles_are_what_the_sources_build(npm):
    output_of(sys.executable, "scripts/generate.py", "--check", "--only-bundles", cwd=ROOT)


def test_the_lock_file_carries_no_download_addresses():
    assert '"resolved"' not in (WIDGETS / "package-lock.json").read_text("utf-8")
