"""Record random draws of the real MXNet 1.9.1 into mxnet_draws.json, for test_streams.py.

Run with a Python that has mxnet 1.9.1; Workbench's own tests only read the file.
"""

import json
from pathlib import Path

import mxnet as mx
import numpy as np

PROGRAM = [  # one after the other on one state; sizes straddle the chunks' boundaries
    ("uniform", {}, 8),
    ("normal", {}, 5),
    ("uniform", {"dtype": "float64"}, 100),
    ("normal", {"dtype": "float64"}, 1000),
    ("normal", {"dtype": "float16"}, 300),
    ("uniform", {}, 65537),
    ("normal", {}, 200000),
    ("exponential", {}, 1000),
    ("randint", {"low": -7, "high": 1000003}, 3000),
    ("gamma", {"alpha": 2, "beta": 1}, 100),
    ("gamma", {"alpha": 0.5, "beta": 2}, 5000),
    ("gamma", {"alpha": 0.5, "beta": 2, "dtype": "float64"}, 500),
    ("poisson", {"lam": 3}, 10000),
    ("poisson", {"lam": 30}, 200),
    ("negative_binomial", {"k": 3, "p": 0.4}, 1000),
    ("generalized_negative_binomial", {"mu": 2, "alpha": 0.3}, 1000),
    ("generalized_negative_binomial", {"mu": 2, "alpha": 0}, 1000),
    ("uniform", {}, 1000000),
]
PROBABILITIES = [[0.1, 0.2, 0.3, 0.4], [0.7, 0.0, 0.3, 0.0]]


def sample(values):
    """A few values from both ends, round the first chunk's end and from between."""
    places = sorted({0, 1, 2, 62, 63, 64, 65, len(values) // 2, len(values) - 2, len(values) - 1})
    places = [i for i in places if i < len(values)]
    return {"at": places, "values": [float(values[i]) for i in places]}


def recorded(seed):
    mx.random.seed(seed)
    draws = []
    for name, options, size in PROGRAM:
        values = getattr(mx.nd.random, name)(shape=(size,), **options).asnumpy()
        draws.append({"op": name, "options": options, "n": size, **sample(values)})
    masks = {}
    for dtype in ("float32", "float64", "float16"):
        with mx.autograd.train_mode():
            kept = mx.nd.Dropout(mx.nd.ones((64, 128), dtype=dtype), p=0.3).asnumpy() != 0
        masks[dtype] = np.packbits(kept.reshape(-1)[-256:]).tobytes().hex()
    out = {"seed": seed, "draws": draws, "masks": masks}
    for form, options in (("all", {}), ("device", {"ctx": mx.cpu(0)})):
        mx.random.seed(seed, **options)
        out[form] = {
            "multinomial": mx.nd.random.multinomial(mx.nd.array(PROBABILITIES), shape=(20,))
            .asnumpy()
            .tolist(),
            "shuffle": mx.nd.shuffle(mx.nd.arange(3000)).asnumpy()[-40:].astype(int).tolist(),
        }
    return out


if __name__ == "__main__":
    found = [recorded(seed) for seed in (0, 42, -3, 2**31 - 1)]
    path = Path(__file__).with_name("mxnet_draws.json")
    path.write_text(json.dumps(found, separators=(",", ":")).replace('{"op"', '\n{"op"') + "\n")
