"""From a module under construction to addresses that ctypes can call."""

from __future__ import annotations

import ctypes
import functools
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import llvmlite.binding as binding

from . import cache, cpu
from .builder import Module

__all__ = ["Kernel", "assembly", "compiled", "optimized"]

_PASSES = (
    "sroa", "simplify_cfg", "instruction_combine", "loop_rotate", "instruction_combine",
    "simplify_cfg",
)  # fmt: skip
_signature = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_lock = threading.Lock()


Kernel = Callable[[int], None]


def compiled(
    key: str, names: Sequence[str], build: Callable[[], Module], target: cpu.Cpu | None = None
) -> list[Kernel]:
    """Functions in memory, from the disk cache or from *build*.

    Each takes one address and returns nothing; a call releases the interpreter's lock. The code
    lives as long as one of them.

    Parameters
    ----------
    key : what the module depends on, beside the generator's own source and the processor
    names : the functions that are to be called
    build : makes the module; called when the cache does not have it
    """
    target = target or cpu.host()
    path = _path(key, target)
    with _lock:
        code = cache.load(path)
        if code is None:
            code = _emitted(build(), target)
            cache.save(path, code)
        return _linked(code, names)


def optimized(module: Module, target: cpu.Cpu | None = None) -> Any:
    """The module after LLVM's passes; ``str`` of it is LLVM assembly."""
    machine = _machine(target or cpu.host())
    parsed = binding.parse_assembly(module.text())
    parsed.verify()
    manager = binding.create_new_module_pass_manager()
    for name in _PASSES:
        getattr(manager, f"add_{name}_pass")()
    options = binding.create_pipeline_tuning_options()
    manager.run(parsed, binding.create_pass_builder(machine, options))
    return parsed


def assembly(module: Module, target: cpu.Cpu | None = None) -> str:
    """The processor's assembly."""
    target = target or cpu.host()
    return str(_machine(target).emit_assembly(optimized(module, target)))


def _emitted(module: Module, target: cpu.Cpu) -> bytes:
    return bytes(_machine(target).emit_object(optimized(module, target)))


def _linked(code: bytes, names: Sequence[str]) -> list[Kernel]:
    builder = binding.JITLibraryBuilder().add_object_img(code).add_current_process()
    for name in names:
        builder = builder.export_symbol(name)
    library = builder.link(_linker(), f"kernels{next(_numbers)}")
    functions: list[Any] = [_signature(library[name]) for name in names]
    for function in functions:
        function.library = library  # unloads the code when it goes
    return functions


_numbers = iter(range(2**62))


@functools.cache
def _machine(target: cpu.Cpu) -> Any:
    triple = binding.Target.from_default_triple()
    return triple.create_target_machine(cpu=target.name, features=target.features, opt=3)


@functools.cache
def _linker() -> Any:
    return binding.create_lljit_compiler(_machine(cpu.host()))


def _path(key: str, target: cpu.Cpu) -> Path:
    name = cache.key_of(key, target.features, str(target.lanes)) + ".o"
    return cache.folder() / "kernels" / f"{_version()}-{target.name}" / name


@functools.cache
def _version() -> str:
    """Changes with LLVM and with the generator's source: no number to be forgotten."""
    sources = sorted(Path(__file__).parents[1].rglob("*.py"))
    texts = [path.read_text(encoding="utf-8") for path in sources]
    llvm = ".".join(map(str, binding.llvm_version_info))
    return cache.key_of(llvm, *texts)[:12]
