"""The ids people paste: which one is meant, and what the others are."""

from __future__ import annotations

import re

from camarad.errors import BadInput
from tools.record import Provider

_PROPERTY_HINT = (
    "The property id is a number such as 410000001: in Google Analytics under Admin, Property settings, Property "
    "details, at the top right."
)
_CUSTOMER_HINT = "The customer id has ten digits, such as 123-456-7890: at the top right of Google Ads."
_HINTS: dict[Provider, str] = {"ga4": _PROPERTY_HINT, "google-ads": _CUSTOMER_HINT}

# What each kind of id begins with: its name, and the code of the refusal.
_OTHERS = (
    ("G-", "measurement id of a web stream", "measurement_id"),
    ("UA-", "id of Universal Analytics, which Google switched off in 2024", "universal_analytics_id"),
    ("AW-", "conversion tag of Google Ads", "conversion_tag_id"),
    ("GTM-", "Tag Manager container", "tag_manager_id"),
    ("GT-", "Google tag", "google_tag_id"),
    ("DC-", "Campaign Manager id", "campaign_manager_id"),
    ("CA-", "AdSense publisher id", "adsense_id"),
    ("PUB-", "AdSense publisher id", "adsense_id"),
)


def account_id(provider: Provider, text: str) -> str:
    """Digits of a property or customer id. Raises BadInput that names what was given instead, and where to look."""
    given = text.strip()
    for start, what, code in _OTHERS:
        if given.upper().startswith(start):
            raise BadInput(f"{given[:40]} is the {what}, not {_wanted(provider)}.", code=code, hint=_HINTS[provider])
    plain = given.removeprefix("properties/" if provider == "ga4" else "customers/")
    digits = plain.replace("-", "") if provider == "google-ads" else plain
    fits = re.fullmatch(r"[1-9][0-9]{9}" if provider == "google-ads" else r"[1-9][0-9]{0,14}", digits)
    if not fits:
        raise BadInput(f"{given[:40]!r} is not {_wanted(provider)}.", code="not_an_account_id", hint=_HINTS[provider])
    return digits


def _wanted(provider: Provider) -> str:
    return "a GA4 property id" if provider == "ga4" else "a Google Ads customer id"
