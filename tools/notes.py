"""Findings computed by tools, as sentences in the reader's language. Thresholds are here, numbers are the report's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.numbers import format_decimal, format_percent

from tools import labels
from tools.blocks import Kind
from tools.connectors.report import Numbers, Report, Row
from tools.metrics import change, column, value
from tools.result import Meta
from tools.wording import SENTENCES

MOVER_SHARE = 0.05  # of the total's size, below which a change is not worth a sentence
WEAK_ENGAGEMENT = 0.8  # of the whole's engagement rate
WEAK_VOLUME = 0.02  # of all sessions, for a page to be judged


@dataclass(frozen=True, slots=True)
class Notes:
    """Writes sentences in one language and one currency."""

    language: str
    currency: str | None = None

    @classmethod
    def of(cls, language: str, meta: Meta) -> Notes:
        return cls("ro" if language == "ro" else "en", meta.currency)

    def say(self, key: str, **values: Any) -> str:
        return SENTENCES[key][self.language].format(**values)

    def label(self, name: str) -> str:
        said = self._said(column(name).label)
        return said if said.isupper() else said[:1].lower() + said[1:]

    def _said(self, english: str) -> str:
        return labels.label(english) if self.language == "ro" else english

    def number(self, amount: float, kind: Kind = "number") -> str:
        if kind == "percent":
            return format_percent(amount, format="#,##0.0%", locale=self.language).replace("\xa0", "")
        digits = {"integer": "#,##0", "money": "#,##0.00"}.get(kind, "#,##0.##")
        text = format_decimal(round(amount, 2), format=digits, locale=self.language)
        return f"{text} {self.currency}" if kind == "money" and self.currency else text

    def signed(self, fraction: float) -> str:
        return ("+" if fraction >= 0 else "") + self.number(fraction, "percent")

    def metric(self, name: str, amount: float | None) -> str:
        return "–" if amount is None else self.number(amount, column(name).kind)

    def empty(self, report: Report, meta: Meta) -> list[str]:
        """One sentence when there is nothing to show, or nothing to compare with."""
        if report.empty:
            return [self.say("empty", start=meta.range.start, end=meta.range.end)] if meta.range else []
        if meta.compare is not None and report.previous_totals is not None and _no_past(report):
            return [self.say("no_past", start=meta.compare.start, end=meta.compare.end)]
        return []

    def movers(self, report: Report, name: str, count: int = 2) -> list[str]:
        """The rows whose change matters most to the total, each way at most `count`."""
        total = value(report.totals, name) or 0
        if report.previous_totals is not None and _no_past(report):
            return []
        moved = [(row, now - before) for row in report.rows for now, before in [_pair(row, name)] if before is not None]
        matter = [(row, step) for row, step in moved if abs(step) >= MOVER_SHARE * max(total, 1)]
        matter.sort(key=lambda each: -abs(each[1]))
        return [self._moved(row, name) for row, _ in matter[:count]]

    def _moved(self, row: Row, name: str) -> str:
        now, before = _pair(row, name)
        step = change(now, before)
        return self.say(
            "moved" if step is not None else "appeared",
            what=self.quoted(row),
            metric=self.label(name),
            now=self.metric(name, now),
            before=self.metric(name, before),
            change=self.signed(step or 0),
        )

    def quoted(self, row: Row) -> str:
        opening = "„" if self.language == "ro" else "“"
        return f"{opening}{row.key[0] or '(not set)'}”"

    def share(self, report: Report, name: str) -> list[str]:
        """Who is largest and how much of the whole it is, when that is worth saying."""
        total = value(report.totals, name)
        if not total or len(report.rows) < 2:
            return []
        top = max(report.rows, key=lambda row: value(row.values, name) or 0)
        part = (value(top.values, name) or 0) / total
        if part < 0.2:
            return []
        return [self.say("share", what=self.quoted(top), share=self.number(part, "percent"), metric=self.label(name))]

    def share_of(self, what: str, part: Numbers, whole: Numbers, name: str) -> list[str]:
        total = value(whole, name)
        if not total:
            return []
        share = self.number((value(part, name) or 0) / total, "percent")
        return [self.say("share", what=self._said(what), share=share, metric=self.label(name))]

    def days(self, report: Report, name: str, today: date) -> list[str]:
        """The best and the worst day of a period of at least four days; today is not over and is neither."""
        rows = [row for row in report.rows if row.key[0] != str(today)]
        if len(rows) < 4 or report.empty:
            return []
        ranked = sorted(rows, key=lambda row: value(row.values, name) or 0)
        worst, best = ranked[0], ranked[-1]
        return [
            self.say(
                "days",
                metric=self.label(name),
                best=best.key[0],
                best_value=self.metric(name, value(best.values, name)),
                worst=worst.key[0],
                worst_value=self.metric(name, value(worst.values, name)),
            )
        ]

    def weak_pages(self, report: Report, count: int = 3) -> list[str]:
        """Landing pages with real traffic that engage clearly worse than all of them together."""
        rate, sessions = report.totals.get("engagementRate"), report.totals.get("sessions")
        if not rate or not sessions:
            return []
        weak = [
            row
            for row in report.rows
            if row.values["sessions"] >= WEAK_VOLUME * sessions
            and row.values["engagementRate"] < WEAK_ENGAGEMENT * rate
        ]
        return [
            self.say(
                "weak_page",
                what=self.quoted(row),
                rate=self.number(row.values["engagementRate"], "percent"),
                whole=self.number(rate, "percent"),
                sessions=self.number(row.values["sessions"], "integer"),
            )
            for row in weak[:count]
        ]

    def funnel(self, reports: Sequence[Report], by: str) -> list[str]:
        steps = reports[0].rows
        users = [row.values["activeUsers"] for row in steps]
        lost = [(users[n] - users[n + 1], n) for n in range(len(users) - 1)]
        most, place = max(lost)
        notes = [
            self.say(
                "funnel_loss",
                step=steps[place].key[0],
                next=steps[place + 1].key[0],
                lost=self.number(most, "integer"),
                share=self.number(most / users[place], "percent") if users[place] else "–",
            )
        ]
        silent = [row.key[0] for row, count in zip(steps, users, strict=True) if not count]
        if silent:
            notes.append(self.say("funnel_silent", events=", ".join(silent)))
        return notes + [self._segment(row, by) for report in reports[1:] for row in report.rows]

    def _segment(self, row: Row, by: str) -> str:
        first, last = row.values["first"], row.values["last"]
        share = self.number(last / first if first else 0, "percent")
        return self.say("funnel_segment", by=by, what=row.key[0], first=round(first), last=round(last), share=share)


def _no_past(report: Report) -> bool:
    return not any((report.previous_totals or {}).values())


def _pair(row: Row, name: str) -> tuple[float, float | None]:
    before = None if row.previous is None else value(row.previous, name)
    return value(row.values, name) or 0, before
