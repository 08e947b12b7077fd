"""A turn's events become packets of Chainlit's page, and a stored turn becomes the same ones."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from graphs.conversations import ConversationView, StoredCall, StoredMessage
from graphs.events import (
    AgentEvent,
    DoneEvent,
    ErrorEvent,
    Grounding,
    MessageView,
    Suggestion,
    SuggestionsEvent,
    TokenEvent,
    ToolFinished,
    ToolStarted,
    TurnDocument,
    TurnEvent,
    Usage,
)
from tools.blocks import MetricBlock
from tools.result import Meta, Period
from web.chat import history, packets
from web.chat.numbers import cell
from web.chat.render import TurnView
from web.chat.visit import ClientView, Language, Visit
from web.tabs.figures import Figures

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ASKED = "6f0c3f6e-37a7-4f58-9d28-0c1f6d4a2b11"
META = Meta(
    source="demo",
    as_of=NOW,
    range=Period(start=date(2026, 10, 23), end=date(2026, 11, 19)),
    compare=Period(start=date(2026, 9, 25), end=date(2026, 10, 22)),
    timezone="Europe/Bucharest",
    currency="EUR",
)


def document(**changes: Any) -> TurnDocument:
    base: dict[str, Any] = {
        "message": MessageView(id="answer", agent="ppc-specialist", text="Spend was 1,200 EUR.", language="en"),
        "route": ["personal-assistant", "ppc-specialist"],
        "usage": Usage(requests=2, tokens_in=900, tokens_out=120, ct_actual=3, ct_shadow=2, model="camarad/embedded"),
        "trace_id": "turn",
    }
    return TurnDocument(**{**base, **changes})


class Page:
    """Takes packets, and keeps the text of answers as Chainlit's page would."""

    def __init__(self) -> None:
        self.packets: list[tuple[str, Any]] = []
        self.nodes: dict[str, dict[str, Any]] = {}

    async def take(self, event: str, data: Any) -> None:
        self.packets.append((event, data))
        if event in ("new_message", "stream_start", "update_message"):
            self.nodes[data["id"]] = dict(data)
        elif event == "stream_token":
            self.nodes[data["id"]]["output"] += data["token"]

    def of(self, event: str) -> list[Any]:
        return [data for name, data in self.packets if name == event]

    @property
    def foot(self) -> Any:
        return self.of("element")[-1]["props"]


async def shown(*events: TurnEvent, metas: list[Meta] | None = None, state: str = "answered") -> Page:
    page = Page()

    async def read(_: str) -> list[Meta]:
        return metas or []

    view = TurnView(page.take, "thread", ASKED, "en", lambda: NOW, read)
    await view.begin()
    for event in events:
        await view.show(event)
    await view.draw_problem()
    await view.end(state)
    return page


STARTED = ToolStarted(
    call_id="c1", name="ads_overview", agent="ppc-specialist", args={"range": "28days", "campaign": None}
)
FINISHED = ToolFinished(
    call_id="c1", name="ads_overview", ok=True, source="demo", summary="Google Ads, 28 days", duration_ms=340
)
HAPPY: tuple[TurnEvent, ...] = (
    AgentEvent(agent="personal-assistant"),
    AgentEvent(agent="ppc-specialist", note="Compare 28 days."),
    STARTED,
    FINISHED,
    TokenEvent(text="Spend was "),
    TokenEvent(text="1,200 EUR."),
    SuggestionsEvent(suggestions=[Suggestion(text="Where is waste?", agent="ppc-specialist")]),
    DoneEvent(document=document()),
)


async def test_the_page_waits_from_the_first_moment_and_is_let_go_at_the_end() -> None:
    page = await shown(*HAPPY)
    assert [name for name, _ in page.packets][:2] == ["task_start", "new_message"]
    assert [name for name, _ in page.packets][-2:] == ["task_end", "window_message"]
    states = [data["state"] for data in page.of("window_message") if data["camarad"] == "state"]
    assert states == ["answering", "answered"]


async def test_streamed_text_arrives_whole_under_the_speaking_agent() -> None:
    page = await shown(*HAPPY)
    answer = page.nodes[packets.answer_id(ASKED)]
    assert answer["output"] == "Spend was 1,200 EUR."
    assert answer["name"] == "PPC Specialist"
    assert answer["metadata"]["avatarName"] == "ppc-specialist"
    assert answer["streaming"] is False


async def test_a_hand_over_is_one_line_with_its_note() -> None:
    page = await shown(*HAPPY)
    lines = [n for n in page.nodes.values() if n["type"] == "undefined"]
    assert [(n["name"], n["output"]) for n in lines] == [
        ("Personal Assistant handed over to PPC Specialist", "Compare 28 days.")
    ]


async def test_who_speaks_first_is_no_hand_over() -> None:
    page = await shown(AgentEvent(agent="seo-strategist"), TokenEvent(text="Hi"), DoneEvent(document=document()))
    assert not [n for n in page.nodes.values() if n["type"] == "undefined"]


async def test_a_tool_step_shows_arguments_source_and_duration() -> None:
    page = await shown(*HAPPY)
    step = next(n for n in page.nodes.values() if n["type"] == "tool")
    assert step["name"] == "Google Ads overview · demo data · 340 ms"
    assert '"range": "28days"' in step["input"]
    assert "campaign" not in step["input"]
    assert step["end"] is not None


async def test_a_running_tool_has_no_end_yet() -> None:
    page = Page()
    view = TurnView(page.take, "thread", ASKED, "en", lambda: NOW, None)  # type: ignore[arg-type]
    await view.show(STARTED)
    assert next(iter(page.nodes.values()))["end"] is None


async def test_a_failed_tool_is_marked_and_says_why() -> None:
    failed = ToolFinished(call_id="c1", name="ads_overview", ok=False, error="google_ads_quota", duration_ms=10)
    page = await shown(STARTED, failed, DoneEvent(document=document()))
    step = next(n for n in page.nodes.values() if n["type"] == "tool")
    assert step["isError"] is True
    assert step["output"] == "google_ads_quota"


async def test_the_foot_names_source_period_comparison_time_and_cost() -> None:
    foot = (await shown(*HAPPY, metas=[META])).foot
    assert foot["sources"] == [{"kind": "demo", "label": "demo data"}]
    assert foot["period"] == "23 Oct – 19 Nov 2026 against 25 Sept – 22 Oct 2026 · Europe/Bucharest"
    assert foot["asOf"] == "read 20 Nov, 14:00"
    assert foot["ct"] == "3 CT"
    assert "2 model calls" in foot["ctTitle"]


async def test_numbers_without_a_source_are_called_out() -> None:
    done = DoneEvent(document=document(grounding=Grounding(numbers=2, untraced=["4.7"])))
    assert "4.7" in (await shown(TokenEvent(text="x"), done)).foot["untraced"]


async def test_the_foot_speaks_the_answers_language() -> None:
    message = MessageView(id="answer", agent="ppc-specialist", text="Cost.", language="ro")
    foot = (await shown(TokenEvent(text="Cost."), DoneEvent(document=document(message=message)), metas=[META])).foot
    assert foot["sources"][0]["label"] == "date demo"
    assert foot["period"].startswith("23 oct. – 19 nov. 2026 față de")


async def test_an_error_stands_where_the_answer_would_with_its_next_step() -> None:
    error = ErrorEvent(code="insufficient_ct", message="No CT left.", hint="Top up.", status=429)
    page = await shown(AgentEvent(agent="personal-assistant"), error, state="failed")
    assert page.foot["problem"] == {
        "message": "No CT left.",
        "hint": "Top up.",
        "code": "insufficient_ct",
        "retryAfter": None,
        "link": "/settings/billing",
    }
    assert page.of("task_end")


async def test_a_stopped_answer_keeps_its_words_and_says_so() -> None:
    message = MessageView(id="answer", agent="ppc-specialist", text="Spend was", language="en")
    page = await shown(
        TokenEvent(text="Spend was"), DoneEvent(document=document(message=message, status="stopped")), state="stopped"
    )
    assert page.nodes[packets.answer_id(ASKED)]["output"] == "Spend was"
    assert page.foot["stopped"] == "Stopped before the end."


async def test_an_answer_that_never_streamed_is_shown_at_the_end() -> None:
    page = await shown(DoneEvent(document=document()))
    assert page.nodes[packets.answer_id(ASKED)]["output"] == "Spend was 1,200 EUR."


async def test_suggestions_go_to_the_pages_own_script() -> None:
    page = await shown(*HAPPY)
    (sent,) = [data for data in page.of("window_message") if data["camarad"] == "suggestions"]
    assert sent["items"] == [{"text": "Where is waste?", "agent": "ppc-specialist"}]


def stored(status: str = "complete", **document_changes: Any) -> list[StoredMessage]:
    call = StoredCall(
        name="ads_overview",
        agent="ppc-specialist",
        args={"range": "28days"},
        result={"title": "Google Ads, 28 days", "meta": META.model_dump(mode="json")},
        source="demo",
        ok=True,
        error=None,
        started_at=NOW,
        duration_ms=340,
    )
    sent = document(**document_changes)
    return [
        StoredMessage(ASKED, 1, "user", None, "How did our ads do?", "en", "complete", NOW, {}),
        StoredMessage(
            "answer", 2, "assistant", "ppc-specialist", sent.message.text, "en", status, NOW,
            sent.model_dump(mode="json"), (call,),
        ),
    ]  # fmt: skip


@pytest.fixture
def visit() -> Visit:
    from camarad.scope import Scope

    client = ClientView("client", "Client", "EUR", "Europe/Bucharest", True)
    return Visit(None, Scope("user", "workspace", "client"), "session", "a@example.com", "en", client)  # type: ignore[arg-type]


def thread(visit: Visit, messages: list[StoredMessage], **extras: Any) -> dict[str, Any]:
    conversation = ConversationView("thread", "Title", "ppc-specialist", None, "en", NOW, NOW)
    return history.thread(visit, conversation, messages, history.Extras(**{"feedback": {}, "errors": {}, **extras}))


async def test_a_stored_turn_is_the_same_nodes_as_the_live_one(visit: Visit) -> None:
    page = await shown(*HAPPY, metas=[META])
    made = thread(visit, stored())
    live = {
        i: (n["type"], n["name"], n["output"])
        for i, n in page.nodes.items()
        if n["type"] in ("assistant_message", "run")
    }
    kept = {s["id"]: (s["type"], s["name"], s["output"]) for s in made["steps"]}
    assert live.items() <= kept.items()
    assert [s["type"] for s in made["steps"]] == ["user_message", "run", "undefined", "tool", "assistant_message"]
    assert made["elements"][0]["props"] == page.foot


async def test_a_turn_that_goes_on_is_left_to_the_live_view(visit: Visit) -> None:
    made = thread(visit, stored("streaming"), running=ASKED)
    assert [s["type"] for s in made["steps"]] == ["user_message"]


async def test_a_stored_failure_shows_its_error(visit: Visit) -> None:
    errors = {"answer": {"code": "ga4_quota", "message": "Out of quota.", "hint": "Try tomorrow."}}
    made = thread(visit, stored("failed"), errors=errors)
    assert made["elements"][0]["props"]["problem"]["message"] == "Out of quota."


async def test_feedback_is_shown_on_the_run_it_was_given_for(visit: Visit) -> None:
    given = {"id": "f", "forId": "", "value": 1, "comment": None}
    made = thread(visit, stored(), feedback={"answer": given})
    assert made["steps"][1]["feedback"] == given


async def test_a_document_of_another_version_still_shows_its_text(visit: Visit) -> None:
    messages = stored()
    messages[1] = StoredMessage(
        **{f: getattr(messages[1], f) for f in StoredMessage.__slots__} | {"document": {"odd": 1}}
    )  # type: ignore[arg-type]
    made = thread(visit, messages)
    assert made["steps"][-1]["output"] == "Spend was 1,200 EUR."


async def test_blocks_reach_the_foot_already_written_out() -> None:
    block = MetricBlock(label="Cost", kind="money", value=1250, previous=1000, currency="EUR", higher_is_better=False)
    message = MessageView(id="answer", agent="ppc-specialist", text="x", language="en", blocks=[block])
    foot = (await shown(DoneEvent(document=document(message=message)))).foot
    assert foot["blocks"] == [
        {
            "type": "metric",
            "label": "Cost",
            "value": "€1,250.00",
            "previous": "before: €1,000.00",
            "change": "25.0%",
            "sign": 1,
            "good": -1,
        }
    ]


@pytest.mark.parametrize(
    ("language", "value", "currency", "written"),
    [
        ("en", 1234.5, "RON", "RON\xa01,234.50"),
        ("en", -1234.5, "RON", "-RON\xa01,234.50"),
        ("en", 1234.5, "EUR", "€1,234.50"),
        ("ro", 1234.5, "RON", "1.234,50\xa0RON"),
    ],
)
def test_money_is_written_as_on_the_pages(language: Language, value: float, currency: str, written: str) -> None:
    assert cell(value, "money", language, currency) == written
    assert Figures(language, currency).text(value, "money") == written
