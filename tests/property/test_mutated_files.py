"""A sample of what ``mutated_files.py`` tries in bulk."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("mutated_files.py")


@pytest.mark.slow
def test_readers_answer_whatever_the_file():
    spec = importlib.util.spec_from_file_location("mutated_files", PROGRAM)
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    outcomes = Counter(program.attempts(1200, seed=7))
    suffixes = {suffix for suffix, _ in outcomes}
    assert suffixes == {".params", ".rec", ".states", ".json", ".safetensors"}
    assert {outcome for _, outcome in outcomes} > {"read", "DataFileError"}
