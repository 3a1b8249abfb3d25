"""One direction of one recurrent layer over a whole sequence: forward, and back through time.

Arrays are (T, N, ...): steps, samples. What belongs to a step of mode *m* and size H are
``GATES[m] · H`` numbers: H for a plain layer, ``i f g o`` for an LSTM, ``r z n`` for a GRU. A
:class:`Layer` holds them with activations done, because that is what the way back needs.
"""

from dataclasses import dataclass
from typing import Any

#: endings of the gates' names in MXNet, in the order of their rows
GATE_NAMES = {
    "rnn_relu": ("",),
    "rnn_tanh": ("",),
    "lstm": ("_i", "_f", "_c", "_o"),
    "gru": ("_r", "_z", "_o"),
}
GATES = {mode: len(names) for mode, names in GATE_NAMES.items()}


def vector_size(inputs, mode, size, layers, directions):
    """How many parameters there are for *inputs* features, without a projection."""
    widths = inputs + (layers - 1) * directions * size
    return GATES[mode] * size * directions * (widths + layers * (size + 2))


def inputs_of(count, mode, size, layers, directions):
    """How many features *count* parameters are for; None if that is no possible number."""
    least = vector_size(0, mode, size, layers, directions)
    inputs, rest = divmod(count - least, GATES[mode] * size * directions)
    return None if rest or inputs < 0 else inputs


def gate_views(vector, mode, size, layers, directions):
    """Names (``l0_i2h_f_weight``) and parts of a vector of parameters, gate by gate, in its order.

    The vector may be of any array type whose slices are views.
    """
    inputs = inputs_of(vector.size, mode, size, layers, directions)
    cells = [(f"{way}{layer}", layer) for layer in range(layers) for way in "lr"[:directions]]
    at = 0
    for kind in ("weight", "bias"):
        for cell, layer in cells:
            for part in ("i2h", "h2h"):
                below = directions * size if layer else inputs
                width = size if part == "h2h" else below
                shape = (size, width) if kind == "weight" else (size,)
                count = size * width if kind == "weight" else size
                for gate in GATE_NAMES[mode]:
                    yield f"{cell}_{part}{gate}_{kind}", vector[at : at + count].reshape(shape)
                    at += count


@dataclass
class Layer:
    """Weights of one direction of one layer, or their gradients."""

    x_weight: Any  # (gates · H, I)
    h_weight: Any  # (gates · H, H), or (gates · H, P) with a projection
    projection: Any  # (P, H) or None
    x_bias: Any  # (gates · H,)
    h_bias: Any  # (gates · H,)


@dataclass
class Trace:
    """What one direction of one layer computed on its way."""

    gates: Any  # (T, N, gates · H), activations done
    inner: Any  # LSTM: cells (T, N, H); GRU: h · Wₙ + bₙ (T, N, H); else None


def _sigmoid(xp, x):
    xp.negative(x, out=x)
    xp.exp(x, out=x)
    x += 1
    return xp.reciprocal(x, out=x)


def _split(x, count):
    size = x.shape[-1] // count
    return [x[..., i * size : (i + 1) * size] for i in range(count)]


def _steps(length, backward):
    return range(length - 1, -1, -1) if backward else range(length)


def forward(xp, mode, x, h, c, layer, trace, out, *, backward):
    """Run along the sequence; fills *trace* and *out* (T, N, H or P), gives the last h and c."""
    steps, batch = x.shape[:2]
    flat = xp.matmul(x.reshape(steps * batch, -1), layer.x_weight.T) + layer.x_bias
    trace.gates[...] = flat.reshape(trace.gates.shape)
    if mode != "gru":
        trace.gates += layer.h_bias
    for t in _steps(steps, backward):
        turned = xp.matmul(h, layer.h_weight.T)
        gates = trace.gates[t]
        if mode == "gru":
            turned += layer.h_bias
            h = _gru(xp, gates, turned, h, trace.inner[t])
        elif mode == "lstm":
            gates += turned
            h, c = _lstm(xp, gates, c)
            trace.inner[t] = c
            if layer.projection is not None:
                h = xp.matmul(h, layer.projection.T)
        else:
            gates += turned
            h = xp.tanh(gates, out=gates) if mode == "rnn_tanh" else xp.maximum(gates, 0, out=gates)
        out[t] = h
    return h, c


def _lstm(xp, gates, c):
    i, f, g, o = _split(gates, 4)
    for gate in (i, f, o):
        _sigmoid(xp, gate)
    xp.tanh(g, out=g)
    c = f * c + i * g
    return o * xp.tanh(c), c


def _gru(xp, gates, turned, h, inner):
    size = h.shape[-1]
    gates[..., : 2 * size] += turned[..., : 2 * size]
    r, z, n = _split(gates, 3)
    _sigmoid(xp, gates[..., : 2 * size])
    inner[...] = turned[..., 2 * size :]
    n += r * inner
    xp.tanh(n, out=n)
    return (1 - z) * n + z * h


def back(xp, mode, x, h0, c0, layer, trace, out, d_out, d_h, d_c, grads, *, backward):
    """Gradients of x, h0 and c0; those of the weights are written into the Layer *grads*.

    *d_out* is the gradient of *out*, *d_h* and *d_c* those of the last state.
    """
    steps, batch = x.shape[:2]
    d_gates = xp.empty_like(trace.gates)
    d_turned = xp.empty_like(trace.gates) if mode == "gru" else d_gates
    if layer.projection is not None:
        grads.projection[...] = 0
    for t in reversed(_steps(steps, backward)):
        before = t + 1 if backward else t - 1
        first = not 0 <= before < steps
        h = h0 if first else out[before]
        d_h = d_out[t] + d_h
        if mode == "lstm":
            c = c0 if first else trace.inner[before]
            d_c = _lstm_back(xp, trace, t, c, d_h, d_c, layer, grads, d_gates[t])
            d_h = 0
        elif mode == "gru":
            d_h = _gru_back(trace, t, h, d_h, d_gates[t], d_turned[t])
        elif mode == "rnn_tanh":
            d_gates[t] = d_h * (1 - trace.gates[t] ** 2)
            d_h = 0
        else:
            d_gates[t] = d_h * (trace.gates[t] > 0)
            d_h = 0
        d_h = d_h + xp.matmul(d_turned[t], layer.h_weight)
    earlier = (
        xp.concatenate([out[1:], h0[None]]) if backward else xp.concatenate([h0[None], out[:-1]])
    )
    flat = steps * batch
    d_flat, d_side = d_gates.reshape(flat, -1), d_turned.reshape(flat, -1)
    grads.x_weight[...] = xp.matmul(d_flat.T, x.reshape(flat, -1))
    grads.h_weight[...] = xp.matmul(d_side.T, earlier.reshape(flat, -1))
    grads.x_bias[...] = d_flat.sum(axis=0)
    grads.h_bias[...] = d_side.sum(axis=0)
    return xp.matmul(d_flat, layer.x_weight).reshape(x.shape), d_h, d_c


def _lstm_back(xp, trace, t, c_before, d_h, d_c, layer, grads, d_gates):
    """Write the gradients of the gates; the gradient of the cell before."""
    i, f, g, o = _split(trace.gates[t], 4)
    d_i, d_f, d_g, d_o = _split(d_gates, 4)
    c = trace.inner[t]
    bent = xp.tanh(c)
    if layer.projection is not None:
        grads.projection += xp.matmul(d_h.T, o * bent)
        d_h = xp.matmul(d_h, layer.projection)
    d_o[...] = d_h * bent * o * (1 - o)
    d_c = d_c + d_h * o * (1 - bent * bent)
    d_i[...] = d_c * g * i * (1 - i)
    d_f[...] = d_c * c_before * f * (1 - f)
    d_g[...] = d_c * i * (1 - g * g)
    return d_c * f


def _gru_back(trace, t, h, d_h, d_gates, d_turned):
    """Write the gradients of the gates and of h · W + b; what reaches h past them."""
    r, z, n = _split(trace.gates[t], 3)
    d_r, d_z, d_n = _split(d_gates, 3)
    d_n[...] = d_h * (1 - z) * (1 - n * n)
    d_z[...] = d_h * (h - n) * z * (1 - z)
    d_r[...] = d_n * trace.inner[t] * r * (1 - r)
    d_turned[...] = d_gates
    _split(d_turned, 3)[2][...] = d_n * r
    return d_h * z
