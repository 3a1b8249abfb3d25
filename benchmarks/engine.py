"""What the engine itself costs: tasks that do nothing, in µs, minimum and median.

python benchmarks/engine.py
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import perf_counter, sleep

from workbench import engine
from workbench.context import cpu

ROUNDS = 5000


def _nothing() -> None:
    pass


def _times(work: Callable[[], object], between: Callable[[], object] = _nothing) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        work()
        times.append((perf_counter() - start) * 1e6)
        between()
    return sorted(times)


def _show(name: str, times: list[float]) -> None:
    print(f"{name:44}{times[0]:8.2f}{times[len(times) // 2]:8.2f}")


def _push_and_wait(title: str) -> None:
    var = engine.Var()
    push = lambda: engine.push(_nothing, (), [var], "bench", "nothing")  # noqa: E731
    wait = lambda: engine.wait(var)  # noqa: E731
    _show(f"push, {title}", _times(push, wait))
    push()
    _show(f"helped wait with run, {title}", _times(wait, push))
    engine.wait_all()


def _burst() -> None:
    var = engine.Var()
    times = []
    for _ in range(30):
        start = perf_counter()
        for _ in range(1000):
            engine.push(_nothing, [var], [var], "bench", "nothing")
        engine.wait(var)
        times.append((perf_counter() - start) * 1e3)
    _show("chain of 1000, pushed and run, per task", sorted(times))


def main() -> None:
    """Print the table."""
    print(f"{'':44}{'min':>8}{'median':>8}")
    _push_and_wait("engine idle before")
    go = threading.Event()
    engine.push(lambda: go.wait(60), (), [engine.Var()], "other", "hold")
    sleep(0.05)
    _push_and_wait("engine busy")
    go.set()
    engine.wait_all()
    _burst()
    var = engine.Var()
    inline = lambda: engine.push(_nothing, (), [var], "bench", "nothing", inline=True)  # noqa: E731
    _show("inline, nothing pending", _times(inline))
    here, pair = cpu(0), [engine.Var(), engine.Var()]
    _show("should_push", _times(lambda: engine.should_push(here, pair, 10.0)))


if __name__ == "__main__":
    main()
