"""``mx.gluon.rnn.rnn_cell``: all cells under MXNet's path."""

from .cell_base import HybridRecurrentCell, RecurrentCell
from .cell_modifiers import DropoutCell, ModifierCell, ResidualCell, ZoneoutCell
from .cell_stacks import BidirectionalCell, HybridSequentialRNNCell, SequentialRNNCell
from .cells import GRUCell, LSTMCell, RNNCell

__all__ = [
    "BidirectionalCell",
    "DropoutCell",
    "GRUCell",
    "HybridRecurrentCell",
    "HybridSequentialRNNCell",
    "LSTMCell",
    "ModifierCell",
    "RNNCell",
    "RecurrentCell",
    "ResidualCell",
    "SequentialRNNCell",
    "ZoneoutCell",
]
