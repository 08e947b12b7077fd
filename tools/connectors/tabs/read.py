"""One tab of one client, as a report or as the bytes of its JSON.

A report is drawn once for what was read and its sections are encoded once; what changes from call to call (`cached`,
the reason of a source) is in `meta`, which is made anew for each.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from camarad.errors import BadInput, NotFound
from camarad.scope import Scope
from tools.connectors.hub import Connectors
from tools.connectors.report import Answer
from tools.connectors.session import Session
from tools.connectors.tabs import ads_tabs, ga4_tabs
from tools.connectors.tabs.record import AdsTab, Ga4Tab
from tools.connectors.tabs.report import MOST_ROWS, RangeRequest, Section, TabReport
from tools.ranges import parse_window
from tools.record import Provider

TABS: dict[Provider, dict[str, Ga4Tab | AdsTab]] = {
    "ga4": {tab.name: tab for tab in ga4_tabs.TABS},
    "google-ads": {tab.name: tab for tab in ads_tabs.TABS},
}
GA4_TABS = tuple(tab.name for tab in ga4_tabs.TABS)
ADS_TABS = tuple(tab.name for tab in ads_tabs.TABS)
_SECTIONS = TypeAdapter(list[Section])


@dataclass(slots=True)
class Drawn:
    """The sections of one read, with their JSON by the number of rows shown."""

    sections: list[Section]
    encoded: dict[int, bytes] = field(default_factory=dict)

    def shown(self, limit: int) -> list[Section]:
        return [section.at_most(limit) for section in self.sections]

    def json(self, limit: int) -> bytes:
        if limit not in self.encoded:
            self.encoded = {limit: _SECTIONS.dump_json(self.shown(limit))}
        return self.encoded[limit]


async def tab_report(hub: Connectors, scope: Scope, provider: Provider, tab: str, request: RangeRequest) -> TabReport:
    """Raises NotFound for a tab that is not there, BadInput for a bad range, ConnectorError for all the rest."""
    found = tab_named(provider, tab)
    answer, drawn = await _read(hub, scope, found, request)
    shown = drawn.shown(request.limit)
    return TabReport(provider=provider, tab=tab, title=found.title, meta=answer.meta, sections=shown)


async def tab_json(hub: Connectors, scope: Scope, provider: Provider, tab: str, request: RangeRequest) -> bytes:
    """The same as encoded JSON, cheap for what is kept."""
    found = tab_named(provider, tab)
    answer, drawn = await _read(hub, scope, found, request)
    head = json.dumps({"provider": provider, "tab": tab, "title": found.title})[:-1]
    return b'%s,"meta":%s,"sections":%s}' % (
        head.encode(),
        answer.meta.model_dump_json().encode(),
        drawn.json(request.limit),
    )


def tab_named(provider: Provider, name: str) -> Ga4Tab | AdsTab:
    found = TABS[provider].get(name)
    if found is None:
        raise NotFound("There is no such tab.", hint=f"The tabs are {', '.join(TABS[provider])}.")
    return found


async def _read(hub: Connectors, scope: Scope, tab: Ga4Tab | AdsTab, request: RangeRequest) -> tuple[Answer, Drawn]:
    if not 1 <= request.limit <= MOST_ROWS:
        raise BadInput(f"A table shows 1 to {MOST_ROWS} rows, not {request.limit}.")
    if isinstance(tab, Ga4Tab):
        ga4 = await hub.ga4(scope, request.refresh)
        window = parse_window(request.range, request.compare, ga4.today())
        answer, session = await tab.read(ga4, window), ga4.session
    else:
        ads = await hub.google_ads(scope, request.refresh)
        window = parse_window(request.range, request.compare, ads.today())
        answer, session = await tab.read(ads, window), ads.session
    return answer, _drawn(session, tab, (window.current, window.compare), answer)


def _drawn(session: Session, tab: Ga4Tab | AdsTab, key: tuple[object, ...], answer: Answer) -> Drawn:
    draw: Callable[[], Drawn] = lambda: Drawn(tab.draw(answer))  # noqa: E731
    return session.derived(("tab", tab.name, *key), answer.reports, draw)
