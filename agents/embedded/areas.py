"""Whose matter a question is: areas of work, which intents and concepts belong to them, and which agent has them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agents.embedded.lexicon import concepts_in
from agents.embedded.request import Request
from agents.embedded.text import tidy

ADS, WEB, SEO, ACCOUNT, FLOW, OUT = "ads", "web", "seo", "account", "flow", "out"
AREAS = (ADS, WEB, SEO, ACCOUNT, FLOW, OUT)

_PREFIX = {"ads_": ADS, "ga4_": WEB, "seo_": SEO}
_NAMED = {
    "ad_copy": ADS,
    "change_ads": ADS,
    "content_brief": SEO,
    "keyword_ideas": SEO,
    "automation": FLOW,
    "out_of_scope": OUT,
}
_CONCEPTS = {
    ADS: frozenset(
        [
            "ads",
            "campaign",
            "ad_group",
            "search_term",
            "waste",
            "budget",
            "pacing",
            "cpa",
            "cpc",
            "roas",
            "quality_score",
            "impression_share",
            "bid",
            "ctr",
            "match_type",
        ]
    ),
    WEB: frozenset(
        [
            "sessions",
            "users",
            "new_users",
            "pageviews",
            "bounce",
            "engagement",
            "duration",
            "events",
            "page",
            "source",
            "channel",
            "country",
            "city",
            "device",
            "audience",
            "funnel",
            "realtime",
            "traffic",
            "order_value",
        ]
    ),
    SEO: frozenset(["organic", "landing", "content", "ranking", "backlink"]),
    ACCOUNT: frozenset(["connection", "balance"]),
}
_METERED = frozenset(["cost", "clicks", "impressions"])  # what only advertising has
_SPLITS = frozenset(["device", "country", "city"])
_WEAK_ADS = frozenset(["cost", "clicks", "impressions", "keyword"])


def of_intent(label: str) -> str:
    return next((area for prefix, area in _PREFIX.items() if label.startswith(prefix)), _NAMED.get(label, ACCOUNT))


def weigh(text: str, intents: Mapping[str, float]) -> dict[str, float]:
    """How much a text belongs to each area: the trained intents, held against the words that name an area outright."""
    learned = dict.fromkeys(AREAS, 0.0)
    for label, chance in intents.items():
        learned[of_intent(label)] += chance
    if _only_advertising(text):
        learned[ADS], learned[WEB] = learned[ADS] + learned[WEB], 0.0
    worded = _by_words(text)
    total = sum(worded.values())
    if not total:
        return learned
    return {area: 0.65 * learned[area] + 0.35 * worded.get(area, 0.0) / total for area in AREAS}


def _only_advertising(text: str) -> bool:
    """Cost or clicks by device or country: words of visits that here say only how advertising is split."""
    said = concepts_in(text)
    return bool(said & (_METERED | {"ads"})) and not said & (_CONCEPTS[WEB] - _SPLITS)


def _by_words(text: str) -> dict[str, float]:
    said = concepts_in(text)
    if said & (_METERED | {"ads"}):
        said -= _SPLITS  # "spent on mobile": advertising has devices and places too
    points = {area: float(len(said & own)) for area, own in _CONCEPTS.items()}
    points[ADS] += 0.5 * len(said & _WEAK_ADS)
    if "organic" in said:
        points[SEO] += 1.5
    if "ads" in said and re.search(r"\bgoogle ads|adwords|ppc\b", tidy(text)):
        points[ADS] += 1.5
    return {area: value for area, value in points.items() if value}


def own_areas(request: Request) -> frozenset[str] | None:
    """The areas of the agent this request speaks as; None when it is none we know, and then nothing is gated."""
    return _of_agent(request.facts.agent, request.facts.name)


def _of_agent(slug: str, about: str = "") -> frozenset[str] | None:
    text = f"{slug} {about}".lower()
    if re.search(r"assistant|asistent|router|concierge", text):
        return frozenset({ACCOUNT})
    if re.search(r"\bppc|\bads|paid|sem\b|media-buyer|google-ads", text):
        return frozenset({ADS})
    if re.search(r"\bseo|content|analytic|organic|web", text):
        return frozenset({SEO, WEB})
    return frozenset({FLOW}) if re.search(r"flow|automation|composer", text) else None


def agent_for(area: str, request: Request) -> str | None:
    """The agent to hand an area to: one the hand-off tool offers, never the one that speaks."""
    route = request.route
    if route is None:
        return None
    offered = next((p.choices for p in route.params if p.choices), ()) or tuple(request.facts.agents)
    for slug in map(str, offered):
        covers = _of_agent(slug, request.facts.agents.get(slug, "") if not _of_agent(slug) else "")
        if slug != request.facts.agent and covers and area in covers:
            return slug
    return None
