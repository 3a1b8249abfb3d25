"""Workbench in Jupyter: magics, live views, and MXNet's own notebook callbacks.

``%load_ext workbench`` calls :func:`load_ipython_extension`. Nothing here is imported by the rest
of the package, and importing it needs no Jupyter.
"""

from __future__ import annotations

from typing import Any

__all__ = ["callback", "load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(shell: Any) -> None:
    """Register the magics with *shell*."""
    from .magics import WorkbenchMagics

    shell.register_magics(WorkbenchMagics)


def unload_ipython_extension(shell: Any) -> None:
    """Nothing to undo: magics cannot be taken away, and hold no state."""


def __getattr__(name: str) -> Any:
    if name in ("callback", "magics", "views", "channel", "control", "kernelspec"):
        import importlib

        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
