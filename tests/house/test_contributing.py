"""What CONTRIBUTING says about adding an operator is executed, in a copy of the repository."""

from __future__ import annotations

import re
import shlex
import shutil

import pytest

BLOCK = re.compile(r"^```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
APPEND = "# at the end of "
THEN = "# then\n"


@pytest.fixture
def copy(root, tmp_path):
    """The files that the text talks about, and what runs them."""
    unwanted = shutil.ignore_patterns("__pycache__", "static", "mnist", "node_modules")
    for name in ("workbench", "tests"):
        shutil.copytree(root / name, tmp_path / name, ignore=unwanted)
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.slow
def test_adding_an_operator_works_as_written(root, copy, command):
    blocks = BLOCK.findall((root / "CONTRIBUTING.md").read_text("utf-8"))
    done = []
    for language, text in blocks:
        if text.startswith(APPEND):
            path = copy / text.partition("\n")[0].removeprefix(APPEND)
            with path.open("a", encoding="utf-8") as file:
                file.write(f"\n\n{text}")
            continue
        if text.startswith(THEN):
            result = command("python", "-c", text, cwd=copy, PYTHONPATH=str(copy))
        else:
            assert language == "sh", text
            program, *arguments = shlex.split(text)
            options = ("-p", "no:cacheprovider") if "pytest" in text else ()
            result = command(program, *arguments, *options, cwd=copy, PYTHONPATH=str(copy))
        assert result.returncode == 0, result.stdout + result.stderr
        done.append(result.stdout)
    assert len(done) == 2
    assert re.search(r"\d+ passed", done[-1])
