import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from camarad.clock import ManualClock
from camarad.database import Database
from camarad.errors import NotFound
from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.connections import connect
from tools import listing
from tools.connectors.hub import Connectors
from tools.record import ToolContext
from tools.registry import TOOLS, run_tool, tool, tools_for

ROOT = Path(__file__).parents[3]
CHARACTERS_A_TOKEN = 4  # of JSON like this, a little under what tokenizers give
NAMES = [
    "ga4_report",
    "ga4_overview",
    "ga4_top_pages",
    "ga4_traffic_sources",
    "ga4_events",
    "ga4_funnel",
    "ga4_audience",
    "ga4_realtime",
    "ads_overview",
    "ads_campaigns",
    "ads_ad_groups",
    "ads_keywords",
    "ads_search_terms",
    "ads_wasted_spend",
    "ads_budget_pacing",
    "ads_anomalies",
    "seo_landing_pages",
    "seo_organic_traffic",
    "connection_status",
    "ct_balance",
]
READY = {"ga4_report": {"metrics": ["sessions"]}}


@pytest.fixture
async def context(
    settings: Settings, sqlite_database: Database, clock: ManualClock, scope: Scope
) -> AsyncIterator[ToolContext]:
    """A context on a server without an emulator, for a client without connections."""
    connectors = Connectors(settings, sqlite_database, clock, None)
    yield ToolContext(scope, sqlite_database, connectors, clock, "en")
    await connectors.close()


def test_the_tools_are_these_and_no_others() -> None:
    assert [each.name for each in TOOLS] == NAMES


def test_the_schemas_are_those_of_the_golden_file() -> None:
    """After a wanted change: python -m tools.listing schemas > tests/unit/tools/golden_tools.json"""
    assert listing.schemas() == (Path(__file__).parent / "golden_tools.json").read_text("utf-8")


def test_the_document_lists_the_tools_as_they_are() -> None:
    """After a wanted change: python -m tools.listing markdown > docs/tools.md"""
    assert listing.markdown() == (ROOT / "docs" / "tools.md").read_text("utf-8")


def test_all_schemas_together_fit_the_token_budget() -> None:
    sizes = {each.name: len(json.dumps(each.schema())) // CHARACTERS_A_TOKEN for each in TOOLS}
    assert sum(sizes.values()) < 5_200, sizes
    assert max(sizes.values()) < 550, sizes


@pytest.mark.parametrize("name", NAMES)
def test_every_tool_says_what_it_needs_and_documents_its_arguments(name: str) -> None:
    found = tool(name)
    needs = {"ga4": "ga4", "seo": "ga4", "ads": "google-ads"}.get(name.split("_")[0])
    assert found.needs == (frozenset({needs}) if needs else frozenset())
    assert not found.writes
    assert len(found.description) > 40
    fields = found.schema()["function"]["parameters"].get("properties", {})
    assert all(field.get("description") for field in fields.values())
    assert not {"client_id", "account_id", "customer_id", "property_id"} & set(fields)


def test_an_unknown_tool_is_named_with_those_that_exist() -> None:
    with pytest.raises(NotFound) as caught:
        tools_for(["ga4_overview", "nope"])
    assert "ads_overview" in caught.value.hint


async def test_running_an_unknown_tool_is_a_result_with_an_error(context: ToolContext) -> None:
    result = await run_tool(context, "ga4_magic", {})
    assert result.error is not None
    assert result.error.code == "unknown_tool"
    assert "ga4_overview" in result.error.hint


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"limit": 500}, "limit"),
        ({"compare": "last_year"}, "compare"),
        ({"client_id": "someone-else"}, "client_id"),
        ("{not json", "not JSON"),
        ("[1]", "arguments"),
    ],
)
async def test_bad_arguments_tell_the_model_what_is_allowed(context: ToolContext, args: object, said: str) -> None:
    result = await run_tool(context, "ga4_top_pages", args)  # type: ignore[arg-type]
    assert result.error is not None
    assert result.error.code == "invalid_arguments"
    assert said in result.error.message
    assert "compare (previous | year | none)" in result.error.hint
    assert "limit (integer 1..50)" in result.error.hint


async def test_a_tool_without_arguments_says_so(context: ToolContext) -> None:
    result = await run_tool(context, "connection_status", {"x": 1})
    assert result.error is not None
    assert "takes no arguments" in result.error.hint


async def test_arguments_may_come_as_json_text_with_nulls(context: ToolContext) -> None:
    result = await run_tool(context, "ga4_top_pages", '{"limit": "5", "channel": null}')
    assert result.error is not None
    assert result.error.code == "ga4_not_connected"


@pytest.mark.parametrize("name", [n for n in NAMES if not n.startswith("c")])
async def test_without_a_connection_a_tool_says_where_to_connect(context: ToolContext, name: str) -> None:
    result = await run_tool(context, name, READY.get(name, {}))
    ads = name.startswith("ads")
    assert result.error is not None
    assert result.error.code == ("google_ads_not_connected" if ads else "ga4_not_connected")
    assert result.error.link == "/connectors"
    assert result.rows == []


@pytest.mark.parametrize("state", ["expired", "reconnect", "missing_scope"])
async def test_a_lost_consent_asks_to_connect_again(context: ToolContext, scope: Scope, state: str) -> None:
    await connect(context.database, scope, "ga4", "1", state=state)
    result = await run_tool(context, "ga4_overview", {})
    assert result.error is not None
    assert result.error.code == ("ga4_missing_scope" if state == "missing_scope" else "ga4_reconnect")
    assert result.error.link == "/connectors"


async def test_a_disconnected_connection_counts_as_none(context: ToolContext, scope: Scope) -> None:
    await connect(context.database, scope, "ga4", "1", state="disconnected")
    result = await run_tool(context, "ga4_overview", {})
    assert result.error is not None
    assert result.error.code == "ga4_not_connected"


async def test_a_connection_without_an_account_asks_to_choose_one(context: ToolContext, scope: Scope) -> None:
    await connect(context.database, scope, "google-ads", None)
    result = await run_tool(context, "ads_overview", {})
    assert result.error is not None
    assert "Choose the account" in result.error.hint


async def test_a_source_this_server_cannot_reach_is_not_replaced(context: ToolContext, scope: Scope) -> None:
    await connect(context.database, scope, "ga4", "1", source="live")
    result = await run_tool(context, "ga4_overview", {})
    assert result.error is not None
    assert result.error.code == "ga4_unavailable"
    assert "no live access" in result.error.message


async def test_connection_status_shows_each_provider_and_links_what_is_missing(
    context: ToolContext, scope: Scope
) -> None:
    await connect(context.database, scope, "ga4", "410000001", account_name="Shop", currency="EUR")
    result = await run_tool(context, "connection_status", {})
    assert [row[:6] for row in result.rows] == [
        ["Google Analytics 4", "connected", "demo", None, "Shop", "410000001"],
        ["Google Ads", "not_connected", None, None, None, None],
    ]
    assert [block.url for block in result.blocks if block.type == "link"] == ["/connectors"]


async def test_connection_status_tells_what_is_wrong_and_what_is_not_chosen(context: ToolContext, scope: Scope) -> None:
    await connect(context.database, scope, "ga4", "1", state="reconnect", reason="invalid_grant")
    await connect(context.database, scope, "google-ads", None)
    result = await run_tool(context, "connection_status", {})
    assert [row[1:4] for row in result.rows] == [
        ["reconnect", "demo", "invalid_grant"],
        ["needs_account", "demo", None],
    ]
    assert len(result.blocks) == 2


async def test_another_clients_connection_is_never_used(
    context: ToolContext, scope: Scope, sibling_scope: Scope, other_scope: Scope
) -> None:
    await connect(context.database, scope, "ga4", "410000001")
    for stranger in (sibling_scope, other_scope):
        result = await run_tool(replace(context, scope=stranger), "ga4_overview", {})
        assert result.error is not None
        assert result.error.code == "ga4_not_connected"


async def test_a_defect_in_a_tool_is_reported_and_not_raised(
    context: ToolContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(context.connectors, "states", broken)
    result = await run_tool(context, "connection_status", {})
    assert result.error is not None
    assert result.error.code == "internal"
    assert "ZeroDivision" not in result.for_model()


async def test_labels_are_in_the_readers_language(context: ToolContext) -> None:
    result = await run_tool(replace(context, language="ro"), "connection_status", {})
    assert result.title == "Conexiunile acestui client"
    assert [column.label for column in result.columns[3:5]] == ["Motiv", "Cont"]
