"""Google Ads for one client: GAQL queries over one account, paired with the period they are compared with."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any, TypeVar

from camarad.errors import BadInput
from tools.connectors import google
from tools.connectors.ads_changes import MOST_CHANGES, changes_gaql, covered, read_changes
from tools.connectors.ads_periods import by_day, by_entity, segment, segmented, span
from tools.connectors.cache import RECENT, Kept, ttl
from tools.connectors.detours import detouring
from tools.connectors.gaql import ADDITIVE, MOST_ROWS, gaql, read_row
from tools.connectors.queries import AdsQuery
from tools.connectors.report import Answer, Key, Numbers, Report, Row
from tools.connectors.session import Metadata, Session
from tools.ranges import Window, days_of
from tools.result import Period

T = TypeVar("T")
Rows = tuple[tuple[Key, Numbers], ...]
NO_CHANGES = read_changes([])
DAY = "segments.date"
CAMPAIGNS = AdsQuery("campaign", ("campaign.id", "campaign.name"), (), ("campaign.status != 'REMOVED'",), None)
TRUNCATED = "Only the largest {count} rows were read; totals are theirs."


class AdsConnector:
    """Bound to one scope's connection. Each query is one upstream call for each period, kept by itself."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def timezone(self) -> str:
        return self._session.timezone

    @property
    def currency(self) -> str | None:
        return self._session.view.currency

    @property
    def session(self) -> Session:
        return self._session

    def today(self) -> date:
        return self._session.today()

    @detouring
    async def reports(self, window: Window, *queries: AdsQuery) -> Answer:
        periods = [window.current] + ([window.compare] if window.compare is not None else [])
        reads = [self._rows(query, period, window.today) for query in queries for period in periods]
        kept = await asyncio.gather(*reads)
        reports = []
        for place, query in enumerate(queries):
            mine = [each.value for each in kept[place * len(periods) : (place + 1) * len(periods)]]
            reports.append(_report(query, window, mine[0], mine[1] if len(mine) > 1 else None))
        warnings = [TRUNCATED.format(count=MOST_ROWS)] if any(len(each.value) >= MOST_ROWS for each in kept) else []
        return Answer(tuple(reports), self._session.meta(window, kept, warnings))

    @detouring
    async def both(self, window: Window, query: AdsQuery, *, daily: bool) -> Answer:
        """Entities of both periods from one upstream call, with `daily` a second report of the days. The metrics are
        ones that add up."""
        by = segment(window, daily=daily)
        wanted, period = segmented(query, by), span(window)

        async def fetch() -> tuple[tuple[Report, ...], int]:
            rows = await self._search(wanted, period)
            return await asyncio.to_thread(_both, query, window, rows, by, daily), len(rows)

        key = ("both", wanted, daily, window.current, window.compare)
        kept = await self._session.kept(key, ttl(window.current, window.today), fetch)
        reports, count = kept.value
        warnings = [TRUNCATED.format(count=query.most)] if count >= query.most else []
        return Answer(reports, self._session.meta(window, [kept], warnings))

    @detouring
    async def campaign_ids(self, text: str) -> list[str]:
        """The ids of campaigns whose name contains the text, case and accents aside; a campaign of exactly that name is
        meant alone ("Brand" beside "Brand 2"). None is BadInput naming them."""
        kept = await self._session.kept(("rows", CAMPAIGNS, None), RECENT, lambda: self._search(CAMPAIGNS, None))
        names = {key[1]: key[0] for key, _ in kept.value}
        exact = [number for name, number in names.items() if _plain(text) == _plain(name)]
        found = exact or [number for name, number in names.items() if _plain(text) in _plain(name)]
        if not found:
            known = "; ".join(sorted(names)[:30]) or "none at all"
            raise BadInput(f"No campaign's name contains {text[:80]!r}.", hint=f"The campaigns are: {known}.")
        return sorted(found)

    async def _rows(self, query: AdsQuery, period: Period, today: date) -> Kept[Rows]:
        return await self._session.kept(
            ("rows", query, period), ttl(period, today), lambda: self._search(query, period)
        )

    @detouring
    async def changes(self, window: Window) -> Answer:
        """The change history of the period, as far back as Google keeps it."""
        period = covered(window.current, window.today)
        alone = Window(window.current, None, window.today)
        if period is None:
            return Answer((NO_CHANGES,), self._session.meta(alone, [], []))

        async def fetch() -> tuple[Report, ...]:
            return (read_changes(await self._rows_of(changes_gaql(period), list)),)

        kept = await self._session.kept(("changes", period), ttl(period, window.today), fetch)
        full = kept.value[0].row_count >= MOST_CHANGES
        warnings = [f"Only the latest {MOST_CHANGES} changes were read."] if full else []
        return Answer(kept.value, self._session.meta(alone, [kept], warnings))

    async def _search(self, query: AdsQuery, period: Period | None) -> Rows:
        def read(results: Iterable[Any]) -> list[tuple[Key, Numbers]]:
            return [read_row(row, query) for row in results]

        return tuple(await self._rows_of(gaql(query, period), read))

    async def _rows_of(self, text: str, read: Callable[[Iterable[Any]], list[T]]) -> list[T]:
        """What `read` makes of each page's raw rows."""
        await google.ready("google-ads")
        client = self._session.channels.ads(self._session.route.endpoint)
        request = google.ads_types().SearchGoogleAdsRequest(
            customer_id=self._session.account.replace("-", ""), query=text
        )

        async def send(metadata: Metadata, seconds: float) -> list[T]:
            pager = await client.search(request, metadata=metadata, timeout=seconds, retry=None)
            rows: list[T] = []
            async for page in pager.pages:
                rows.extend(await asyncio.to_thread(read, type(page).pb(page).results))
            return rows

        manager = self._session.view.login_account_id
        return await self._session.call(send, [("login-customer-id", manager.replace("-", ""))] if manager else None)


def _both(query: AdsQuery, window: Window, rows: Rows, by: str | None, daily: bool) -> tuple[Report, ...]:
    entities = by_entity(query, window, rows, by)
    return (entities, by_day(query, window, rows)) if daily else (entities,)


def _plain(text: str) -> str:
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in split if not unicodedata.combining(mark))


def _report(query: AdsQuery, window: Window, current: Rows, before: Rows | None) -> Report:
    rows = _grouped(current)
    past = _grouped(before) if before is not None else None
    if past is not None and query.fields[:1] == (DAY,) and window.compare is not None:
        past = _shifted(past, window.current.start - window.compare.start)
    if query.fields == (DAY,):
        rows = {(str(day),): rows.get((str(day),), _zeros(query)) for day in days_of(window.current)}
    unread = before is not None and len(before) >= MOST_ROWS
    paired = [
        Row(key, values, None if past is None else past.get(key, None if unread else _zeros(query)))
        for key, values in rows.items()
    ]
    return Report(
        query.fields,
        query.metrics,
        tuple(paired),
        _sums(query, current),
        None if before is None else _sums(query, before),
        len(paired),
    )


def _grouped(rows: Rows) -> dict[Key, Numbers]:
    """Rows by key; equal names (two ad groups called alike) are added up, ratios keep the last."""
    out: dict[Key, Numbers] = {}
    for key, numbers in rows:
        known = out.get(key)
        if known is not None:
            numbers = {n: known[n] + v if n in ADDITIVE else v for n, v in numbers.items()}
        out[key] = numbers
    return out


def _shifted(rows: dict[Key, Numbers], by: timedelta) -> dict[Key, Numbers]:
    return {(str(date.fromisoformat(key[0]) + by), *key[1:]): values for key, values in rows.items()}


def _zeros(query: AdsQuery) -> Numbers:
    return dict.fromkeys(query.metrics, 0.0)


def _sums(query: AdsQuery, rows: Rows) -> dict[str, float]:
    """Totals of what may be added; shares and other ratios have none."""
    return {name: sum(numbers[name] for _, numbers in rows) for name in query.metrics if name in ADDITIVE}
