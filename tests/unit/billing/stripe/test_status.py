"""The table of statuses: each of Stripe's has access, words in both languages, and whether a plan can be changed."""

from __future__ import annotations

import pytest

from billing.stripe.status import STANDINGS, standing
from web import i18n

# https://docs.stripe.com/api/subscriptions/object#subscription_object-status
EXPECTED = {
    "active": ("full", True, True),
    "trialing": ("full", True, True),
    "past_due": ("grace", False, True),
    "incomplete": ("none", False, True),
    "incomplete_expired": ("none", False, False),
    "unpaid": ("none", False, True),
    "paused": ("none", False, True),
    "canceled": ("none", False, False),
}


@pytest.mark.parametrize("status", EXPECTED)
def test_a_status_means_what_the_table_says(status):
    found = standing(status)
    assert (found.access, found.may_change, found.live) == EXPECTED[status]


def test_the_table_has_every_status_once():
    assert [each.status for each in STANDINGS] == list(EXPECTED)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("status", [*EXPECTED, "none", "not_configured", "other"])
def test_a_status_has_words_of_its_own(language, status):
    words = i18n.catalog(language)
    said = [words[f"payments.status.{each}"] for each in (*EXPECTED, "none", "not_configured", "other")]
    assert words[f"payments.status.{status}"] and len(set(said)) == len(said)


def test_a_status_nobody_has_thought_about_gives_no_access():
    found = standing("on_the_moon")
    assert (found.access, found.may_change, found.live) == ("none", False, True)
