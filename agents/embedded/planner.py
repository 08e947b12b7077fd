"""The planner: what to do with a request. Pure: the same request gives the same plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agents.embedded import guard, talk
from agents.embedded.answers import answer
from agents.embedded.choose import Call, choose
from agents.embedded.repair import repairs
from agents.embedded.request import Request, read_request
from agents.embedded.smalltalk import small_talk
from agents.language import Language, detect, language_of
from camarad.log import get_logger

log = get_logger("embedded")


@dataclass(frozen=True, slots=True)
class Plan:
    """Text, or calls to make at once."""

    text: str = ""
    calls: tuple[Call, ...] = ()


def plan(messages: list[dict[str, Any]], tools: Any = None, tool_choice: Any = None) -> Plan:
    """What to say or call. A defect of the planner is logged and answered honestly; it never surfaces as an error."""
    request = read_request(messages, tools, tool_choice)
    language = spoken(request)
    try:
        return _plan(request, language)
    except Exception:
        log.exception("planner_failed", letters=len(request.question), tools=[r.name for r in request.results])
        return Plan(text=talk.stumbled(request, language))


def spoken(request: Request) -> Language:
    """The language of the question; for one that has none (an id, emoji, a number) that of the conversation."""
    told = (language_of(text) for text in (request.question, *reversed(request.earlier[-3:])))
    return next(filter(None, told), detect("", request.facts.language))


def _plan(request: Request, language: Language) -> Plan:
    if request.choice not in ("auto", "none") and request.tools:
        return Plan(calls=choose(request, language, force=True).calls)
    if request.results and (repaired := repairs(request)):
        return Plan(calls=repaired)
    if request.results:
        return Plan(text=answer(request, language))
    return _first_step(request, language)


def _first_step(request: Request, language: Language) -> Plan:
    crossed = guard.attack(request.question)
    if crossed:
        return Plan(text=talk.decline(crossed, request, language))
    if said := small_talk(request, language):
        return Plan(text=said)
    if request.choice == "none" or not request.tools:
        return Plan(text=talk.without_tools(request, language))
    chosen = choose(request, language)
    return Plan(text=chosen.text, calls=chosen.calls)
