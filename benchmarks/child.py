"""One row in one process: ``python -m benchmarks.child ROW ROUNDS`` prints JSON."""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
from typing import Any

from .harness import ROWS, Result, measure

FAMILIES = (
    "eager",
    "optimizers",
    "training",
    "compiled",
    "devices",
    "watching",
    "memory",
    "startup",
    "accuracy",
)
"""The modules that hold rows, in the order of the table."""


def load_rows() -> None:
    """Import every module that registers rows."""
    for family in FAMILIES:
        importlib.import_module(f"{__package__}.{family}")


def run(name: str, rounds: int) -> dict[str, Any]:
    """The row's times and figure, as the parent reads them."""
    row = ROWS[name]
    case = row.build()
    if isinstance(case, Result):
        return {"times": {}, "figure": case.figure, "told": case.told}
    times = measure(case, rounds)
    return {"times": times, "figure": row.figure(times), "told": ""}


def main() -> None:
    """Run, with everything but the answer on the standard error."""
    name, rounds = sys.argv[1], int(sys.argv[2])
    with contextlib.redirect_stdout(sys.stderr):
        load_rows()
        answer = run(name, rounds)
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
