"""``mx.model``: checkpoints, the pair of ``PREFIX-symbol.json`` and ``PREFIX-0001.params``."""

from __future__ import annotations

from collections.abc import Mapping
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


__getattr__ = _surface.getattr_for(__name__, {"FeedForward": "module.feed_forward:FeedForward"})


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
        symbol.save(f"{prefix}-symbol.json", remove_amp_cast=remove_amp_cast)
    save_arrays(f"{prefix}-{epoch:04d}.params", arg_params, aux_params)


def save_arrays(
    path: str, arg_params: Mapping[str, nd.NDArray], aux_params: Mapping[str, nd.NDArray]
) -> None:
    """Write arrays as ``arg:NAME`` and ``aux:NAME``."""
    arrays = {f"arg:{name}": value.as_in_context(cpu()) for name, value in arg_params.items()}
    arrays.update({f"aux:{name}": value.as_in_context(cpu()) for name, value in aux_params.items()})
    nd.save(path, arrays)


def load_arrays(
    path: str,
) -> tuple[dict[str, nd.NDArray], dict[str, nd.NDArray], list[str]]:
    """The ``arg:`` and the ``aux:`` arrays of a file, and the names of all others.

    Raises DataFileError for a file of arrays without names.
    """
    loaded = nd.load(path)
    if isinstance(loaded, list):
        raise DataFileError(
            message(
                f"{path} holds arrays without names",
                fix="Use a file that save_checkpoint or HybridBlock.export wrote.",
            )
        )
    parts: dict[str, dict[str, nd.NDArray]] = {"arg": {}, "aux": {}}
    others = []
    for key, value in loaded.items():
        kind, _, name = key.partition(":")
        if kind in parts:
            parts[kind][name] = value
        else:
            others.append(key)
    return parts["arg"], parts["aux"], others


def load_params(prefix: str, epoch: int) -> tuple[dict[str, nd.NDArray], dict[str, nd.NDArray]]:
    """The arguments and the auxiliary states in ``PREFIX-EPOCH.params``."""
    arguments, auxiliary, _ = load_arrays(f"{prefix}-{epoch:04d}.params")
    return arguments, auxiliary


def load_checkpoint(
    prefix: str, epoch: int
) -> tuple[Any, dict[str, nd.NDArray], dict[str, nd.NDArray]]:
    """Symbol, arguments and auxiliary states of a checkpoint, from here or from MXNet."""
    symbol = sym.load(f"{prefix}-symbol.json")
    arguments, auxiliary = load_params(prefix, epoch)
    return symbol, arguments, auxiliary
