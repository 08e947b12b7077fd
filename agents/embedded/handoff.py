"""What the next agent is told when a question is handed over."""

from __future__ import annotations

from agents.embedded.context import continues
from agents.embedded.dates import read_dates
from agents.embedded.request import Request

_NOTE = {
    "en": (
        'The person asks: "{q}"',
        "period {p}",
        "against {p}",
        "compared with {w}",
        "the year before",
        "the period before",
    ),
    "ro": ("Întrebarea: „{q}”", "perioada {p}", "față de {p}", "comparat cu {w}", "anul dinainte", "perioada dinainte"),
}


def note(request: Request, text: str, language: str) -> str:
    """One sentence for the next agent, in the person's language: their own words, with the period spelled out."""
    asks, period, against, compared, year, before = _NOTE[language]
    dates = read_dates(text, request.facts.today)
    base = continues(text)
    parts = [asks.format(q=" ".join(request.question.split())[:400]) + (f" [{base[:200]}]" if base else "")]
    if dates.period:
        parts.append(period.format(p=dates.period.iso()))
    if dates.against:
        parts.append(against.format(p=dates.against.iso()))
    elif dates.compare != "none":
        parts.append(compared.format(w=year if dates.compare == "year" else before))
    return "; ".join(parts) + "."
