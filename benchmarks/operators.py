"""Sixty operators beside torch, at three sizes, forward and forward + backward.

python -m benchmarks.operators                              everything, three process starts
python -m benchmarks.operators --ranks 17-30 --sizes small  some rows
python -m benchmarks.operators --ops sum,softmax --starts 1

operators.txt says which operators, with which inputs; :mod:`.torch_calls` what torch calls them.
Outputs and gradients are compared before anything is timed. A figure is the ratio of the two
minima of interleaved rounds, below 1 where Workbench is faster, and the worst of all starts.
"""

from __future__ import annotations

import argparse
import ast
import gc
import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from . import torch_calls
from .harness import ROUNDS, Case, measure, torch_or_none

HERE = Path(__file__).parent
SIZES = ("small", "middle", "large")
WHATS = ("forward", "forward + backward")
#: limits of the geometric means, by what and size, and of every single row
LIMITS = {WHATS[0]: (0.6, 0.7, 1.0), WHATS[1]: (0.5, 0.6, 1.0)}
ROW_LIMIT = 3.0
SAMPLE_SECONDS, TURN_SECONDS = 0.0005, 0.004


class Call(NamedTuple):
    """One operator with one set of inputs."""

    rank: int
    op: str
    size: str
    inputs: list[str]
    attributes: dict[str, Any]


def calls(path: Path = HERE / "operators.txt") -> Iterator[Call]:
    """The calls of operators.txt in order."""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        rank, op, *cells = (cell.strip() for cell in line.split("|"))
        for size, cell in zip(SIZES, cells, strict=True):
            given, _, words = cell.partition(";")
            pairs = (word.split("=", 1) for word in words.split())
            attributes = {name: ast.literal_eval(value) for name, value in pairs}
            yield Call(int(rank), op, size, given.replace("-", "").split(), attributes)


def array_of(text: str, rng: np.random.Generator) -> np.ndarray:
    """The input that a word of operators.txt means."""
    limit, _, shape = text.rpartition("@")
    sizes = tuple(int(n) for n in shape.lstrip("+").split("x"))
    if limit:
        return rng.integers(0, int(limit[1:]), sizes).astype("float32")
    low = 0.5 if shape.startswith("+") else -1.0
    return rng.uniform(low, low + (1 if low > 0 else 2), sizes).astype("float32")


# ---- the two sides ------------------------------------------------------------------------------


def _closure(expression: str, scope: dict[str, Any]) -> Callable[[], Any]:
    """``lambda: expression`` with the scope's names as variables of an enclosing function."""
    source = f"def make({', '.join(scope)}):\n    return lambda: {expression}"
    made: dict[str, Any] = {}
    exec(source, {}, made)
    return made["make"](**scope)


def _names(count: int) -> list[str]:
    return [chr(ord("a") + i) for i in range(count)]


def _listed(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (list, tuple)) else [result]


def _head(call: Call, shape: tuple[int, ...]) -> np.ndarray:
    """The gradient of an output; ones where the operator takes none from above."""
    if call.op in torch_calls.LOSS or call.op == "MakeLoss":
        return np.ones(shape, "float32")
    return np.random.default_rng((call.rank, 1)).uniform(0.5, 1.5, shape).astype("float32")


class Side(NamedTuple):
    """What one library runs: forward, forward with backward, and how to read results."""

    forward: Callable[[], Any]
    both: Callable[[], Any] | None
    outputs: Callable[[], list[np.ndarray]]
    gradients: Callable[[], list[np.ndarray]]


def _differentiable(call: Call) -> list[int]:
    """Which inputs get gradients: the floats but auxiliary states and what only gives sizes."""
    if call.op in torch_calls.NO_GRADIENT:
        return []
    floats = [i for i, text in enumerate(call.inputs) if "@" not in text]
    if call.op == "BatchNorm":
        return floats[:3]
    return floats[:1] if call.op == "broadcast_like" else floats


def ours(call: Call, arrays: Sequence[np.ndarray]) -> Side:
    """Workbench's side."""
    import workbench as mx

    leaves = [mx.nd.array(a) for a in arrays]
    plain = [mx.nd.array(a) for a in arrays]
    names = _names(len(arrays))
    words = [*names, *(f"{name}={value!r}" for name, value in call.attributes.items())]
    expression = f"nd.{call.op}({', '.join(words)})"
    mx.autograd.set_training(True)
    forward = _closure(expression, {"nd": mx.nd, **dict(zip(names, plain, strict=True))})
    wanted = [leaves[i] for i in _differentiable(call)]
    recorded = _closure(expression, {"nd": mx.nd, **dict(zip(names, leaves, strict=True))})
    record, backward = mx.autograd.record, mx.autograd.backward
    both = None
    if wanted:
        for leaf in wanted:
            leaf.attach_grad()
        heads = [
            mx.nd.array(_head(call, one.shape), dtype=one.dtype) for one in _heads(call, forward())
        ]
        if len(heads) == 1 and call.op != "topk":
            (head,) = heads

            def both() -> None:
                with record():
                    out = recorded()
                out.backward(head)

        else:

            def both() -> None:
                with record():
                    out = recorded()
                backward(out[: len(heads)], heads)

    return Side(
        forward,
        both,
        lambda: [one.asnumpy() for one in _listed(forward())],
        lambda: [leaf.grad.asnumpy() for leaf in wanted],
    )


def _heads(call: Call, result: Any) -> list[Any]:
    """The outputs that get a gradient: topk's places have none."""
    return _listed(result)[:1] if call.op == "topk" else _listed(result)


def theirs(call: Call, arrays: Sequence[np.ndarray], torch: Any) -> Side:
    """torch's side."""
    differentiable = _differentiable(call)

    def tensors() -> list[Any]:
        made = [torch.from_numpy(a.copy()) for a in arrays]
        for i, text in enumerate(call.inputs):
            if "@" in text:
                made[i] = made[i].bool() if call.op == "where" else made[i].long()
        return made

    plain, leaves = tensors(), tensors()
    names = _names(len(arrays))
    scope = {"torch": torch, "F": torch.nn.functional, "pad": 0, **call.attributes}
    if call.op == "smooth_l1":
        scope["zeros"] = torch.zeros_like(plain[0])
    expression = torch_calls.FORWARD[call.op]
    forward = _closure(expression, {**scope, **dict(zip(names, plain, strict=True))})
    wanted = [leaves[i].requires_grad_() for i in differentiable]
    with_loss = torch_calls.LOSS.get(call.op, expression)
    recorded = _closure(with_loss, {**scope, **dict(zip(names, leaves, strict=True))})
    both = None
    if wanted:
        heads = [
            torch.from_numpy(np.asarray(_head(call, tuple(one.shape)))).to(one.dtype)
            for one in _heads(call, recorded())
        ]
        backward = torch.autograd.backward
        if len(heads) == 1 and call.op != "topk":
            (head,) = heads

            def both() -> None:
                for leaf in wanted:
                    leaf.grad = None
                recorded().backward(head)

        else:

            def both() -> None:
                for leaf in wanted:
                    leaf.grad = None
                backward(recorded()[: len(heads)], heads)

    return Side(
        forward,
        both,
        lambda: [one.numpy() for one in _listed(forward())],
        lambda: [leaf.grad.numpy() for leaf in wanted],
    )


# ---- one process --------------------------------------------------------------------------------


def _compare(call: Call, mine: list[np.ndarray], other: list[np.ndarray]) -> None:
    for one, expected in zip(mine, other, strict=True):
        assert one.shape == expected.shape, f"{call.op}: {one.shape} and {expected.shape}"
        if call.op in torch_calls.RANDOM:
            if one.size >= 1000:
                for statistic in (np.mean, np.std):
                    assert abs(statistic(one) - statistic(expected)) < 5 / math.sqrt(one.size)
            continue
        scale = float(np.abs(expected).max()) or 1.0
        np.testing.assert_allclose(one, expected, rtol=1e-4, atol=1e-5 * scale, err_msg=call.op)


def _measured(call: Call, torch: Any, rounds: int) -> Iterator[dict[str, Any]]:
    rng = np.random.default_rng(call.rank)
    arrays = [array_of(text, rng) for text in call.inputs]
    first, second = ours(call, arrays), theirs(call, arrays, torch)

    def compare_outputs() -> None:
        _compare(call, first.outputs(), second.outputs())

    def compare_gradients() -> None:
        first.both(), second.both()  # type: ignore[misc]
        _compare(call, first.gradients(), second.gradients())

    pairs = [(WHATS[0], first.forward, second.forward, compare_outputs)]
    if first.both is not None:
        pairs.append((WHATS[1], first.both, second.both, compare_gradients))
    gc.collect()
    gc.freeze()  # what is there already is not looked through before every turn
    for what, mine, other, check in pairs:
        case = Case({"workbench": mine, "torch": other}, check)
        times = measure(case, rounds, sample=SAMPLE_SECONDS, turn=TURN_SECONDS)
        yield {
            "rank": call.rank,
            "op": call.op,
            "size": call.size,
            "what": what,
            "ours": times["workbench"],
            "torch": times["torch"],
        }


def child(chosen: Sequence[Call], rounds: int) -> None:
    """Measure these calls in this process, and print a line of JSON for each."""
    torch = torch_or_none()
    if torch is None:
        sys.exit("torch is not installed: make bench installs it")
    import workbench as mx

    for call in chosen:
        if not hasattr(mx.nd, call.op):
            print(f"there is no mx.nd.{call.op} yet", file=sys.stderr)
            continue
        for line in _measured(call, torch, rounds):
            print(json.dumps(line), flush=True)


# ---- all processes ------------------------------------------------------------------------------


def measure_all(arguments: Sequence[str], starts: int, threads: int = 1) -> list[dict[str, Any]]:
    """The lines of several process starts; *arguments* choose the rows."""
    from .__main__ import environment

    lines = []
    for _ in range(starts):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.operators", "--child", *arguments],
            env=environment(threads),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        lines += [json.loads(line) for line in done.stdout.splitlines()]
    return lines


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.operators", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--ranks", help="a range, 17-30; default: all")
    parser.add_argument("--ops", help="names, with commas between them; default: all")
    parser.add_argument("--sizes", default=",".join(SIZES), help="some of small,middle,large")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds in each process")
    parser.add_argument("--starts", type=int, default=3, help="process starts")
    parser.add_argument("--write", action="store_true", help="write benchmarks/operators.md")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _chosen(given: argparse.Namespace) -> list[Call]:
    low, _, high = (given.ranks or "0-1000").partition("-")
    names = given.ops.split(",") if given.ops else None
    return [
        call
        for call in calls()
        if int(low) <= call.rank <= int(high or low)
        and call.size in given.sizes.split(",")
        and (names is None or call.op in names)
    ]


def main() -> int:
    """Measure and print; 0 when every limit is kept, else 1."""
    from . import operators_table

    given = _arguments()
    if given.child:
        child(_chosen(given), given.rounds)
        return 0
    words = [word for word in sys.argv[1:] if word != "--write"]
    table = operators_table.Table(measure_all(words, given.starts))
    print(table.plain())
    if given.write:
        table.write(HERE / "operators.md", given.rounds)
    return 0 if table.passed else 1


if __name__ == "__main__":
    sys.exit(main())
