"""``mx.optimizer``: update rules, and the updater that keeps their states."""

from .adam import Adam
from .base import Optimizer, create, register
from .sgd import SGD
from .updater import Updater, get_updater

__all__ = ["SGD", "Adam", "Optimizer", "Updater", "create", "get_updater", "register"]
