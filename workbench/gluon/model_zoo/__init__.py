"""``mx.gluon.model_zoo``: networks that are defined ahead, and files of their parameters."""

from ..._surface import getattr_for
from . import model_store, vision

__all__ = ["model_store", "vision"]

__getattr__ = getattr_for(__name__)
