"""Workbench: MXNet's API as an interactive deep-learning workbench for Jupyter."""

__version__ = "0.1.0"
