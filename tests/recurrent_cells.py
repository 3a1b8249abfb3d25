"""Cells by name, in a form that MXNet 1.9.1 runs too: ``make(mx, name)``."""

from __future__ import annotations

MODES = ("lstm", "gru", "rnn_relu", "rnn_tanh")
SIMPLE = ("rnn", "lstm", "gru", "stack", "two_ways", "residual", "zoneout", "both", "dropout")
CONV = ("conv", "conv_lstm", "conv_gru")
FUSED = tuple(f"fused {mode} {ways}" for mode in MODES for ways in (1, 2))
UNFUSED = tuple(f"unfused {mode} {ways}" for mode in MODES for ways in (1, 2))
ALL = SIMPLE + CONV + FUSED + UNFUSED


def fused(mx, mode, ways, **more):
    more = {"num_layers": 2, "dropout": 0.2, "get_next_state": True, **more}
    return mx.rnn.FusedRNNCell(4, mode=mode, bidirectional=ways == 2, **more)


def _stack(mx):
    stack = mx.rnn.SequentialRNNCell()
    stack.add(mx.rnn.LSTMCell(4, prefix="s0_"))
    stack.add(mx.rnn.DropoutCell(0.3))
    stack.add(_two_ways(mx))
    stack.add(mx.rnn.ZoneoutCell(mx.rnn.RNNCell(4, prefix="s3_"), 0.1))
    stack.add(fused(mx, "gru", 2, prefix="f_"))
    return stack


def _two_ways(mx):
    return mx.rnn.BidirectionalCell(mx.rnn.LSTMCell(4, prefix="a_"), mx.rnn.GRUCell(4, prefix="b_"))


def make(mx, name):
    kind, *words = name.split()
    if kind in ("fused", "unfused"):
        cell = fused(mx, words[0], int(words[1]))
        return cell if kind == "fused" else cell.unfuse()
    return {
        "rnn": lambda: mx.rnn.RNNCell(4, activation="relu"),
        "lstm": lambda: mx.rnn.LSTMCell(4, forget_bias=2.0),
        "gru": lambda: mx.rnn.GRUCell(4),
        "stack": lambda: _stack(mx),
        "two_ways": lambda: _two_ways(mx),
        "residual": lambda: mx.rnn.ResidualCell(mx.rnn.GRUCell(4)),
        "zoneout": lambda: mx.rnn.ZoneoutCell(mx.rnn.LSTMCell(4), 0.3, 0.2),
        "both": lambda: mx.rnn.ResidualCell(_two_ways(mx)),
        "dropout": lambda: mx.rnn.DropoutCell(0.5),
        "conv": lambda: mx.rnn.ConvRNNCell((1, 3, 8, 8), 4),
        "conv_lstm": lambda: mx.rnn.ConvLSTMCell((1, 3, 8, 8), 4, h2h_kernel=(5, 3)),
        "conv_gru": lambda: mx.rnn.ConvGRUCell((1, 3, 8, 8), 4, activation="tanh"),
    }[kind]()


def graph(mx, name, **how):
    """Nodes of the graph of two steps, as text: operator, name, attributes, inputs."""
    import json

    with mx.name.NameManager():
        outputs, states = make(mx, name).unroll(2, mx.sym.Variable("data"), **how)
    found = json.loads(mx.sym.Group(_flat([outputs, states])).tojson())
    return [
        " ".join(
            [node["op"], node["name"]]
            + [f"{key}={value}" for key, value in sorted(node.get("attrs", {}).items())]
            + [f"{place}:{entry}" for place, entry, *_ in node["inputs"]]
        )
        for node in found["nodes"]
    ]


def _flat(value):
    if isinstance(value, list):
        return [one for part in value for one in _flat(part)]
    return [value]
