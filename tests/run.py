"""What ``make test`` and ``make quick`` run.

    python tests/run.py all [pytest arguments]      every test, then the notebooks
    python tests/run.py quick [pytest arguments]    neither slow nor browser tests nor notebooks

Two pytest runs: everything in random order, and the notebooks in their own order (the cells of a
shuffled notebook fail). The second runs also when the first has failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
NO_TESTS_COLLECTED = 5


def commands(kind: str, arguments: list[str]) -> list[list[str]]:
    """The pytest command lines of a kind of run, ``"all"`` or ``"quick"``."""
    pytest = [sys.executable, "-m", "pytest"]
    if kind == "quick":
        return [[*pytest, "-m", "not slow and not browser", *arguments]]
    notebooks = [
        *("--nbval", "-p", "no:randomly", "--nbval-sanitize-with=tests/notebooks/sanitize.cfg"),
        *("--nbval-cell-timeout=300", "--timeout=600", "notebooks"),
    ]
    return [[*pytest, *arguments], [*pytest, *notebooks]]


def main(kind: str, arguments: list[str]) -> int:
    """Run the commands of *kind* one after the other; the first failure's exit status, or 0."""
    if kind == "all":
        from tools import ensure

        ensure()
    worst = 0
    for command in commands(kind, arguments):
        began = time.monotonic()
        print("+", " ".join(command[1:]), flush=True)
        status = subprocess.run(command, cwd=ROOT, env=_environment(), check=False).returncode
        print(f"= exit {status} after {time.monotonic() - began:.0f} s", flush=True)
        worst = worst or status
    return worst


def _environment() -> dict[str, str]:
    """The calling environment, without what would make Jupyter ask or look elsewhere."""
    quiet = {"JUPYTER_PLATFORM_DIRS": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    return {**quiet, **os.environ}


if __name__ == "__main__":
    if sys.argv[1:2] not in (["all"], ["quick"]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
