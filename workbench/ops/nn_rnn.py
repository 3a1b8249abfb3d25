"""Recurrent layers over whole sequences: plain, LSTM and GRU, stacked, in both directions.

All weights and biases are one vector: first the weights of each layer and direction (input,
state, projection), then all biases in the same order (input, state).
"""

from ..error import ParameterError, ShapeError, message
from . import rnn_steps, rules
from .params import Bool, Enum, Float, Int
from .registry import op
from .rnn_steps import GATES, Layer, Trace


class _Sizes:
    """The sizes that parameters and the shape of data give."""

    def __init__(self, p, shape):
        self.steps, self.batch, self.inputs = shape
        self.mode, self.layers, self.size = p["mode"], p["num_layers"], p["state_size"]
        self.directions = 2 if p["bidirectional"] else 1
        self.out = p["projection_size"] or self.size
        self.projected = p["projection_size"] is not None
        self.gates = GATES[self.mode] * self.size
        self.has_inner = self.mode in ("lstm", "gru")
        self.has_cell = self.mode == "lstm"
        self.drops = p["p"] > 0

    def width(self, layer):
        """Features that a layer reads."""
        return self.out * self.directions if layer else self.inputs

    def parameters(self):
        """How many numbers the vector of parameters has."""
        each = self.gates * (self.out + 2) + (self.out * self.size if self.projected else 0)
        widths = sum(self.width(layer) for layer in range(self.layers))
        return self.directions * (self.layers * each + widths * self.gates)

    def reserve(self):
        """How many numbers the way back wants kept."""
        each = self.gates + (self.size if self.has_inner else 0)
        kept = self.layers * self.directions * each
        between = (self.layers - 1) * self.out * self.directions * (2 if self.drops else 1)
        return self.steps * self.batch * (kept + between)


class _Cursor:
    """Consecutive parts of a vector, as views."""

    def __init__(self, vector):
        self.vector, self.at = vector, 0

    def take(self, *shape):
        start, self.at = self.at, self.at + rules.prod(shape)
        return self.vector[start : self.at].reshape(shape)


def _layers(s, vector):
    """The weights in *vector*: for each layer, for each direction a Layer of views."""
    cursor = _Cursor(vector)
    made = []
    for layer in range(s.layers):
        for _ in range(s.directions):
            x_weight = cursor.take(s.gates, s.width(layer))
            h_weight = cursor.take(s.gates, s.out)
            projection = cursor.take(s.out, s.size) if s.projected else None
            made.append(Layer(x_weight, h_weight, projection, None, None))
    for one in made:
        one.x_bias, one.h_bias = cursor.take(s.gates), cursor.take(s.gates)
    return [made[i : i + s.directions] for i in range(0, len(made), s.directions)]


def layers_in(vector, shape, p):
    """The Layers of a vector of parameters, for data of *shape*; see ``_layers``."""
    return _layers(_Sizes(p, shape), vector)


def _traces(s, reserve):
    """Parts of the reserve: for each layer its Traces, what it read, and the mask of that."""
    cursor = _Cursor(reserve)
    made = []
    for layer in range(s.layers):
        traces = [
            Trace(
                cursor.take(s.steps, s.batch, s.gates),
                cursor.take(s.steps, s.batch, s.size) if s.has_inner else None,
            )
            for _ in range(s.directions)
        ]
        read = cursor.take(s.steps, s.batch, s.width(layer)) if layer else None
        mask = cursor.take(s.steps, s.batch, s.width(layer)) if layer and s.drops else None
        made.append((traces, read, mask))
    return made


def _run(xp, s, data, parameters, state, state_cell, drop, rng):
    """The outputs of RNN; *drop* is the share to drop now."""
    reserve = xp.empty(s.reserve(), data.dtype)
    last = [xp.empty_like(one) for one in (state, state_cell)[: 1 + s.has_cell]]
    weights, kept = _layers(s, parameters), _traces(s, reserve)
    x = data
    for layer, (traces, read, mask) in enumerate(kept):
        if layer:
            read[...] = x
            x = x if mask is None else x * _filled(xp, mask, drop, rng)
        out = xp.empty((s.steps, s.batch, s.out * s.directions), data.dtype)
        for way in range(s.directions):
            place, part = layer * s.directions + way, slice(way * s.out, (way + 1) * s.out)
            h, c = rnn_steps.forward(
                xp,
                s.mode,
                x,
                state[place],
                state_cell[place] if s.has_cell else None,
                weights[layer][way],
                traces[way],
                out[..., part],
                backward=bool(way),
            )
            last[0][place] = h
            if s.has_cell:
                last[1][place] = c
        x = out
    return x, *last, reserve


def _filled(xp, mask, drop, rng):
    """Fill the mask between two layers."""
    if 0 < drop < 1:
        mask[...] = xp.asarray(rng.keep_mask(mask.shape, 1 - drop, mask.dtype))
        mask *= 1 / (1 - drop)
    else:
        mask[...] = 1 - drop
    return mask


def _run_back(xp, s, data, parameters, states, result, reserve, d_result, d_states):
    """Gradients of data, parameters and states."""
    d_parameters = xp.empty_like(parameters)
    made = [xp.empty_like(one) for one in states]
    weights, grads, kept = _layers(s, parameters), _layers(s, d_parameters), _traces(s, reserve)
    out, d_out = result, d_result
    for layer in reversed(range(s.layers)):
        traces, read, mask = kept[layer]
        x = data if read is None else read
        x = x if mask is None else x * mask
        d_x = 0
        for way in range(s.directions):
            place, part = layer * s.directions + way, slice(way * s.out, (way + 1) * s.out)
            d_own, made[0][place], d_c = rnn_steps.back(
                xp,
                s.mode,
                x,
                states[0][place],
                states[1][place] if s.has_cell else None,
                weights[layer][way],
                traces[way],
                out[..., part],
                d_out[..., part],
                d_states[0][place],
                d_states[1][place] if s.has_cell else None,
                grads[layer][way],
                backward=bool(way),
            )
            if s.has_cell:
                made[1][place] = d_c
            d_x = d_x + d_own
        d_out = d_x if mask is None else d_x * mask
        out = read
    return d_out, d_parameters, *made


_MODES = Enum("gru", "lstm", "rnn_relu", "rnn_tanh")
_NO_DROP = {"state_size": 2, "num_layers": 1, "state_outputs": True}
_EXAMPLES = [
    {"data": (3, 2, 3), "parameters": (14,), "state": (1, 2, 2), "mode": "rnn_tanh", **_NO_DROP},
    {"data": (3, 2, 3), "parameters": (14,), "state": (1, 2, 2), "mode": "rnn_relu", **_NO_DROP},
    {
        "data": (3, 2, 3),
        "parameters": (240,),
        "state": (4, 2, 2),
        "state_cell": (4, 2, 2),
        "mode": "lstm",
        **_NO_DROP,
        "num_layers": 2,
        "bidirectional": True,
    },
    {
        "data": (3, 2, 3),
        "parameters": (180,),
        "state": (4, 2, 2),
        "mode": "gru",
        **_NO_DROP,
        "num_layers": 2,
        "bidirectional": True,
    },
    {
        "data": (3, 2, 3),
        "parameters": (120,),
        "state": (1, 2, 2),
        "state_cell": (1, 2, 4),
        "mode": "lstm",
        **_NO_DROP,
        "state_size": 4,
        "projection_size": 2,
    },
]


def _states(p):
    return 2 if p["mode"] == "lstm" else 1


def _missing(p):
    cell = [] if p["mode"] == "lstm" else ["state_cell"]
    return cell if p["use_sequence_length"] else [*cell, "sequence_length"]


@op(
    aliases=["_npx_rnn"],
    optional_when=_missing,
    outputs=lambda p: 2 + _states(p),
    output_names=["output", "state_output", "statecell_output"],
    visible=lambda p: 1 + _states(p) if p["state_outputs"] else 1,
    dtype=lambda p, ins, n: ([one or ins[0] for one in ins], [ins[0]] * n),
    examples=_EXAMPLES,
)
def RNN(
    xp,
    data,
    parameters,
    state,
    state_cell=None,
    sequence_length=None,
    *,
    state_size: Int(min=0),  # features of a state
    num_layers: Int(min=0),  # layers, each of which reads the one below
    bidirectional: Bool = False,  # also run from the end, and join both
    mode: _MODES,  # the kind of step
    p: Float(min=0, max=1) = 0.0,  # share of dropped features between layers, in training
    state_outputs: Bool = False,  # also return the last states
    projection_size: Int(optional=True) = None,  # LSTM: features of its output, by a matrix
    lstm_state_clip_min: Float(optional=True) = None,  # not used, as by MXNet on the CPU
    lstm_state_clip_max: Float(optional=True) = None,  # not used either
    lstm_state_clip_nan: Bool = False,  # not used either
    use_sequence_length: Bool = False,  # not used on the CPU, as in MXNet
    train,
    rng,
):
    """Sequences (T, N, I) through recurrent layers: (T, N, directions · H), and the last states.

    States are (layers · directions, N, H), by layer and then direction; an LSTM has two. Steps:
    ``tanh`` or ``relu`` of ``Wx + b + Rh + d``; LSTM (gates i, f, g, o) ``c = f c + i g``,
    ``h = o tanh(c)``; GRU (gates r, z, n) ``n = tanh(Wx + b + r (Rh + d))``,
    ``h = (1 - z) n + z h``. The hidden last output is what the gradient wants kept.
    """
    options = {
        "mode": mode,
        "num_layers": num_layers,
        "state_size": state_size,
        "bidirectional": bidirectional,
        "projection_size": projection_size,
        "p": p,
    }
    s = _Sizes(options, data.shape)
    return _run(xp, s, data, parameters, state, state_cell, p if train else 0, rng)


@RNN.infer
def _rnn_shape(p, ins):
    data = ins[0]
    if p["projection_size"] is not None and p["mode"] != "lstm":
        raise ParameterError(message(f"RNN: projection_size is for lstm, not {p['mode']}"))
    if data is None:
        return ins, [None] * (2 + _states(p))
    if len(data) != 3:
        raise ShapeError(f"RNN: data is (steps, samples, features), got {data}")
    s = _Sizes(p, data)
    vector = s.parameters() if s.inputs else 0
    states = s.layers * s.directions
    expected = [data, (vector,), (states, s.batch, s.out)]
    if len(ins) > 3:
        expected.append((states, s.batch, s.size) if s.mode == "lstm" else None)
    if len(ins) > 4:
        expected.append((s.batch,) if p["use_sequence_length"] else None)
    merged = [
        None if one is None else rules.merge(given, one, name)
        for given, one, name in zip(ins, expected, RNN.inputs, strict=False)
    ]
    last = [(states, s.batch, s.out), (states, s.batch, s.size)][: _states(p)]
    reserve = s.reserve() if s.steps and s.batch else 0
    return merged, [(s.steps, s.batch, s.out * s.directions), *last, (reserve,)]


_KEPT = (
    "state_size",
    "num_layers",
    "bidirectional",
    "mode",
    "p",
    "projection_size",
)


def _rnn_back(F, g, data, parameters, state, state_cell, outs, p):
    grads = [F.zeros_like(out) if one is None else one for one, out in zip(g, outs, strict=True)]
    cells = (state_cell, grads[2]) if p["mode"] == "lstm" else ()
    made = F._backward_RNN(
        data,
        parameters,
        state,
        outs[0],
        outs[-1],
        grads[0],
        grads[1],
        *cells,
        **{name: p[name] for name in _KEPT},
    )
    return (*made, None) if p["mode"] == "lstm" else (*made, None, None)


RNN.grad_joint(_rnn_back)


@op(
    "_backward_RNN",
    outputs=lambda p: 2 + _states(p),
    optional_when=lambda p: [] if p["mode"] == "lstm" else ["state_cell", "d_cell"],
    infer=lambda p, ins: (ins, [*ins[:3], *ins[7 : 6 + _states(p)]]),
    dtype=lambda p, ins, n: (ins, [ins[0]] * n),
    examples=[
        {
            "data": (3, 2, 3),
            "parameters": (14,),
            "state": (1, 2, 2),
            "result": (3, 2, 2),
            "reserve": (12,),
            "d_result": (3, 2, 2),
            "d_state": (1, 2, 2),
            "state_size": 2,
            "num_layers": 1,
            "mode": "rnn_tanh",
        }
    ],
)
def backward_rnn(
    xp,
    data,
    parameters,
    state,
    result,
    reserve,
    d_result,
    d_state,
    state_cell=None,
    d_cell=None,
    *,
    state_size: Int,
    num_layers: Int,
    bidirectional: Bool = False,
    mode: _MODES,
    p: Float = 0.0,
    projection_size: Int(optional=True) = None,
):
    """Gradients of data, parameters and states of ``RNN``."""
    options = {
        "mode": mode,
        "num_layers": num_layers,
        "state_size": state_size,
        "bidirectional": bidirectional,
        "projection_size": projection_size,
        "p": p,
    }
    s = _Sizes(options, data.shape)
    states, d_states = (state,), (d_state,)
    if s.has_cell:
        states, d_states = (state, state_cell), (d_state, d_cell)
    return _run_back(xp, s, data, parameters, states, result, reserve, d_result, d_states)
