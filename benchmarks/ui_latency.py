"""From a click on the card to the busy kernel, and from Stop to the end of the run.

Drives JupyterLab in a headless Chromium; a loop of 15 ms steps keeps the main thread busy::

    python benchmarks/ui_latency.py [--clicks 20]

Prints one row per measure: median, the slowest, and the number of clicks. KERNEL_PYTHON names
another Python for the kernel, to measure other versions of ipykernel. Needs `workbench[dev]` and a
Chromium.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "browser")]

from lab import Notebook, serve  # noqa: E402 - found by the line above
from tools import TOOLS  # noqa: E402

SETUP = """\
%load_ext workbench
import json, ipykernel
from fake_training import train
from workbench.notebook.show import _views"""
TRAIN = "%%mxtrain lenet --no-save\ntrain(1000, seconds=0.015);"
REPORT = """\
heard = [(c["t"], 1e3 * t - c["at"]) for c, t in _views[-1].doors.heard]
ended = 1e3 * (run.started + run.elapsed)
stops = [ended - c["at"] for c, _ in _views[-1].doors.heard if c["t"] == "stop"]
print(json.dumps({"kernel": ipykernel.__version__, "heard": heard, "stops": stops}))"""


def measure(book: Notebook, clicks: int) -> dict[str, Any]:
    """One run: *clicks* on Pause and Resume, then Stop; what the kernel noted."""
    book.start(1)
    book.wait_data("live", "v === 'true'", index=1)
    for i in range(clicks):
        book.card(1).get_by_role("button", name="Resume" if i % 2 else "Pause").click()
        book.wait_data("state", f"v === '{'running' if i % 2 else 'paused'}'", index=1)
        book.page.wait_for_timeout(150 + 37 * (i % 5))
    if clicks % 2:
        book.card(1).get_by_role("button", name="Resume").click()
        book.wait_data("state", "v === 'running'", index=1)
    book.page.wait_for_timeout(200)
    book.card(1).get_by_role("button", name="Stop").click()
    book.wait_done(1)
    book.run(2)
    return dict(json.loads(book.text(2).strip().splitlines()[-1]))


def row(name: str, values: list[float]) -> str:
    """A measure as a line of the table."""
    middle = statistics.median(values)
    return f"| {name} | {middle:.0f} ms | {max(values):.0f} ms | {len(values)} |"


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clicks", type=int, default=20)
    clicks = parser.parse_args().clicks
    from playwright.sync_api import sync_playwright

    chromium = TOOLS["chromium"].find()
    if not chromium:
        print("no Chromium: apt-get install -y chromium, or set CHROMIUM", file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory() as home,
        serve(Path(home)) as server,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        book = Notebook.create(server, browser, "latency.ipynb", [SETUP, TRAIN, REPORT])
        book.run(0)
        runs = [measure(book, clicks if i == 0 else 0) for i in range(clicks)]
        book.close()
        browser.close()
    heard = [late for kind, late in runs[0]["heard"] if kind == "pause"]
    stops = [late for run in runs for late in run["stops"]]
    print(f"ipykernel {runs[0]['kernel']}, steps of 15 ms")
    print("| measure | median | slowest | n |\n|---|---|---|---|")
    print(row("click to kernel", heard))
    print(row("Stop to end of run", stops))
    return 0


if __name__ == "__main__":
    sys.exit(main())
