"""``mx.gluon``: networks from blocks, eager or compiled, and the loop that trains them."""

from .. import _surface
from . import data, loss, nn, rnn, utils
from .block import Block
from .hybrid import HybridBlock
from .parameter import Constant, DeferredInitializationError, Parameter
from .parameter_dict import ParameterDict
from .symbol_block import SymbolBlock
from .trainer import Trainer

__all__ = [
    "Block",
    "Constant",
    "DeferredInitializationError",
    "HybridBlock",
    "Parameter",
    "ParameterDict",
    "SymbolBlock",
    "Trainer",
    "data",
    "loss",
    "nn",
    "rnn",
    "utils",
]

__getattr__ = _surface.getattr_for(__name__)
