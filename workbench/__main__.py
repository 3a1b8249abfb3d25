"""``python -m workbench old_script.py args``: run a program written for MXNet, unchanged."""

from __future__ import annotations

import os
import runpy
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

from . import __version__
from .alias import install_as_mxnet
from .base import MXNetError

USAGE = """usage: python -m workbench SCRIPT [ARGUMENT ...]
       python -m workbench -m MODULE [ARGUMENT ...]
       python -m workbench --version

Runs a Python program in which `import mxnet` means Workbench."""


def main(argv: list[str]) -> int:
    """Run the program that *argv* names, with the rest of *argv* as its arguments.

    Returns the exit status: 0 when the program came to its end, 2 when there is nothing to run,
    1 when the real MXNet is installed. What the program raises passes through.
    """
    if argv[:1] in (["-h"], ["--help"]):
        print(USAGE)
        return 0
    if argv == ["--version"]:
        print(f"workbench {__version__} (MXNet 1.9.1's API)")
        return 0
    module = argv[:1] == ["-m"]
    arguments = argv[module:]
    if not arguments or arguments[0].startswith("-"):
        print(USAGE, file=sys.stderr)
        return 2
    try:
        install_as_mxnet()
    except MXNetError as error:
        print(error, file=sys.stderr)
        return 1
    sys.argv[:] = arguments
    if not module:
        return _run_script(arguments[0])
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    return 0


def _run_script(path: str) -> int:
    """Execute a file as ``__main__``, as ``python FILE`` does.

    Not runpy.run_path: it clears the program's globals when the program ends, under the feet of
    its threads and exit handlers.
    """
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        print(f"python -m workbench: cannot open {path}: {error.strerror}", file=sys.stderr)
        return 2
    sys.path[0] = os.path.dirname(os.path.abspath(path))
    program = ModuleType("__main__")
    program.__dict__.update(__file__=path, __builtins__=__builtins__)
    spec: ModuleSpec | None = None  # as for `python FILE`; multiprocessing looks at it
    program.__spec__ = spec
    sys.modules["__main__"] = program
    exec(compile(source, path, "exec"), program.__dict__)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
