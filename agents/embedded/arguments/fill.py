"""All arguments of one tool from one question."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agents.embedded.arguments import names, numbers, when
from agents.embedded.arguments.choices import matches, pick
from agents.embedded.dates import DateAnswer, read_dates
from agents.embedded.lexicon import concepts_in, in_order
from agents.embedded.request import Request
from agents.embedded.schema import Param, ToolSchema, spaced
from agents.embedded.text import fold, stem, tidy, words

# What Google Analytics calls the things people ask for; used for name arguments that list no choices.
API_NAMES = {
    "sessions": "sessions",
    "users": "activeUsers",
    "new_users": "newUsers",
    "pageviews": "screenPageViews",
    "bounce": "bounceRate",
    "engagement": "engagementRate",
    "duration": "averageSessionDuration",
    "events": "eventCount",
    "conversions": "keyEvents",
    "revenue": "totalRevenue",
    "purchases": "transactions",
    "conversion_rate": "sessionKeyEventRate",
    "traffic": "sessions",
    "channel": "sessionDefaultChannelGroup",
    "source": "sessionSourceMedium",
    "landing": "landingPage",
    "page": "pagePath",
    "device": "deviceCategory",
    "country": "country",
    "city": "city",
    "trend": "date",
    "campaign": "sessionCampaignName",
}
_NAME_LIST = re.compile(r"\b[a-z]+(?:[A-Z][a-z]+)+\b|\b[a-z]{3,}\b")
_DIMENSION_WORDS = {"channel", "source", "landing", "page", "device", "country", "city", "trend", "campaign"}


@dataclass(frozen=True, slots=True)
class Filled:
    """`missing` are required arguments nothing was said about; `named` the entity that was found."""

    args: dict[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    named: str | None = None


def fill(tool: ToolSchema, text: str, dates: DateAnswer, request: Request, *, force: bool = False) -> Filled:
    """`text` is the clause for this tool; `dates` hold for the whole question. `force` leaves none out."""
    today = request.facts.today
    dateless = _without_dates(text, today)
    args: dict[str, Any] = {}
    missing = []
    for param in tool.params:
        value = _value(param, tool, text if when.part_of(param) else dateless, dates, request, today)
        if value is None and param.required:
            value = _fallback(param, text, force)
            if value is None:
                missing.append(param.name)
        if value is not None:
            args[param.name] = value
    return Filled(args, tuple(missing), names.named_entity(dateless, request))


def _without_dates(text: str, today: date) -> str:
    """The text with its dates blanked, so that no name or number is read out of them."""
    blanked = text
    for start, end in read_dates(text, today).covered:
        blanked = f"{blanked[:start]}{'·'.center(end - start)}{blanked[end:]}"
    return blanked


def _value(param: Param, tool: ToolSchema, text: str, dates: DateAnswer, request: Request, today: date) -> Any:
    part = when.part_of(param)
    if part is not None:
        return when.write(param, part, dates, today)
    if param.choices:
        return _choice(param, text)
    if param.type == "array":
        return _array(param, text, request)
    if param.type in ("integer", "number"):
        return _number(param, text, dates)
    if param.type == "boolean":
        return _boolean(param, text)
    if param.type == "object":
        return _object(param, tool, text, dates, request, today)
    return _string(param, text, request)


def _choice(param: Param, text: str) -> Any:
    found = pick(
        param,
        _grouping(text) if param.name in ("by", "group_by", "split", "split_by", "dimension", "breakdown") else text,
    )
    return found if found is not None else pick(param, text)


def _grouping(text: str) -> str:
    """What follows "by", "per" / "pe", "după": the words that say how to split."""
    found = re.search(r"\b(?:by|per|split by|broken down by|pe|dupa|in functie de)\s+(.*)$", fold(text))
    return found[1] if found else text


def _array(param: Param, text: str, request: Request) -> Any:
    item = param.item or Param(param.name)
    if item.choices:
        return matches(item, text) or None
    if item.type in ("string", "") and re.search(r"metric|dimension|field|column|measure", param.about):
        return _api_names(param, text) or None
    if re.search(r"step|event", param.about):
        return re.findall(r"\b[a-z]+_[a-z_]+\b", text)[:8] if len(re.findall(r"\b[a-z]+_[a-z_]+\b", text)) > 1 else None
    if re.search(r"e-?mail|recipient", param.about):
        return re.findall(r"[\w.+-]+@[\w-]+\.[\w.]*\w", text) or None
    if item.type in ("integer", "number"):
        found = [numbers.parse(n) for n in re.findall(r"(?<![\w-])\d+(?:[.,]\d+)?(?![\w-])", text)]
        return [numbers.fit(item, n) for n in found] or None
    if param.required:
        named = names.named_entity(text, request) or names.topic(text)
        return [named] if named else None
    return None


def _api_names(param: Param, text: str) -> list[str]:
    """Metric and dimension names: those the description lists, reached through concepts."""
    listed = dict.fromkeys(_NAME_LIST.findall(param.description))
    dims = "dimension" in param.about
    found = []
    for concept in in_order(text):
        name = API_NAMES.get(concept)
        if name is None or (concept in _DIMENSION_WORDS) != dims:
            continue
        if name in listed or not any(c.isupper() for c in param.description):
            found.append(name if name in listed or "GA4" in param.description else concept)
    return list(dict.fromkeys(found))


def _number(param: Param, text: str, dates: DateAnswer) -> Any:
    if numbers.is_limit(param):
        value = numbers.limit(text)
        return None if value is None else numbers.fit(param, value)
    if not (param.required or _speaks_of(param, text)):
        return None
    clean = _without(text, dates.said)
    found = numbers.amount(clean)
    return None if found is None else numbers.fit(param, found)


def _without(text: str, said: str) -> str:
    return re.sub(re.escape(said), " ", fold(text)) if said else text


_BOUNDS = (
    (r"below|under|max|less|fewer|upper", r"under|below|less than|fewer than|at most|sub|mai putin de|cel mult|maxim"),
    (r"above|over|min|more|least|threshold|lower", r"over|above|more than|at least|peste|mai mult de|cel putin|minim"),
)


def _speaks_of(param: Param, text: str) -> bool:
    """Whether a question says a number for this argument: by its name, its concept, or as a bound."""
    name, folded = spaced(param.name), tidy(text)
    if any(re.search(own, name) and re.search(rf"\b(?:{said})\b", folded) for own, said in _BOUNDS):
        return True
    own = concepts_in(spaced(param.name)) & concepts_in(text)
    stems = {stem(w) for w in words(spaced(param.name)) if len(w) > 3}
    return bool(own) or bool(stems & {stem(w) for w in words(text)})


def _boolean(param: Param, text: str) -> bool | None:
    about = {
        stem(w)
        for w in words(spaced(param.name))
        if w not in ("is", "include", "with", "only", "show", "has", "get", "use")
    }
    said = {stem(w) for w in words(text)}
    concepts = concepts_in(spaced(param.name).replace("include ", ""))
    if not (about & said or concepts & concepts_in(text)):
        return None
    return not re.search(
        r"\b(?:without|exclud\w*|no|not|don't|fara|nu|exclude)\s+(?:\w+\s+){0,2}?(?:"
        + "|".join(map(re.escape, about or {"x"}))
        + ")",
        tidy(text),
    )


def _object(param: Param, tool: ToolSchema, text: str, dates: DateAnswer, request: Request, today: date) -> Any:
    inner = {f.name: v for f in param.fields if (v := _value(f, tool, text, dates, request, today)) is not None}
    return inner or None


_KINDS: tuple[tuple[str, str], ...] = (
    (r"e-?mail|recipient", "email"),
    (r"\burl\b|link|address of the page", "url"),
    (r"path|page(?! size)|landing", "path"),
    (r"^(?:to|cc|bcc)$", "email"),
    (r"city|country|region|location|geo|market|place", "place"),
    (r"device", "device"),
    (r"channel", "channel"),
    (r"\bid\b|number|code|reference|sku", "id"),
    (
        r"campaign|ad group|adgroup|name|account|product|client|customer|title|event|item|"
        r"brand|label|keyword|term|entity|team|person|user|project|category",
        "name",
    ),
    (
        r"query|question|text|prompt|message|search|topic|subject|content|note|body|"
        r"description|request|instruction|input|theme",
        "text",
    ),
)


def _string(param: Param, text: str, request: Request) -> Any:
    kind = _kind_of(param)
    if kind == "email":
        return names.email(text)
    if kind == "url":
        return names.url_or_path(text)
    if kind == "path":
        return names.path(text)
    if kind == "device":
        return names.of_table(text, names.DEVICES)
    if kind == "channel":
        return names.of_table(text, names.CHANNELS)
    if kind == "place":
        return names.place(text)
    if kind == "id":
        return names.identifier(text)
    if kind == "name":
        return _named(param, text, request)
    return _free_text(param, text) if kind == "text" and param.required else None


def _kind_of(param: Param) -> str | None:
    own = spaced(param.name)
    return next((k for pattern, k in _KINDS if re.search(pattern, own)), None)


def _named(param: Param, text: str, request: Request) -> str | None:
    found = names.named_entity(text, request)
    if found is None or (names.path(text) and found.startswith("/")):
        return None
    about = spaced(param.name)
    if re.search(r"campaign", about):
        return (
            None
            if re.search(r"\b(?:page|pagina|event|evenimentul|keyword)\s", fold(text)) and "campa" not in fold(text)
            else found
        )
    if (
        param.required
        or concepts_in(about) & concepts_in(text)
        or {stem(w) for w in words(about)} & {stem(w) for w in words(text)}
    ):
        return found if param.required or _said_beside(about, found, text) else None
    return None


def _said_beside(about: str, found: str, text: str) -> bool:
    """Whether the name stands next to the word of this argument, so that a campaign's name does not fill `event`."""
    at = fold(text).find(fold(found))
    around = fold(text)[max(0, at - 25) : at + len(found) + 15]
    return bool({stem(w) for w in words(about)} & {stem(w) for w in words(around)}) or bool(
        concepts_in(about) & concepts_in(around)
    )


def _free_text(param: Param, text: str) -> str:
    if re.search(r"topic|subject|theme|search|keyword", param.about) and (topic := names.topic(text)):
        return topic
    return text.strip()


def _fallback(param: Param, text: str, force: bool) -> Any:
    """For a required argument nothing was said about: its default, the only or neutral choice, or a forced guess."""
    if param.default is not None:
        return param.default
    if param.choices:
        neutral = [c for c in param.choices if str(c).lower() in ("all", "none", "auto", "any", "default", "overview")]
        return neutral[0] if neutral else param.choices[0]
    if param.type == "array":
        return _array_fallback(param, force)
    if param.type == "boolean":
        return False
    if numbers.is_limit(param):
        return numbers.fit(param, 10)
    if not force:
        return None
    return {"integer": 1, "number": 1, "object": {}}.get(param.type, text.strip() or "-")


def _array_fallback(param: Param, force: bool) -> Any:
    if param.item and param.item.choices:
        return [param.item.choices[0]]
    if "GA4" in param.description or "metric" in param.about:
        listed = [n for n in _NAME_LIST.findall(param.description) if n in API_NAMES.values()]
        return listed[:3] or None
    return [] if force else None
