"""Scopes: an object that is current inside its ``with`` block, on its own thread only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

__all__ = ["ClassProperties", "Current", "classproperty"]

T = TypeVar("T")


class classproperty(Generic[T]):
    """A property of the class itself: ``AttrScope.current``.

    With *put* it can be assigned, if the metaclass of its class is :class:`ClassProperties`.
    """

    def __init__(
        self, function: Callable[[Any], T], put: Callable[[Any, T], None] | None = None
    ) -> None:
        self.function, self.put = function, put
        self.__doc__ = function.__doc__

    def __get__(self, instance: object, owner: Any) -> T:
        return self.function(owner)


class ClassProperties(type):
    """Metaclass of classes whose class properties can be assigned."""

    def __setattr__(cls, name: str, value: Any) -> None:
        for base in cls.__mro__:
            found = vars(base).get(name)
            if isinstance(found, classproperty) and found.put is not None:
                found.put(cls, value)
                return
        super().__setattr__(name, value)


class Current(threading.local, Generic[T]):
    """The stack of entered scopes of each thread, above a default that each thread makes anew."""

    def __init__(self, default: Callable[[], T]) -> None:
        self.stack = [default()]

    @property
    def value(self) -> T:
        """The innermost scope that was entered, else the thread's default."""
        return self.stack[-1]

    @value.setter
    def value(self, scope: T) -> None:
        self.stack[-1] = scope

    def push(self, scope: T) -> None:
        """Enter a scope."""
        self.stack.append(scope)

    def pop(self) -> T:
        """Leave the innermost scope; what was current before is current again."""
        return self.stack.pop()
