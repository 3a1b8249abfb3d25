"""Samplers that MXNet keeps under ``gluon.contrib.data``."""

from ...._surface import getattr_for
from ...data.sampler import IntervalSampler

__all__ = ["IntervalSampler"]

__getattr__ = getattr_for(__name__)
