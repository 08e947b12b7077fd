"""What a question names decides between tools that fit it alike: a page, an identifier, somebody's name."""

from __future__ import annotations

from dataclasses import replace

from agents.embedded.arguments import amounts, names, strings
from agents.embedded.lexicon import concepts_in
from agents.embedded.schema import Param
from agents.embedded.selection import Scored
from agents.embedded.text import stem, words

CLEAR, NEAR = 0.3, 0.35


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
