"""Figures that a question names and that follow from those a result has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agents.embedded.answers.view import View, is_number
from agents.embedded.lexicon import concepts_in

ENGAGED, BOUNCED = "engagementRate", "bounceRate"


def with_bounce_rate(view: View, question: str) -> View:
    """The bounce rate is the share of sessions that were not engaged: 1 less the engagement rate.
    (Google Analytics Help, "Engagement rate and bounce rate".)"""
    if "bounce" not in concepts_in(question) or BOUNCED in view.totals or not is_number(view.totals.get(ENGAGED)):
        return view
    return replace(view, totals=_added(view.totals), before=_added(view.before))


def _added(totals: dict[str, Any]) -> dict[str, Any]:
    engaged = totals.get(ENGAGED)
    return {**totals, BOUNCED: round(1 - engaged, 6)} if is_number(engaged) else totals
