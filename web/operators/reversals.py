"""Payments that went back, as operators read them: figures in words, nothing recomputed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from web import i18n
from web.operators.costs import Card

NONE: Final = "–"
HEADS: Final = (
    *("ledger.at", "costs.name.workspace_id", "billing.reversal.kind", "billing.invoice.status"),
    *("billing.reversal.reason", "billing.reversal.amount", "billing.reversal.ct", "reversals.ct_missing"),
)
TOTALS: Final = ("reversals", "with_missing", "ct_taken", "ct_missing")


@dataclass(frozen=True, slots=True)
class Report:
    totals: list[Card]
    heads: list[str]
    rows: list[list[str]]
    more: bool


def report(language: str, found: dict[str, Any]) -> Report:
    return Report(
        [Card(_say(language, f"reversals.{name}"), _count(language, found["totals"][name])) for name in TOTALS],
        [_say(language, key) for key in HEADS],
        [_row(language, each) for each in found["reversals"]],
        found["more"],
    )


def _row(language: str, each: dict[str, Any]) -> list[str]:
    return [
        i18n.moment(language, datetime.fromisoformat(each["created_at"])),
        each["workspace_id"],
        _say(language, f"billing.reversal.{each['kind']}"),
        _words(each["status"]),
        _words(each["reason"]),
        i18n.money(language, each["amount_cents"], each["currency"].upper()),
        _count(language, each["ct_taken"]),
        _count(language, each["ct_missing"]),
    ]


def _say(language: str, key: str) -> str:
    return i18n.translate(language, key)


def _words(stripes: str | None) -> str:
    return (stripes or NONE).replace("_", " ")


def _count(language: str, number: int | None) -> str:
    return NONE if number is None else i18n.number(language, number)
