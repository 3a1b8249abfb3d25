"""Workbench: MXNet's API as an interactive deep-learning workbench for Jupyter.

``import workbench as mx`` and write MXNet 1.9.1. Everything below is loaded on first use;
importing the package costs little more than nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _surface

if TYPE_CHECKING:
    from ._stubs.package import *  # noqa: F403

__version__ = "0.1.0"

# Public names that are not modules of MXNet: where they are found. MXNet's modules and their
# short spellings (nd, sym, np, kv, init, ...) come from _surface.json.
_LAZY = {
    "AttrScope": "attribute:AttrScope",
    "Context": "context:Context",
    "MXNetError": "base:MXNetError",
    "Session": "watch:Session",
    "compile_report": "watch:compile_report",
    "cpu": "context:cpu",
    "cpu_pinned": "context:cpu_pinned",
    "current_context": "context:current_context",
    "data_path": "data:data_path",
    "gpu": "context:gpu",
    "inspect": "watch:inspect",
    "install_as_mxnet": "alias:install_as_mxnet",
    "is_np_array": "util:is_np_array",
    "is_np_shape": "util:is_np_shape",
    "loopback": "context:loopback",
    "np_array": "util:np_array",
    "np_shape": "util:np_shape",
    "num_gpus": "context:num_gpus",
    "runs": "watch:runs",
    "set_np_shape": "util:set_np_shape",
    "use_np": "util:use_np",
    "use_np_array": "util:use_np_array",
    "use_np_shape": "util:use_np_shape",
}

_surface.install()
__getattr__ = _surface.getattr_for(__name__, _LAZY)


def __dir__() -> list[str]:
    """Names of MXNet and Workbench's own, for completion in Jupyter."""
    return sorted({*globals(), *_LAZY, *_surface.names_of(__name__)})


def load_ipython_extension(ipython: Any) -> None:
    """``%load_ext workbench``: the magics; ``import mxnet`` too unless the real one is there."""
    from . import alias, notebook

    if not alias.real_mxnet():
        alias.install_as_mxnet()
    notebook.load_ipython_extension(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """``%unload_ext workbench``: take the magics away; ``import mxnet`` stays as it is."""
    from . import notebook

    notebook.unload_ipython_extension(ipython)
