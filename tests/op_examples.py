"""Arrays for the examples of operator records, and operators called on raw NumPy arrays.

What an example says of an input (see :mod:`workbench.ops.registry`) becomes an array here.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from workbench.backend.streams import Streams
from workbench.ops.registry import Op

#: kinds that have a dtype of their own, with the range of their numbers
_WHOLE = {"int8": (-127, 128), "uint8": (0, 256), "int32": (-(2**30), 2**30)}


def array(spec: Any, dtype: str, rng: np.random.Generator) -> np.ndarray:
    """The array that one input's entry stands for."""
    if spec and isinstance(spec[0], list):
        return np.array(spec[0], dtype)
    kind, *rest = spec if spec and isinstance(spec[0], str) else ("float", spec)
    shape = rest[-1]
    if kind in _WHOLE:
        return rng.integers(*_WHOLE[kind], shape).astype(kind)
    if kind == "int":
        return rng.integers(0, rest[0], shape).astype(dtype)
    values = rng.uniform(0.1, 0.9, shape)
    if kind == "float":
        # no two values are close, so that no small step changes an order or a sign
        count = max(1, int(np.prod(shape)))
        jitter = rng.uniform(0.2, 0.8, shape)
        values = (rng.permutation(count).reshape(shape) - count // 2 + jitter) * (2.5 / count)
    elif kind == "positive":
        values = values + 0.5
    elif kind == "above 1":
        values = values + 1.2
    elif kind == "symmetric":
        values = values @ values.swapaxes(-1, -2) + np.diag(1.0 + np.arange(shape[-1]))
    return values.astype(dtype)


def is_index(spec: Any) -> bool:
    """True for an input of whole numbers or given values, along which no gradient is tried."""
    return bool(spec) and (spec[0] in ("int", *_WHOLE) or isinstance(spec[0], list))


class Call:
    """One example of an operator with its arrays."""

    def __init__(self, op: Op, example: dict[str, Any], dtype: str = "float64") -> None:
        rng = np.random.default_rng(zlib.crc32(f"{op.name}{example}".encode()))
        self.op, self.example = op, example
        given = dict(example)
        if op.variadic:
            specs = given.pop("args")
            self.names = [f"arg{i}" for i in range(len(specs))]
        else:
            self.names = [n for n in op.inputs if n in given]
            specs = [given.pop(n) for n in self.names]
        self.specs = dict(zip(self.names, specs, strict=True))
        self.arrays = {n: array(s, dtype, rng) for n, s in self.specs.items()}
        self.params = op.parse(given)

    def inputs(self) -> list[np.ndarray | None]:
        """All inputs in order, None for those left out."""
        if self.op.variadic:
            return list(self.arrays.values())
        return [self.arrays.get(n) for n in self.op.inputs]

    def options(self, train: bool = True) -> dict[str, Any]:
        """What the body takes beside arrays: parameters, and what the caller fills in."""
        made = dict(self.params)
        if "train" in self.op.uses:
            made["train"] = train
        if "rng" in self.op.uses:
            made["rng"] = Streams(0)
        return made

    def run(self, inputs: list[np.ndarray | None] | None = None, train: bool = True) -> tuple:
        """The outputs of the body, always as a tuple."""
        inputs = self.inputs() if inputs is None else inputs
        options = self.options(train)
        with np.errstate(all="ignore"):
            if self.op.is_scalar:
                number = np.asarray(options["scalar"]).astype(inputs[0].dtype)
                out = self.op.body(np, inputs[0], number)
            else:
                out = self.op.body(np, *inputs, **options)
        return tuple(out) if self.op.has_outputs else (out,)


def every_example(ops: Any) -> list[tuple[str, Op, dict[str, Any]]]:
    """(readable name, operator, example) for all examples of the operators."""
    return [(f"{op.name}-{i}", op, e) for op in ops for i, e in enumerate(op.examples)]
