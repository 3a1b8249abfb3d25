"""Python and the browser compute the same coordinates of a graph.

Both sides are checked against one fixture, widgets/test/fixtures/place.json. Where the layout has
changed on purpose, write it anew: ``python tests/notebook/test_place_fixture.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from workbench.watch import GraphView
from workbench.watch.graph_place import place

ROOT = Path(__file__).parents[2]
FIXTURE = ROOT / "widgets" / "test" / "fixtures" / "place.json"
GRAPHS = ("gluon_lenet", "rnn_unrolled", "resnet18_v1_thumb")


def cases() -> list[dict[str, Any]]:
    """Layouts with what is open, and where everything is then."""
    found = []
    for name in GRAPHS:
        text = (ROOT / "tests" / "watch" / "data" / f"{name}-symbol.json").read_text()
        layout = GraphView.from_json(json.loads(text)).layout()
        groups = [key for key, item in layout["items"].items() if item["kind"] == "group"]
        slim = {"root": layout["root"], "open": layout["open"], "items": _slim(layout["items"])}
        for opened in (layout["open"], groups, [layout["root"]]):
            placed = place(layout, opened)
            found.append({"name": name, "layout": slim, "open": opened, "placed": placed})
            slim = None
    return found


def _slim(items: dict[str, Any]) -> dict[str, Any]:
    keep = ("kind", "size", "ranks", "edges", "back", "parent")
    return {key: {k: item[k] for k in keep if k in item} for key, item in items.items()}


def test_fixture_is_what_python_computes():
    assert json.loads(FIXTURE.read_text()) == json.loads(json.dumps(cases()))


if __name__ == "__main__":
    FIXTURE.write_text(json.dumps(cases(), separators=(",", ":")) + "\n")
