"""Cases recorded from MXNet 1.9.1 on Workbench: figures by family, and why some do not agree.

    python scripts/golden_cases.py SUMMARY.json

takes over the figures of a run (``families`` and ``failing`` of its summary) into
golden_cases.json; ``generate.py`` prints them into docs/compat.md.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).with_name("golden_cases.json")

#: family: case → what Workbench does that the recording does not have
REASONS = {
    "dtype_rules: creation and casts": (
        "its last entries make arrays of `mx.np`, a later part; those of `mx.nd` agree"
        " (tests/golden/test_dtypes.py)."
    ),
    "random_seeded: np.random.uniform(size=5), np.random.normal(size=5) seed 42#74": (
        "draws by `mx.np.random`, a later part; the same streams through `mx.nd.random` agree."
    ),
    "gluon_layers: AvgPool3D#84": (
        "with `ceil_mode` 1.9.1 divides the gradient by the whole window and the output by what"
        " lies inside; here the gradient is that of the output (tests/gluon/test_layers.py)."
    ),
}


def figures() -> dict[str, Any]:
    """``families``: family → [agree, of]; ``failing``: the cases that do not agree."""
    read: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8"))
    return read


def table() -> list[str]:
    """The figures and reasons as lines of Markdown."""
    found = figures()
    agree, of = (sum(pair[i] for pair in found["families"].values()) for i in (0, 1))
    listed = ", ".join(f"{name} {pair[1]}" for name, pair in sorted(found["families"].items()))
    return [
        f"{agree} of {of} recorded cases agree ({listed}).",
        "",
        "| does not agree | because |",
        "|---|---|",
        *(f"| `{one}` | {REASONS[one]} |" for one in found["failing"]),
    ]


def main(path: str) -> int:
    """Take over the figures of a summary; 1 where a case fails that no reason is given for."""
    summary = json.loads(Path(path).read_text(encoding="utf-8"))
    families = {name: [one["passed"], one["total"]] for name, one in summary["families"].items()}
    failing = sorted(f"{family}: {case}" for family, case, *_ in summary["failing"])
    found = {"families": dict(sorted(families.items())), "failing": failing}
    FIGURES.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    unexplained = [one for one in failing if one not in REASONS]
    for one in unexplained:
        print(f"{one} does not agree and has no reason")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
