"""Batch normalization and its gradient, as machine code: one channel after the other.

The data lies as images × channels × places. With several places a channel is a stretch of each
image, which is passed over in vectors; with one (a matrix) a vector holds several channels. The
formulas below are the same for both: they see a space of numbers that belong to one channel, or
to each of some. The block of arguments is named by :data:`FORWARD` and :data:`BACKWARD`; numbers
are bits of float32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .llvm import cpu, jit
from .llvm.builder import F32, I64, POINTER, Function, Module, Value, vector
from .rows_llvm import Part, Row

__all__ = ["BACKWARD", "FORWARD", "compile_norm", "module_of"]

FORWARD = "data* gamma* beta* mean* scale* out* images channels places eps fixed"
BACKWARD = (
    "grad* data* gamma* mean* scale* moving_mean* moving_var* d_data* d_gamma* d_beta* "
    "images channels places eps fixed momentum"
)
Term = Callable[[Part], Value]


def compile_norm(name: str, matrix: bool) -> Callable[[int], None]:
    """``forward`` or ``backward``; *matrix*: of data with one place."""
    lanes = cpu.host().lanes
    key = f"norm {name} {matrix} {lanes}"
    return jit.compiled(key, [name], lambda: module_of(name, matrix, lanes))[0]


def module_of(name: str, matrix: bool, lanes: int) -> Module:
    """The kernel as LLVM code."""
    module = Module("norm")
    fields = (FORWARD if name == "forward" else BACKWARD).split()
    write = _forward if name == "forward" else _backward
    with module.function(name, [POINTER]) as (f, block):
        arrays = [f.load(POINTER, block, i) for i, n in enumerate(fields) if n.endswith("*")]
        at = {n: i for i, n in enumerate(fields)}
        images, channels, places = (
            f.load(I64, block, at[n]) for n in ("images", "channels", "places")
        )
        numbers: dict[str, Any] = {
            n: f.splat(f.load(F32, block, 2 * at[n]), lanes)
            for n in ("eps", "fixed", "momentum")
            if n in at
        }
        numbers["count"] = f.splat(f.to_float(images * places), lanes)
        if matrix:
            Row(f, channels, lanes).parts(
                lambda part: write(_Columns(f, lanes, images, channels, part), *arrays, **numbers)
            )
        else:
            with f.loop(0, channels) as channel:
                space = _Planes(f, lanes, images, channels, places, channel)
                write(space, *arrays, **numbers)
    return module


class _Planes:
    """The numbers of one channel: a stretch of each image."""

    def __init__(
        self,
        f: Function,
        lanes: int,
        images: Value,
        channels: Value,
        places: Value,
        channel: Value,
    ) -> None:
        self.f, self.lanes, self.images = f, lanes, images
        self.channels, self.places, self.channel = channels, places, channel

    def each(self, body: Callable[[Part], None]) -> None:
        """*body* for all numbers, some at a time."""
        with self.f.loop(0, self.images) as image:
            start = (image * self.channels + self.channel) * self.places
            Row(self.f, self.places, self.lanes).parts(
                lambda part: body(part._replace(at=part.at + start))
            )

    def sums(self, *terms: Term) -> list[Value]:
        """The sum of each term over all numbers, in each lane."""
        f, nothing = self.f, self.f.constant(vector(F32, self.lanes), 0.0)
        found = [f.variable(nothing) for _ in terms]

        def add(part: Part) -> None:
            for term, one in zip(terms, found, strict=True):
                value = term(part)
                if part.mask is not None:
                    value = f.select(part.mask, value, nothing)
                one.set(one.get() + value)

        self.each(add)
        return [f.across(one.get(), lambda a, b: a + b) for one in found]

    def read(self, pointer: Value) -> Value:
        """What belongs to the channel, in each lane."""
        return self.f.splat(self.f.load(F32, pointer, self.channel), self.lanes)

    def write(self, value: Value, pointer: Value) -> None:
        """Write what belongs to the channel."""
        self.f.store(self.f.lane(value, 0), pointer, self.channel)


class _Columns:
    """The numbers of some channels side by side: a row of each image."""

    def __init__(self, f: Function, lanes: int, images: Value, channels: Value, part: Part) -> None:
        self.f, self.lanes, self.images, self.channels = f, lanes, images, channels
        self.part = part

    def each(self, body: Callable[[Part], None]) -> None:
        """*body* for the row of each image."""
        with self.f.loop(0, self.images) as image:
            body(self.part._replace(at=self.part.at + image * self.channels))

    def sums(self, *terms: Term) -> list[Value]:
        """The sum of each term over the images, channel by channel."""
        f = self.f
        found = [f.variable(f.constant(vector(F32, self.lanes), 0.0)) for _ in terms]

        def add(part: Part) -> None:
            for term, one in zip(terms, found, strict=True):
                one.set(one.get() + term(part))

        self.each(add)
        return [one.get() for one in found]

    def read(self, pointer: Value) -> Value:
        """What belongs to the channels."""
        return self.part.load(pointer)

    def write(self, value: Value, pointer: Value) -> None:
        """Write what belongs to the channels."""
        self.part.store(value, pointer)


def _forward(
    space: Any,
    data: Value,
    gamma: Value,
    beta: Value,
    mean_out: Value,
    scale_out: Value,
    out: Value,
    *,
    eps: Value,
    fixed: Value,
    count: Value,
) -> None:
    f = space.f
    (total,) = space.sums(lambda part: part.load(data))
    mean = total / count

    def squared(part: Part) -> Value:
        centred = part.load(data) - mean
        return centred * centred

    (spread,) = space.sums(squared)
    scale = 1.0 / f.call("llvm.sqrt", spread / count + eps)
    space.write(mean, mean_out)
    space.write(scale, scale_out)
    factor = scale * f.select(fixed.ne(0.0), 1.0, space.read(gamma))
    shift = space.read(beta)
    space.each(lambda part: part.store((part.load(data) - mean) * factor + shift, out))


def _backward(
    space: Any,
    grad: Value,
    data: Value,
    gamma: Value,
    mean_in: Value,
    scale_in: Value,
    moving_mean: Value,
    moving_var: Value,
    d_data: Value,
    d_gamma: Value,
    d_beta: Value,
    *,
    eps: Value,
    fixed: Value,
    momentum: Value,
    count: Value,
) -> None:
    f = space.f
    mean, scale = space.read(mean_in), space.read(scale_in)
    by_shift, by_scale = space.sums(
        lambda part: part.load(grad), lambda part: part.load(grad) * (part.load(data) - mean)
    )
    by_scale = by_scale * scale
    whole = fixed.ne(0.0)
    factor = scale * f.select(whole, 1.0, space.read(gamma))
    slope, shift = scale * by_scale / count, by_shift / count

    def write(part: Part) -> None:
        centred = part.load(data) - mean
        part.store((part.load(grad) - centred * slope - shift) * factor, d_data)

    space.each(write)
    space.write(f.select(whole, 0.0, by_scale), d_gamma)
    space.write(by_shift, d_beta)
    rest = momentum * -1.0 + 1.0
    variance = 1.0 / (scale * scale) - eps
    for value, moving in ((mean, moving_mean), (variance, moving_var)):
        space.write(space.read(moving) * momentum + value * rest, moving)
