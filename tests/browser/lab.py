"""A notebook in JupyterLab as a test handles it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
START = 60
SETTINGS = {
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    "@jupyterlab/docmanager-extension/plugin.jupyterlab-settings": {"autosave": False},
}

PATIENCE = 30_000

# Before this the page may show an idle kernel, and lose the first cell all the same.
CONNECTED = """async () => {
  const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
  const kernel = context?.session?.kernel;
  if (kernel?.connectionStatus !== 'connected') return false;
  await context.ready;
  await kernel.info;
  return true;
}"""


@contextlib.contextmanager
def serve(home: Path) -> Iterator[dict[str, Any]]:
    """A JupyterLab with all its folders below *home*; yields its address, folder and kernel.

    KERNEL_PYTHON names the Python of the kernels where it is not this one, for other versions of
    ipykernel.
    """
    work = home / "work"
    work.mkdir()
    for name, value in SETTINGS.items():
        _write(home / "settings" / name, value)
    kernel = "python3"
    if python := os.environ.get("KERNEL_PYTHON"):
        kernel = "other"
        argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": "Other", "language": "python"}
        _write(home / "data" / "kernels" / kernel / "kernel.json", spec)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        *[sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"],
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={work}",
        "--ServerApp.disable_check_xsrf=True",
        "--LabApp.expose_app_in_browser=True",
    ]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env=_environment(home),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process, home / "server.log")
        yield {"address": address, "folder": work, "kernel": kernel}
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def _environment(home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)]),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "XDG_STATE_HOME": str(home / "state"),
        "MPLCONFIGDIR": str(home / "matplotlib"),
    }


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/api", timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"JupyterLab did not start within {START} s:\n{log.read_text()[-3000:]}")


class Notebook:
    """One notebook, one page, one kernel."""

    def __init__(self, server: dict[str, Any], page: Any, path: Path) -> None:
        from playwright.sync_api import TimeoutError as Timeout

        self.server, self.page, self.path = server, page, path
        self.timeout = Timeout

    @classmethod
    def create(
        cls,
        server: dict[str, Any],
        browser: Any,
        name: str,
        cells: Iterable[str],
        **options: Any,
    ) -> Notebook:
        """Write a notebook of code *cells*, open it, wait for its kernel."""
        return cls.of_document(server, browser, name, _document(cells, server["kernel"]), **options)

    @classmethod
    def of_document(
        cls,
        server: dict[str, Any],
        browser: Any,
        name: str,
        document: dict[str, Any],
        **options: Any,
    ) -> Notebook:
        """Write a whole notebook, open it, wait for its kernel."""
        path = server["folder"] / name
        path.write_text(json.dumps(document))
        page = browser.new_page(viewport={"width": 1180, "height": 900}, **options)
        book = cls(server, page, path)
        book.open()
        return book

    def open(self) -> None:
        """Load the page and wait until the kernel can take a cell."""
        self.page.goto(f"{self.server['address']}/doc/tree/{self.path.name}")
        self.page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=PATIENCE)
        self.page.wait_for_function(CONNECTED, timeout=PATIENCE)
        self.wait_idle()

    def wait_idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        self.page.wait_for_selector(
            ".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=PATIENCE
        )

    def command(self, name: str, **args: Any) -> None:
        """Execute one of JupyterLab's commands."""
        self.page.evaluate(
            "([name, args]) => jupyterapp.commands.execute(name, args)", [name, args]
        )

    def start(self, index: int) -> None:
        """Run one cell without waiting for its end. JupyterLab now and then loses one that is
        run soon after the notebook was opened, or asks for a kernel though it has one, so this
        looks whether it was taken."""
        prompt = self.cell(index).locator(".jp-InputArea-prompt").first
        for _ in range(5):
            accept = self.page.locator(".jp-Dialog .jp-mod-accept")
            if accept.count():
                accept.first.click()
            try:
                prompt.click(timeout=3000)
                self.page.keyboard.press("Control+Enter")
                self.page.wait_for_function(
                    "(el) => !/\\[ \\]/.test(el.textContent)",
                    arg=prompt.element_handle(),
                    timeout=3000,
                )
            except self.timeout:
                continue
            return
        raise AssertionError(f"cell {index} does not start")

    def run(self, index: int) -> None:
        """Run one cell and wait for its number."""
        self.start(index)
        self.wait_done(index)

    def run_all(self) -> None:
        """Start all cells."""
        self.page.evaluate("() => { void jupyterapp.commands.execute('notebook:run-all-cells') }")

    def cell(self, index: int) -> Any:
        """The index-th cell."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def card(self, index: int = 0) -> Any:
        """The card in the output of a cell."""
        return self.cell(index).locator(".wb-card")

    def wait_done(self, index: int, timeout: float = PATIENCE) -> None:
        """Wait until a cell has its number and the kernel is idle."""
        self.page.wait_for_function(
            r"""(i) => {
              const cell = document.querySelectorAll('.jp-Notebook .jp-Cell')[i];
              return /\[\d+\]/.test(cell.querySelector('.jp-InputArea-prompt').textContent);
            }""",
            arg=index,
            timeout=timeout,
        )
        self.wait_idle()

    def text(self, index: int) -> str:
        """All text in the output of a cell."""
        return str(self.cell(index).locator(".jp-Cell-outputArea").inner_text())

    def data(self, name: str, index: int = 0) -> str:
        """A counter of the card, e.g. ``points``."""
        return str(self.card(index).get_attribute(f"data-{name}") or "")

    def canvas(self, index: int) -> Any:
        """The first chart in the output of a cell."""
        return self.card(index).locator("canvas.wb-canvas").first

    def draws(self, index: int) -> int:
        """How often that chart has been drawn."""
        return int(self.canvas(index).get_attribute("data-draws") or 0)

    def wait_data(self, name: str, test: str, index: int = 0, timeout: float = PATIENCE) -> str:
        """Wait until ``test``, a JavaScript expression of ``v``, holds for a counter."""
        self.page.wait_for_function(
            f"""([i, name]) => {{
              const cell = document.querySelectorAll('.jp-Notebook .jp-Cell')[i];
              const card = cell && cell.querySelector('.wb-card');
              const v = card && card.dataset[name];
              return v !== undefined && v !== null && ({test});
            }}""",
            arg=[index, name],
            timeout=timeout,
        )
        return self.data(name, index)

    def save(self) -> dict[str, Any]:
        """Save, and return the document as it is on disk."""
        before = self.path.stat().st_mtime_ns
        self.command("docmanager:save")
        end = time.monotonic() + 10
        while self.path.stat().st_mtime_ns == before and time.monotonic() < end:
            time.sleep(0.05)
        return dict(json.loads(self.path.read_text()))

    def another_page(self) -> Any:
        """A second, empty page of the same browser."""
        return self.page.context.browser.new_page(viewport=self.page.viewport_size)

    def close(self) -> None:
        """Close the page and end the kernel."""
        if not self.page.is_closed():
            self.page.close()
        self.end_kernel()

    def end_kernel(self) -> None:
        """Shut down the kernel of this notebook, if it has one."""
        address = self.server["address"]
        with urllib.request.urlopen(f"{address}/api/sessions", timeout=10) as reply:
            sessions = json.loads(reply.read())
        for session in sessions:
            if session["path"] == self.path.name:
                request = urllib.request.Request(
                    f"{address}/api/sessions/{session['id']}", method="DELETE"
                )
                urllib.request.urlopen(request, timeout=10).close()


def _document(cells: Iterable[str], kernel: str) -> dict[str, Any]:
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": kernel, "display_name": kernel}},
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{i}",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for i, source in enumerate(cells)
        ],
    }
