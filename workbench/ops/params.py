"""Typed parameters of operators: parse what users and files give, check it, print it back.

A parameter is declared as the annotation of a keyword-only argument of an operator's body::

    def Dropout(xp, data, *, p: Float(min=0, max=1) = 0.5): ...

Values arrive from Python (``(3, 3)``), from ``symbol.json`` (``"(3, 3)"``) and from old scripts
(``"3"``); :meth:`Param.parse` gives one canonical Python value for all of them, which is
hashable, and :meth:`Param.print` gives the text that MXNet 1.9.1 writes into a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..base import _Null
from ..dtypes import as_dtype

__all__ = [
    "Bool",
    "DType",
    "Enum",
    "Float",
    "Floats",
    "Int",
    "Number",
    "Opaque",
    "Param",
    "Shape",
    "Str",
]

REQUIRED = _Null


class Param:
    """One typed parameter. *optional* lets None through (written ``None`` in files).

    The registry fills in *name* and *default* from the body's signature.
    """

    kind = "value"
    #: the type for type checkers, of a value that is not None
    hint = "Any"
    name = ""
    default: Any = REQUIRED

    def __init__(self, *, optional: bool = False) -> None:
        self.optional = optional

    @property
    def required(self) -> bool:
        """True when the body gives no default."""
        return self.default is REQUIRED

    def parse(self, value: Any) -> Any:
        """The canonical value; ValueError or TypeError when it is none of this type."""
        if value is None or (isinstance(value, str) and value == "None" and self.optional):
            if self.optional or self.default is None:
                return None
            raise TypeError(f"expected {self.describe()}, got None")
        return self.convert(value)

    def convert(self, value: Any) -> Any:
        """Parse a value that is not None."""
        return value

    def print(self, value: Any) -> str:
        """The text of a canonical value in ``symbol.json``."""
        return str(value)

    def describe(self) -> str:
        """What is expected, in words, for messages and docs."""
        return f"{self.kind} or None" if self.optional else self.kind

    def annotation(self) -> str:
        """What is expected, as a type, for stubs."""
        return f"{self.hint} | None" if self.optional or self.default is None else self.hint


class _Number(Param):
    cast: Callable[[Any], Any]

    def __init__(self, *, min: Any = None, max: Any = None, optional: bool = False) -> None:
        super().__init__(optional=optional)
        self.min, self.max = min, max

    def check(self, value: Any) -> Any:
        if (self.min is not None and value < self.min) or (
            self.max is not None and value > self.max
        ):
            raise ValueError(f"expected {self.describe()}, got {value}")
        return value

    def describe(self) -> str:
        limits = [f">= {self.min}"] if self.min is not None else []
        limits += [f"<= {self.max}"] if self.max is not None else []
        return " ".join([super().describe(), *limits])


class Int(_Number):
    """A whole number, within *min* and *max* where given."""

    kind = "int"
    hint = "int"

    def convert(self, value: Any) -> int:
        if isinstance(value, str):
            text = value.strip()
            if text in ("True", "False", "true", "false"):
                return self.check(int(text[0] in "Tt"))
            return self.check(int(text.removesuffix("L")))
        if isinstance(value, (float, np.floating)):
            if not float(value).is_integer():
                raise TypeError(f"expected {self.describe()}, got {value}")
            return self.check(int(value))
        if not hasattr(value, "__index__"):
            raise TypeError(f"expected {self.describe()}, got {type(value).__name__}")
        return self.check(int(value))


class Float(_Number):
    """A real number, within *min* and *max* where given."""

    kind = "float"
    hint = "float"

    def convert(self, value: Any) -> float:
        if isinstance(value, str):
            return self.check(float(value))
        if isinstance(value, (int, float, np.number, np.bool_)):
            return self.check(float(value))
        raise TypeError(f"expected {self.describe()}, got {type(value).__name__}")

    def print(self, value: Any) -> str:
        return format_number(value)


class Number(Float):
    """A number that keeps its kind: 2 stays whole, so that int64 arrays keep their digits."""

    kind = "number"
    hint = "float"

    def convert(self, value: Any) -> Any:
        if isinstance(value, (bool, int, np.integer, np.bool_)):
            return self.check(int(value))
        if isinstance(value, str) and value.strip().lstrip("+-").isdigit():
            return self.check(int(value))
        return super().convert(value)


class Opaque(Param):
    """A value that only Workbench itself passes between its operators; never in a file."""

    kind = "internal value"


def format_number(value: Any) -> str:
    """A number as MXNet writes it: no trailing zero, ``1.5``, ``2``, ``1e-05``, ``None``."""
    if value is None:
        return "None"
    if isinstance(value, int):
        return str(int(value))
    text = repr(float(value))
    return text[:-2] if text.endswith(".0") else text


class Bool(Param):
    """True or False; also 0, 1 and their words, as files have them."""

    kind = "boolean"
    hint = "bool"
    words = {"True": True, "true": True, "1": True, "False": False, "false": False, "0": False}

    def convert(self, value: Any) -> bool:
        if isinstance(value, str):
            if value.strip() not in self.words:
                raise ValueError(f"expected {self.describe()}, got {value!r}")
            return self.words[value.strip()]
        if isinstance(value, (bool, int, float, np.number, np.bool_)):
            return bool(value)
        raise TypeError(f"expected {self.describe()}, got {type(value).__name__}")


class Str(Param):
    """Any text."""

    kind = "string"
    hint = "str"

    def convert(self, value: Any) -> str:
        return str(value)


class Enum(Param):
    """One of the given words."""

    kind = "word"

    def __init__(self, *words: str, optional: bool = False) -> None:
        super().__init__(optional=optional)
        self.words = words
        self.hint = f"Literal[{', '.join(map(repr, words))}]"

    def convert(self, value: Any) -> str:
        word = str(value)
        if word not in self.words:
            raise ValueError(f"expected {self.describe()}, got {word!r}")
        return word

    def describe(self) -> str:
        words = ", ".join(repr(word) for word in self.words)
        return f"one of {words}" + (" or None" if self.optional else "")


class DType(Param):
    """A dtype by name, NumPy type or flag; canonical is the name (``"float32"``)."""

    kind = "dtype"

    def convert(self, value: Any) -> str:
        if isinstance(value, str) and value.isdigit():
            value = int(value)
        return as_dtype(value).name


_ITEM = re.compile(r"[^\s,()\[\]]+")


def _items(text: str) -> list[str]:
    """The items of ``"(3, 3)"``, ``"[3,3]"`` or ``"3"``; ValueError for anything else."""
    text = text.strip()
    if text[:1] in ("(", "["):
        if text[-1:] != {"(": ")", "[": "]"}[text[0]]:
            raise ValueError(f"unbalanced brackets in {text!r}")
        text = text[1:-1]
    if "(" in text or "[" in text:
        raise ValueError(f"nested brackets in {text!r}")
    return _ITEM.findall(text)


class _Tuple(Param):
    item: Param

    def __init__(self, length: Sequence[int] | None = None, *, optional: bool = False) -> None:
        super().__init__(optional=optional)
        self.length = length

    def convert(self, value: Any) -> tuple[Any, ...]:
        if isinstance(value, str):
            values: list[Any] = list(_items(value))
        elif hasattr(value, "__iter__"):
            values = list(value)
        else:
            values = [value]
        parsed = tuple(None if v in (None, "None") else self.item.convert(v) for v in values)
        if self.length is not None and len(parsed) not in self.length:
            raise ValueError(f"expected {self.describe()}, got {value!r}")
        return parsed

    def print(self, value: Any) -> str:
        if value is None:
            return "None"
        words = ["None" if v is None else self.item.print(v) for v in value]
        return "(" + words[0] + ",)" if len(words) == 1 else "(" + ", ".join(words) + ")"

    def describe(self) -> str:
        size = "" if self.length is None else f" of {' or '.join(map(str, self.length))}"
        return super().describe() + size


class Shape(_Tuple):
    """A tuple of whole numbers; a single number stands for a tuple of one."""

    kind = "Shape(tuple)"
    hint = "int | Sequence[int]"
    item = Int()


class Floats(_Tuple):
    """A tuple of real numbers."""

    kind = "tuple of <float>"
    hint = "float | Sequence[float]"
    item = Float()
