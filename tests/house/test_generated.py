"""Generated files are what `make generate` would write now."""

from __future__ import annotations


def test_compat_tables_are_up_to_date(command):
    done = command("python", "scripts/generate.py", "--check", "--no-bundles")
    assert done.returncode == 0, done.stdout + done.stderr
