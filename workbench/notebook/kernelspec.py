"""An opt-in Jupyter kernel in which ``import mxnet`` is Workbench, for notebooks left untouched.

::

    python -m workbench.notebook.kernelspec install          # for this user
    python -m workbench.notebook.kernelspec install --sys-prefix
    python -m workbench.notebook.kernelspec remove

Nothing installs it by itself: it would crowd the pickers of people who do not want it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["NAME", "install", "main", "remove", "spec"]

NAME = "workbench-mxnet"
DISPLAY = "Python (MXNet by Workbench)"
_MISSING = 'kernels need Jupyter: pip install "workbench[lab]"'


def spec(python: str = sys.executable) -> dict[str, Any]:
    """The content of ``kernel.json``: ipykernel with the extension and the alias loaded."""
    alias = "import workbench as _mx; _mx.install_as_mxnet(); del _mx"
    return {
        "argv": [
            *[python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "--ext=workbench",
            f"--IPKernelApp.exec_lines={alias}",
        ],
        "display_name": DISPLAY,
        "language": "python",
        "metadata": {"debugger": True},
    }


def install(*, sys_prefix: bool = False) -> str:
    """Install the kernel for this user, or into the running environment; return its folder.

    Raises ImportError without Jupyter, OSError where the folder cannot be written.
    """
    manager = _manager()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "kernel.json").write_text(json.dumps(spec(), indent=1) + "\n", "utf-8")
        prefix = sys.prefix if sys_prefix else None
        return str(manager.install_kernel_spec(folder, NAME, user=not sys_prefix, prefix=prefix))


def remove() -> str:
    """Remove the kernel; return the folder it was in, empty when there was none."""
    manager = _manager()
    if NAME not in manager.find_kernel_specs():
        return ""
    return str(manager.remove_kernel_spec(NAME))


def _manager() -> Any:
    try:
        from jupyter_client.kernelspec import KernelSpecManager
    except ImportError as error:
        raise ImportError(_MISSING, name=error.name) from error
    return KernelSpecManager()


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m workbench.notebook.kernelspec")
    actions = parser.add_subparsers(dest="action", required=True)
    add = actions.add_parser("install", help=f"install the kernel “{DISPLAY}”")
    add.add_argument("--sys-prefix", action="store_true", help="into the running environment")
    actions.add_parser("remove", help="remove it again")
    args = parser.parse_args(argv)
    try:
        if args.action == "install":
            print(f"installed in {install(sys_prefix=args.sys_prefix)}")
        else:
            print(f"removed {remove() or 'nothing: it was not installed'}")
    except (ImportError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
