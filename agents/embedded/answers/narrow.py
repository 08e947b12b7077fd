"""The answer to a narrow question ("how many clicks last week?"): the figure first, in a sentence, then little more."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from agents.embedded.answers.figures import Figures
from agents.embedded.answers.headline import change_of, share_of, undefined, usual
from agents.embedded.answers.lists import told_alone
from agents.embedded.answers.sources import no_past
from agents.embedded.answers.titles import title
from agents.embedded.answers.view import View, is_number
from agents.embedded.answers.vocabulary import concept_of
from agents.embedded.arguments import numbers
from agents.embedded.dates import read_dates, without_dates
from agents.embedded.lexicon import concepts_in, in_order, word_set
from agents.embedded.text import tidy, words

MOST_BARE_WORDS, MOST_BESIDE = 5, 2
_FIGURE = re.compile(
    r"^(?:and |but |so |si |dar |iar )?(?:how (?:much|many)|what (?:is|was|were|are|did|share|percentage|part)|what's|"
    r"cat|cati|cate|cata|ce (?:cost|venit\w*|roas|ctr|cpc|cpa|pondere|procent|parte)|"
    r"care (?:e|este|a fost|au fost|sunt))\b"
)
_MORE = re.compile(
    r"\b(?:why|where|wast\w*|improv\w*|should|do next|recommend\w*|de ce|unde|iros\w*|imbunat\w*|recomand\w*|sfat\w*|"
    r"worst|best|problem\w*)\b"
)
_RATIO = re.compile(r"\b(?:per|pe|a) (?:conversi\w+|clic\w*|lead|sale|order|achizitie)\b")
_SPLIT = re.compile(
    r"\b(?:by|per|each|every|split|break\w*|which|list|top|trend|daily|fiecare|defalc\w*|impart\w*|evolu\w*|zilnic|"
    r"pe (?:canal|campani|dispozitiv|tar|oras|surs|pagin|zi|saptaman)\w*|dupa|compar\w*|vs|versus)\b"
)
_HEADS = word_set("heads")


def is_plain_figure(question: str) -> bool:
    """ "How much did we spend?" wants the number and what it is made of, no advice."""
    folded = tidy(question)
    return bool(_FIGURE.search(folded)) and not _MORE.search(folded)


def is_narrow(question: str, today: date) -> bool:
    """Whether one or two figures are the whole answer: asked outright, or as bare as "CTR last week?"."""
    folded = _RATIO.sub(" ", tidy(question))
    if _SPLIT.search(folded) or _MORE.search(folded) or numbers.limit(question):
        return False
    bare = words(without_dates(question, today))
    return is_plain_figure(question) or (len(bare) <= MOST_BARE_WORDS and not concepts_in(question) & _HEADS)


def told_narrowly(view: View, question: str, figures: Figures) -> str:
    """The figures a question names, how they compare, and two beside them; empty when the totals have none of them."""
    asked = _asked(view, question)
    lead = share_of(view, asked or usual(view), question, figures) or undefined(view, question, figures.language)
    if not lead and not asked:
        return ""
    lead = lead.rstrip(".") or ", ".join(_told(view, name, figures) for name in asked)
    sentences = [f"**{lead[:1].upper()}{lead[1:]}** ({title(replace(view, compare=None), figures)})."]
    sentences += [_against(view, asked, figures), _beside(view, asked, figures)]
    if view.no_past and read_dates(question, view.no_past[1]).compare != "none":
        sentences.append(no_past(view.no_past, figures))
    return " ".join(s for s in sentences if s)


def _asked(view: View, question: str) -> list[str]:
    given = [n for n, v in view.totals.items() if is_number(v) and not n.endswith(("_change", "_previous"))]
    return list(dict.fromkeys(n for c in in_order(question) for n in given if concept_of(n) == c))[:3]


def _told(view: View, name: str, figures: Figures) -> str:
    return told_alone(name, view.label(name), view.kind(name), view.totals[name], figures)


def _against(view: View, asked: list[str], figures: Figures) -> str:
    """`Against 2 – 8 Nov 2026: 399 clicks (+6.0%).`"""
    past = [name for name in asked if is_number(view.before.get(name))]
    if view.compare is None or not past:
        return ""
    told = []
    for name in past:
        step = figures.change(change_of(view, name))
        before = told_alone(name, view.label(name), view.kind(name), view.before[name], figures)
        told.append(f"{before} ({step})" if step else before)
    word = "Against" if figures.language == "en" else "Față de"
    return f"{word} {figures.period(view.compare)}: {', '.join(told)}."


def _beside(view: View, asked: list[str], figures: Figures) -> str:
    others = [n for n in usual(view) if n not in asked and view.totals.get(n)][:MOST_BESIDE]
    if not others:
        return ""
    word = "Beside it" if figures.language == "en" else "Alături"
    return f"{word}: {', '.join(_told(view, name, figures) for name in others)}."
