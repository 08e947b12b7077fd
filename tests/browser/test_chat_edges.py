"""The chat page when something is in the way: odd messages, two tabs, a server that goes away."""

from __future__ import annotations

import json
import re
import signal
import socket
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_chat_page import (
    ANSWER,
    HAND_OVER,
    QUESTION,
    answered,
    opened,
    send,
    with_the_slow_model,
)
from tests.support.model_server import ModelServer, text
from tests.support.product import EMAIL, PASSWORD, running_product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PROBLEM = "camarad-problem"
ARABIC = "كم عدد الزيارات على الموقع الأسبوع الماضي؟"


def test_what_is_typed_during_an_answer_waits_in_the_composer(page: Page, slow_model: ModelServer) -> None:
    with_the_slow_model(page, slow_model)
    send(page, "Tell me about organic search")
    expect(page.locator(ANSWER)).to_contain_text("word5")
    page.fill("#chat-input", "And what about paid?")
    page.keyboard.press("Enter")
    expect(page.locator(QUESTION)).to_have_count(1)
    expect(page.locator("#chat-input")).to_contain_text("And what about paid?")
    page.click("#stop-button")
    answered(page)
    slow_model.otherwise = text("Paid did well.")
    page.click("#chat-submit")
    answered(page, 2)
    expect(page.locator(QUESTION).last).to_contain_text("And what about paid?")


def test_a_second_tab_follows_the_answer_of_the_first(
    page: Page, profile: BrowserContext, slow_model: ModelServer
) -> None:
    with_the_slow_model(page, slow_model)
    send(page, "Tell me about organic search")
    expect(page.locator(ANSWER)).to_contain_text("word5")
    expect(page).to_have_url(re.compile("/thread/"))
    other = profile.new_page()
    other.goto(page.url)
    expect(other.locator(ANSWER)).to_contain_text("word5")
    expect(other.locator("#stop-button")).to_be_visible()
    other.click("#stop-button")
    answered(page)
    expect(page.get_by_test_id("camarad-answer")).to_contain_text("Stopped before the end.")


@pytest.mark.parametrize("words", ["😀😀🎉", ARABIC])
def test_emoji_and_right_to_left_are_kept_and_answered(page: Page, words: str) -> None:
    opened(page)
    send(page, words)
    answered(page)
    expect(page.locator(QUESTION)).to_contain_text(words)
    expect(page.get_by_test_id(PROBLEM)).to_have_count(0)


@pytest.mark.parametrize(
    ("words", "refusal"),
    [("ă" * 200_000, "The message has 200,000 characters"), ("\x01\x02 abc", "characters that are not text")],
)
def test_a_refused_message_says_why_and_the_chat_goes_on(page: Page, words: str, refusal: str) -> None:
    opened(page)
    page.fill("#chat-input", words)
    page.locator("#chat-submit").click(timeout=90_000)
    expect(page.get_by_test_id(PROBLEM)).to_contain_text(refusal, timeout=90_000)
    send(page, "What is connected for this client?")
    expect(page.locator(ANSWER).last).to_contain_text("Google Analytics 4")


def test_nothing_is_sent_for_spaces(page: Page) -> None:
    opened(page)
    page.fill("#chat-input", "   ")
    page.keyboard.press("Enter")
    expect(page.locator("#chat-submit")).to_be_disabled()
    expect(page.locator(QUESTION)).to_have_count(0)


def test_the_hand_off_with_its_note_is_there_after_a_reload(page: Page) -> None:
    opened(page)
    send(page, "How did our Google Ads do in the last 28 days?")
    answered(page)
    page.locator(f"{HAND_OVER} button").first.click()
    shown = page.locator(HAND_OVER).first.inner_text()
    assert len(shown.splitlines()) > 1, shown
    page.reload()
    page.locator(f"{HAND_OVER} button").first.click()
    expect(page.locator(HAND_OVER).first).to_have_text(shown, use_inner_text=True)


@pytest.mark.slow
def test_a_server_killed_in_the_middle_loses_nothing_it_had_taken(
    browser: Browser, tmp_path: Path, slow_model: ModelServer
) -> None:
    """The person's message stays, and the conversation goes on with the server that is started next."""
    slow_model.reset()
    slow_model.otherwise = text(" ".join(f"word{n}" for n in range(400)), piece_delay=0.025)
    settings = {
        "CAMARAD_AGENT_MODELS": json.dumps({"seo-strategist": "openai/scripted"}),
        "CAMARAD_MODEL_BASES": json.dumps({"openai": slow_model.base}),
        "CAMARAD_MODEL_KEYS": json.dumps({"openai": "sk-loopback"}),
        "CAMARAD_MODEL_PRICES": json.dumps({"openai/scripted": {"input": 100_000, "output": 400_000}}),
    }
    port = _free_port()
    with running_product(tmp_path, port, **settings) as first:
        context = browser.new_context(base_url=first.url)
        context.request.post("/api/auth/login", data={"email": EMAIL, "password": PASSWORD})
        page = context.new_page()
        with_the_slow_model(page, slow_model)
        send(page, "Tell me about organic search")
        expect(page.locator(ANSWER)).to_contain_text("word5")
        expect(page).to_have_url(re.compile("/thread/"))
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
    slow_model.otherwise = text("All is well again.")
    with running_product(tmp_path, port, **settings):
        page.reload()
        expect(page.locator(QUESTION)).to_contain_text("Tell me about organic search")
        expect(page.locator("#chat-submit")).to_be_visible(timeout=60_000)
        send(page, "And now?")
        expect(page.locator(ANSWER).last).to_contain_text("All is well again.", timeout=60_000)
        expect(page.locator(QUESTION)).to_have_count(2)


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])
