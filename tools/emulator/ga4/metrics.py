"""Metrics by their API names, as SQL over groups of events.

A report first groups events by its dimensions and the session, computing MEASURES; metrics are then computed over
those groups.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.emulator.worlds.events import EVENTS, KEY_EVENTS

_KIND = {name: number for number, name in enumerate(EVENTS)}
_KEYS = ",".join(str(_KIND[name]) for name in KEY_EVENTS)


@dataclass(frozen=True, slots=True)
class Metric:
    """`kind` is the API's metric type; TYPE_CURRENCY expressions give micros."""

    name: str
    label: str
    category: str
    sql: str
    measures: tuple[str, ...] = ()
    kind: str = "TYPE_INTEGER"


def _times(event: str) -> str:
    return f"count(*) FILTER (e.kind_id = {_KIND[event]})"


MEASURES: dict[str, tuple[str, str | None]] = {  # name: (SQL within a session, table it needs)
    "who": ("any_value(s.user_id)", "s"),
    "engaged": ("any_value(s.engaged)", "s"),
    "fresh": ("any_value(s.is_new)", "s"),
    "events": ("count(*)", None),
    "views": (_times("page_view"), None),
    "first_visits": (_times("first_visit"), None),
    "keys": (f"count(*) FILTER (e.kind_id IN ({_KEYS}))", None),
    "purchases": (_times("purchase"), None),
    "carts": (_times("add_to_cart"), None),
    "checkouts": (_times("begin_checkout"), None),
    "products": (_times("view_item"), None),
    "scrolls": (_times("scroll"), None),
    "revenue": (f"coalesce(sum(e.value) FILTER (e.kind_id = {_KIND['purchase']}), 0)", None),
    "value": ("sum(e.value)", None),
    "ms": ("sum(e.ms)", None),
}

_ACTIVE = "count(DISTINCT who) FILTER (engaged > 0 OR fresh)"
_WHO = ("who", "engaged", "fresh")
_BUYERS = "count(DISTINCT who) FILTER (purchases > 0)"
_CARTS, _VIEWERS = "count(DISTINCT who) FILTER (carts > 0)", "count(DISTINCT who) FILTER (products > 0)"
_FLOAT, _SECONDS, _MONEY = "TYPE_FLOAT", "TYPE_SECONDS", "TYPE_CURRENCY"


def _ratio(above: str, below: str) -> str:
    return f"coalesce(({above}) / nullif({below}, 0), 0.0)"


_ALL_METRICS = (
    Metric("activeUsers", "Active users", "User", _ACTIVE, _WHO),
    Metric("totalUsers", "Total users", "User", "count(DISTINCT who)", ("who",)),
    Metric("newUsers", "New users", "User", "coalesce(sum(first_visits), 0)", ("first_visits",)),
    Metric("sessions", "Sessions", "Session", "count(*)"),
    Metric(
        "engagedSessions",
        "Engaged sessions",
        "Session",
        "coalesce((sum(engaged) + 500000) // 1000000, 0)",
        ("engaged",),
    ),
    Metric(
        "engagementRate", "Engagement rate", "Session", _ratio("sum(engaged) / 1e6", "count(*)"), ("engaged",), _FLOAT
    ),
    Metric(
        "bounceRate",
        "Bounce rate",
        "Session",
        _ratio("count(*) - sum(engaged) / 1e6", "count(*)"),
        ("engaged",),
        _FLOAT,
    ),
    Metric(
        "averageSessionDuration",
        "Average session duration",
        "Session",
        _ratio("sum(ms) / 1e3", "count(*)"),
        ("ms",),
        _SECONDS,
    ),
    Metric("userEngagementDuration", "User engagement", "User", "coalesce(sum(ms) // 1000, 0)", ("ms",), _SECONDS),
    Metric("sessionsPerUser", "Sessions per user", "Session", _ratio("count(*)", _ACTIVE), _WHO, _FLOAT),
    Metric("screenPageViews", "Views", "Page / screen", "coalesce(sum(views), 0)", ("views",)),
    Metric(
        "screenPageViewsPerSession",
        "Views per session",
        "Page / screen",
        _ratio("sum(views)", "count(*)"),
        ("views",),
        _FLOAT,
    ),
    Metric(
        "screenPageViewsPerUser",
        "Views per user",
        "Page / screen",
        _ratio("sum(views)", _ACTIVE),
        ("views", *_WHO),
        _FLOAT,
    ),
    Metric("eventCount", "Event count", "Event", "coalesce(sum(events), 0)", ("events",)),
    Metric(
        "eventCountPerUser", "Event count per user", "Event", _ratio("sum(events)", _ACTIVE), ("events", *_WHO), _FLOAT
    ),
    Metric("eventsPerSession", "Events per session", "Event", _ratio("sum(events)", "count(*)"), ("events",), _FLOAT),
    Metric("eventValue", "Event value", "Event", "coalesce(sum(value), 0) / 1e6", ("value",), _FLOAT),
    Metric("keyEvents", "Key events", "Event", "coalesce(sum(keys), 0)", ("keys",), _FLOAT),
    Metric(
        "sessionKeyEventRate",
        "Session key event rate",
        "Session",
        _ratio("count(*) FILTER (keys > 0)", "count(*)"),
        ("keys",),
        _FLOAT,
    ),
    Metric(
        "userKeyEventRate",
        "User key event rate",
        "User",
        _ratio("count(DISTINCT who) FILTER (keys > 0)", _ACTIVE),
        ("keys", *_WHO),
        _FLOAT,
    ),
    Metric("scrolledUsers", "Scrolled users", "User", "count(DISTINCT who) FILTER (scrolls > 0)", ("who", "scrolls")),
    Metric("totalRevenue", "Total revenue", "Revenue", "coalesce(sum(revenue), 0)", ("revenue",), _MONEY),
    Metric("purchaseRevenue", "Purchase revenue", "Revenue", "coalesce(sum(revenue), 0)", ("revenue",), _MONEY),
    Metric(
        "averagePurchaseRevenue",
        "Average purchase revenue",
        "Revenue",
        _ratio("sum(revenue)", "sum(purchases)"),
        ("revenue", "purchases"),
        _MONEY,
    ),
    Metric("averageRevenuePerUser", "ARPU", "Revenue", _ratio("sum(revenue)", _ACTIVE), ("revenue", *_WHO), _MONEY),
    Metric("ecommercePurchases", "Ecommerce purchases", "Ecommerce", "coalesce(sum(purchases), 0)", ("purchases",)),
    Metric("transactions", "Transactions", "Ecommerce", "coalesce(sum(purchases), 0)", ("purchases",)),
    Metric("totalPurchasers", "Total purchasers", "Ecommerce", _BUYERS, ("who", "purchases")),
    Metric("addToCarts", "Add to carts", "Ecommerce", "coalesce(sum(carts), 0)", ("carts",)),
    Metric("checkouts", "Checkouts", "Ecommerce", "coalesce(sum(checkouts), 0)", ("checkouts",)),
    Metric("itemsViewed", "Items viewed", "Ecommerce", "coalesce(sum(products), 0)", ("products",)),
    Metric(
        "cartToViewRate",
        "Cart-to-view rate",
        "Ecommerce",
        _ratio(_CARTS, _VIEWERS),
        ("who", "carts", "products"),
        _FLOAT,
    ),
    Metric("purchaserRate", "Purchaser rate", "Ecommerce", _ratio(_BUYERS, _ACTIVE), ("purchases", *_WHO), _FLOAT),
)
METRICS = {m.name: m for m in _ALL_METRICS}
REALTIME_METRICS = frozenset({"activeUsers", "eventCount", "keyEvents", "screenPageViews"})
