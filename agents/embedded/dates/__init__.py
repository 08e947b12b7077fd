"""The date grammar, English and Romanian: periods, comparisons, and how they are written into arguments."""

from agents.embedded.dates.grammar import DateAnswer, read_dates, without_dates

__all__ = ["DateAnswer", "read_dates", "without_dates"]
