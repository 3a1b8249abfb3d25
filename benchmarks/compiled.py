"""Hybridized networks beside torch (eager, compiled, channels last), JAX and MXNet 1.9.1.

A peer that is not installed is left out and named. The figure is the ratio to torch eager; the
ratio to the best of all peers stands behind it. JAX's networks are those it has without a library
of layers.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

import workbench as mx

from . import jax_nets, mxnet_peer, torch_nets
from .harness import Case, Times, row, torch_or_none
from .workloads import WORKLOADS, Workload, step_of

Way = tuple[Callable[[], Any], Callable[[], Any]]


def to_torch(times: Times) -> float | None:
    """Our time by that of torch eager; None where it is missing."""
    return times["workbench"] / times["torch"] if "torch" in times else None


def to_eager(times: Times) -> float:
    """The compiled time by that of the same network run eagerly."""
    return times["hybridized"] / times["eager"]


def _wanted(name: str) -> bool:
    return name in os.environ.get("BENCH_PEERS", name).split(",")


def _without(name: str) -> None:
    print(f"{name} is not there: left out", file=sys.stderr)


def _trained(net: Any) -> list[np.ndarray]:
    parameters = net.collect_params().values()
    return [one.data().asnumpy() for one in parameters if one.grad_req != "null"]


def _torch_ways(name: str, workload: Workload, weights: list[np.ndarray]) -> dict[str, Way]:
    torch = torch_or_none()
    if torch is None:
        _without("torch")
        return {}
    ways: dict[str, Way] = {}
    options = workload.data(), weights, workload.rate, workload.momentum
    for way in filter(_wanted, torch_nets.variants(name)):
        theirs, step = torch_nets.step_of(torch, name, *options, way)
        ways[way] = step, lambda net=theirs: [p.detach().numpy() for p in net.parameters()]
    return ways


def _jax_ways(name: str, workload: Workload, weights: list[np.ndarray]) -> dict[str, Way]:
    jax = jax_nets.jax_or_none()
    if name not in jax_nets.NETS or not _wanted("jax"):
        return {}
    if jax is None:
        _without("jax")
        return {}
    options = workload.data(), weights, workload.rate, workload.momentum
    fetch, step = jax_nets.step_of(jax, name, *options)
    return {"jax": (step, fetch)}


def _mxnet_ways(name: str, weights: list[np.ndarray], trained: list[bool]) -> dict[str, Way]:
    python = os.environ.get("BENCH_MXNET_PYTHON")
    if name == "hello" or not _wanted("mxnet"):
        return {}
    if not python:
        _without("mxnet (--mxnet PYTHON names a Python 3.8 that has it)")
        return {}
    step, fetch = mxnet_peer.start(python, name, weights)
    return {"mxnet": (step, lambda: [w for w, t in zip(fetch(), trained, strict=True) if t])}


def _close(name: str, ours: list[np.ndarray], theirs: list[Any]) -> None:
    for a, b in zip(ours, theirs, strict=True):
        b = np.asarray(b).reshape(a.shape)
        limit = 5e-3 * max(np.abs(a).max(), 1e-2)
        np.testing.assert_allclose(a, b, rtol=0, atol=limit, err_msg=name)


def _moved_alike(way: str, before: Any, ours: Any, theirs: Any) -> None:
    """All weights together moved by the same, but for rounding on the way through deep networks."""
    theirs = [np.asarray(b).reshape(a.shape) for a, b in zip(ours, theirs, strict=True)]
    moved = sum(np.square(a - w).sum() for a, w in zip(ours, before, strict=True))
    apart = sum(np.square(a - b).sum() for a, b in zip(ours, theirs, strict=True))
    if not apart <= 1e-3 * moved:
        raise AssertionError(f"{way}: moved by {moved**0.5:.3g}, apart by {apart**0.5:.3g}")


def training_case(name: str) -> Case:
    """One step of everybody, from the same weights; the first gives the same weights."""
    workload = WORKLOADS[name]
    net, step = step_of(mx, workload)
    parameters = list(net.collect_params().values())
    everything = [one.data().asnumpy() for one in parameters]
    weights = _trained(net)
    peers = {
        **_torch_ways(name, workload, weights),
        **_jax_ways(name, workload, weights),
        **_mxnet_ways(name, everything, [one.grad_req != "null" for one in parameters]),
    }

    def check() -> None:
        for run in (step, *[run for run, _ in peers.values()]):
            run()
        ours = _trained(net)
        for way, (_, fetch) in peers.items():
            _moved_alike(way, weights, ours, fetch())

    return Case({"workbench": step, **{way: run for way, (run, _) in peers.items()}}, check)


def inference_case(name: str) -> Case:
    """One forward of everybody, with the same weights; equal outputs."""
    workload = WORKLOADS[name]
    net, run = step_of(mx, workload)
    everything = [one.data().asnumpy() for one in net.collect_params().values()]
    peers = _torch_ways(name, workload, _trained(net))
    runs = {way: their_run for way, (their_run, _) in peers.items()}
    runs |= {way: run for way, (run, _) in _mxnet_ways(name, everything, []).items()}

    def check() -> None:
        ours = net(mx.nd.array(workload.data()[0])).asnumpy()
        for way, (their_run, _) in peers.items():
            _close(way, [ours], [their_run().numpy()])

    return Case({"workbench": run, **runs}, check)


def _step_row(name: str, title: str, limit: float, best: float) -> None:
    row(f"c_{name}", title, figure=to_torch, limit=limit, best=best)(lambda: training_case(name))


_step_row("mlp", "hybridized step, MLP 784-256-128-10, batch 64", 0.4, 1.0)
_step_row("lenet", "hybridized step, LeNet, batch 64", 0.5, 0.5)
_step_row("lenet256", "hybridized step, LeNet, batch 256", 0.5, 0.5)
_step_row("resnet18", "hybridized step, ResNet-18 (CIFAR), batch 32", 0.8, 0.85)
_step_row("mobilenet", "hybridized step, MobileNet 0.25, batch 32, 64 px", 0.8, 1.0)
_step_row("lstm", "hybridized step, 2-layer LSTM 200, T 35, batch 32", 1.0, 1.0)


@row("c_resnet50", "ResNet-50 inference, batch 1, 224 px", figure=to_torch, limit=0.7, best=0.95)
def resnet50() -> Case:
    """Model zoo, without training mode."""
    return inference_case("resnet50")


# ---- hello world ------------------------------------------------------------------------------

EXAMPLES, BATCH = 10_000, 4


def _by_hand(weights: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
    w, b = (one.copy() for one in weights)
    batches = [(x[i : i + BATCH], y[i : i + BATCH, None]) for i in range(0, EXAMPLES, BATCH)]

    def epoch() -> list[np.ndarray]:
        for data, label in batches:
            g = (data @ w.T + b - label) * (0.01 / BATCH)
            np.subtract(w, g.T @ data, out=w)
            np.subtract(b, g.sum(), out=b)
        return [w, b]

    return epoch


@row("c_hello", "hello world epoch, 10,000 examples, batch 4", figure=to_torch, limit=0.2)
def hello() -> Case:
    """Linear regression of the talk, hybridized, its batches sliced beforehand."""
    workload = WORKLOADS["hello"]
    rng = np.random.default_rng(0)
    x = rng.normal(size=(EXAMPLES, 2)).astype("float32")
    y = (x @ np.float32([2, -3.4]) + np.float32(4.2)).astype("float32")
    starts = range(0, EXAMPLES, BATCH)
    net = workload.net(mx)
    net.initialize(mx.init.Xavier())
    weights = _trained(net)
    net.hybridize(static_alloc=True, static_shape=True)
    loss = mx.gluon.loss.L2Loss()
    loss.hybridize(static_alloc=True, static_shape=True)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    ours = [(mx.nd.array(x[i : i + BATCH]), mx.nd.array(y[i : i + BATCH])) for i in starts]

    def epoch() -> None:
        for data, label in ours:
            with mx.autograd.record():
                out = loss(net(data), label)
            out.backward()
            trainer.step(BATCH)

    by_hand = _by_hand(weights, x, y)
    ways: dict[str, Callable[[], Any]] = {"workbench": epoch, "numpy by hand": by_hand}
    torch, check = torch_or_none(), lambda: (epoch(), _close("numpy", _trained(net), by_hand()))
    if torch is None:
        _without("torch")
    else:
        ways["torch"] = _torch_epoch(torch, x, y, weights)
    return Case(ways, check, calls=1)  # type: ignore[arg-type]


def _torch_epoch(torch: Any, x: Any, y: Any, weights: list[np.ndarray]) -> Callable[[], None]:
    net = torch.nn.Linear(2, 1)
    with torch.no_grad():
        for parameter, values in zip(net.parameters(), weights, strict=True):
            parameter.copy_(torch.from_numpy(values))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, foreach=False)
    starts = range(0, EXAMPLES, BATCH)
    pairs = [(torch.from_numpy(x[i : i + BATCH]), torch.from_numpy(y[i : i + BATCH, None]))
             for i in starts]  # fmt: skip
    square = torch.nn.MSELoss()

    def epoch() -> None:
        for data, label in pairs:
            optimizer.zero_grad()
            (square(net(data), label) / 2).backward()
            optimizer.step()

    return epoch


# ---- functions of arrays -----------------------------------------------------------------------


def _block(function: Callable[..., Any]) -> Any:
    class Function(mx.gluon.HybridBlock):
        def hybrid_forward(self, F: Any, x: Any, *others: Any) -> Any:
            return function(F, x, *others)

    made = Function()
    made.hybridize(static_alloc=True, static_shape=True)
    return made


def _pair(run: Callable[[], Any], arrays: list[Any]) -> Callable[[], Any]:
    """Forward and backward; gives the gradients."""
    for one in arrays:
        one.attach_grad()

    def both() -> Any:
        with mx.autograd.record():
            out = run()
        out.backward()
        return [one.grad.asnumpy() for one in arrays]

    def timed() -> None:
        with mx.autograd.record():
            out = run()
        out.backward()

    timed.result = both  # type: ignore[attr-defined]
    return timed


def _torch_formula(
    torch: Any, formula: Callable[..., Any], data: list[np.ndarray], wanted: int, way: str
) -> Callable[[], Any]:
    tensors = [torch.from_numpy(one) for one in data]
    function = torch.compile(formula) if way == "torch compiled" else formula
    if not wanted:

        def forward() -> Any:
            with torch.no_grad():
                return function(*tensors)

        return forward
    leaves = [one.clone().requires_grad_() for one in tensors[:wanted]]
    rest = tensors[wanted:]

    def both() -> Any:
        for one in leaves:
            one.grad = None
        function(*leaves, *rest).sum().backward()
        return [one.grad for one in leaves]

    return both


def _jax_formula(
    jax: Any, formula: Callable[..., Any], data: list[np.ndarray], wanted: int
) -> Callable[[], Any]:
    arrays = [jax.numpy.asarray(one) for one in data]
    function = formula
    if wanted:
        places = tuple(range(wanted))
        function = jax.value_and_grad(lambda *a: formula(*a).sum(), argnums=places)
    compiled = jax.jit(function)
    if wanted:
        return lambda: [one.block_until_ready() for one in compiled(*arrays)[1]]
    return lambda: compiled(*arrays).block_until_ready()


def _formula_case(
    ours: Callable[..., Any],
    theirs: dict[str, Callable[..., Any]],
    data: list[np.ndarray],
    wanted: int,
) -> Case:
    """A function of arrays, forward, or with the gradients of the first *wanted*."""
    block, arrays = _block(ours), [mx.nd.array(one) for one in data]
    run = lambda: block(*arrays)  # noqa: E731
    ways: dict[str, Callable[[], Any]] = {"workbench": run}
    if wanted:
        ways["workbench"] = _pair(run, arrays[:wanted])
    torch, jax = torch_or_none(), jax_nets.jax_or_none()
    if torch is None:
        _without("torch")
    else:
        formula = theirs["torch"]
        for way in filter(_wanted, ("torch", "torch compiled")):
            ways[way] = _torch_formula(torch, formula, data, wanted, way)
    if jax is None:
        _without("jax")
    elif _wanted("jax"):
        ways["jax"] = _jax_formula(jax, theirs["jax"], data, wanted)

    def check() -> None:
        mine = ways["workbench"].result() if wanted else [run().asnumpy()]  # type: ignore[attr-defined]
        for way in [*ways][1:]:
            other = ways[way]()
            _close(way, mine, [np.asarray(o) for o in (other if wanted else [other])])

    return Case(ways, check)


def _chain(wanted: int) -> Case:
    rng = np.random.default_rng(0)
    data = [rng.normal(size=10_000_000).astype("float32") for _ in range(4)]

    def ours(F: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
        return F.tanh(a * b + c) * F.sigmoid(d) - F.exp(-a)

    theirs: dict[str, Callable[..., Any]] = {}
    with contextlib.suppress(ImportError):
        import torch

        theirs["torch"] = lambda a, b, c, d: (
            torch.tanh(a * b + c) * torch.sigmoid(d) - torch.exp(-a)
        )
    jax = jax_nets.jax_or_none()
    if jax is not None:
        jnp = jax.numpy
        theirs["jax"] = lambda a, b, c, d: jnp.tanh(a * b + c) * jax.nn.sigmoid(d) - jnp.exp(-a)
    return _formula_case(ours, theirs, data, wanted)


def _cross_entropy(wanted: int) -> Case:
    rng = np.random.default_rng(0)
    data = [rng.normal(size=(1024, 1000)).astype("float32"), rng.integers(0, 1000, 1024)]

    def ours(F: Any, x: Any, y: Any) -> Any:
        return -F.pick(F.log_softmax(x), y)

    theirs: dict[str, Callable[..., Any]] = {}
    with contextlib.suppress(ImportError):
        import torch

        theirs["torch"] = lambda x, y: torch.nn.functional.cross_entropy(x, y, reduction="none")
    jax = jax_nets.jax_or_none()
    if jax is not None:
        jnp = jax.numpy
        theirs["jax"] = lambda x, y: (
            -jnp.take_along_axis(jax.nn.log_softmax(x), y[:, None], axis=1)[:, 0]
        )
    return _formula_case(ours, theirs, data, wanted)


for _name, _title, _make, _limits in (
    ("c_chain", "tanh(a·b+c)·sigmoid(d)−exp(−a), 10 M", _chain, (0.1, 0.1)),
    ("c_ce", "softmax cross entropy 1024×1000", _cross_entropy, (0.6, 0.4)),
):
    for _wants, _suffix, _words in ((0, "", "forward"), (4, "_grad", "with gradient")):
        _count = min(_wants, 1) if _make is _cross_entropy else _wants
        row(
            _name + _suffix,
            f"{_title}, {_words}",
            figure=to_torch,
            limit=_limits[bool(_wants)],
            best=1.0,
        )(lambda make=_make, count=_count: make(count))


# ---- against our own eager --------------------------------------------------------------------


def _own_case(name: str) -> Case:
    workload = WORKLOADS[name]
    net, step = step_of(mx, workload)
    weights = [one.data().asnumpy() for one in net.collect_params().values()]
    eager_net, eager = step_of(mx, workload, hybridize=False, weights=weights)

    def check() -> None:
        for run in (step, eager, step, eager):
            run()
        _close(name, _trained(net), _trained(eager_net))

    return Case({"hybridized": step, "eager": eager}, check)


for _name, _title in (
    ("lenet", "LeNet, batch 64"),
    ("mlp", "MLP, batch 64"),
    ("cell", "LSTM cell unrolled 35, batch 8"),
):
    row(f"own_{_name}", f"hybridized step to our eager one, {_title}", figure=to_eager, limit=0.5)(
        lambda name=_name: _own_case(name)
    )
