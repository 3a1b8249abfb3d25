"""Small trainings whose numbers test_training.py compares with those of the real MXNet 1.9.1.

Run with a Python that has mxnet 1.9.1 to record them into tests/data/training/mxnet.json;
Workbench's own tests only read the file. The programs are written for both.
"""

import json
from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "data" / "training" / "mxnet.json"
OPTIMIZERS = {
    "sgd": {"learning_rate": 0.05},
    "momentum": {"learning_rate": 0.05, "momentum": 0.9, "wd": 0.01},
    "adam": {"learning_rate": 0.01, "wd": 0.01},
}
INITIALIZERS = {
    "default": lambda mx: mx.init.Uniform(),
    "uniform": lambda mx: mx.init.Uniform(0.5),
    "normal": lambda mx: mx.init.Normal(0.3),
    "xavier": lambda mx: mx.init.Xavier(),
    "xavier in": lambda mx: mx.init.Xavier("gaussian", "in", 2.34),
    "he": lambda mx: mx.init.MSRAPrelu(),
    "one": lambda mx: mx.init.One(),
    "constant": lambda mx: mx.init.Constant(0.25),
}


def network(mx):
    """Convolution, batch normalization, dropout and dense layers; some shapes deferred."""
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(
            nn.Conv2D(3, kernel_size=3, activation="relu", in_channels=1),
            nn.MaxPool2D(2, 2),
            nn.BatchNorm(),
            nn.Flatten(),
            nn.Dense(6, activation="tanh"),
            nn.Dropout(0.25),
            nn.Dense(3),
        )
    return net


def batches(count):
    """The same batches everywhere: images (8, 1, 8, 8) and labels (8,)."""
    rng = np.random.RandomState(3)
    return [
        (rng.uniform(-1, 1, (8, 1, 8, 8)).astype("float32"), rng.randint(0, 3, 8).astype("float32"))
        for _ in range(count)
    ]


def weights(net):
    """Values by name, flat, the first five of each, and their sum."""
    found = {}
    for name, parameter in net.collect_params().items():
        flat = parameter.data().asnumpy().ravel()
        found[name] = [*map(float, flat[:5]), float(flat.sum())]
    return found


def initial(mx, name, seed=11):
    """Weights after initialization and one forward (which draws what was deferred)."""
    mx.random.seed(seed)
    net = network(mx)
    net.initialize(INITIALIZERS[name](mx))
    net(mx.nd.array(batches(1)[0][0]))
    return weights(net)


def training(mx, optimizer, hybridize, steps=6):
    """Losses of each step and the weights at the end, from seed 11."""
    mx.random.seed(11)
    net = network(mx)
    net.initialize(mx.init.Xavier())
    if hybridize:
        net.hybridize()
    kind = "sgd" if optimizer == "momentum" else optimizer
    trainer = mx.gluon.Trainer(net.collect_params(), kind, dict(OPTIMIZERS[optimizer]))
    loss = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    losses = []
    for data, label in batches(steps):
        with mx.autograd.record():
            error = loss(net(mx.nd.array(data)), mx.nd.array(label))
        error.backward()
        trainer.step(len(label))
        losses.append(float(error.mean().asscalar()))
    return {"losses": losses, "weights": weights(net)}


def everything(mx):
    """All that is recorded."""
    return {
        "initial": {name: initial(mx, name) for name in INITIALIZERS},
        "training": {
            f"{name} {'hybridized' if hybridize else 'eager'}": training(mx, name, hybridize)
            for name in OPTIMIZERS
            for hybridize in (False, True)
        },
    }


if __name__ == "__main__":
    import mxnet

    FILE.write_text(json.dumps(everything(mxnet), indent=1) + "\n")
