"""Scopes: an object that is current inside its ``with`` block, on its own thread only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

__all__ = ["Current", "classproperty"]

T = TypeVar("T")


class classproperty(Generic[T]):
    """A read-only property of the class itself: ``AttrScope.current``."""

    def __init__(self, function: Callable[[Any], T]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    def __get__(self, instance: object, owner: Any) -> T:
        return self.function(owner)


class Current(threading.local, Generic[T]):
    """The stack of entered scopes of each thread, above a default that each thread makes anew."""

    def __init__(self, default: Callable[[], T]) -> None:
        self.stack = [default()]

    @property
    def value(self) -> T:
        """The innermost scope that was entered, else the thread's default."""
        return self.stack[-1]

    def push(self, scope: T) -> None:
        """Enter a scope."""
        self.stack.append(scope)

    def pop(self) -> T:
        """Leave the innermost scope; what was current before is current again."""
        return self.stack.pop()
