"""Blocks that run their children one after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..block import Block, _indent
from ..hybrid import HybridBlock

__all__ = ["HybridSequential", "Sequential"]


class _Stack:
    """What both kinds of sequence share; a mix-in over Block."""

    _children: Any

    def add(self, *blocks: Block) -> None:
        """Append blocks."""
        for one in blocks:
            self.register_child(one)  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        lines = "\n".join(
            f"  ({key}): {_indent(repr(child), 2)}" for key, child in self._children.items()
        )
        return f"{type(self).__name__}(\n{lines}\n)"

    def __getitem__(self, key: Any) -> Any:
        layers = list(self._children.values())[key]
        if isinstance(layers, list):
            net = type(self)(prefix=self._prefix)  # type: ignore[call-arg, attr-defined]
            with net.name_scope():  # type: ignore[attr-defined]
                net.add(*layers)
            return net
        return layers

    def __len__(self) -> int:
        return len(self._children)

    def __iter__(self) -> Iterator[Block]:
        return iter(self._children.values())


class Sequential(_Stack, Block):
    """Runs Blocks one after another.

    >>> from workbench.gluon import nn
    >>> net = nn.Sequential()
    >>> net.add(nn.Dense(10, activation="relu"), nn.Dense(2))
    >>> len(net)
    2
    """

    def forward(self, x: Any, *args: Any) -> Any:
        """Hand *x* through all children."""
        for child in self._children.values():
            x = child(x, *args)
            args = ()
            if isinstance(x, (tuple, list)):
                args, x = tuple(x[1:]), x[0]
        return (x, *args) if args else x

    def hybridize(self, active: bool = True, **kwargs: Any) -> None:
        """Compile the children; a warning says where HybridSequential would be one graph."""
        if self._children and all(isinstance(c, HybridBlock) for c in self._children.values()):
            import warnings

            warnings.warn(
                f"All children of this Sequential layer '{self.prefix}' are HybridBlocks. "
                "Consider using HybridSequential for the best performance.",
                stacklevel=2,
            )
        super().hybridize(active, **kwargs)


class HybridSequential(_Stack, HybridBlock):
    """Runs HybridBlocks one after another; ``hybridize()`` makes them one graph."""

    def forward(self, x: Any, *args: Any) -> Any:
        """Hand *x* through all children; compiled after ``hybridize()``."""
        return super().forward(x, *args)

    def hybrid_forward(self, F: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Hand *x* through all children."""
        for child in self._children.values():
            x = child(x, *args)
            args = ()
            if isinstance(x, (tuple, list)):
                args, x = tuple(x[1:]), x[0]
        return (x, *args) if args else x
