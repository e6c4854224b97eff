"""Yibiao: one set of forms, filled from what the departments already hold."""

__version__ = "0.1.0"
