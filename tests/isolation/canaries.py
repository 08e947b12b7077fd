"""What must never appear elsewhere: for each side words that only its conversations hold, and a label and figures that
only its client's accounts hold, in every form a figure is written in."""

from __future__ import annotations

import re
from dataclasses import dataclass

TODAY = "2026-11-20"
WHOLE = "2026-10-21..2026-11-19"  # the days over which fixtures add up to their totals


@dataclass(frozen=True)
class Canary:
    """`word` may be sent by others, to look for it; the rest is sent by nobody else."""

    word: str
    secret: str
    label: str = ""
    figures: tuple[str, ...] = ()

    @property
    def words_pattern(self) -> re.Pattern[str]:
        return re.compile(self.secret, re.IGNORECASE)

    @property
    def data_pattern(self) -> re.Pattern[str] | None:
        forms = [self.label, *(form for figure in self.figures for form in _forms(figure))]
        found = "|".join(map(re.escape, filter(None, forms)))
        return re.compile(rf"(?<![0-9a-zA-Z-])(?:{found})(?![0-9a-zA-Z])") if found else None


def _forms(figure: str) -> set[str]:
    """`48317.29` also as 48,317.29, 48.317,29, with spaces of either kind, rounded, and in millionths."""
    whole, _, part = figure.partition(".")
    grouped = {f"{int(whole):,}".replace(",", mark) for mark in (",", ".", " ", "\u00a0", "\u202f")} | {whole}
    if not part:
        return grouped
    exact = {f"{form}{point}{part}" for form in grouped for point in (".", ",") if point not in form}
    return exact | {whole + part.ljust(6, "0")}


AMBER = Canary("ambervole", "amberquillon", "ambertag", ("48317.29", "73519"))
BIRCH = Canary("birchvole", "birchquillon", "birchtag", ("61903.47", "84127"))
CEDAR = Canary("cedarvole", "cedarquillon")
COLLEAGUE = Canary("hazelvole", "hazelquillon")


def _client(slug: str, canary: Canary, account: str, property_id: str) -> dict[str, object]:
    cost, sessions = float(canary.figures[0]), int(canary.figures[1])
    campaign = {
        "name": f"Search {canary.label}", "cost": cost, "clicks": 9127, "impressions": 210_331, "conversions": 301.5,
        "conversion_value": 90_000.0,
    }  # fmt: skip
    return {
        "id": slug,
        "name": slug.title(),
        "currency": "EUR",
        "timezone": "Europe/Bucharest",
        "google_ads": {"customer_id": account, "campaigns": [campaign]},
        "ga4": {
            "property_id": property_id,
            "sessions": sessions,
            "purchases": 389,
            "revenue": 51_234.5,
            "channels": {"Organic Search": sessions - 20_000, "Direct": 20_000},
            "landing_pages": [{"path": f"/{canary.label}", "sessions": sessions, "engagement_rate": 0.5}],
        },
    }


def fixtures() -> dict[str, object]:
    """The demo workspace's extra clients, as `--fixtures` takes them."""
    clients = [
        _client("iso-amber", AMBER, "7410042217", "410017771"),
        _client("iso-birch", BIRCH, "7420042218", "420017772"),
    ]
    return {"today": TODAY, "clients": clients}
