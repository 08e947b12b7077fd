"""What an answer is about, in a few words: the source, what it was narrowed to, the days."""

from __future__ import annotations

from agents.embedded.answers.figures import Figures
from agents.embedded.answers.sources import period_line, provider
from agents.embedded.answers.view import View
from agents.embedded.schema import spaced


def title(view: View, figures: Figures) -> str:
    name = provider(view) or view.title or spaced(view.tool).capitalize()
    if view.period is None and view.title and view.title != name:
        name = f"{name}, {view.title[:1].lower()}{view.title[1:]}"
    scoped = (
        view.named
        or view.args.get("campaign")
        or view.args.get("path_contains")
        or view.args.get("channel")
        or view.args.get("event")
    )
    parts = [name]
    if view.title.startswith("Organic"):
        parts.append("organic search" if figures.language == "en" else "căutare organică")
    if scoped:
        parts.append(f"“{scoped}”" if figures.language == "en" else f"„{scoped}”")
    when = period_line(view, figures)
    return ", ".join([*parts, when]) if when else ", ".join(parts)
