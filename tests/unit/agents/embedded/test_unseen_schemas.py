"""Tools the planner has never seen, under any names, in both languages."""

import pytest

from agents.embedded.planner import plan
from tests.support.planning import args_for, tool

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
DAY = {"type": "string", "format": "date"}
INVOICES = tool(
    "fetch_invoices",
    "List invoices of a customer account",
    {
        "customer": TEXT,
        "status": {"type": "string", "enum": ["open", "paid", "overdue"]},
        "from_date": DAY,
        "to_date": DAY,
    },
    ("from_date", "to_date"),
)
STOCK = tool("warehouse_stock", "Current stock level of products", {"sku": TEXT, "below": WHOLE})
NEWS = tool(
    "newsletter_stats",
    "Email newsletter results: opens, clicks, unsubscribes",
    {
        "period": {"type": "string", "enum": ["LAST_7_DAYS", "LAST_30_DAYS", "THIS_MONTH", "LAST_MONTH"]},
        "group_by": {"type": "string", "enum": ["campaign", "day", "segment"]},
    },
    ("period",),
)
SOCIAL = tool(
    "social_insights",
    "Followers and engagement on social networks",
    {
        "network": {"type": "string", "enum": ["facebook", "instagram", "tiktok"]},
        "days": {"type": "integer", "minimum": 1, "maximum": 90},
    },
    ("network",),
)
VISITS = tool(
    "web_traffic",
    "Visits and audience of the website",
    {
        "dateRanges": {
            "type": "array",
            "items": {"type": "object", "properties": {"startDate": TEXT, "endDate": TEXT}},
        },
        "split": {"type": "string", "enum": ["channel", "country", "device"]},
    },
    ("dateRanges",),
)
SPEED = tool(
    "page_speed", "Check loading speed of a URL", {"url": TEXT, "device": {"enum": ["mobile", "desktop"]}}, ("url",)
)
MAIL = tool("send_message", "Send a message by email", {"to": TEXT, "body": TEXT}, ("to", "body"))
ALL = (INVOICES, STOCK, NEWS, SOCIAL, VISITS, SPEED, MAIL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "show me the overdue invoices from October",
            {"status": "overdue", "from_date": "2026-10-01", "to_date": "2026-10-31"},
        ),
        ("ce facturi avem din 1 noiembrie?", {"from_date": "2026-11-01", "to_date": "2026-11-20"}),
        ("which products have fewer than 20 items in stock?", {"below": 20}),
        ("ce produse au stoc sub 10 bucăți", {"below": 10}),
        ("newsletter results last month by day", {"period": "LAST_MONTH", "group_by": "day"}),
        ("cum a mers newsletterul luna trecută?", {"period": "LAST_MONTH"}),
        ("instagram followers over the last 14 days", {"network": "instagram", "days": 14}),
        ("câți urmăritori am câștigat pe tiktok în ultimele 30 de zile", {"network": "tiktok", "days": 30}),
        (
            "how many visitors by country from 3 to 17 March",
            {"split": "country", "dateRanges": [{"startDate": "2026-03-03", "endDate": "2026-03-17"}]},
        ),
        (
            "check the speed of https://shop.example/cart on mobile",
            {"url": "https://shop.example/cart", "device": "mobile"},
        ),
    ],
)
def test_an_unseen_tool_is_chosen_and_filled(text: str, expected: dict[str, object]) -> None:
    args = args_for(text, *ALL)
    assert {key: args.get(key) for key in expected} == expected


def test_two_ranges_are_written_when_a_comparison_is_asked() -> None:
    args = args_for("vizite pe dispozitive săptămâna trecută față de cea dinainte", *ALL)
    assert [r["startDate"] for r in args["dateRanges"]] == ["2026-11-09", "2026-11-02"]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (
            {"date_range": {"type": "string", "description": "YYYY-MM-DD/YYYY-MM-DD"}},
            {"date_range": "2026-11-09/2026-11-15"},
        ),
        ({"period": {"type": "string"}}, {"period": "2026-11-09..2026-11-15"}),
        ({"startDate": TEXT, "endDate": TEXT}, {"startDate": "2026-11-09", "endDate": "2026-11-15"}),
        ({"since": DAY, "until": DAY}, {"since": "2026-11-09", "until": "2026-11-15"}),
        (
            {"range": {"type": "object", "properties": {"start": DAY, "end": DAY}}},
            {"range": {"start": "2026-11-09", "end": "2026-11-15"}},
        ),
        ({"when": {"enum": ["today", "last_week", "last_month"]}}, {"when": "last_week"}),
    ],
)
def test_a_period_fits_whatever_shape_a_schema_gives_it(schema: dict[str, object], expected: dict[str, object]) -> None:
    assert args_for("ad spend last week", tool("spend", "Advertising spend", schema)) == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"compare_to": {"enum": ["previous_period", "previous_year", "none"]}}, "previous_period"),
        ({"compare_to": {"type": "boolean"}}, True),
        (
            {"compare_to": {"type": "string", "description": "range as YYYY-MM-DD..YYYY-MM-DD"}},
            "2026-09-25..2026-10-22",
        ),
    ],
)
def test_a_comparison_fits_whatever_shape_a_schema_gives_it(schema: dict[str, object], expected: object) -> None:
    args = args_for("ad spend in the last 28 days against the 28 before", tool("spend", "Advertising spend", schema))
    assert args["compare_to"] == expected


def test_optional_and_referenced_schemas_are_resolved() -> None:
    schema = {
        "type": "object",
        "$defs": {"Net": {"enum": ["facebook", "instagram"]}},
        "properties": {"network": {"anyOf": [{"$ref": "#/$defs/Net"}, {"type": "null"}]}},
    }
    raw = {"type": "function", "function": {"name": "followers", "description": "Followers", "parameters": schema}}
    assert args_for("how many instagram followers do we have", raw) == {"network": "instagram"}


def test_a_missing_required_argument_is_asked_for() -> None:
    made = plan([{"role": "user", "content": "send a message by email"}], [MAIL])
    assert not made.calls
    assert made.text.endswith("?") or "detail" in made.text


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "warehouse_stock"}}])
def test_a_forced_choice_always_calls(choice: object) -> None:
    made = plan([{"role": "user", "content": "how is the stock?"}], list(ALL), choice)
    assert [call.name for call in made.calls] == ["warehouse_stock"]


def test_choice_none_never_calls() -> None:
    assert not plan([{"role": "user", "content": "how is the stock?"}], list(ALL), "none").calls
