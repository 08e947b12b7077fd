"""What a question names decides between tools that fit it alike: a page, an identifier, somebody's name."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.embedded.arguments import amounts, names, strings
from agents.embedded.lexicon import concepts_in
from agents.embedded.schema import Param
from agents.embedded.selection import Scored
from agents.embedded.text import fold, stem, words

CLEAR, NEAR = 0.3, 0.35
_SPLITS = frozenset({"country", "city", "device"})
_SPLIT = re.compile(r"\b(?:which|what|by|per|each|care|ce|pe|dupa|fiecare|(?:top|first|prim\w+) \d+)\s+(\w+)")
_OWN = re.compile(
    r"\bth(?:is|e) (?:conversation|chat|answer|question)\b|\b(?:conversatia|discutia|intrebarea) (?:asta|aceasta)\b|"
    r"\b(?:chatul|raspunsul) (?:asta|acesta)\b|\b(?:aceasta|acest) (?:conversatie|discutie|intrebare|chat|raspuns)\b"
)


def preferred(ranked: list[Scored], text: str) -> list[Scored]:
    """Every preference there is; the last one that applies stands first."""
    for prefer in (with_split, with_campaign, with_path, with_id, with_own_cost):
        ranked = prefer(ranked, text)
    return ranked


def with_path(ranked: list[Scored], text: str) -> list[Scored]:
    """A question about one page goes to a tool that can be told the page."""
    if not names.path(text):
        return ranked
    told = [s for s in ranked if any("path" in p.name or "page" in p.name for p in s.tool.params)]
    said, meant = {stem(w) for w in words(text)}, concepts_in(text)
    told.sort(
        key=lambda s: -len(said & {stem(w) for w in words(s.tool.about)}) - len(meant & concepts_in(s.tool.about))
    )
    return _first(told[0], ranked) if told else ranked


def with_campaign(ranked: list[Scored], text: str) -> list[Scored]:
    """A campaign by name goes to a tool that can be told it; a report on the whole account says nothing of it alone."""
    if not ranked or "campaign" not in concepts_in(text) or _tells_campaign(ranked[0]):
        return ranked
    told = next((s for s in ranked if _tells_campaign(s) and s.tool.name.startswith("ads_camp")), None)
    return _first(told, ranked) if told is not None and names.announced(text) else ranked


def _tells_campaign(scored: Scored) -> bool:
    return any(p.name == "campaign" for p in scored.tool.params)


def with_split(ranked: list[Scored], text: str) -> list[Scored]:
    """ "In which country do we sell best?" goes to the report that can be split so, when none fits better."""
    if not ranked or ranked[0].score >= CLEAR:
        return ranked
    wanted = _SPLIT.search(fold(text))
    found = next((s for s in ranked if wanted and _splits(s, concepts_in(wanted[1]))), None)
    return _first(found, ranked) if found is not None else ranked


def _splits(scored: Scored, concepts: frozenset[str]) -> bool:
    choices = [set(map(str, p.choices)) for p in scored.tool.params if p.name == "by"]
    return any(each & concepts & _SPLITS for each in choices) and "realtime" not in scored.tool.name


def with_own_cost(ranked: list[Scored], text: str) -> list[Scored]:
    """What this chat itself cost is a matter of CT, not of advertising."""
    own = next((s for s in ranked if "balance" in s.tool.name), None)
    return _first(own, ranked) if own is not None and asks_own_cost(text) else ranked


def asks_own_cost(text: str) -> bool:
    return bool(_OWN.search(fold(text))) and "cost" in concepts_in(text)


def with_id(ranked: list[Scored], text: str) -> list[Scored]:
    """A question that says an identifier goes to the tool that needs one, when that fits nearly as well as the best."""
    if not ranked:
        return ranked
    fitting = [
        s
        for s in ranked
        if s.score >= 0.1
        and s.score >= ranked[0].score - NEAR
        and any(p.required for p in s.tool.params)
        and all(_told(p, text) for p in s.tool.params if p.required)
    ]
    return _first(fitting[0], ranked) if fitting else ranked


def _told(param: Param, text: str) -> bool:
    if amounts.is_id(param):
        return amounts.numbered(param, text) is not None
    return param.type == "string" and strings.identified(param, text) is not None


def _first(chosen: Scored, ranked: list[Scored]) -> list[Scored]:
    return [replace(chosen, score=max(chosen.score, CLEAR)), *(s for s in ranked if s != chosen)]
