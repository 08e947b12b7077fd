"""One answer from all results of a turn: what happened, what moved it, what to do, and where the numbers are from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.embedded.answers import account
from agents.embedded.answers.absent import absent, everywhere, unknown
from agents.embedded.answers.advice import is_waste, next_steps
from agents.embedded.answers.derived import with_bounce_rate
from agents.embedded.answers.figures import Figures
from agents.embedded.answers.focus import focused
from agents.embedded.answers.generic import summarise
from agents.embedded.answers.headline import headline
from agents.embedded.answers.lists import bullets, movers, order_line, ordering
from agents.embedded.answers.narrow import is_narrow, is_plain_figure, told_narrowly
from agents.embedded.answers.pairs import paired
from agents.embedded.answers.sources import footer, no_past, period_line, provider
from agents.embedded.answers.strangers import stranger
from agents.embedded.answers.titles import title
from agents.embedded.answers.trouble import explain
from agents.embedded.answers.view import View, read_view
from agents.embedded.answers.waste import wasted
from agents.embedded.context import in_context
from agents.embedded.dates import read_dates
from agents.embedded.request import Request
from agents.embedded.schema import spaced
from agents.language import language_of

MOST_NOTES = 4
_NUMBERS = re.compile(r"\d+(?:[.,\u00a0]\d+)*")


def answer(request: Request, language: str) -> str:
    """The answer to the question from this turn's results. Errors are said plainly beside what did work."""
    question = _question(request)
    read = paired(_mended([read_view(r) for r in request.results]))
    views = [with_bounce_rate(focused(v, question), request.question) for v in read]
    currency = next((v.currency for v in views if v.currency), request.facts.currency)
    figures = Figures(language, currency)
    narrow = is_narrow(request.question, request.facts.today)
    told = [section(v, question, Figures(language, v.currency or currency), narrow=narrow) for v in _unique(views)]
    sections = list(
        dict.fromkeys(
            [
                unknown(request, read, language),
                stranger(request, read, language),
                everywhere(request, read, language),
                *told,
            ]
        )
    )  # one refusal of three reports once
    wanted = not (narrow or is_plain_figure(request.question))
    steps = next_steps([v for v in views if v.error is None], figures) if wanted else []
    if steps:
        heading = "**What I would do next**" if language == "en" else "**Ce aș face mai departe**"
        sections.append("\n".join([heading, *(f"{n}. {step}" for n, step in enumerate(steps, 1))]))
    sections += [absent(request, views, language), footer(views, figures, request.facts.client)]
    return "\n\n".join(s for s in sections if s)


def _mended(views: list[View]) -> list[View]:
    """Without the refusals of calls that were then made rightly."""
    good = {v.tool for v in views if v.error is None}
    return [v for v in views if v.error is None or v.tool not in good]


def _question(request: Request) -> str:
    """The person's own words first, so that what a follow-up names leads its answer."""
    whole = in_context(request)
    return whole if whole == request.question.strip() else f"{request.question} {whole}"


def _unique(views: Sequence[View]) -> list[View]:
    """The same call twice is told once."""
    seen: list[tuple[str, str]] = []
    out = []
    for view in views:
        key = (view.tool, str(sorted(view.args.items())))
        if key not in seen:
            out.append(view)
        seen.append(key)
    return out


def section(view: View, question: str, figures: Figures, *, narrow: bool = False) -> str:
    if view.error is not None:
        return explain(view, figures.language)
    if view.raw is not None:
        return summarise(view, figures)
    if special := account.told(view, figures):
        return special
    if not view.rows and not view.totals:
        return _empty(view, figures)
    if is_waste(view):
        return wasted(view, figures)
    if narrow and (text := told_narrowly(view, question, figures)):
        return text
    return _performance(view, question, figures)


def _performance(view: View, question: str, figures: Figures) -> str:
    lead = headline(view, question, figures)
    first = f"**{title(view, figures)}.** {lead}".strip()
    lines = [first]
    notes = [figures.restyle(n) for n in notes_in(view, figures.language)]
    rows = bullets(view, question, figures)
    if rows:
        order = ordering(view, question)
        lines += ["", order_line(view, order, figures.language)] if order else [""]
        lines += rows
    elif view.compare and not notes:
        main = next((m for m in ("cost", "sessions", "conversions") if f"{m}_change" in _names(view)), None)
        notes = movers(view, main, figures, 3) if main else []
    notes = _fresh(notes, "\n".join(lines))
    if notes:
        heading = "What stands out:" if figures.language == "en" else "Ce iese în evidență:"
        lines += ["", heading, *(n if n.startswith("- ") else f"- {n}" for n in notes[:MOST_NOTES])]
    if view.truncated:
        lines.append(_more(view, figures))
    if view.no_past and read_dates(question, view.no_past[1]).compare != "none":
        lines += ["", no_past(view.no_past, figures)]
    return "\n".join(lines)


def _names(view: View) -> set[str]:
    return {f.name for f in view.fields}


def _fresh(notes: list[str], told: str) -> list[str]:
    """Findings that say a number not yet told."""
    known = set(_NUMBERS.findall(told))
    return [n for n in notes if not (found := _NUMBERS.findall(n)) or not set(found) <= known]


def notes_in(view: View, language: str) -> list[str]:
    """The tool's own findings, when they are in the language of the answer. An empty past is told apart."""
    own = [n for n in view.notes if (language_of(n) or language) == language]
    return [n for n in own if view.no_past is None or str(view.no_past[0]) not in n]


def _more(view: View, figures: Figures) -> str:
    count = figures.show(view.truncated)
    return f"({count} more in the table.)" if figures.language == "en" else f"(Încă {count} în tabel.)"


def _empty(view: View, figures: Figures) -> str:
    if notes := notes_in(view, figures.language):
        return " ".join(notes)
    who = provider(view) or view.title or spaced(view.tool).capitalize()
    when = period_line(view, figures)
    if figures.language == "en":
        span = f" for {when}" if when else ""
        return f"**{who}**: no data{span}; the account answered and had nothing to show."
    span = f" pentru {when}" if when else ""
    return f"**{who}**: nu există date{span}; contul a răspuns, dar nu are ce arăta."
