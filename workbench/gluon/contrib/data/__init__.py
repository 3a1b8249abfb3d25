"""Samplers that MXNet keeps under ``gluon.contrib.data``."""

from ...data.sampler import IntervalSampler

__all__ = ["IntervalSampler"]
