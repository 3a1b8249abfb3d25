"""``mx.optimizer``: update rules, and the updater that keeps their states."""

from .._surface import getattr_for
from .adam import Adam
from .base import Optimizer, create, register
from .sgd import SGD
from .updater import Updater, get_updater

__all__ = ["SGD", "Adam", "Optimizer", "Updater", "create", "get_updater", "register"]

__getattr__ = getattr_for(__name__)
