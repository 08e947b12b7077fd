"""What an answer is about, in a few words: the source, what it was narrowed to, the days."""

from __future__ import annotations

import re

from agents.embedded.answers.figures import Figures
from agents.embedded.answers.sources import period_line, provider
from agents.embedded.answers.view import View
from agents.embedded.schema import spaced

_ARGUMENTS = ("campaign", "path_contains", "contains", "channel", "device", "event")
_CONDITION = re.compile(r"[A-Za-z][\w:]*(==|=@|=~)(.+)", re.DOTALL)


def title(view: View, figures: Figures) -> str:
    name = provider(view) or view.title or spaced(view.tool).capitalize()
    if view.period is None and view.title and view.title != name:
        name = f"{name}, {view.title[:1].lower()}{view.title[1:]}"
    scoped = ", ".join(narrowed_to(view))
    parts = [name]
    if view.title.startswith("Organic"):
        parts.append("organic search" if figures.language == "en" else "căutare organică")
    if scoped:
        parts.append(f"“{scoped}”" if figures.language == "en" else f"„{scoped}”")
    when = period_line(view, figures)
    return ", ".join([*parts, when]) if when else ", ".join(parts)


def narrowed_to(view: View) -> list[str]:
    """Every value the figures are narrowed to: by an argument, by a condition, or as the one row that was named."""
    said = [view.named, *(view.args.get(name) for name in _ARGUMENTS), *conditions(view)]
    return list(dict.fromkeys(str(value) for value in said if value))


def conditions(view: View) -> list[str]:
    """The values of a free report's conditions; a pattern of several is told as "mobile + desktop"."""
    given = view.args.get("filters")
    found = [_CONDITION.fullmatch(str(text)) for text in given] if isinstance(given, list) else []
    return [_plain(match[1], match[2]) for match in found if match]


def _plain(operator: str, value: str) -> str:
    if operator != "=~":
        return value
    return value.strip("^$").strip("()").replace("|", " + ")
