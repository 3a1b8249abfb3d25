"""One Jupyter server and one browser for all browser tests; a fresh notebook for each.

Without a Chromium these tests are skipped, loudly; with CI=true that is a failure.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import lab  # noqa: E402 - found by the line above
from lab import Notebook  # noqa: E402
from tools import TOOLS  # noqa: E402

ROOT = HERE.parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).parent == HERE:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A JupyterLab of its own: address and folder."""
    with lab.serve(tmp_path_factory.mktemp("jupyter")) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        path = TOOLS["chromium"].find()
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def notebook(
    tool: Callable[[str], str], request: pytest.FixtureRequest
) -> Iterator[Callable[..., Notebook]]:
    """``notebook(cell, cell, ...)`` opens a fresh notebook in a page of its own, and
    ``notebook(document=...)`` a whole one."""
    tool("chromium")
    server, browser = request.getfixturevalue("server"), request.getfixturevalue("browser")
    opened: list[Notebook] = []

    def open_notebook(*cells: str, document: Any = None, **options: Any) -> Notebook:
        name = f"{request.node.name.replace('[', '-').rstrip(']')}-{len(opened)}.ipynb"
        if document is None:
            book = Notebook.create(server, browser, name, cells, **options)
        else:
            book = Notebook.of_document(server, browser, name, document, **options)
        opened.append(book)
        return book

    yield open_notebook
    report = getattr(request.node, "report_call", None)
    for i, book in enumerate(opened):
        if report is None or report.failed:
            target = ROOT / "test-artifacts" / f"{request.node.name}-{i}.png"
            target.parent.mkdir(exist_ok=True)
            book.page.screenshot(path=str(target))
        book.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Any:
    report = yield
    if report.when == "call":
        item.report_call = report  # type: ignore[attr-defined]
    return report
