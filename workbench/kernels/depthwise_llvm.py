"""Depthwise convolution as machine code: each channel is a convolution of its own.

``forward``  y[c m, place] = bias[c m] + sum over k of w[c m, k] * x[c, at[place] + koff[k]]
``weight``   dw[c m, k] = sum over images and places of dy[c m, place] * x[c, at[place] + koff[k]]

``flat``     the same as forward with one filter, for each phase of the output in one pass
``dense``    y[n, c, q] = bias[c] + sum over p of m[p, q] * x[n, c, p], m from w: for tiny planes

with m filters for each channel. Lanes are neighbouring places of a row, and the tables are those
of :mod:`.conv_plan` for an image of one channel: position in the source and in the output of each
vector. In ``forward`` the last vector of a row overlaps the one before it, so that whole vectors
are stored. There is nothing to share among channels, so the registers hold one filter's sums: of
several vectors of places, or of several taps.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from .conv_llvm import COPY, Block, at, copy_back, copy_image, copy_row, fields
from .llvm import jit
from .llvm.builder import F32, POINTER, Function, Module, Value, vector

__all__ = [
    "DENSE",
    "FLAT",
    "FORWARD",
    "TAPS",
    "VECTORS",
    "WEIGHT",
    "compile_depthwise",
    "module_of",
]

FORWARD = (
    "x* w* y* bias* scratch* windows* koff* first last planes filters vectors taps "
    "x_step y_plane " + COPY
)
WEIGHT = (
    "x* dy* dw* scratch* dys* windows* koff* first last planes images filters vectors taps x_step "
    "dy_plane dy_copy dy_rows dy_columns " + COPY
)
FLAT = (
    "x* w* y* bias* scratch* made* koff* weights* phases* first last planes group span taps "
    "phase_count x_step y_step out_rows out_row_low out_row_step out_columns out_column_low "
    "out_column_step out_pitch out_plane out_column_size " + COPY
)
DENSE = (
    "x* w* y* bias* matrix* places* weights* first last images planes entries taps "
    "inputs outputs vectors"
)
#: images and vectors of a tile of the dense kernel
IMAGES, WIDE = 4, 2
#: vectors of a flat plane that are worked on at once
ABREAST = 4
#: vectors of places that one filter is applied to at once
VECTORS = 8
#: taps whose sums are kept at once
TAPS = 9
#: vectors whose products are added up before they join the sum: long sums lose digits
BAND = 128


def compile_depthwise(lanes: int, name: str) -> Callable[[int], None]:
    """One of the four by its name; from the disk cache if there."""
    return jit.compiled(f"depthwise {name} {lanes}", [name], lambda: module_of(lanes, name))[0]


def module_of(lanes: int, name: str) -> Module:
    """One of them as LLVM code."""
    module = Module("depthwise")
    with module.function(name, [POINTER]) as (f, block):
        if name == "forward":
            _forward(f, fields(f, block, FORWARD), lanes)
        elif name == "dense":
            _dense(f, fields(f, block, DENSE), lanes)
        elif name == "flat":
            _flat(f, fields(f, block, FLAT), lanes)
        else:
            _weight(f, fields(f, block, WEIGHT), lanes)
    return module


def _plane(f: Function, d: Block, number: Value, lanes: int) -> Value:
    """Where the kernel reads plane *number*: in the caller's array, or copied to the scratch."""
    base = f.variable(at(f, d.x, number * d.x_step))
    with f.when(d.copy.ne(0)):
        copy_image(f, d, base.get(), d.scratch, lanes)
        base.set(d.scratch)
    return base.get()


def _forward(f: Function, d: Block, lanes: int) -> None:
    """Plane of the input → filter → tile of places."""
    with f.loop(d.first, d.last) as plane:
        x = _plane(f, d, plane, lanes)
        with f.loop(0, d.filters) as m:
            output = (plane % d.planes) * d.filters + m
            weights = at(f, d.w, output * d.taps)
            bias = f.splat(f.load(F32, d.bias, output), lanes)
            y = at(f, d.y, (plane * d.filters + m) * d.y_plane)
            with f.loop(0, d.vectors, VECTORS) as v0:
                own = [f.smaller(v0 + j, d.vectors - 1) * 2 for j in range(VECTORS)]
                seen = [at(f, x, f.load_index(d.windows, v)) for v in own]
                acc = [f.variable(bias) for _ in own]
                with f.loop(0, d.taps) as k:
                    offset = f.load_index(d.koff, k)
                    w = f.splat(f.load(F32, weights, k), lanes)
                    for one, start in zip(acc, seen, strict=True):
                        one.set(f.fma(w, f.load(F32, start, offset, lanes), one.get()))
                for one, v in zip(acc, own, strict=True):
                    f.store(one.get(), y, f.load_index(d.windows, v + 1))


def _flat(f: Function, d: Block, lanes: int) -> None:
    """Some planes are copied in, then computed, then copied out.

    A vector takes the scratch array's places as they come, those between two rows, too: rows may
    be shorter than a vector. The results lie in ``made`` as the scratch array's rows do, phase by
    phase, so that nothing but whole vectors is loaded and stored.
    """
    out = SimpleNamespace(
        **{name[4:]: getattr(d, name) for name in FLAT.split() if name.startswith("out_")}
    )
    step = ABREAST * lanes
    with f.loop(d.first, d.last, d.group) as p0:
        count = f.smaller(d.last - p0, d.group)
        with f.loop(0, count) as i:
            source = at(f, d.x, (p0 + i) * d.x_step)
            copy_image(f, d, source, at(f, d.scratch, i * d.image), lanes)
        with f.loop(0, count) as i, f.loop(0, d.phase_count) as phase:
            x, channel = at(f, d.scratch, i * d.image), (p0 + i) % d.planes
            y = at(f, d.made, (i * d.phase_count + phase) * d.out_plane)
            taps = [f.load_index(d.phases, phase * 2 + end) for end in (0, 1)]
            main = d.span - d.span % step
            with f.loop(0, main, step) as t:
                _abreast(f, d, x, y, channel, taps, [t + j * lanes for j in range(ABREAST)], lanes)
            with f.loop(main, d.span, lanes) as t:
                _abreast(f, d, x, y, channel, taps, [t], lanes)
        with f.loop(0, count) as i:
            source = at(f, d.made, i * d.phase_count * d.out_plane)
            copy_back(f, out, source, at(f, d.y, (p0 + i) * d.y_step), lanes)


def _abreast(
    f: Function,
    d: Block,
    x: Value,
    y: Value,
    channel: Value,
    taps: list[Value],
    places: list[Value],
    lanes: int,
) -> None:
    """The vectors at some places of a flat plane."""
    acc = [f.variable(f.splat(f.load(F32, d.bias, channel), lanes)) for _ in places]
    weights = at(f, d.w, channel * d.taps)
    with f.loop(*taps) as k:
        offset = f.load_index(d.koff, k)
        w = f.splat(f.load(F32, weights, f.load_index(d.weights, k)), lanes)
        for one, place in zip(acc, places, strict=True):
            one.set(f.fma(w, f.load(F32, x, place + offset, lanes), one.get()))
    for one, place in zip(acc, places, strict=True):
        f.store(one.get(), y, place)


def _dense(f: Function, d: Block, lanes: int) -> None:
    """Channel → tile of its images → of places: a product with the matrix of the filter.

    What lies beyond the last image or the last vector is the last one again.
    """
    with f.loop(d.first, d.last) as c:
        weights = at(f, d.w, c * d.taps)
        with f.loop(0, d.entries) as k:
            value = f.load(F32, weights, f.load_index(d.weights, k))
            f.store(value, d.matrix, f.load_index(d.places, k))
        bias = f.splat(f.load(F32, d.bias, c), lanes)
        with f.loop(0, d.images, IMAGES) as n0:
            own = [f.smaller(n0 + i, d.images - 1) * d.planes + c for i in range(IMAGES)]
            seen = [at(f, d.x, plane * d.inputs) for plane in own]
            made = [at(f, d.y, plane * d.outputs) for plane in own]
            with f.loop(0, d.vectors, WIDE) as v0:
                columns = [f.smaller((v0 + j) * lanes, d.outputs - lanes) for j in range(WIDE)]
                acc = [[f.variable(bias) for _ in columns] for _ in own]
                with f.loop(0, d.inputs) as p:
                    row = at(f, d.matrix, p * d.outputs)
                    parts = [f.load(F32, row, column, lanes) for column in columns]
                    for x, sums in zip(seen, acc, strict=True):
                        number = f.splat(f.load(F32, x, p), lanes)
                        for one, part in zip(sums, parts, strict=True):
                            one.set(f.fma(number, part, one.get()))
                for y, sums in zip(made, acc, strict=True):
                    for one, column in zip(sums, columns, strict=True):
                        f.store(one.get(), y, column)


def _weight(f: Function, d: Block, lanes: int) -> None:
    """Channel → filter → tile of taps → image → places; each sum is written once."""
    with f.loop(d.first, d.last) as c, f.loop(0, d.filters) as m, f.loop(0, d.taps, TAPS) as k0:
        offsets = [f.load_index(d.koff, f.smaller(k0 + j, d.taps - 1)) for j in range(TAPS)]
        zero = f.constant(vector(F32, lanes), 0.0)
        acc = [f.variable(zero) for _ in offsets]
        with f.loop(0, d.images) as image:
            plane = image * d.planes + c
            x = _plane(f, d, plane, lanes)
            dy = _gradient(f, d, at(f, d.dy, (plane * d.filters + m) * d.dy_plane), lanes)
            with f.loop(0, d.vectors, BAND) as v0:
                band = [f.variable(zero) for _ in offsets]
                with f.loop(v0, f.smaller(v0 + BAND, d.vectors)) as v:
                    position, target = (f.load_index(d.windows, v * 2 + i) for i in (0, 1))
                    g = f.load(F32, dy, target, lanes)
                    row = at(f, x, position)
                    for one, offset in zip(band, offsets, strict=True):
                        one.set(f.fma(g, f.load(F32, row, offset, lanes), one.get()))
                for one, part in zip(acc, band, strict=True):
                    one.set(one.get() + part.get())
        sums = at(f, d.dw, (c * d.filters + m) * d.taps + k0)
        for j, one in enumerate(acc):
            total = f.total(one.get())
            with f.when(k0 + j < d.taps):
                f.store(total, sums, j)


def _gradient(f: Function, d: Block, dy: Value, lanes: int) -> Value:
    """A plane of the output's gradient, its rows as far apart as the source's."""
    base = f.variable(dy)
    with f.when(d.dy_copy.ne(0)):
        with f.loop(0, d.dy_rows) as row:
            line = at(f, d.dys, row * d.pitch)
            copy_row(f, line, at(f, dy, row * d.dy_columns), d.dy_columns, lanes)
        base.set(d.dys)
    return base.get()
