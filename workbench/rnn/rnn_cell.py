"""``mx.rnn.rnn_cell``: all cells under the path that MXNet has for them."""

from .. import _surface
from .cell_base import BaseRNNCell, RNNParams
from .cell_modifiers import ModifierCell, ResidualCell, ZoneoutCell
from .cell_stacks import BidirectionalCell, SequentialRNNCell
from .cells import GRUCell, LSTMCell, RNNCell
from .conv_cells import BaseConvRNNCell, ConvGRUCell, ConvLSTMCell, ConvRNNCell
from .dropout_cell import DropoutCell
from .fused_cell import FusedRNNCell

__all__ = [
    "BaseConvRNNCell",
    "BaseRNNCell",
    "BidirectionalCell",
    "ConvGRUCell",
    "ConvLSTMCell",
    "ConvRNNCell",
    "DropoutCell",
    "FusedRNNCell",
    "GRUCell",
    "LSTMCell",
    "ModifierCell",
    "RNNCell",
    "RNNParams",
    "ResidualCell",
    "SequentialRNNCell",
    "ZoneoutCell",
]

__getattr__ = _surface.getattr_for(__name__)
