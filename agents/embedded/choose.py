"""From a question to calls: its parts, the tools for them, the hand-off when it is another agent's matter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.embedded import areas, compound, narrowing, talk
from agents.embedded.arguments.choices import pick
from agents.embedded.arguments.fill import GROUPINGS, fill
from agents.embedded.comparisons import second_call
from agents.embedded.context import in_context
from agents.embedded.dates import DateAnswer, read_dates, without_dates
from agents.embedded.handoff import note
from agents.embedded.heads import intents
from agents.embedded.lexicon import concepts_in, word_set
from agents.embedded.masks import Masked, masked
from agents.embedded.orders import orders_change, orders_payment
from agents.embedded.preference import CLEAR, asks_own_cost, preferred, with_path
from agents.embedded.request import Request
from agents.embedded.schema import ToolSchema
from agents.embedded.selection import Scored, rank
from agents.embedded.text import fold, words

POSSIBLE, SURE, MOST_SPLIT_WORDS = 0.2, 0.45, 5
_PARTS = re.compile(
    r"[?;]\s+|\.\s+(?=\w)|,?\s+\b(?:and also|and then|and|plus|as well as|also|si apoi|si|"
    r"dar si|iar|precum si|plus)\b\s+"
)
_ASKING = re.compile(
    r"\b(?:how|what|where|which|who|when|why|show|list|give|compare|find|tell|is|are|do|"
    r"does|did|can|check|cum|ce|unde|care|cine|cand|de ce|arata|compara|gaseste|spune|cat|"
    r"cati|cate|cata|verifica|vreau)\b"
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
        return Choice(calls=_forced(request, text, language))
    mask = masked(text, request.facts.today, request.facts.client)
    if both := _of_both(request, text, mask, language):
        return both
    tools, chances = compound.for_one(request), intents(mask.text)
    ranked = preferred(rank(tools, mask.text, chances), text)
    weights = areas.weigh(mask.text, chances)
    if handed := _hand_off(request, text, chances, weights, ranked, language):
        return Choice(calls=(handed,))
    if reply := talk.instead_of_tools(request, text, chances, weights, ranked, language):
        return Choice(text=reply)
    if ranked and ranked[0].score < CLEAR and not asks_own_cost(text) and (general := _overview(ranked, text)):
        ranked = [general, *ranked]
    if (
        not ranked
        or ranked[0].score < POSSIBLE
        or (unclear(chances, text) and ranked[0].worded < 0.3 and ranked[0].score < CLEAR)
    ):
        return Choice(text=talk.clarify(request, language))
    return _calls(request, text, mask, _picked(tools, mask.text, ranked), language)


def _of_both(request: Request, text: str, mask: Masked, language: str) -> Choice | None:
    """The calls for a question that needs both sources, or its hand-off to the agent that reads both."""
    parts = compound.halves(mask, text)
    if not parts or orders_change(text) or orders_payment(text):
        return None
    if compound.reads_both(request):
        picked = [pick for part in parts for pick in _of_half(request, part)]
        return _calls(request, mask.restored("; ".join(part.text for part in parts)), mask, picked, language)
    slug = areas.agent_for(areas.ADS, request)
    if request.route is None or request.handed or slug is None or areas.own_areas(request) is None:
        return None
    return Choice(calls=(_route_call(request, request.route, slug, text, language),))


def _of_half(request: Request, half: compound.Half) -> list[tuple[ToolSchema, str]]:
    tools = compound.tools_of(half.source, request)
    ranked = with_path(rank(tools, half.text, intents(half.text)), half.text)
    if ranked[0].score < CLEAR and (general := _overview(ranked, half.text)):
        ranked = [general, *ranked]
    return _picked(tools, half.text, ranked)[:2]


_PAID = frozenset(["cost", "clicks", "impressions", "conversions", "revenue", "roas", "cpa", "cpc", "ctr"])
_VISITS = frozenset(
    ["sessions", "users", "new_users", "pageviews", "bounce", "engagement", "duration", "purchases"]
) | {"traffic"}


def _overview(ranked: list[Scored], text: str) -> Scored | None:
    """The tool that sums everything up, for a plain question about a metric that fits no other tool better."""
    said = concepts_in(text)
    if not said & (_PAID | _VISITS) or (said & _HEADS and ranked[0].score >= POSSIBLE):
        return None
    found = next((s for s in ranked if "overview" in s.tool.name or "summary" in s.tool.name), None)
    return found and replace(found, score=CLEAR, worded=max(found.worded, CLEAR))


def _forced(request: Request, text: str, language: str) -> tuple[Call, ...]:
    named = request.tool(request.choice)
    tool = named or rank(request.tools, text, intents(text))[0].tool
    if tool is request.route:
        weights = areas.weigh(text, intents(text))
        best = max(weights, key=lambda a: weights[a])
        return (_route_call(request, tool, areas.agent_for(best, request), text, language),)
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
    if theirs[slug] <= mine * 1.15 or theirs[slug] < 0.3 or weights[areas.OUT] > theirs[slug]:
        return None
    if theirs[slug] < SURE and unclear(chances, text):
        return None
    return _route_call(request, route, slug, text, language)


def unclear(chances: Mapping[str, float], text: str) -> bool:
    """Neither the models nor the words say what this is."""
    return max(chances.values()) < 0.25 and not concepts_in(text)


def _route_call(request: Request, route: ToolSchema, slug: str | None, text: str, language: str) -> Call:
    args: dict[str, Any] = {}
    for param in route.params:
        if param.choices:
            options = [str(c) for c in param.choices]
            args[param.name] = (
                slug if slug in options else next((o for o in options if o != request.facts.agent), options[0])
            )
        elif param.type == "string" and (param.required or param.name in ("note", "reason", "message", "summary")):
            args[param.name] = note(request, text, language)
        elif param.name in ("agent", "to", "specialist", "target_agent") and slug:
            args[param.name] = slug
    return Call(route.name, args)


def _calls(request: Request, text: str, mask: Masked, picked: list[tuple[ToolSchema, str]], language: str) -> Choice:
    dates = read_dates(text, request.facts.today)
    calls: list[Call] = []
    for tool, part in picked:
        clause = mask.restored(part)
        own = _dates_for(clause, dates, request)
        filled = fill(tool, clause, own, request)
        if filled.missing and not calls:
            return Choice(text=talk.ask_for(filled.missing, tool, language))
        if not filled.missing:
            many = second_call(tool, clause, own, request) or (filled.args,)
            calls += [_as_narrow_as_asked(tool, args, clause, request) for args in many]
    return Choice(calls=tuple(calls))


def _as_narrow_as_asked(tool: ToolSchema, args: dict[str, Any], clause: str, request: Request) -> Call:
    said = without_dates(clause, request.facts.today)
    free = narrowing.free_report(tool, args, said, request)
    return Call(tool.name, args) if free is None else Call(free.name, narrowing.arguments(tool, args, said))


def _dates_for(clause: str, whole: DateAnswer, request: Request) -> DateAnswer:
    own = read_dates(clause, request.facts.today)
    if own.period is None:
        return whole if own.compare == "none" or whole.compare != "none" else DateAnswer(whole.period, own.compare)
    return own if own.compare != "none" else DateAnswer(own.period, whole.compare, whole.against, own.said)


def _picked(tools: Sequence[ToolSchema], text: str, ranked: list[Scored]) -> list[tuple[ToolSchema, str]]:
    """The tools of a question's parts, in order, at most three; a question of one part has one."""
    parts = clauses(text)
    picked: list[tuple[ToolSchema, str]] = []
    if len(parts) > 1:
        whole = {s.tool.name: s.score for s in ranked}
        for part in parts:
            if picked and (_only_splits(picked[0][0], part) or _only_narrows(part)):
                continue
            best = rank(tools, part, intents(part))[0]
            if best.score >= CLEAR and whole[best.tool.name] >= 0.03 and best.tool not in [t for t, _ in picked]:
                picked.append((best.tool, part))
    if not picked:
        picked = [(ranked[0].tool, text)]
    if len(picked) == 1:
        picked = [(picked[0][0], text)]
    return picked[:3]


def _only_splits(tool: ToolSchema, part: str) -> bool:
    """Whether a part ("and from which country?") only says how to split what the first tool reads."""
    splits = [p for p in tool.params if p.name in GROUPINGS and p.choices]
    return len(words(part)) <= MOST_SPLIT_WORDS and any(pick(p, part) is not None for p in splits)


def _only_narrows(part: str) -> bool:
    """Whether a part ("and on mobile?") says nothing but what the figures are narrowed to."""
    return len(words(part)) <= MOST_SPLIT_WORDS and bool(narrowing.named(part)) and not concepts_in(part) - _NARROW


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
_NARROW = frozenset({"device", "country", "city", "channel", "organic", "source"})


def _standalone(piece: str) -> bool:
    return bool(concepts_in(piece) & _HEADS) and len(piece.split()) >= 2
