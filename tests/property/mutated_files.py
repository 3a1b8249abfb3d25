"""Files with some of their bytes changed: every reader must answer, with values or a typed error.

    python tests/property/mutated_files.py [count [seed]]

mutates the sample files of the tests *count* times (default 100,000) and says how it went. A crash
ends the program, a hang is an alarm after five seconds, and no reader may ask for more memory
than four times the file's size and a little.
"""

from __future__ import annotations

import random
import signal
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import workbench as mx
from workbench import restricted_pickle
from workbench.error import MXNetError

TESTS = Path(__file__).parent.parent
SECONDS = 5
#: bytes that a reader may use whatever the file: tables, messages, buffers of the library
SPARE = 4 << 20
#: what Python raises for a file that is no such thing is as good as our own types
TYPED = (MXNetError, ValueError, TypeError, KeyError, IndexError, EOFError, OSError)


def _symbol(path: Path) -> None:
    mx.sym.load(str(path)).infer_shape_partial()


def _records(path: Path) -> None:
    reader = mx.recordio.MXRecordIO(str(path), "r")
    try:
        while (record := reader.read()) is not None:
            if record[:1]:
                mx.recordio.unpack(record)
    finally:
        reader.close()


def _states(path: Path) -> None:
    restricted_pickle.loads(path.read_bytes())


def _image(path: Path) -> None:
    mx.image.imdecode(path.read_bytes())


def _arrays(path: Path) -> None:
    loaded = mx.nd.load(str(path))
    for one in loaded.values() if isinstance(loaded, dict) else loaded:
        if one is not None:  # a record may hold no array
            (one if one.stype == "default" else one.data).asnumpy()


Sample = tuple[str, bytes, Callable[[Path], Any]]


def samples() -> list[Sample]:
    """Suffix, content and reader of each file that is mutated."""
    found: list[Sample] = []
    for pattern, read in (
        ("data/params/*.params", _arrays),
        ("data/records/*.rec", _records),
        ("data/states/*.states", _states),
        ("watch/data/*-symbol.json", _symbol),
        ("golden/control_flow/*-symbol.json", _symbol),
    ):
        paths = sorted(TESTS.glob(pattern))
        assert paths, pattern
        found += [(path.suffix, path.read_bytes(), read) for path in paths]
    with tempfile.TemporaryDirectory() as folder:
        tensors = Path(folder) / "arrays.safetensors"
        mx.nd.save(str(tensors), {"a": mx.nd.ones((2, 3)), "b": mx.nd.arange(4)})
        found.append((".safetensors", tensors.read_bytes(), _arrays))
    return found


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Some bytes replaced, cut out, doubled or appended; sometimes the end is missing."""
    made = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(made) + 1)
        size = min(rng.choice((1, 1, 1, 2, 4, 8, 64)), len(made) - at)
        kind = rng.randrange(5)
        if kind == 0:
            made[at : at + size] = rng.randbytes(size)
        elif kind == 1:
            made[at : at + size] = rng.choice((b"\0", b"\xff", b"\x7f", b"9")) * size
        elif kind == 2:
            del made[at : at + size]
        elif kind == 3:
            made[at:at] = made[at : at + size]
        elif rng.random() < 0.3:
            del made[at:]
    return bytes(made)


def _hang(*_: Any) -> None:
    raise AssertionError(f"a reader took more than {SECONDS} s")


def attempts(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Try *count* mutated files; the suffix and the outcome of each."""
    rng, files = random.Random(seed), samples()
    signal.signal(signal.SIGALRM, _hang)
    tracemalloc.start()
    with tempfile.TemporaryDirectory() as folder:
        try:
            for number in range(count):
                suffix, content, read = files[number % len(files)]
                made = mutated(content, rng)
                path = Path(folder) / f"file{suffix}"
                path.write_bytes(made)
                yield suffix, _outcome(path, read, len(made), f"number {number}, seed {seed}")
        finally:
            tracemalloc.stop()


def _outcome(path: Path, read: Callable[[Path], Any], size: int, told: str) -> str:
    tracemalloc.clear_traces()
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        read(path)
        outcome = "read"
    except TYPED as error:
        outcome = type(error).__name__
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    _, peak = tracemalloc.get_traced_memory()
    assert peak <= 4 * size + SPARE, f"{path.suffix}, {told}: {peak} bytes for a file of {size}"
    return outcome


def main() -> None:
    """Print how often which reader gave which outcome."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    began = time.monotonic()
    outcomes = Counter(attempts(count, seed))
    for (suffix, outcome), times in sorted(outcomes.items()):
        print(f"{suffix:14} {outcome:24} {times:8}")
    print(f"{count} files, seed {seed}: no crash, no hang; {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
