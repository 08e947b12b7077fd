"""Several pages of one person at one conversation, as sockets without a browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.browser.test_chat_gate import HOME, Person, Tab, conversation, person, tab
from tests.support.product import Product

__all__ = ["person", "tab"]  # fixtures
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
async def other() -> AsyncIterator[Tab]:
    made = Tab()
    yield made
    await made.client.disconnect()


async def ended(tab: Tab) -> tuple[str, list[str]]:
    """How the next turn of a tab ends, and the problems shown under it."""
    problems: list[str] = []
    async with asyncio.timeout(60):
        while True:
            name, data = await tab.heard.get()
            if name == "element" and data["props"].get("problem"):
                problems.append(data["props"]["problem"]["code"])
            if name == "window_message" and data.get("state") in ("answered", "failed", "stopped"):
                return data["state"], problems


async def test_two_tabs_that_send_at_once_get_one_answer_and_one_reason(
    tab: Tab, other: Tab, person: Person, product: Product
) -> None:
    thread = await conversation(tab, person)
    await other.open(person, HOME, thread=thread)
    await other.until("window_message", camarad="ready")
    asked = ["How many sessions did we have last week?", "What is connected for this client?"]
    await asyncio.gather(tab.say(asked[0]), other.say(asked[1]))
    ends = dict([await ended(tab), await ended(other)])
    assert ends.keys() == {"answered", "failed"}
    assert ends["answered"] == [] and len(ends["failed"]) == 1
    with person.http as client:
        steps = client.get(f"{HOME}/project/thread/{thread}").json()["steps"]
    said = [step["output"] for step in steps if step["type"] == "user_message"]
    assert len(said) == 2 and said[1] in asked
    await other.say("And the week before?")  # its conversation goes on
    assert (await ended(other))[0] == "answered"


async def test_stopped_at_once_the_conversation_goes_on(tab: Tab, person: Person) -> None:
    await conversation(tab, person)
    await tab.say("How did our Google Ads do in the last 28 days?")
    await tab.client.emit("stop")
    assert (await ended(tab))[0] in ("stopped", "answered")
    await tab.say("What is connected for this client?")
    assert (await ended(tab))[0] == "answered"
