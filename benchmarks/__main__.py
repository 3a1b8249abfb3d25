"""``python -m benchmarks``: measure all rows, print the table, write it to benchmarks/README.md.

python -m benchmarks                         every row, three process starts each
python -m benchmarks --rows add,chain --dry  some rows, nothing written
python -m benchmarks --list                  what there is
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import table
from .child import load_rows
from .harness import ROUNDS, ROWS, Row

HERE = Path(__file__).parent
#: settings that would make one machine's BLAS pretend to be another's, or every start compile anew
_NOT_INHERITED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def environment(threads: int) -> dict[str, str]:
    """The variables of a child that uses so many threads."""
    kept = {k: v for k, v in os.environ.items() if k not in _NOT_INHERITED}
    paths = [str(HERE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    kept["PYTHONPATH"] = os.pathsep.join(paths)
    return {**kept, **dict.fromkeys(_THREADS, str(threads))}


def start(row: Row, threads: int, rounds: int) -> dict[str, Any]:
    """One process start of one row; what went wrong stands in ``error``."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.child", row.name, str(rounds)],
        env=environment(threads),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        return {"times": {}, "figure": None, "told": "", "error": lines[-1]}
    return {**json.loads(done.stdout), "error": ""}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--rows", help="names, with commas between them; default: all")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds in each process")
    parser.add_argument("--starts", type=int, help="process starts of each row; default: the row's")
    parser.add_argument("--threads", type=int, help="only this number of threads")
    parser.add_argument("--mxnet", help="a Python 3.8 that has MXNet 1.9.1; without it: left out")
    parser.add_argument("--peers", help="of the compiled rows, such as torch,jax; default: all")
    parser.add_argument("--dry", action="store_true", help="do not write benchmarks/README.md")
    parser.add_argument("--list", action="store_true", help="only name the rows")
    given = parser.parse_args()
    for variable, value in (("BENCH_MXNET_PYTHON", given.mxnet), ("BENCH_PEERS", given.peers)):
        if value:
            os.environ[variable] = value
    given.rows = given.rows.split(",") if given.rows else list(ROWS)
    unknown = [name for name in given.rows if name not in ROWS]
    if unknown:
        parser.error(f"no row {unknown[0]!r}; there are {', '.join(ROWS)}")
    return given


def main() -> int:
    """Measure and print; 0 when every row keeps to its limit, else 1."""
    load_rows()
    given = _arguments()
    if given.list:
        for name in given.rows:
            print(f"{name:16}{ROWS[name].title}")
        return 0
    lines = []
    for name in given.rows:
        row = ROWS[name]
        for threads in row.threads:
            if given.threads in (None, threads):
                tries = [
                    start(row, threads, given.rounds) for _ in range(given.starts or row.starts)
                ]
                lines.append(table.line(row, threads, tries))
                print(lines[-1].plain(), flush=True)
    whole = set(given.rows) == set(ROWS) and given.threads is None
    if whole and not given.dry:
        table.write(HERE / "README.md", lines, given.rounds)
        print(f"wrote {HERE / 'README.md'}")
    return 0 if all(line.passed is not False for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
