"""Who speaks, for which client, with what connected and able to do what, from the facts alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.embedded import areas
from agents.embedded.facts import connected
from agents.embedded.phrases import NAMES, PROVIDERS, say
from agents.embedded.request import Request
from agents.embedded.schema import spaced

_NOBODY = {"en": "assistant", "ro": "asistentul"}  # a prompt that names no agent


def name_of(request: Request, language: str = "en") -> str:
    slug = request.facts.agent
    return request.facts.name or NAMES.get(slug, "") or (slug.replace("-", " ").title() if slug else _NOBODY[language])


def about_client(request: Request, language: str) -> str:
    """Which client this is, what is connected and what is missing, from the facts alone."""
    facts = request.facts
    if not facts.client:
        return ""
    have = [_connection(p, s, language) for p, s in facts.connections.items() if connected(s)]
    lack = [PROVIDERS[p] for p, s in facts.connections.items() if connected(s) is False]
    parts = [say(language, "client", client=facts.client)]
    if have:
        parts.append(say(language, "have", what=listed(have, language)))
    if lack:
        parts.append(say(language, "lack", what=listed(lack, language)))
    return " ".join(parts)


def _connection(provider: str, state: str, language: str) -> str:
    state = state.replace(", source ", ", sursa ") if language == "ro" else state
    detail = re.search(r"\(([^)]*)\)", state)
    return f"{PROVIDERS[provider]} ({detail[1]})" if detail else PROVIDERS[provider]


def listed(items: Sequence[str], language: str) -> str:
    joiner = " și " if language == "ro" else " and "
    return joiner.join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else items[0]


def able(request: Request, language: str) -> str:
    own = areas.own_areas(request)
    if own is None:
        tools = [spaced(t.name) for t in request.data_tools][:6]
        return say(language, "able_tools", tools=", ".join(tools)) if tools else say(language, "able_account")
    key = "able_ads" if areas.ADS in own else "able_seo" if areas.SEO in own else "able_account"
    return say(language, key)


def team(request: Request, language: str) -> str:
    route = request.route
    if route is None:
        return ""
    slugs = [str(c) for p in route.params for c in p.choices if str(c) != request.facts.agent]
    return say(language, "team", names=listed([NAMES.get(s, s) for s in slugs], language)) if slugs else ""
