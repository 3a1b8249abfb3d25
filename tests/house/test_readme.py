"""The README: what a newcomer sees first is there and true."""

from __future__ import annotations

import re

import pytest


@pytest.fixture
def readme(root):
    return (root / "README.md").read_text(encoding="utf-8")


def test_first_screen_shows_and_names_what_to_type(readme):
    first = readme.partition("\n## ")[0]
    assert first.count("\n") < 20
    assert re.search(r"!\[.{20,}\]\(docs/img/\w+\.png\)", first)
    assert "make lab" in first
    assert "make test" in first


def test_links_and_pictures_exist(readme, root):
    targets = re.findall(r"\]\(([^)#:]+)\)", readme)
    assert len(targets) >= 5
    assert [one for one in targets if not (root / one).is_file()] == []


def test_named_targets_of_make_exist(readme, root):
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:^|`)make (\w+)", readme, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_example_runs(readme, capsys):
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})
    assert "[2. 4. 6.]" in capsys.readouterr().out
