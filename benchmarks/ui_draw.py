"""How long the widgets' drawing takes in a browser: curves, timeline and graph at their full size.

Runs the modules of widgets/src as they are in a headless Chromium::

    python benchmarks/ui_draw.py

Prints median and 95th percentile of 60 redraws while panning (JavaScript and canvas calls; a frame
at 60 Hz is 16.7 ms). Needs playwright and a Chromium.
"""

from __future__ import annotations

import functools
import http.server
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from tools import TOOLS  # noqa: E402 - found by the line above

COMMON = """
const times = (work, n = 60) => {
  const out = [];
  for (let i = 0; i < n; i++) {
    const start = performance.now();
    work(i);
    out.push(performance.now() - start);
  }
  out.sort((a, b) => a - b);
  return [out[n >> 1], out[Math.floor(n * 0.95)]];
};
const canvas = document.createElement("canvas");
[canvas.width, canvas.height] = [1000, 260];
document.body.append(canvas);
const ctx = canvas.getContext("2d");
"""
CURVES = """async ([series, points]) => {
  const { drawLine, extent } = await import("./curves_draw.js");
  const { Pyramid } = await import("./kit/buffers.js");
  const { linear } = await import("./kit/scale.js");
  %s
  const xs = Float64Array.from({ length: points }, (_, i) => i);
  const lines = Array.from({ length: series }, (_, s) => {
    const ys = xs.map((x) => Math.exp(-x / points) + 0.1 * Math.sin(x * (s + 1)));
    const pyramid = new Pyramid();
    pyramid.update(ys, points);
    return { xs, ys, n: points, pyramid, color: "#0072b2", width: 1.5, alpha: 1, dash: [] };
  });
  return times((i) => {
    ctx.clearRect(0, 0, 1000, 260);
    const [a, b] = [(points / 200) * i, points * 0.5 + (points / 200) * i];
    const [lo, hi] = extent(lines, a, b, false);
    const frame = { left: 50, right: 950, top: 10, bottom: 230 };
    frame.x = linear(a, b, 50, 950);
    frame.y = linear(lo, hi, 230, 10);
    for (const line of lines) drawLine(ctx, line, frame);
  });
}"""
TIMELINE = """async ([events]) => {
  const { Row, boxes } = await import("./timeline_lod.js");
  const { bar } = await import("./timeline_draw.js");
  %s
  const rows = Array.from({ length: 5 }, () => new Row());
  for (let i = 0; i < events; i++) {
    const t = Math.floor(i / 5) * 10;
    rows[i %% 5].push(t, t + 2 + (i * 7) %% 8, i);
  }
  const theme = { font: "sans-serif" };
  const span = events * 2;
  return times((i) => {
    ctx.clearRect(0, 0, 1000, 260);
    const lo = (span / 200) * i;
    rows.forEach((row, r) => {
      boxes(row, lo, lo + span / 2, 900, (at, x0, x1) => {
        bar(ctx, 50 + x0, r * 44, x1 - x0, 34, "#0072b2", "name", theme);
      });
      row.busyWithin(lo, lo + span / 2);
    });
  });
}"""
GRAPH = """async (layout) => {
  const { place } = await import("./graph_place.js");
  const { drawGraph } = await import("./graph_draw.js");
  %s
  const nodes = new Map();
  const groups = Object.keys(layout.items).filter((id) => layout.items[id].kind === "group");
  return times(() => {
    const placed = place(layout, groups);
    document.body.replaceChildren(drawGraph(layout, placed, nodes, () => "#9cf"));
  }, 20);
}"""


def resnet() -> dict[str, object]:
    """The layout of the largest symbol among the tests' data, everything open."""
    import json

    from workbench.watch import GraphView

    path = ROOT / "tests" / "watch" / "data" / "resnet18_v1_thumb-symbol.json"
    return GraphView.from_json(json.loads(path.read_text())).layout()


def main() -> int:
    """Measure and print the table."""
    from playwright.sync_api import sync_playwright

    chromium = TOOLS["chromium"].find()
    if not chromium:
        print("no Chromium: apt-get install -y chromium, or set CHROMIUM", file=sys.stderr)
        return 1
    handler = functools.partial(_Quiet, directory=str(ROOT / "widgets" / "src"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    cases = (
        ("curves, 20 series of 50k points", CURVES, [20, 50_000]),
        ("curves, 1 series of 1M points", CURVES, [1, 1_000_000]),
        ("timeline, 50k events", TIMELINE, [50_000]),
        ("timeline, 500k events", TIMELINE, [500_000]),
        ("graph, ResNet-18, all open", GRAPH, resnet()),
    )
    print("| drawing | median | 95th percentile |\n|---|---|---|")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, script, arguments in cases:
            page = browser.new_page()
            page.route("**/favicon.ico", lambda route: route.abort())
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            middle, slow = page.evaluate(script % COMMON, arguments)
            print(f"| {name} | {middle:.1f} ms | {slow:.1f} ms |")
            page.close()
        browser.close()
    server.shutdown()
    return 0


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    sys.exit(main())
