"""Files and functions stay small enough to be read at one go."""

from __future__ import annotations

import ast
import os

import pytest

FILE_LINES = 500
FUNCTION_LINES = 60
FOLDERS = ("workbench", "scripts", "benchmarks", "tests", "docs", "widgets/src", "widgets/test")


@pytest.fixture(scope="module")
def files(root):
    return [
        (path.relative_to(root).as_posix(), path.read_text("utf-8"))
        for folder in FOLDERS
        for pattern in ("*.py", "*.js")
        for path in sorted((root / folder).rglob(pattern))
        if "static" not in path.parts and "node_modules" not in path.parts
    ]


@pytest.fixture(scope="module")
def functions(files):
    found = []
    for name, text in files:
        if name.endswith(".py"):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    length = node.end_lineno - node.lineno + 1
                    found.append((length, f"{name}:{node.lineno} {node.name}"))
    return sorted(found, reverse=True)


def test_files_are_at_most_500_lines(files, capsys):
    sizes = sorted(((text.count("\n"), name) for name, text in files), reverse=True)
    show(capsys, f"files nearest to {FILE_LINES} lines", sizes)
    assert [row for row in sizes if row[0] > FILE_LINES] == []


def test_functions_are_at_most_60_lines(functions, capsys):
    show(capsys, f"functions nearest to {FUNCTION_LINES} lines", functions)
    assert [row for row in functions if row[0] > FUNCTION_LINES] == []


def test_no_exception_is_swallowed(files):
    bare = [
        f"{name}:{node.lineno}"
        for name, text in files
        if name.endswith(".py")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in ("Exception", "BaseException"))
        and all(isinstance(one, ast.Pass) for one in node.body)
    ]
    assert bare == []


def test_todos_carry_the_number_of_an_issue(files):
    words = ("TO" + "DO", "FIX" + "ME", "XX" + "X")
    loose = [
        f"{name}: {line.strip()}"
        for name, text in files
        for line in text.splitlines()
        if any(f"{word}" in line.split() or f"{word}:" in line.split() for word in words)
    ]
    assert loose == []


def show(capsys, title, rows):
    """Print the ten largest where continuous integration keeps the log."""
    if os.environ.get("CI", "").lower() == "true":
        with capsys.disabled():
            print(f"\n{title}:", *(f"  {size:4d} {name}" for size, name in rows[:10]), sep="\n")
