"""Generated files are what `make generate` would write now."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

from workbench.ops import find

ROOT = Path(__file__).parents[2]


def test_compat_tables_are_up_to_date(command):
    done = command("python", "scripts/generate.py", "--check", "--no-bundles")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_left_out_is_not_built_and_is_mxnets():
    left_out = runpy.run_path(str(ROOT / "scripts" / "left_out.py"))["reasons"]()
    listing = json.loads((ROOT / "scripts" / "mxnet_listing.json").read_text(encoding="utf-8"))
    assert left_out.keys() <= set(listing["operators"].split())
    assert [name for name in left_out if find(name) is not None] == []
