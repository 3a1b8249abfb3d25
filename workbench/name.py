"""Names for symbols and blocks that are not given one: ``fullyconnected0``, ``exp0``."""

from __future__ import annotations

from types import TracebackType

from .scopes import ClassProperties, Current, classproperty

__all__ = ["NameManager", "Prefix", "current"]


class NameManager(metaclass=ClassProperties):
    """Counts how often each hint was used: ``fullyconnected0``, ``fullyconnected1``.

    As a ``with`` block a new manager starts counting anew. The counters of the default manager
    are each thread's own.

    Examples
    --------
    >>> with NameManager() as names:
    ...     names.get(None, "exp"), names.get(None, "exp"), names.get("mine", "exp")
    ('exp0', 'exp1', 'mine')
    """

    def __init__(self) -> None:
        self._counter: dict[str, int] = {}

    def get(self, name: str | None, hint: str) -> str:
        """The *name* itself if there is one, else the *hint* with its next number."""
        if name:
            return name
        number = self._counter.get(hint, 0)
        self._counter[hint] = number + 1
        return f"{hint}{number}"

    def _get_current(cls) -> NameManager:
        """The calling thread's innermost manager; can be assigned."""
        return _current.value

    def _set_current(cls, value: NameManager) -> None:
        _current.value = value

    current = classproperty(_get_current, _set_current)

    def __enter__(self) -> NameManager:
        _current.push(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _current.pop()


class Prefix(NameManager):
    """A manager that puts a prefix before all names, the explicit ones too.

    Examples
    --------
    >>> with Prefix("stage1_") as names:
    ...     names.get(None, "conv"), names.get("out", "conv")
    ('stage1_conv0', 'stage1_out')
    """

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix

    def get(self, name: str | None, hint: str) -> str:
        """The prefix and the name that NameManager gives."""
        return self._prefix + super().get(name, hint)


_current: Current[NameManager] = Current(NameManager)


def current() -> NameManager:
    """The calling thread's innermost manager."""
    return _current.value
