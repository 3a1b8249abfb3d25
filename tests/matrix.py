"""Storeys 0 to 5 on the oldest and the newest Python and NumPy: ``make matrix``.

    python tests/matrix.py [pytest arguments]

Each environment is made once, in ``.venv-NAME``. A Python that is not on this machine is said to
be missing and the others run; with CI=true that is a failure.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("base", "ops", "kernels", "backend", "engine", "graph", "ndarray", "property")
# Python, NumPy, and whether the optional packages are installed as well.
MATRIX = [("3.10", "numpy==1.26.*", False), ("3.13", "numpy", True)]
TOOLS = ("pytest", "pytest-timeout", "pytest-randomly", "hypothesis")


def find_python(version: str) -> str | None:
    """A Python of this version that really runs: from the PATH, else one that pyenv or uv keeps."""
    home = Path.home()
    kept = [
        *sorted(home.glob(f".pyenv/versions/{version}.*/bin/python")),
        *sorted(home.glob(f".local/share/uv/python/cpython-{version}.*/bin/python")),
    ]
    test = f"import sys, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '{version}')"
    for candidate in (f"python{version}", *map(str, kept)):
        try:
            status = subprocess.run([candidate, "-c", test], capture_output=True, check=False)
        except OSError:
            continue
        if status.returncode == 0:
            return candidate
    return None


def prepare(python: str, version: str, numpy: str, extras: bool) -> Path:
    """Make the environment if it is not there; return its Python."""
    folder = ROOT / f".venv-{version}"
    inside = folder / "bin" / "python"
    if not inside.exists():
        subprocess.run([python, "-m", "venv", folder], check=True)
    what = [".[fast]" if extras else ".", numpy, *TOOLS]
    pip = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--editable", *what], cwd=ROOT, check=True)
    return inside


def main(arguments: list[str]) -> int:
    """Run the rooms of storeys 0 to 5 in every environment; the first failure's status, or 0."""
    rooms = [f"tests/{room}" for room in ROOMS if (ROOT / "tests" / room).is_dir()]
    worst = 0
    for version, numpy, extras in MATRIX:
        python = find_python(version)
        if python is None:
            print(f"!! Python {version} is not on this machine: not tested there", flush=True)
            worst = worst or int(os.environ.get("CI", "").lower() == "true")
            continue
        inside = prepare(python, version, numpy, extras)
        print(f"== Python {version}, {numpy}", flush=True)
        command = [inside, "-m", "pytest", "-q", *rooms, *arguments]
        worst = subprocess.run(command, cwd=ROOT, check=False).returncode or worst
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
