"""What a program sees when something behind a turn fails: Google, the model, the balance. Real sockets to both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.connections import connect, connect_demo
from tests.support.model_server import ModelServer, calls, failure, text
from tests.support.turns import hosted
from tests.support.web import Browser, Camarad, code, events, running
from tools.emulator.control_client import ControlClient
from tools.emulator.process import EmulatorProcess

ASKED = "How did the ads do?"
SAID = "That could not be read."
ADS = ("ads_ad_groups", {"compare": "none"})
GA4 = ("ga4_overview", {"compare": "none"})


@dataclass
class Shop:
    """Ana with the demo shop's connections on the running emulator; the model says what a test scripts."""

    api: Camarad
    ana: Browser
    scope: Scope
    conversation: str
    model: ModelServer

    async def ask(self, tool: tuple[str, dict[str, str]], agent: str, **headers: str) -> httpx.Response:
        self.model.script(calls(tool), text(SAID))
        path = f"/api/conversations/{self.conversation}/messages"
        return await self.ana.post(path, {"text": ASKED, "agent": agent}, **headers)


@pytest.fixture
async def shop(
    settings: Settings,
    sqlite_url: str,
    model_server: ModelServer,
    emulator: EmulatorProcess,
    emulator_faults: ControlClient,
) -> AsyncIterator[Shop]:
    patient = {"emulator_address": emulator.address, "connector_timeout": 5, "connector_retries": 1}
    async with running(hosted(settings, model_server, **patient)) as api:
        ana = await api.sign_up()
        client = await ana.new_client("Shop")
        status = (await ana.get("/api/auth/status")).json()
        scope = Scope(status["user"]["id"], status["workspace"]["id"], client)
        await connect_demo(api.services.database, scope, "demo-lampadar")
        yield Shop(api, ana, scope, await ana.new_conversation(), model_server)


@pytest.mark.parametrize(
    ("tool", "agent", "method", "prefix"),
    [
        (ADS, "ppc-specialist", "Search", "google_ads"),
        (GA4, "seo-strategist", "BatchRunReports", "ga4"),
    ],
)
@pytest.mark.parametrize(
    ("fault", "kind"), [("unavailable", "unavailable"), ("quota", "quota"), ("permission", "permission")]
)
async def test_a_connector_that_fails_is_named_in_the_turn_and_its_page_is_linked(
    shop: Shop,
    emulator_faults: ControlClient,
    tool: tuple[str, dict[str, str]],
    agent: str,
    method: str,
    prefix: str,
    fault: str,
    kind: str,
) -> None:
    emulator_faults.add(method, fault, times=50)
    answer = await shop.ask(tool, agent)
    assert answer.status_code == 200, answer.text
    call = answer.json()["tool_calls"][0]
    assert call["ok"] is False and f"{prefix}_{kind}" in str(call["error"])
    assert answer.json()["message"]["text"].strip() == SAID
    told = str(shop.model.bodies[-1]["messages"])
    assert f"{prefix}_{kind}" in told
    assert (await shop.ana.page(f"/connectors/{prefix.replace('_', '-')}")).status_code == 200
    assert (await shop.ana.get("/api/user/snapshot")).json()["held_ct"] == 0


async def test_a_connector_that_is_slow_ends_in_a_timeout_and_the_turn_goes_on(
    shop: Shop, emulator_faults: ControlClient
) -> None:
    emulator_faults.add("Search", "slow", times=9, delay_s=9.0)
    answer = await shop.ask(ADS, "ppc-specialist")
    assert answer.status_code == 200
    assert "google_ads_timeout" in str(answer.json()["tool_calls"][0]["error"])


async def test_an_empty_property_is_an_answer_and_not_a_failure(shop: Shop, emulator_faults: ControlClient) -> None:
    far = {"range": "2015-01-01..2015-01-02", "compare": "none"}
    answer = await shop.ask(("ga4_top_pages", far), "seo-strategist")
    assert answer.status_code == 200
    call = answer.json()["tool_calls"][0]
    assert call["error"] is None or "range" in str(call["error"]).lower()


async def test_no_connection_is_told_to_the_model_with_the_page_to_go_to(shop: Shop) -> None:
    await shop.ana.new_client("Bare")
    shop.conversation = await shop.ana.new_conversation()
    answer = await shop.ask(ADS, "ppc-specialist")
    call = answer.json()["tool_calls"][0]
    assert call["ok"] is False and "google_ads_not_connected" in str(call["error"])
    assert "Connect it at /connectors" in str(shop.model.bodies[-1]["messages"])


async def test_a_read_is_noted_on_the_connections_page(shop: Shop) -> None:
    assert (await shop.ana.page("/connectors")).text.count("not yet") == 2
    answer = await shop.ask(ADS, "ppc-specialist")
    assert answer.json()["tool_calls"][0]["ok"] is True, answer.text
    listed = {c["provider"]: c for c in (await shop.ana.get("/api/connectors/list")).json()["connectors"]}
    assert listed["google-ads"]["last_read_at"] and listed["ga4"]["last_read_at"] is None
    assert (await shop.ana.page("/connectors")).text.count("not yet") == 1


async def test_a_connection_whose_consent_ended_asks_for_it_and_calls_nobody(
    shop: Shop, emulator_faults: ControlClient
) -> None:
    await shop.ana.new_client("Expired")
    scope = Scope(shop.scope.user_id, shop.scope.workspace_id, shop.ana.client_id)
    await connect(shop.api.services.database, scope, "google-ads", "4100000011", state="expired")
    shop.conversation = await shop.ana.new_conversation()
    answer = await shop.ask(ADS, "ppc-specialist")
    assert answer.json()["tool_calls"][0]["ok"] is False
    assert emulator_faults.calls("Search") == []


@dataclass
class Plain:
    ana: Browser
    conversation: str
    model: ModelServer

    async def balance(self) -> tuple[int, int]:
        snapshot = (await self.ana.get("/api/user/snapshot")).json()
        return snapshot["balance_ct"], snapshot["held_ct"]


async def plain(api: Camarad, model: ModelServer) -> Plain:
    ana = await api.sign_up()
    await ana.new_client()
    return Plain(ana, await ana.new_conversation(), model)


CAPS = [
    ({"ct_welcome_grant": 0}, "insufficient_ct", False),
    ({"max_ct_per_request": 1}, "max_ct_per_request", False),
    ({"max_daily_ct_per_workspace": 1}, "max_daily_ct_per_workspace", True),
]


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize(("change", "expected", "waits"), CAPS, ids=[c[1] for c in CAPS])
async def test_each_cap_refuses_with_its_code_and_nothing_is_charged(
    settings: Settings,
    sqlite_url: str,
    model_server: ModelServer,
    change: dict[str, int],
    expected: str,
    waits: bool,
    accept: str,
) -> None:
    async with running(hosted(settings, model_server, **change)) as api:
        at = await plain(api, model_server)
        before = await at.balance()
        answer = await at.ana.say(at.conversation, "Hello", Accept=accept)
        if answer.headers["content-type"].startswith("text/event-stream"):
            error = dict(events(answer.text))["error"]
            assert error["code"] == expected and (error["retry_after"] is not None) is waits
        else:
            assert answer.status_code == 429 and code(answer) == expected
            assert ("retry-after" in answer.headers) is waits
            assert answer.json()["error"]["hint"]
        assert await at.balance() == before and model_server.requests == []


async def test_a_provider_that_refuses_for_now_says_when_to_come_back_and_charges_nothing(
    api: Camarad, model_server: ModelServer
) -> None:
    at = await plain(api, model_server)
    before = await at.balance()
    model_server.script(failure(429, retry_after=9))
    answer = await at.ana.say(at.conversation, "Hello", Idempotency_Key="again")
    assert code(answer) == "model_rate_limited" and int(answer.headers["retry-after"]) >= 9
    assert await at.balance() == before


@pytest.mark.parametrize("status", [500, 503, 401, 400])
async def test_a_failing_provider_is_an_upstream_error_without_its_own_words(
    api: Camarad, model_server: ModelServer, status: int
) -> None:
    at = await plain(api, model_server)
    before = await at.balance()
    model_server.otherwise = failure(status, message="sk-test is the secret key")
    answer = await at.ana.say(at.conversation, "Hello")
    assert answer.status_code in (502, 503) and code(answer).startswith("model_")
    assert "sk-test" not in answer.text and await at.balance() == before


async def test_a_drop_in_the_middle_keeps_its_words_and_charges_what_was_read(
    api: Camarad, model_server: ModelServer
) -> None:
    at = await plain(api, model_server)
    (start, _) = await at.balance()
    model_server.script(text("one two three four five six", drop_after=4))
    body, path = {"text": "Hello", "agent": "ppc-specialist"}, f"/api/conversations/{at.conversation}/messages"
    found = events((await at.ana.post(path, body, Accept="text/event-stream")).text)
    names = [name for name, _ in found]
    assert "error" in names and names[-1] == "done"
    left, held = await at.balance()
    assert held == 0 and start - left == found[-1][1]["usage"]["ct_actual"] > 0
    kept = (await at.ana.get(f"/api/conversations/{at.conversation}/messages")).json()["messages"]
    assert kept[-1]["text"].startswith("one")


@pytest.mark.parametrize(
    "nonsense", [("no_such_tool", {}), ("connection_status", "{not json"), ("connection_status", "[1]"), ("", "")]
)
async def test_a_nonsense_tool_call_is_explained_to_the_model_and_the_turn_goes_on(
    api: Camarad, model_server: ModelServer, nonsense: tuple[str, dict[str, str] | str]
) -> None:
    at = await plain(api, model_server)
    model_server.script(calls(nonsense), text("Now in words."))
    answer = await at.ana.say(at.conversation, "Hello")
    assert answer.status_code == 200, answer.text
    assert answer.json()["message"]["text"].strip() == "Now in words." and (await at.balance())[1] == 0


async def test_an_endless_loop_of_tools_ends_is_paid_and_leaves_nothing_held(
    api: Camarad, model_server: ModelServer
) -> None:
    at = await plain(api, model_server)
    (start, _) = await at.balance()
    model_server.otherwise = calls(("connection_status", {}))
    await at.ana.say(at.conversation, "Hello")
    left, held = await at.balance()
    usage = (await at.ana.get("/api/usage")).json()
    assert held == 0 and start - left == usage["totals"]["ct_actual"]
    assert len(usage["rows"]) == len(model_server.requests) <= api.services.settings.camarad_max_model_calls
    assert (await at.ana.say(at.conversation, "Again")).status_code != 409


async def test_a_turn_is_followed_again_from_its_beginning_by_a_second_reader(
    api: Camarad, model_server: ModelServer
) -> None:
    at = await plain(api, model_server)
    model_server.script(text("one two three four five six", delay=1.5, piece_delay=0.05))  # time to attach
    turn = asyncio.create_task(at.ana.say(at.conversation, "Count", Accept="text/event-stream"))
    await asyncio.to_thread(model_server.wait_for_requests)
    followed = await at.ana.get(f"/api/conversations/{at.conversation}/events")
    first = events((await turn).text)
    assert followed.status_code == 200
    again = events(followed.text)
    assert again[-1] == first[-1] and again[-1][0] == "done"
    assert _words(again) == _words(first) == "one two three four five six "


def _words(found: list[tuple[str, dict[str, str]]]) -> str:
    return "".join(data["text"] for name, data in found if name == "token")
