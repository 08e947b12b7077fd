"""The chat as a person meets it, in a real browser against the whole product."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.model_server import ModelServer, text
from tests.support.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ANSWER = '[data-step-type="assistant_message"] .message-content'
QUESTION = '[data-step-type="user_message"]'
HAND_OVER = '[data-step-type="undefined"]'
TOOL = '[data-step-type="tool"]'
WORDS = " ".join(f"word{n}" for n in range(400))


def opened(page: Page, client: str = "demo-lampadar") -> None:
    page.goto(f"/c/{client}/chat/")
    expect(page.locator("html[data-chat-ready]")).to_have_count(1)


def send(page: Page, words: str) -> None:
    page.fill("#chat-input", words)
    page.click("#chat-submit")


def answered(page: Page, turns: int = 1) -> None:
    expect(page.locator(f"html[data-chat-turns='{turns}']")).to_have_count(1, timeout=60_000)


def with_the_slow_model(page: Page, model: ModelServer, client: str = "demo-lampadar") -> None:
    """Open the SEO strategist, whose words come one every 25 ms."""
    model.reset()
    model.otherwise = text(WORDS, piece_delay=0.025)
    opened(page, client)
    page.click("#camarad-welcome [data-slug=seo-strategist]")


def test_a_question_is_answered_with_hand_over_steps_chart_source_cost_and_suggestions(page: Page) -> None:
    opened(page)
    send(page, "How did our Google Ads do in the last 28 days against the 28 before?")
    answered(page)
    expect(page.locator('[data-step-type="undefined"]')).to_contain_text(
        "Personal Assistant handed over to PPC Specialist"
    )
    expect(page.locator(TOOL).first).to_contain_text("demo data")
    expect(page.locator(ANSWER)).to_contain_text("€")
    expect(page.locator("[data-author]")).to_have_attribute("data-author", "PPC Specialist")
    expect(page.get_by_test_id("camarad-chart").first.locator("svg[role=img]").first).to_be_visible()
    expect(page.get_by_test_id("turn-footer")).to_contain_text("Europe/Bucharest")
    expect(page.get_by_test_id("camarad-ct")).to_have_text(re.compile(r"[1-9]\d* CT"))
    expect(page.locator("#camarad-chips button")).to_have_count(3)
    expect(page.locator("#camarad-live")).to_have_text("Answered.")


def test_a_step_opens_to_its_arguments(page: Page) -> None:
    opened(page)
    send(page, "How did our Google Ads do in the last 28 days?")
    answered(page)
    page.locator(f"{TOOL} button").first.click()
    expect(page.locator(TOOL).first).to_contain_text("28days")


def test_a_chart_has_its_table(page: Page) -> None:
    opened(page)
    send(page, "How did our Google Ads do in the last 28 days?")
    answered(page)
    chart = page.get_by_test_id("camarad-chart").first
    expect(chart.locator("table")).to_have_count(0)
    chart.get_by_role("button", name="Show as a table").click()
    expect(chart.locator("tbody tr")).to_have_count(28)


def test_a_suggestion_asks_and_the_answer_survives_a_reload(page: Page) -> None:
    opened(page)
    page.locator("#camarad-chips button").first.click()
    answered(page)
    expect(page).to_have_url(re.compile(r"/chat/thread/[0-9a-f-]{36}$"))
    drawn = page.get_by_test_id("camarad-chart").first.locator("svg")
    expect(drawn).not_to_have_count(0)
    before = page.locator(ANSWER).inner_text()
    page.reload()
    expect(page.locator(ANSWER)).to_be_visible()
    expect(drawn).not_to_have_count(0)
    expect(page.locator(ANSWER)).to_have_text(before, use_inner_text=True)


def test_romanian_end_to_end(profile: BrowserContext, product: Product, page: Page) -> None:
    profile.add_cookies([{"name": "camarad_language", "value": "ro", "url": product.url}])
    opened(page, "demo-zambet")
    expect(page.locator("#camarad-welcome h1")).to_have_text("Ce doriți să aflați despre Zâmbet Dental?")
    expect(page.locator("#chat-input")).to_have_attribute("placeholder", re.compile("Întrebați"))
    send(page, "Cum au mers reclamele Google Ads în ultimele 28 de zile?")
    answered(page)
    expect(page.get_by_test_id("turn-footer")).to_contain_text("date demo")
    expect(page.locator(ANSWER)).to_contain_text("RON")


def test_stop_keeps_what_was_said(page: Page, slow_model: ModelServer) -> None:
    with_the_slow_model(page, slow_model)
    send(page, "Tell me about organic search")
    expect(page.locator(ANSWER)).to_contain_text("word5")
    page.click("#stop-button")
    answered(page)
    expect(page.get_by_test_id("camarad-answer")).to_contain_text("Stopped before the end.")
    expect(page.locator(ANSWER)).not_to_contain_text("word399")
    page.reload()
    expect(page.get_by_test_id("camarad-answer")).to_contain_text("Stopped before the end.")
    expect(page.locator(ANSWER)).to_contain_text("word5")


def test_a_reload_in_the_middle_reads_on_to_the_end(page: Page, slow_model: ModelServer) -> None:
    with_the_slow_model(page, slow_model)
    send(page, "Tell me about landing pages")
    expect(page.locator(ANSWER)).to_contain_text("word5")
    page.reload()
    expect(page.locator("#stop-button")).to_be_visible()
    answered(page)
    shown = [word for word in page.locator(ANSWER).inner_text().split() if word.startswith("word")]
    assert shown == WORDS.split()
    expect(page.locator(QUESTION)).to_have_count(1)
    expect(page.locator(ANSWER)).to_have_count(1)


def test_feedback_is_kept(page: Page) -> None:
    opened(page)
    send(page, "What is connected for this client?")
    answered(page)
    page.locator(".positive-feedback-off").click()
    page.click("#submit-feedback")
    expect(page.locator(".positive-feedback-on")).to_be_visible()
    page.reload()
    expect(page.locator(".positive-feedback-on")).to_be_visible()


def test_each_client_has_conversations_of_its_own(page: Page) -> None:
    opened(page, "demo-plutaru")
    send(page, "What is connected for this client?")
    answered(page)
    page.reload()
    expect(page.locator("#thread-history a")).not_to_have_count(0)
    page.select_option("#camarad-client", "demo-northpeak")
    expect(page).to_have_url(re.compile("/c/demo-northpeak/chat/"))
    expect(page.locator("html[data-chat-ready]")).to_have_count(1)
    expect(page.locator("#camarad-welcome h1")).to_contain_text("Northpeak Outfitters")
    expect(page.locator("#thread-history a")).to_have_count(0)


def test_the_welcome_says_what_is_connected_and_what_is_missing(page: Page) -> None:
    opened(page, "demo-gazeta")
    welcome = page.locator("#camarad-welcome")
    expect(welcome.locator(".cam-connection.connected")).to_contain_text("Google Analytics 4")
    expect(welcome.locator(".cam-connection.not_connected")).to_contain_text("Google Ads")
    expect(welcome.locator("[data-slug=ppc-specialist]")).to_contain_text("needs Google Ads")
    expect(welcome.get_by_role("radio")).to_have_count(3)


def test_an_agent_is_chosen_with_the_keyboard(page: Page) -> None:
    opened(page)
    page.locator("#camarad-welcome [aria-checked=true]").press("ArrowRight")
    expect(page.locator("#camarad-welcome [data-slug=ppc-specialist]")).to_have_attribute("aria-checked", "true")
    expect(page.locator("#camarad-welcome [data-slug=ppc-specialist]")).to_be_focused()


@pytest.mark.parametrize("count", [20_000, 1_200_000], ids=["more than allowed", "more than the socket carries"])
def test_a_message_too_long_stays_in_the_composer_with_a_next_step(page: Page, count: int) -> None:
    opened(page)
    page.evaluate("count => { window.written = 'x'.repeat(count) }", count)
    page.locator("#chat-input").evaluate(
        """input => {
            Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(input, window.written);
            input.dispatchEvent(new Event('input', { bubbles: true }));
        }"""
    )
    page.locator("#chat-submit").click(timeout=90_000)
    page.locator("#chat-input").press("Enter", timeout=90_000)
    expect(page.get_by_test_id("camarad-problem")).to_contain_text(f"{count:,} characters")
    expect(page.get_by_test_id("camarad-problem")).to_contain_text("Shorten it")
    assert page.locator("#chat-input").evaluate("input => input.value.length") == count
    expect(page.locator(QUESTION)).to_have_count(0)
    send(page, "What is connected for this client?")
    expect(page.get_by_test_id("camarad-problem")).to_have_count(0)
    answered(page)


def test_markup_in_a_message_stays_text(page: Page) -> None:
    opened(page)
    send(page, "<img src=x onerror=alert(1)> **hello**")
    answered(page)
    expect(page.locator(QUESTION)).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.locator(f"{QUESTION} img")).to_have_count(0)


def test_signing_out_elsewhere_ends_the_open_chat(page: Page, profile: BrowserContext) -> None:
    opened(page)
    other = profile.new_page()
    opened(other)
    other.click("#user-nav-button")
    other.get_by_role("menuitem", name="Sign out").click()
    expect(page.locator("#camarad-gone")).to_contain_text("Your sign-in has ended.")


def test_a_phone_shows_it_without_sideways_scrolling(profile: BrowserContext, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    opened(page)
    send(page, "How did our Google Ads do in the last 28 days?")
    answered(page)
    expect(page.get_by_test_id("camarad-chart").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
