"""The table that ``Block.summary`` prints: layers, output shapes, numbers of parameters."""

from __future__ import annotations

import math
from typing import Any

from ..ndarray.core import NDArray
from .block import Block
from .hybrid import HybridBlock
from .nested import flatten

__all__ = ["print_summary"]

_CONTAINERS = ("Sequential", "HybridSequential")


def print_summary(block: Block, inputs: tuple[Any, ...]) -> None:
    """Run *block* once on *inputs* and print one line per layer, in the order of their ends.

    Raises AssertionError when a part of the block is hybridized: a compiled block does not call
    its children.
    """
    summary = _Summary(block)
    try:
        block(*inputs)
    finally:
        summary.detach()
    print(summary.text(inputs))


class _Summary:
    def __init__(self, block: Block) -> None:
        self.rows: list[tuple[str, str, int]] = []
        self.seen: set[int] = set()
        self.total = self.trainable = self.shared = 0
        self.hooks: list[Any] = []
        block.apply(self._watch)

    def _watch(self, block: Block) -> None:
        assert not isinstance(block, HybridBlock) or not block._active, (
            f'"{block.name}" must not be hybridized to print summary.'
        )
        if type(block).__name__ not in _CONTAINERS:
            self.hooks.append(block.register_forward_hook(self._add))

    def detach(self) -> None:
        """Take all hooks off."""
        for hook in self.hooks:
            hook.detach()

    def _add(self, block: Block, _: Any, out: Any) -> None:
        if not any(isinstance(one, NDArray) for one in flatten(out)[0]):
            return  # symbols: the shapes of parameters are being found out
        count = 0
        for parameter in block.params.values():
            size = math.prod(parameter.shape or ())
            count += size
            self.total += size
            if parameter.grad_req != "null":
                self.trainable += size
            if id(parameter) in self.seen:
                self.shared += size
            self.seen.add(id(parameter))
        name = f"{type(block).__name__}-{len(self.rows) + 1}"
        self.rows.append((name, _shapes(out), count))

    def text(self, inputs: tuple[Any, ...]) -> str:
        """The whole table."""
        rows = [("Input", _shapes(inputs if len(inputs) > 1 else inputs[0]), 0), *self.rows]
        thin, thick = "-" * 80, "=" * 80
        lines = [thin, _line("Layer (type)", "Output Shape", "Param #"), thick]
        lines += [_line(name, shape, str(count)) for name, shape, count in rows]
        lines += [
            thick,
            "Parameters in forward computation graph, duplicate included",
            f"   Total params: {self.total}",
            f"   Trainable params: {self.trainable}",
            f"   Non-trainable params: {self.total - self.trainable}",
            f"Shared params in forward computation graph: {self.shared}",
            f"Unique parameters in model: {self.total - self.shared}",
            thin,
        ]
        return "\n".join(lines)


def _line(name: str, shape: str, count: str) -> str:
    return f"{name:>20}  {shape:>42} {count:>15}"


def _shapes(out: Any) -> str:
    flat, _ = flatten(out)
    shapes = [str(one.shape) for one in flat if isinstance(one, NDArray)]
    return shapes[0] if len(shapes) == 1 else "[" + ", ".join(shapes) + "]"
