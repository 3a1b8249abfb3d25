"""``mx.gluon.contrib.cnn``: deformable convolutions."""

from ...._surface import getattr_for
from .conv_layers import DeformableConvolution, ModulatedDeformableConvolution

__all__ = ["DeformableConvolution", "ModulatedDeformableConvolution"]

__getattr__ = getattr_for(__name__)
