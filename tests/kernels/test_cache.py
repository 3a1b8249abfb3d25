"""Compiled code on disk: found again, never trusted blindly, never in the way."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from workbench.kernels.elemwise import Recorder, fused
from workbench.kernels.llvm import cache

PROGRAM = """
import numpy as np
from workbench.kernels.elemwise import Recorder, fused
xp = Recorder()
a, b = xp.inputs(2)
got = fused(xp.exp(a) - b / 3)(np.ones(3000, "float32"), np.ones(3000, "float32"))
print(float(got[-1]))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def compute():
    xp = Recorder()
    a = xp.input()
    kernel = fused(xp.exp(a) + 1)
    return kernel(np.ones(3000, "float32"))[-1]


@pytest.fixture
def builds(monkeypatch, needs_llvm):
    """Counts how often a module is compiled."""
    from workbench.kernels.llvm import jit

    emitted, count = jit._emitted, []

    def counted(module, target):
        count.append(module)
        return emitted(module, target)

    monkeypatch.setattr(jit, "_emitted", counted)
    return count


def test_code_is_compiled_once(folder, builds):
    values = {float(compute()) for _ in range(3)}
    assert len(values) == 1
    assert values.pop() == pytest.approx(np.e + 1, rel=1e-6)
    assert len(builds) == 1
    assert len(list(folder.rglob("*.o"))) == 1
    assert not list(folder.rglob("*.part"))


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b"", lambda b: b[:40] + b"x" * 99,
                                    lambda b: b[:200] + bytes([b[200] ^ 1]) + b[201:]])  # fmt: skip
def test_a_damaged_file_is_made_anew(folder, builds, damage):
    expected = compute()
    path = next(folder.rglob("*.o"))
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert compute() == expected
    assert len(builds) == 2
    assert cache.load(path) == cache.load(path)
    assert cache.load(path) is not None


def test_a_folder_that_cannot_be_made_costs_no_result(tmp_path, monkeypatch, builds):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "file"))
    assert compute() == compute()
    assert len(builds) == 2
    assert cache.save(tmp_path / "file" / "x", b"1") is False


def test_processes_may_compile_the_same_at_the_same_time(folder, needs_llvm):
    environment = {**os.environ, "WORKBENCH_CACHE": str(folder)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    printed = {process.communicate(timeout=50)[0] for process in started}
    assert len(printed) == 1
    assert float(printed.pop()) == pytest.approx(np.e - 1 / 3, rel=1e-6)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert cache.load(files[0])


def test_what_was_saved_is_loaded(tmp_path):
    assert cache.load(tmp_path / "a" / "b") is None
    assert cache.save(tmp_path / "a" / "b", b"payload") is True
    assert cache.load(tmp_path / "a" / "b") == b"payload"


@pytest.mark.parametrize(
    ("platform", "variable", "value", "end"),
    [
        ("linux", "XDG_CACHE_HOME", "/x", "/x/workbench"),
        ("linux", "XDG_CACHE_HOME", "", "/.cache/workbench"),
        ("darwin", "XDG_CACHE_HOME", "", "/Library/Caches/workbench"),
        ("win32", "LOCALAPPDATA", "/local", "/local/workbench"),
        ("linux", "WORKBENCH_CACHE", "/mine", "/mine"),
    ],
)
def test_the_folder_is_the_users(monkeypatch, platform, variable, value, end):
    for name in ("WORKBENCH_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert str(cache.folder()).replace("\\", "/").endswith(end)


def test_keys_tell_texts_apart():
    assert cache.key_of("a", "b") != cache.key_of("ab")
    assert cache.key_of("a", "b") == cache.key_of("a", "b")
