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


def test_every_unit_test_of_mxnet_that_does_not_pass_has_a_reason():
    tables = runpy.run_path(str(ROOT / "scripts" / "unit_tests.py"))
    found = tables["figures"]()
    failed, apart = set(found["not_passed"]), set(tables["APART"])
    assert failed <= apart | set(tables["REASONS"])
    listed = failed - apart
    total = sum(of for _, of in found["per_file"].values())
    assert len(listed) <= 0.03 * total
    for name, (passed, of) in found["per_file"].items():
        mine = [one for one in failed if one.startswith(f"{name}::")]
        assert len(mine) == of - passed
        assert len([one for one in mine if one in listed]) <= max(1, of // 10)


def test_every_recorded_case_that_does_not_agree_has_a_reason():
    tables = runpy.run_path(str(ROOT / "scripts" / "golden_cases.py"))
    found = tables["figures"]()
    failing, families = found["failing"], found["families"]
    assert set(failing) == set(tables["REASONS"])
    assert len(failing) == sum(of - agree for agree, of in families.values())
    assert len(failing) <= 0.01 * sum(of for _, of in families.values())
    text = (ROOT / "docs" / "compat.md").read_text(encoding="utf-8")
    assert all(f"| `{one}` | {reason} |" in text for one, reason in tables["REASONS"].items())
