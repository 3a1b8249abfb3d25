"""AttrScope: attributes given to every symbol that is made inside a ``with`` block."""

from __future__ import annotations

from collections import defaultdict
from types import TracebackType

from .error import ParameterError
from .scopes import ClassProperties, Current, classproperty

__all__ = ["AttrScope", "current"]


class AttrScope(metaclass=ClassProperties):
    """Attach attributes to all symbols that are created in the block.

    Parameters
    ----------
    **kwargs : str
        Attributes, e.g. ``ctx_group="dev1"``. Inner scopes add to outer ones and win over them.

    Raises
    ------
    ValueError
        An attribute is not a string.

    Examples
    --------
    >>> with AttrScope(ctx_group="dev1"):
    ...     AttrScope.current.get({"lr_mult": "2"})
    {'ctx_group': 'dev1', 'lr_mult': '2'}
    """

    #: how often each name of a loop or branch was used, by full name
    _subgraph_names: defaultdict[str, int] = defaultdict(int)

    def __init__(self, **kwargs: str) -> None:
        for name, value in kwargs.items():
            if not isinstance(value, str):
                raise ParameterError(
                    f"Attributes need to be string: {name} is {value!r} ({type(value).__name__}); "
                    f"write {name}={str(value)!r}"
                )
        self._attr = kwargs
        self._merged: list[dict[str, str]] = [kwargs]

    def get(self, attr: dict[str, str] | None) -> dict[str, str]:
        """The attributes in force here, with those in *attr* added and winning."""
        merged = self._merged[-1]
        return {**merged, **(attr or {})}

    def _get_current(cls) -> AttrScope:
        """The calling thread's innermost scope; can be assigned."""
        return _current.value

    def _set_current(cls, value: AttrScope) -> None:
        _current.value = value

    current = classproperty(_get_current, _set_current)

    def __enter__(self) -> AttrScope:
        self._merged.append({**_current.value.get(None), **self._attr})
        _current.push(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _current.pop()
        self._merged.pop()


_current: Current[AttrScope] = Current(AttrScope)


def current() -> AttrScope:
    """The calling thread's innermost scope."""
    return _current.value
