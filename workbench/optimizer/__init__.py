"""``mx.optimizer``: update rules, and the updater that keeps their states."""

from .._surface import getattr_for
<<<<<<< HEAD
from . import contrib
from .adam import Adam, Adamax, Nadam
from .adaptive import FTML, AdaDelta, AdaGrad, Ftrl, RMSProp
from .base import Optimizer, create, register
from .layerwise import LAMB, LARS, LBSGD
from .momentum import DCASGD, NAG, SGLD, Signum, Test, ccSGD
=======
from .adagrad import AdaDelta, AdaGrad
from .adam import Adam
from .adamax import Adamax, Nadam
from .base import Optimizer, create, register
from .ftrl import FTML, Ftrl
from .lamb import LAMB
from .nag import NAG
from .others import DCASGD, SGLD, Test, ccSGD
from .rmsprop import RMSProp
>>>>>>> main
from .sgd import SGD
from .signum import Signum
from .updater import Updater, get_updater

__all__ = [
    "DCASGD",
    "FTML",
    "LAMB",
<<<<<<< HEAD
    "LARS",
    "LBSGD",
=======
>>>>>>> main
    "NAG",
    "SGD",
    "SGLD",
    "AdaDelta",
    "AdaGrad",
    "Adam",
    "Adamax",
    "Ftrl",
    "Nadam",
    "Optimizer",
    "RMSProp",
    "Signum",
    "Test",
    "Updater",
    "ccSGD",
<<<<<<< HEAD
    "contrib",
=======
>>>>>>> main
    "create",
    "get_updater",
    "register",
]

__getattr__ = getattr_for(__name__)
