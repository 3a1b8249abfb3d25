"""``mx.registry``: registries of classes by name (see :mod:`workbench.class_registry`)."""

from ._surface import getattr_for
from .class_registry import get_alias_func, get_create_func, get_register_func, get_registry

__all__ = ["get_alias_func", "get_create_func", "get_register_func", "get_registry"]

__getattr__ = getattr_for(__name__)
