"""The same steps in JAX, one jitted function each; without the networks that need a library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = ["NETS", "jax_or_none", "step_of"]


def jax_or_none() -> Any:
    """jax where it is installed."""
    try:
        import jax
    except ImportError:
        return None
    return jax


def _dense(x: Any, w: Any, b: Any) -> Any:
    return x @ w.T + b


def _mlp(jax: Any, p: Sequence[Any], x: Any) -> Any:
    for i in (0, 2):
        x = jax.nn.relu(_dense(x, p[i], p[i + 1]))
    return _dense(x, p[4], p[5])


def _conv_pool(jax: Any, x: Any, w: Any, b: Any) -> Any:
    y = jax.lax.conv(x, w, (1, 1), "VALID") + b[:, None, None]
    window = (1, 1, 2, 2)
    return jax.lax.reduce_window(jax.nn.relu(y), -np.inf, jax.lax.max, window, window, "VALID")


def _lenet(jax: Any, p: Sequence[Any], x: Any) -> Any:
    x = _conv_pool(jax, _conv_pool(jax, x, p[0], p[1]), p[2], p[3])
    x = jax.nn.relu(_dense(x.reshape(x.shape[0], -1), p[4], p[5]))
    return _dense(x, p[6], p[7])


def _lstm(jax: Any, p: Sequence[Any], x: Any) -> Any:
    jnp = jax.numpy
    for i in (0, 4):
        w, u, b, c = p[i : i + 4]
        fed = x @ w.T + (b + c)

        def cell(state: Any, gates: Any, u: Any = u) -> Any:
            h, c = state
            i, f, g, o = jnp.split(gates + h @ u.T, 4, axis=-1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        zero = jnp.zeros((x.shape[1], u.shape[1]), x.dtype)
        x = jax.lax.scan(cell, (zero, zero), fed)[1]
    return x


def _hello(jax: Any, p: Sequence[Any], x: Any) -> Any:
    return _dense(x, p[0], p[1])


NETS: dict[str, Callable[..., Any]] = {
    "mlp": _mlp,
    "lenet": _lenet,
    "lenet256": _lenet,
    "lstm": _lstm,
    "hello": _hello,
}


def step_of(
    jax: Any,
    name: str,
    data: tuple[np.ndarray, Any],
    weights: Sequence[np.ndarray],
    rate: float,
    momentum: float,
) -> tuple[Callable[[], list[np.ndarray]], Callable[[], None]]:
    """What gives the weights, and a function that makes one step and waits for it."""
    jnp, net = jax.numpy, NETS[name]
    x, y = map(jnp.asarray, data)

    def loss(p: Any) -> Any:
        out = net(jax, p, x)
        if y.dtype.kind == "f":
            return ((out - y.reshape(out.shape)) ** 2).mean() / 2
        return -jnp.take_along_axis(jax.nn.log_softmax(out), y[:, None], axis=1).mean()

    def update(p: Any, v: Any) -> Any:
        g = jax.grad(loss)(p)
        v = [momentum * a - rate * b for a, b in zip(v, g, strict=True)]
        return [a + b for a, b in zip(p, v, strict=True)], v

    compiled = jax.jit(update, donate_argnums=(0, 1))
    state = [list(map(jnp.array, weights)), [jnp.zeros_like(jnp.array(w)) for w in weights]]

    def step() -> None:
        state[:] = compiled(*state)
        state[0][0].block_until_ready()

    return lambda: [np.asarray(one) for one in state[0]], step
