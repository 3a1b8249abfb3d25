"""Machine code as a function of arrays that costs Python 0.1 µs to call instead of 1 µs.

A kernel takes the address of a block of int64. Filling in the arrays' addresses and calling it by
ctypes takes longer than computing with some hundred numbers. Here a few lines of machine code are
the C function of a Python built-in: they read the addresses from the array objects themselves,
after checking that each is a NumPy array of the expected dtype, C-contiguous and aligned, and
call the kernel. The interpreter's lock is held meanwhile, so this is for short calls.

Where the objects lie otherwise than expected (:func:`available` compares real arrays; other
interpreters, no lock) a Python function does the same by ctypes. Layouts: CPython's ``PyObject``
(object.h) and NumPy's ``PyArrayObject_fields`` (ndarraytypes.h), part of both stable ABIs.
"""

from __future__ import annotations

import ctypes
import functools
import sys
import sysconfig
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import jit

__all__ = ["MOST_ARRAYS", "available", "direct"]

#: how many arrays a call takes at most
MOST_ARRAYS = 24
#: words before a kernel's own: code, count, type of arrays, their dtypes, their places
_HEADER = 3 + 2 * MOST_ARRAYS
_TYPE, _DATA, _DTYPE, _FLAGS = 8, 16, 56, 64
_CONTIGUOUS_ALIGNED = 0x0101
_METH_FASTCALL = 0x0080

# A reference to the result is given away: its count, the low 32 bits of the object's first word,
# goes up by one. Neither the arrays nor the block are objects that live for ever.
_SOURCE = f"""
define ptr @call(ptr %self, ptr %args, i64 %count) {{
entry:
  %place = getelementptr i8, ptr %self, i64 {_DATA}
  %block = load ptr, ptr %place
  %wanted.at = getelementptr i64, ptr %block, i64 1
  %wanted = load i64, ptr %wanted.at
  %type.at = getelementptr i64, ptr %block, i64 2
  %type = load ptr, ptr %type.at
  %dtypes = getelementptr i64, ptr %block, i64 3
  %places = getelementptr i64, ptr %block, i64 {3 + MOST_ARRAYS}
  %words = getelementptr i64, ptr %block, i64 {_HEADER}
  %as.many = icmp eq i64 %count, %wanted
  br i1 %as.many, label %head, label %refuse
head:
  %i = phi i64 [0, %entry], [%next, %fits]
  %arg.at = getelementptr ptr, ptr %args, i64 %i
  %arg = load ptr, ptr %arg.at
  %arg.type.at = getelementptr i8, ptr %arg, i64 {_TYPE}
  %arg.type = load ptr, ptr %arg.type.at
  %is.array = icmp eq ptr %arg.type, %type
  br i1 %is.array, label %array, label %refuse
array:
  %dtype.at = getelementptr i8, ptr %arg, i64 {_DTYPE}
  %dtype = load ptr, ptr %dtype.at
  %expected.at = getelementptr ptr, ptr %dtypes, i64 %i
  %expected = load ptr, ptr %expected.at
  %same = icmp eq ptr %dtype, %expected
  %flags.at = getelementptr i8, ptr %arg, i64 {_FLAGS}
  %flags = load i32, ptr %flags.at
  %some = and i32 %flags, {_CONTIGUOUS_ALIGNED}
  %plain = icmp eq i32 %some, {_CONTIGUOUS_ALIGNED}
  %good = and i1 %same, %plain
  br i1 %good, label %fits, label %refuse
fits:
  %data.at = getelementptr i8, ptr %arg, i64 {_DATA}
  %data = load ptr, ptr %data.at
  %where.at = getelementptr i64, ptr %places, i64 %i
  %where = load i64, ptr %where.at
  %word = getelementptr ptr, ptr %words, i64 %where
  store ptr %data, ptr %word
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %count
  br i1 %more, label %head, label %run
run:
  %code = load ptr, ptr %block
  call void %code(ptr %words)
  br label %give
refuse:
  br label %give
give:
  %result = phi ptr [%arg, %run], [%self, %refuse]
  %references = load i32, ptr %result
  %raised = add i32 %references, 1
  store i32 %raised, ptr %result
  ret ptr %result
}}
"""


class _Source:
    def text(self) -> str:
        return _SOURCE


class _MethodDef(ctypes.Structure):
    """CPython's ``PyMethodDef``."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    ]


def direct(
    code: Callable[[int], None],
    dtypes: Sequence[Any],
    words: Sequence[int],
    places: Sequence[int] | None = None,
    *,
    keep: Any = None,
    release: bool = False,
) -> Callable[..., Any]:
    """A function of NumPy arrays that runs *code* on them.

    It returns its last argument, the array that is written, or something else when an argument is
    not of its dtype, C-contiguous and aligned; nothing has been computed then. It takes for
    granted that they have the shapes that *words* speak of.

    Parameters
    ----------
    code : a kernel of :func:`.jit.compiled`
    dtypes : of each array
    words : the kernel's block; where addresses belong stands anything
    places : the word of each array's address; by default the first ones in order
    keep : what must live as long as the function: the arrays whose addresses *words* hold
    release : let other threads run meanwhile; for what takes long
    """
    kinds = [np.dtype(dtype) for dtype in dtypes]
    spots = list(range(len(kinds)) if places is None else places)
    if release or not available():
        return _by_ctypes(code, kinds, words, spots, keep)
    block = np.zeros(_HEADER + len(words), np.int64)
    block[:3] = _address_of(code), len(kinds), id(np.ndarray)
    block[3 : 3 + len(kinds)] = [id(kind) for kind in kinds]
    block[3 + MOST_ARRAYS : 3 + MOST_ARRAYS + len(kinds)] = spots
    block[_HEADER:] = words
    # The block knows only addresses. A built-in holds two objects, itself and its module.
    definition, owned = _definition(), (code, kinds, keep)
    return ctypes.pythonapi.PyCFunction_NewEx(
        ctypes.byref(definition), ctypes.py_object(block), ctypes.py_object(owned)
    )


def _by_ctypes(
    code: Callable[[int], None],
    dtypes: list[Any],
    words: Sequence[int],
    places: list[int],
    keep: Any,
) -> Callable[..., Any]:
    array = np.ndarray

    def call(*arrays: Any) -> Any:
        block = (ctypes.c_int64 * len(words))(*words)
        for one, dtype, place in zip(arrays, dtypes, places, strict=True):
            flags = one.flags
            if one.__class__ is not array or one.dtype is not dtype or not flags.c_contiguous:
                return None
            if not flags.aligned:
                return None
            block[place] = one.ctypes.data
        code(ctypes.addressof(block))
        return arrays[-1]

    call.keep = keep  # type: ignore[attr-defined]
    return call


def _address_of(code: Callable[[int], None]) -> int:
    return ctypes.cast(code, ctypes.c_void_p).value or 0  # type: ignore[arg-type]


@functools.cache
def _definition() -> _MethodDef:
    (code,) = jit.compiled("direct", ["call"], _Source)  # type: ignore[arg-type]
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype = ctypes.py_object
    make.argtypes = [ctypes.c_void_p, ctypes.py_object, ctypes.py_object]
    made = _MethodDef(b"kernel", _address_of(code), _METH_FASTCALL, None)
    made.code = code  # lives as long as the definition
    return made


@functools.cache
def available() -> bool:
    """Whether array objects are laid out as the machine code takes for granted."""
    if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return False
    if ctypes.sizeof(ctypes.c_void_p) != 8 or sys.byteorder != "little":
        return False
    whole = np.arange(12, dtype=np.float32).reshape(3, 4)
    return all(map(_as_expected, (whole, whole.T, whole[1:, 1:], np.zeros(3, np.int64))))


def _as_expected(array: Any) -> bool:
    def word(offset: int) -> int:
        return ctypes.c_uint64.from_address(id(array) + offset).value

    return (
        word(_TYPE) == id(np.ndarray)
        and word(_DATA) == array.ctypes.data
        and word(_DTYPE) == id(array.dtype)
        and word(_FLAGS) & 0xFFFFFFFF == array.flags.num & 0xFFFFFFFF
    )
