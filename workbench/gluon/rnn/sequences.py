"""Sequences as one array or as a list of steps."""

from __future__ import annotations

from typing import Any

from ... import ndarray as nd, symbol
from ...error import ShapeError, message

__all__ = ["begin_state_for", "formatted", "is_tensor", "masked", "reversed_steps"]


def is_tensor(value: Any) -> bool:
    """True for an array or a symbol, False for a list of them."""
    return isinstance(value, (nd.NDArray, symbol.Symbol))


def namespace_of(value: Any) -> Any:
    """``mx.nd`` or ``mx.sym``, by what a sequence is made of."""
    first = value if is_tensor(value) else value[0]
    return symbol if isinstance(first, symbol.Symbol) else nd


def _listed(value: Any) -> list[Any]:
    return [value] if isinstance(value, nd.NDArray) else list(value)


def formatted(
    length: int | None, inputs: Any, layout: str, merge: bool | None
) -> tuple[Any, int, Any, int]:
    """The sequence as one array (*merge*), as a list (False), or as it is (None).

    Returns
    -------
    sequence, axis of time, ``mx.nd`` or ``mx.sym``, samples (0 where not known)
    """
    axis, F = layout.find("T"), namespace_of(inputs)
    if is_tensor(inputs):
        batch = 0 if F is symbol else inputs.shape[layout.find("N")]
        if merge is False:
            steps = length if F is symbol else inputs.shape[axis]
            _check_length(length, steps)
            parts = F.split(inputs, axis=axis, num_outputs=steps, squeeze_axis=1)
            inputs = _listed(parts)
        return inputs, axis, F, batch
    _check_length(length, len(inputs))
    batch = 0 if F is symbol else inputs[0].shape[0]
    if merge:
        inputs = F.stack(*inputs, axis=axis)
    return inputs, axis, F, batch


def _check_length(length: int | None, steps: int) -> None:
    if length is not None and length != steps:
        raise ShapeError(
            message(
                f"unroll: length is {length}, but the sequence has {steps} steps",
                fix="Check length and layout.",
            )
        )


def masked(F: Any, data: Any, length: int, valid_length: Any, axis: int, merge: bool) -> Any:
    """Zeros behind each sample's own end."""
    if not is_tensor(data):
        data = F.stack(*data, axis=axis)
    kept = F.SequenceMask(data, sequence_length=valid_length, use_sequence_length=True, axis=axis)
    if merge:
        return kept
    return _listed(F.split(kept, num_outputs=length, axis=axis, squeeze_axis=True))


def reversed_steps(steps: Any, length: int, valid_length: Any = None) -> list[Any]:
    """The steps from the end; with *valid_length* from each sample's own end."""
    if valid_length is None:
        return list(reversed(steps))
    F = namespace_of(steps)
    turned = F.SequenceReverse(
        F.stack(*steps, axis=0), sequence_length=valid_length, use_sequence_length=True
    )
    return _listed(F.split(turned, axis=0, num_outputs=length, squeeze_axis=True))


def begin_state_for(cell: Any, F: Any, given: Any, inputs: Any, batch: int) -> Any:
    """The given first state, or zeros on the device of the inputs."""
    if given is not None:
        return given
    if F is symbol:
        return cell.begin_state(func=F.zeros, batch_size=batch)
    first = inputs if is_tensor(inputs) else inputs[0]
    with first.context:
        return cell.begin_state(func=F.zeros, batch_size=batch)
