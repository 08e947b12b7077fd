"""Arguments that take several values: choices, metric and dimension names, events, addresses, numbers."""

from __future__ import annotations

import re
from typing import Any

from agents.embedded.arguments import names, numbers
from agents.embedded.arguments.choices import matches
from agents.embedded.lexicon import in_order
from agents.embedded.request import Request
from agents.embedded.schema import Param

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
    "order_value": "averagePurchaseRevenue",
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
DIMENSION_WORDS = {"channel", "source", "landing", "page", "device", "country", "city", "trend", "campaign"}


def several(param: Param, text: str, request: Request) -> Any:
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
        if name is None or (concept in DIMENSION_WORDS) != dims:
            continue
        if name in listed or not any(c.isupper() for c in param.description):
            found.append(name if name in listed or "GA4" in param.description else concept)
    return list(dict.fromkeys(found))


def neutral(param: Param, force: bool) -> Any:
    if param.item and param.item.choices:
        return [param.item.choices[0]]
    if "GA4" in param.description or "metric" in param.about:
        listed = [n for n in _NAME_LIST.findall(param.description) if n in API_NAMES.values()]
        return listed[:3] or None
    return [] if force else None
