"""Routing ML: predicts manufacturing routings and keeps the prediction good."""

__version__ = "1.0.0"
