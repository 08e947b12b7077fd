"""Where numbers are from and which days they are of: the line at the end, the words at the start."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from agents.embedded.answers.figures import Figures
from agents.embedded.answers.view import View

_LABELS = {
    "en": {
        "demo": "demo data",
        "live": "live data",
        "gateway": "through the gateway",
        "camarad": "Camarad's own records",
    },
    "ro": {
        "demo": "date demonstrative",
        "live": "date reale, live",
        "gateway": "prin gateway",
        "camarad": "evidența proprie Camarad",
    },
}


def provider(view: View) -> str:
    if view.source == "camarad" and view.error is None:
        return ""
    if view.tool.startswith("ads_") or "google_ads" in view.tool or "Google Ads" in view.title:
        return "Google Ads"
    if view.tool.startswith(("ga4_", "seo_")) or "GA4" in view.title or "Analytics" in view.title:
        return "Google Analytics"
    return ""


def period_line(view: View, figures: Figures) -> str:
    """`23 Oct – 19 Nov 2026 against 25 Sep – 22 Oct 2026`."""
    if view.period is None:
        return ""
    text = figures.period(view.period)
    if view.compare is None:
        return text
    return f"{text} {'against' if figures.language == 'en' else 'față de'} {figures.period(view.compare)}"


def no_past(span: tuple[date, date], figures: Figures) -> str:
    """Why nothing is compared, in one sentence."""
    when = figures.period(span)
    if figures.language == "en":
        return f"There is nothing to compare with: no data was recorded for {when}."
    return f"Nu am cu ce compara: pentru {when} nu există date."


_WARNINGS_RO = {
    "The period includes today, which is not complete.": "Perioada include ziua de azi, care nu este încheiată.",
}
_GATEWAY = re.compile(r"The gateway (.+); these figures were read with this client's own Google connection\.")
_GATEWAY_RO = {
    "is switched off": "este oprit",
    "has no address on this server": "nu are adresă pe acest server",
    "cannot be reached": "nu poate fi contactat",
    "did not answer in time": "nu a răspuns la timp",
    "answers that it cannot serve now": "răspunde că nu poate servi acum",
    "answers what cannot be read": "răspunde ceva ce nu se poate citi",
    "does not accept this server": "nu acceptă acest server",
}


def _in_romanian(warning: str) -> str:
    if (gateway := _GATEWAY.fullmatch(warning)) and gateway[1] in _GATEWAY_RO:
        return f"Gateway-ul {_GATEWAY_RO[gateway[1]]}; cifrele au fost citite prin conexiunea Google a clientului."
    return _WARNINGS_RO.get(warning, warning)


def footer(views: Sequence[View], figures: Figures, client: str = "") -> str:
    """Source, whose figures, time read and time zone, once for all results that share them; then their warnings."""
    lines: list[str] = []
    for view in views:
        if (line := _line(view, views, figures, client)) and line not in lines:
            lines.append(line)
    warnings = dict.fromkeys(w for view in views for w in view.warnings)
    if figures.language == "ro":
        warnings = dict.fromkeys(_in_romanian(w) for w in warnings)
    return "\n".join([*lines, *(f"{'Note' if figures.language == 'en' else 'Atenție'}: {w}" for w in warnings)])


def _line(view: View, views: Sequence[View], figures: Figures, client: str) -> str:
    if not view.source or view.error is not None:
        return ""
    same = [
        v
        for v in views
        if (v.source, v.as_of[:16], v.timezone) == (view.source, view.as_of[:16], view.timezone) and v.error is None
    ]
    english = figures.language == "en"
    who = list(dict.fromkeys(filter(None, map(provider, same))))
    label = _LABELS[figures.language].get(view.source, view.source)
    parts = [f"{'Source' if english else 'Sursa'}: {', '.join([*who, label])}"]
    if client:
        parts.append(client)
    if view.as_of:
        parts.append(f"{'read' if english else 'citit'} {figures.moment(view.as_of)}")
    if view.timezone:
        parts.append(f"{'days in' if english else 'zile după'} {view.timezone}")
    return f"_{' · '.join(parts)}_"  # why this source is a code; the warnings say it in words
