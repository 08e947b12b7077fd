"""Filling a tool's arguments from a question: dates, choices, numbers, names."""

from agents.embedded.arguments.fill import Filled, fill

__all__ = ["Filled", "fill"]
