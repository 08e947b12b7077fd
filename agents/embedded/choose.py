"""From a question to calls: its parts, the tools for them, the hand-off when it is another agent's matter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.embedded import areas, talk
from agents.embedded.arguments import fill
from agents.embedded.dates import DateAnswer, read_dates
from agents.embedded.heads import intents
from agents.embedded.lexicon import concepts_in, word_set
from agents.embedded.request import Request
from agents.embedded.schema import ToolSchema
from agents.embedded.selection import Scored, rank
from agents.embedded.text import fold, words

CLEAR, POSSIBLE = 0.3, 0.2
_PARTS = re.compile(
    r"[?;]\s+|\.\s+(?=\w)|,?\s+\b(?:and also|and then|and|plus|as well as|also|si apoi|si|"
    r"dar si|iar|precum si|plus)\b\s+"
)
_ASKING = re.compile(
    r"\b(?:how|what|where|which|who|when|why|show|list|give|compare|find|tell|is|are|do|"
    r"does|did|can|check|cum|ce|unde|care|cine|cand|de ce|arata|compara|gaseste|spune|cat|"
    r"cati|cate|cata|verifica|vreau)\b"
)
_ELLIPTIC = re.compile(
    r"^(?:and|but|so|what about|how about|same|now|also|ok|okay|then|si|dar|iar|acum|la "
    r"fel|acelasi|aceeasi|ce zici de|dar pentru|si pentru)\b"
)


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    args: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    text: str = ""
    calls: tuple[Call, ...] = ()


def choose(request: Request, language: str, *, force: bool = False) -> Choice:
    """The calls for a question, or what to say instead. `force` always calls: the tool named, else the best."""
    text = in_context(request)
    if force:
        return Choice(calls=_forced(request, text))
    chances = intents(text)
    ranked = rank(request.data_tools, text, chances)
    weights = areas.weigh(text, chances)
    if handed := _hand_off(request, text, chances, weights, ranked, language):
        return Choice(calls=(handed,))
    if reply := talk.instead_of_tools(request, text, chances, weights, ranked, language):
        return Choice(text=reply)
    if not ranked or ranked[0].score < POSSIBLE or (unclear(chances, text) and ranked[0].worded < 0.3):
        return Choice(text=talk.clarify(request, language))
    return _calls(request, text, ranked, chances, language)


def in_context(request: Request) -> str:
    """The question, with the one before it when it only makes sense after it ("and last month?")."""
    question = request.question.strip()[:2000]
    if not request.earlier or not _needs_context(question, request):
        return question
    return f"{question} · {request.earlier[-1].strip()[:500]}"


def _needs_context(question: str, request: Request) -> bool:
    tokens = words(question)
    if len(tokens) > 8 or not tokens:
        return False
    dates = read_dates(question, request.facts.today)
    bare = [t for t in tokens if t not in fold(dates.said).split()]
    return bool(_ELLIPTIC.search(fold(question))) or (
        dates.period is not None and len(bare) <= 2 and not concepts_in(" ".join(bare))
    )


def _forced(request: Request, text: str) -> tuple[Call, ...]:
    named = request.tool(request.choice)
    tool = named or rank(request.tools, text, intents(text))[0].tool
    if tool is request.route:
        weights = areas.weigh(text, intents(text))
        best = max(weights, key=lambda a: weights[a])
        return (_route_call(request, tool, areas.agent_for(best, request), text),)
    dates = read_dates(text, request.facts.today)
    return (Call(tool.name, fill(tool, text, dates, request, force=True).args),)


def _hand_off(
    request: Request,
    text: str,
    chances: Mapping[str, float],
    weights: Mapping[str, float],
    ranked: list[Scored],
    language: str,
) -> Call | None:
    """A hand-off when the question is clearly another agent's and nothing here answers it better."""
    own, route = areas.own_areas(request), request.route
    if own is None or route is None or request.handed:
        return None
    theirs: dict[str, float] = {}
    for area, weight in weights.items():
        slug = areas.agent_for(area, request) if area not in own and area != areas.OUT else None
        if slug:
            theirs[slug] = theirs.get(slug, 0.0) + weight
    if not theirs:
        return None
    slug = max(theirs, key=lambda s: theirs[s])
    mine = sum(weights[a] for a in own)
    if theirs[slug] <= mine * 1.15 or theirs[slug] < 0.3 or weights[areas.OUT] > theirs[slug] or unclear(chances, text):
        return None
    return _route_call(request, route, slug, text)


def unclear(chances: Mapping[str, float], text: str) -> bool:
    """Neither the models nor the words say what this is."""
    return max(chances.values()) < 0.25 and not concepts_in(text)


def _route_call(request: Request, route: ToolSchema, slug: str | None, text: str) -> Call:
    args: dict[str, Any] = {}
    for param in route.params:
        if param.choices:
            options = [str(c) for c in param.choices]
            args[param.name] = (
                slug if slug in options else next((o for o in options if o != request.facts.agent), options[0])
            )
        elif param.type == "string" and (param.required or param.name in ("note", "reason", "message", "summary")):
            args[param.name] = talk.note(request, text)
        elif param.name in ("agent", "to", "specialist", "target_agent") and slug:
            args[param.name] = slug
    return Call(route.name, args)


def _calls(request: Request, text: str, ranked: list[Scored], chances: Mapping[str, float], language: str) -> Choice:
    dates = read_dates(text, request.facts.today)
    picked = _picked(request, text, ranked)
    calls: list[Call] = []
    for tool, clause in picked:
        filled = fill(tool, clause, _dates_for(clause, dates, request), request)
        if filled.missing and not calls:
            return Choice(text=talk.ask_for(filled.missing, tool, language))
        if not filled.missing:
            calls.append(Call(tool.name, filled.args))
    return Choice(calls=tuple(calls))


def _dates_for(clause: str, whole: DateAnswer, request: Request) -> DateAnswer:
    own = read_dates(clause, request.facts.today)
    if own.period is None:
        return whole if own.compare == "none" or whole.compare != "none" else DateAnswer(whole.period, own.compare)
    return own if own.compare != "none" else DateAnswer(own.period, whole.compare, whole.against, own.said)


def _picked(request: Request, text: str, ranked: list[Scored]) -> list[tuple[ToolSchema, str]]:
    """The tools of a question's parts, in order, at most three; a question of one part has one."""
    parts = clauses(text)
    picked: list[tuple[ToolSchema, str]] = []
    if len(parts) > 1:
        whole = {s.tool.name: s.score for s in ranked}
        for part in parts:
            best = rank(request.data_tools, part, intents(part))[0]
            if best.score >= CLEAR and whole[best.tool.name] >= 0.03 and best.tool not in [t for t, _ in picked]:
                picked.append((best.tool, part))
    if not picked:
        picked = [(ranked[0].tool, text)]
    if len(picked) == 1:
        picked = [(picked[0][0], text)]
    return picked[:3]


def clauses(text: str) -> list[str]:
    """The parts of a question that could each be asked alone; a list of metrics is one part."""
    folded = fold(text)
    cuts = list(_PARTS.finditer(folded))
    pieces, start = [], 0
    for cut in cuts:
        left, right = folded[start : cut.start()], folded[cut.end() :]
        strong = cut.group().strip()[:1] in ("?", ";", ".") or (
            _ASKING.search(" ".join(right.split()[:3])) and len(left.split()) > 2
        )
        strong = strong or (_standalone(left) and _standalone(right))
        if strong and left.strip() and right.strip():
            pieces.append(text[start : cut.start()].strip())
            start = cut.end()
    pieces.append(text[start:].strip())
    return [p for p in pieces if p]


_HEADS = word_set("heads")


def _standalone(piece: str) -> bool:
    return bool(concepts_in(piece) & _HEADS) and len(piece.split()) >= 2
