"""The house rules look at the repository, not at an installed package."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a program of this environment (``"ruff"``) or ``"python"`` in the repository."""

    def run(
        program: str, *arguments: object, cwd: Path = ROOT, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        path = sys.executable if program == "python" else _beside_python(program)
        return subprocess.run(
            [path, *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=cwd,
            env={**os.environ, **environment},
            check=False,
        )

    return run


def _beside_python(program: str) -> str:
    return str(Path(sys.executable).with_name(program))
