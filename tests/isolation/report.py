"""What the matrix found, as Markdown."""

from __future__ import annotations

from collections import Counter

from camarad import __version__
from tests.isolation.chat import CHAT
from tests.isolation.entries import ENTRIES
from tests.isolation.matrix import Report
from tests.isolation.world import World

SHOWN = 200
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def markdown(world: World, report: Report, seconds: float) -> str:
    verdict = "Nothing reached anybody it does not belong to." if not report.findings else "**There are findings.**"
    return "\n".join(
        (
            "# Isolation report",
            "",
            f"Camarad {__version__} on {DATABASES[world.books.engine.name]}. {verdict} "
            f"{report.pairs:,} pairs of a route and method with a situation, in "
            f"{report.requests:,} attempts by {len(world.sides)} sides, in {seconds:.0f} s; "
            f"{len(report.findings)} findings.",
            "",
            *_findings(report),
            "## Routes",
            "",
            *_table(("class", "routes", "pairs", "attempts"), _by_class(report)),
            "",
            "## Situations",
            "",
            *_table(("situation", "routes", "attempts"), _by_situation(report)),
            "",
            "## A foreign id takes as long as an unknown one",
            "",
            *_table(
                ("route", "foreign, ms", "unknown, ms"),
                [(p, f"{a * 1e3:.2f}", f"{b * 1e3:.2f}") for p, a, b in report.timings],
            ),
            "",
            "## Looked through afterwards",
            "",
            f"{len(report.stores)} stores, for words and data of the wrong side: {', '.join(report.stores[:SHOWN])}.",
            "",
        )
    )


def _findings(report: Report) -> list[str]:
    if not report.findings:
        return []
    more = [f"- and {len(report.findings) - SHOWN} more"] if len(report.findings) > SHOWN else []
    return ["## Findings", "", *(f"- {each}" for each in report.findings[:SHOWN]), *more, ""]


def _class_of(report: Report, method: str, route: str) -> str:
    if route.startswith("/c/"):
        return "chat"
    known = report.classes.get((method, route))
    return known or next((kind for (_, path), kind in report.classes.items() if path == route), "other")


def _by_class(report: Report) -> list[tuple[str, ...]]:
    pairs, attempts = Counter[str](), Counter[str]()
    for (method, route, _), count in report.tried.items():
        kind = _class_of(report, method, route)
        pairs[kind] += 1
        attempts[kind] += count
    routes = Counter(_class_of(report, *key) for key in {entry.key for entry in (*ENTRIES, *CHAT)})
    return [(kind, str(routes[kind]), f"{pairs[kind]:,}", f"{attempts[kind]:,}") for kind in sorted(pairs)]


def _by_situation(report: Report) -> list[tuple[str, ...]]:
    routes, attempts = Counter[str](), Counter[str]()
    for (_, _, situation), count in report.tried.items():
        routes[situation] += 1
        attempts[situation] += count
    return [(name, f"{routes[name]:,}", f"{attempts[name]:,}") for name in sorted(routes)]


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]
