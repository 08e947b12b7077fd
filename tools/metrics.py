"""What the numbers are called, how they are shown, and how ratios follow from sums.

GA4 metrics keep their API names; its ratios come from the API and are never computed from rows. Google Ads ratios are
computed from sums the API gave for exactly the same rows, which is their definition.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tools.blocks import Column, Kind

Values = Mapping[str, float | None]

# What an overview shows, in this order: an agent's and a tab's alike.
GA4_CORE = (
    "activeUsers",
    "newUsers",
    "sessions",
    "engagementRate",
    "averageSessionDuration",
    "screenPageViews",
    "keyEvents",
    "ecommercePurchases",
    "totalRevenue",
    "eventCount",
)
ADS_CORE = (
    "impressions",
    "clicks",
    "ctr",
    "cost",
    "avg_cpc",
    "conversions",
    "conversion_rate",
    "cpa",
    "conversion_value",
    "roas",
)

LABELS: dict[str, tuple[str, Kind]] = {
    "activeUsers": ("Active users", "integer"),
    "totalUsers": ("Total users", "integer"),
    "newUsers": ("New users", "integer"),
    "sessions": ("Sessions", "integer"),
    "engagedSessions": ("Engaged sessions", "integer"),
    "engagementRate": ("Engagement rate", "percent"),
    "bounceRate": ("Bounce rate", "percent"),
    "averageSessionDuration": ("Average session duration", "seconds"),
    "userEngagementDuration": ("Engagement time", "seconds"),
    "screenPageViews": ("Views", "integer"),
    "screenPageViewsPerSession": ("Views per session", "number"),
    "eventCount": ("Events", "integer"),
    "eventCountPerUser": ("Events per user", "number"),
    "eventValue": ("Event value", "money"),
    "keyEvents": ("Key events", "number"),
    "sessionKeyEventRate": ("Session key event rate", "percent"),
    "userKeyEventRate": ("User key event rate", "percent"),
    "totalRevenue": ("Revenue", "money"),
    "purchaseRevenue": ("Purchase revenue", "money"),
    "transactions": ("Transactions", "integer"),
    "ecommercePurchases": ("Purchases", "integer"),
    "averagePurchaseRevenue": ("Average purchase revenue", "money"),
    "addToCarts": ("Adds to cart", "integer"),
    "checkouts": ("Checkouts", "integer"),
    "impressions": ("Impressions", "integer"),
    "clicks": ("Clicks", "integer"),
    "ctr": ("CTR", "percent"),
    "cost": ("Cost", "money"),
    "avg_cpc": ("Average CPC", "money"),
    "conversions": ("Conversions", "number"),
    "conversion_rate": ("Conversion rate", "percent"),
    "cpa": ("Cost per conversion", "money"),
    "conversion_value": ("Conversion value", "money"),
    "roas": ("ROAS", "number"),
    "impression_share": ("Search impression share", "percent"),
    "lost_to_budget": ("Impression share lost to budget", "percent"),
    "lost_to_rank": ("Impression share lost to rank", "percent"),
}

# numerator, denominator
RATIOS: dict[str, tuple[str, str]] = {
    "ctr": ("clicks", "impressions"),
    "avg_cpc": ("cost", "clicks"),
    "conversion_rate": ("conversions", "clicks"),
    "cpa": ("cost", "conversions"),
    "roas": ("conversion_value", "cost"),
}

LOWER_IS_BETTER = frozenset({"bounceRate", "cost", "avg_cpc", "cpa", "lost_to_budget", "lost_to_rank"})
DIGITS: dict[Kind, int] = {"integer": 0, "number": 2, "money": 2, "percent": 4, "seconds": 1}

DIMENSIONS = {
    "date": "Date",
    "pagePath": "Page",
    "pageTitle": "Title",
    "landingPage": "Landing page",
    "sessionDefaultChannelGroup": "Channel",
    "sessionSourceMedium": "Source / medium",
    "sessionSource": "Source",
    "sessionCampaignName": "Campaign",
    "firstUserDefaultChannelGroup": "First channel",
    "deviceCategory": "Device",
    "operatingSystem": "Operating system",
    "newVsReturning": "New or returning",
    "userAgeBracket": "Age",
    "userGender": "Gender",
    "eventName": "Event",
    "unifiedScreenName": "Page title",
}


def column(name: str, kind: Kind | None = None) -> Column:
    """A metric's column; an unknown name is split into words and shown as a plain number."""
    label, usual = LABELS.get(name, (words(name), "percent" if name.endswith("Rate") else "number"))
    return Column(name=name, label=label, kind=kind or usual)


def dimension(name: str) -> Column:
    return Column(name=name, label=DIMENSIONS.get(name, words(name)), kind="date" if name == "date" else "text")


def words(name: str) -> str:
    """`sessionSourceMedium` and `ad_group` as `Session source medium` and `Ad group`."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").replace(":", " ").strip()
    return split[:1].upper() + split[1:].lower()


def value(values: Values, name: str) -> float | None:
    """A metric of one row; a ratio without a denominator is None, never zero or infinity."""
    if name not in RATIOS:
        return values.get(name)
    top, bottom = (values.get(part) for part in RATIOS[name])
    return None if top is None or not bottom else top / bottom


def rounded(number: float | None, kind: Kind) -> float | int | None:
    if number is None:
        return None
    if kind == "integer":
        return round(number)
    return round(number, DIGITS.get(kind, 2))


def change(current: float | None, previous: float | None) -> float | None:
    """The relative change as a fraction; None when there is nothing to compare with."""
    if current is None or not previous:
        return None
    return round((current - previous) / previous, 4)
