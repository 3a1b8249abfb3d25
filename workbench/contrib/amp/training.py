"""Training in mixed precision: casts where networks are traced, a scaled loss, skipped steps."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Iterator
from typing import Any

from ... import ndarray, symbol
from ...error import message
from ...gluon import Trainer
from ...graph.ir import Node
from ...symbol import compose
from . import lists
from .convert import choice_of
from .lists import AmpError
from .loss_scaler import LossScaler
from .reduce import AS_IT_COMES, Choice, casts_before

__all__ = ["init", "init_trainer", "scale_loss", "unscale"]


class _State:
    """What :func:`init` leaves behind: it works once in a process."""

    scaler: LossScaler | None = None
    is_taken = False


def init(
    target_dtype: Any = "float16",
    target_precision_ops: list[str] | None = None,
    conditional_fp32_ops: list[Any] | None = None,
    fp32_ops: list[str] | None = None,
) -> None:
    """Cast the inputs of operators from now on; call it before the network is made.

    Symbols and hybridized blocks get casts. Arrays on the CPU are left as they are, as in MXNet.
    Calls after the first one have no effect.

    Parameters
    ----------
    target_dtype : str
        ``"float16"``
    target_precision_ops, fp32_ops : list of str, optional
        operators to run in float16 and in float32; MXNet's lists without them
    conditional_fp32_ops : list of (str, str, list of str), optional
        operators to run in float32 where a parameter has one of some values

    Raises
    ------
    AssertionError
        Another type.
    """
    if _State.scaler is not None:
        return
    name = getattr(target_dtype, "__name__", None) or str(target_dtype)
    choice = choice_of(name, target_precision_ops, fp32_ops, conditional_fp32_ops, None)
    logging.info("Using AMP")
    _State.scaler = LossScaler()
    compose.rewriters.append(functools.partial(_with_casts, choice))
    for op in lists.list_loss_output_functions(name):
        setattr(ndarray, op, _with_scale(_State.scaler, getattr(ndarray, op)))
        setattr(symbol, op, _with_warning(getattr(symbol, op)))


def _with_casts(choice: Choice, node: Node) -> Node:
    """The node with casts between it and its inputs."""
    if choice.of(node) == AS_IT_COMES:
        return node
    inputs = casts_before(choice, node)
    return Node(node.op, node.name, node.params, node.attrs, inputs, node.where)


def _with_scale(scaler: LossScaler, function: Any) -> Any:
    """A loss of arrays whose gradient is multiplied by the scale."""

    @functools.wraps(function)
    def scaled(*args: Any, **kwargs: Any) -> Any:
        kwargs["grad_scale"] = kwargs.get("grad_scale", 1.0) * scaler.loss_scale
        return function(*args, **kwargs)

    return scaled


def _with_warning(function: Any) -> Any:
    """A loss of symbols, whose gradient cannot be scaled later."""

    @functools.wraps(function)
    def warning(*args: Any, **kwargs: Any) -> Any:
        logging.warning(
            "%s does not support dynamic loss scaling in symbolic and hybridized execution.",
            function.__name__,
        )
        return function(*args, **kwargs)

    return warning


def _checked(trainer: Any) -> Trainer:
    if not isinstance(trainer, Trainer):
        raise TypeError(
            message(
                f"AMP is currently only compatible with Gluon Trainer, got {type(trainer).__name__}"
            )
        )
    return trainer


def init_trainer(optimizer_or_trainer: Trainer) -> None:
    """Let a trainer skip steps whose gradients overflow, and choose the loss's scale by that.

    Raises AssertionError before :func:`init`, TypeError for anything but a Trainer.
    """
    if _State.scaler is None:
        raise AmpError(
            message("AMP not initialized", fix="Call amp.init() before the network is made.")
        )
    trainer = _checked(optimizer_or_trainer)
    trainer._amp_loss_scaler = LossScaler() if _State.is_taken else _State.scaler
    _State.is_taken = True
    trainer._amp_original_scale = trainer._scale


@contextlib.contextmanager
def scale_loss(loss: Any, optimizer_or_trainer: Trainer) -> Iterator[Any]:
    """The loss, or a list of losses, times the trainer's scale; ``step`` divides by it again.

    Raises AssertionError before :func:`init_trainer`.
    """
    trainer = optimizer_or_trainer
    scaler = trainer._amp_loss_scaler
    if scaler is None:
        raise AmpError(
            message("Loss scaler is not initialized", fix="Call amp.init_trainer(trainer) before.")
        )
    scale = scaler.loss_scale
    trainer._scale = trainer._amp_original_scale / scale
    yield [one * scale for one in loss] if isinstance(loss, (list, tuple)) else loss * scale


def unscale(optimizer_or_trainer: Trainer) -> None:
    """Divide the gradients by the scale now, for example to clip them before ``step``.

    Raises TypeError for anything but a Trainer.
    """
    trainer = _checked(optimizer_or_trainer)
    for parameter in trainer._params:
        for grad in parameter._grad or ():
            grad[:] *= trainer._scale
    trainer._scale = 1.0
