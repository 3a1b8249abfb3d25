"""Programs outside Python that some tests need: found, installed where that is allowed, or named.

Using Workbench needs none of them. ``python tests/tools.py`` installs what is missing when it runs
as root on Debian, and otherwise says in one line how to get it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tool:
    """A program: the names it may have, the Debian package, what it is for."""

    executables: tuple[str, ...]
    package: str
    purpose: str

    @property
    def variable(self) -> str:
        """The environment variable that names the program where it is not on the PATH."""
        return self.executables[0].upper()

    def find(self) -> str | None:
        """The path of the program, or None."""
        named = os.environ.get(self.variable)
        if named:
            return shutil.which(named)
        return next(filter(None, map(shutil.which, self.executables)), None)


TOOLS = {
    "chromium": Tool(
        ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
        "chromium",
        "browser tests",
    ),
    "dot": Tool(("dot",), "graphviz", "tests of pictures drawn by graphviz"),
    "node": Tool(("node",), "nodejs", "JavaScript tests"),
    "npm": Tool(("npm",), "npm", "comparison of the built JavaScript bundles"),
}


def missing() -> dict[str, Tool]:
    """The tools that are not on this machine."""
    return {name: tool for name, tool in TOOLS.items() if not tool.find()}


def how_to_get(tools: dict[str, Tool]) -> str:
    """One line that says how to get *tools*."""
    packages = " ".join(tool.package for tool in tools.values())
    if shutil.which("apt-get"):
        return f"sudo apt-get install -y {packages}"
    if shutil.which("brew"):
        return f"brew install {packages.replace('nodejs', 'node').replace(' npm', '')}"
    variables = ", ".join(tool.variable for tool in tools.values())
    return f"install {packages} (or name the programs in {variables})"


def may_install() -> bool:
    """True as root on Debian. Ubuntu's chromium package is a snap, which containers cannot run."""
    try:
        release = Path("/etc/os-release").read_text(encoding="utf-8")
    except OSError:
        return False
    debian = "ID=debian" in release.splitlines()
    return debian and os.geteuid() == 0 and shutil.which("apt-get") is not None


def ensure(run=subprocess.run) -> dict[str, Tool]:
    """Install what is missing where that is allowed; return what is missing still, and say so."""
    absent = missing()
    if absent and may_install():
        packages = [tool.package for tool in absent.values()]
        print(f"installing for the tests: {' '.join(packages)}", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-qq"], env=environment, check=False)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        run(command, env=environment, check=False)
        absent = missing()
    for name, tool in absent.items():
        print(f"!! {name} is missing: {tool.purpose} will be skipped. {how_to_get({name: tool})}")
    return absent


if __name__ == "__main__":
    sys.exit(1 if ensure() else 0)
