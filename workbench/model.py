"""``mx.model``: checkpoints, the pair of ``PREFIX-symbol.json`` and ``PREFIX-0001.params``."""

from __future__ import annotations

from typing import Any, NamedTuple

from . import _surface, ndarray as nd, symbol as sym
from .context import Context, cpu
from .error import DataFileError, message

__all__ = ["BatchEndParam", "Context", "cpu", "load_checkpoint", "load_params", "save_checkpoint"]


class BatchEndParam(NamedTuple):
    """What callbacks after a batch are given."""

    epoch: int
    nbatch: int
    eval_metric: Any
    locals: Any


__getattr__ = _surface.getattr_for(__name__)


def save_checkpoint(
    prefix: str,
    epoch: int,
    symbol: Any,
    arg_params: dict[str, nd.NDArray],
    aux_params: dict[str, nd.NDArray],
    remove_amp_cast: bool = True,
) -> None:
    """Write ``PREFIX-symbol.json`` (unless *symbol* is None) and ``PREFIX-EPOCH.params``.

    Names in the file are ``arg:NAME`` and ``aux:NAME``.
    """
    if symbol is not None:
        symbol.save(f"{prefix}-symbol.json")
    arrays = {f"arg:{name}": value for name, value in arg_params.items()}
    arrays.update({f"aux:{name}": value for name, value in aux_params.items()})
    nd.save(f"{prefix}-{epoch:04d}.params", arrays)


def load_params(prefix: str, epoch: int) -> tuple[dict[str, nd.NDArray], dict[str, nd.NDArray]]:
    """The arguments and the auxiliary states in ``PREFIX-EPOCH.params``."""
    path = f"{prefix}-{epoch:04d}.params"
    loaded = nd.load(path)
    if isinstance(loaded, list):
        raise DataFileError(
            message(
                f"{path} holds arrays without names",
                fix="Use a file that save_checkpoint or HybridBlock.export wrote.",
            )
        )
    parts: dict[str, dict[str, nd.NDArray]] = {"arg": {}, "aux": {}}
    for key, value in loaded.items():
        kind, _, name = key.partition(":")
        if kind in parts:
            parts[kind][name] = value
    return parts["arg"], parts["aux"]


def load_checkpoint(
    prefix: str, epoch: int
) -> tuple[Any, dict[str, nd.NDArray], dict[str, nd.NDArray]]:
    """Symbol, arguments and auxiliary states of a checkpoint, from here or from MXNet."""
    symbol = sym.load(f"{prefix}-symbol.json")
    arguments, auxiliary = load_params(prefix, epoch)
    return symbol, arguments, auxiliary
