"""Widgets: one class per view, each with the bundle of the same name in ``static/``."""

from __future__ import annotations

from .base import View
from .curves import CurvesView
from .graph import GraphView
from .timeline import TimelineView
from .train import TrainView

__all__ = ["CurvesView", "GraphView", "TimelineView", "TrainView", "View"]
