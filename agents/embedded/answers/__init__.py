"""Answers written from tool results: grounded templates, in English and Romanian."""

from agents.embedded.answers.compose import answer

__all__ = ["answer"]
