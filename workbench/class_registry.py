"""Registries of classes by name: what ``mx.registry`` offers to initializers, metrics and users.

A registry belongs to a base class. Classes are found by their name in lower case or by an alias;
``create`` also takes an instance (returned as it is), a dict, or either in JSON.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

from .error import ParameterError, message

__all__ = ["get_alias_func", "get_create_func", "get_register_func", "get_registry"]

C = TypeVar("C", bound=type)
_registries: dict[type, dict[str, type]] = {}


def get_registry(base_class: type) -> dict[str, type]:
    """A copy of the registry of *base_class*: names in lower case to classes."""
    return dict(_registries.get(base_class, {}))


def get_register_func(base_class: type, nickname: str) -> Callable[..., Any]:
    """The function that registers subclasses of *base_class*, usable as a decorator.

    Parameters
    ----------
    base_class : type
        What registered classes must derive from.
    nickname : str
        What such a class is called in messages: ``"metric"``.
    """
    registry = _registries.setdefault(base_class, {})

    def register(klass: C, name: str | None = None) -> C:
        if not (isinstance(klass, type) and issubclass(klass, base_class)):
            raise ParameterError(
                message(
                    f"Can only register subclass of {base_class.__name__}, got {klass!r}",
                    fix=f"Derive the {nickname} from {base_class.__name__}.",
                )
            )
        key = (klass.__name__ if name is None else name).lower()
        known = registry.get(key)
        if known is not None and known is not klass:
            warnings.warn(
                f"New {nickname} {klass.__module__}.{klass.__name__} registered with name {key} is "
                f"overriding existing {nickname} {known.__module__}.{known.__name__}",
                UserWarning,
                stacklevel=2,
            )
        registry[key] = klass
        return klass

    register.__doc__ = f"Register a {nickname} under its name in lower case, or under *name*."
    return register


def get_alias_func(base_class: type, nickname: str) -> Callable[..., Any]:
    """The decorator factory that registers a class under several names: ``@alias("acc")``."""
    register = get_register_func(base_class, nickname)

    def alias(*aliases: str) -> Callable[[C], C]:
        def add(klass: C) -> C:
            for name in aliases:
                register(klass, name)
            return klass

        return add

    alias.__doc__ = f"Register a {nickname} under the given names."
    return alias


def get_create_func(base_class: type, nickname: str) -> Callable[..., Any]:
    """The function that makes an instance from a name, a dict, JSON, or an instance."""
    registry = _registries.setdefault(base_class, {})

    def create(*args: Any, **kwargs: Any) -> Any:
        if args:
            what, args = args[0], args[1:]
        elif nickname in kwargs:
            what = kwargs.pop(nickname)
        else:
            raise ParameterError(f"no {nickname} given; there are {', '.join(sorted(registry))}")
        if isinstance(what, base_class):
            if args or kwargs:
                raise ParameterError(
                    f"{nickname} is already an instance. Additional arguments are invalid"
                )
            return what
        if isinstance(what, dict):
            return create(**what)
        if not isinstance(what, str):
            raise ParameterError(f"{nickname} must be of string type, got {what!r}")
        if what.startswith("["):
            name, settings = json.loads(what)
            return create(name, **settings)
        if what.startswith("{"):
            return create(**json.loads(what))
        if what.lower() not in registry:
            raise ParameterError(
                message(
                    f"{what} is not registered as a {nickname}",
                    fix=f"Use one of {', '.join(sorted(registry))}, or register it first.",
                )
            )
        return registry[what.lower()](*args, **kwargs)

    create.__doc__ = f"""Make a {nickname} from its name, or from a dict or JSON with its settings.

    An instance of {base_class.__name__} is returned as it is.
    """
    return create
