"""Workbench measured, mostly beside torch: ``make bench`` or ``python -m benchmarks``."""
