"""What a page's address asks for: the tab, its range and comparison, and how each section is shown.

`client`, `range` and `compare` go with every link, so that two tabs of a browser on two clients never show each
other's figures; `sort.<section>`, `show.<section>` and `all.<section>` stay on their tab.
The form sends `range=custom` with `from` and `to`, which becomes `range=<from>..<to>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from tools.connectors.tabs.report import DEFAULT_COMPARE, DEFAULT_RANGE, MOST_ROWS, RangeRequest
from tools.record import Provider

PRESETS = ("7days", "28days", "30days", "90days", "today", "yesterday", "this_month", "last_month")
CUSTOM = "custom"
COMPARISONS = ("previous", "year", "none")
LONGEST = 60  # characters kept of what was typed


@dataclass(frozen=True, slots=True)
class Address:
    provider: Provider
    tab: str
    range: str = DEFAULT_RANGE
    compare: str = DEFAULT_COMPARE
    refresh: bool = False
    sorts: Mapping[str, str] = field(default_factory=dict)
    shows: Mapping[str, str] = field(default_factory=dict)
    alls: frozenset[str] = frozenset()
    client: str = ""
    typed: tuple[str, str] | None = None  # the form's own dates, as they were typed

    @property
    def request(self) -> RangeRequest:
        return RangeRequest(self.range, self.compare, self.refresh, MOST_ROWS)

    @property
    def path(self) -> str:
        return path(self.provider, self.tab)

    def to(self, tab: str) -> str:
        """Another tab with the same range and comparison."""
        return _link(path(self.provider, tab), self._carried())

    def here(self, **more: str) -> str:
        """This very page, as it can be kept and shared: without `refresh`."""
        kept = {f"sort.{name}": value for name, value in self.sorts.items()}
        kept |= {f"show.{name}": value for name, value in self.shows.items()}
        kept |= {f"all.{name}": "1" for name in sorted(self.alls)}
        return _link(self.path, self._carried() | kept | more)

    def sorted_by(self, section: str, sort: str) -> str:
        return replace(self, sorts={**self.sorts, section: sort}).here()

    def showing(self, section: str, metric: str) -> str:
        return replace(self, shows={**self.shows, section: metric}).here()

    def whole(self, section: str, whole: bool) -> str:
        return replace(self, alls=self.alls | {section} if whole else self.alls - {section}).here()

    def download(self, section: str) -> str:
        return self.here(format="csv", section=section)

    def for_another(self) -> str:
        """This tab for the client that will be chosen then."""
        return _link(self.path, {name: value for name, value in self._carried().items() if name != "client"})

    def mending(self, action: str = "") -> str:
        """Where this client's connection is made and mended; `action` is one of that page's own."""
        query = urlencode({"client": self.client}) if self.client else ""
        if action:
            return f"/connectors/{self.provider}/{action}?{query}"
        return f"/connectors{'?' if query else ''}{query}#{self.provider}"

    def usual(self) -> Address:
        """The same tab with the usual range: where to go from one that cannot be read."""
        return replace(self, range=DEFAULT_RANGE, compare=DEFAULT_COMPARE, typed=None)

    def _carried(self) -> dict[str, str]:
        usual = {"client": "", "range": DEFAULT_RANGE, "compare": DEFAULT_COMPARE}
        return {name: value for name in usual if (value := getattr(self, name)) != usual[name]}


def path(provider: Provider, tab: str) -> str:
    return f"/connectors/{provider}" if tab == "overview" else f"/connectors/{provider}/{tab}"


def read(provider: Provider, tab: str, query: Mapping[str, str]) -> Address:
    """Nothing is refused here: what is no range is refused where ranges are understood."""
    asked = query.get("range", "").strip() or DEFAULT_RANGE
    typed = (query.get("from", "").strip()[:LONGEST], query.get("to", "").strip()[:LONGEST])
    custom = asked == CUSTOM
    return Address(
        provider,
        tab,
        range="..".join(typed) if custom else asked[: 2 * LONGEST],
        compare=(query.get("compare", "").strip() or DEFAULT_COMPARE)[:LONGEST],
        refresh=query.get("refresh") == "1",
        sorts=_named(query, "sort."),
        shows=_named(query, "show."),
        alls=frozenset(_named(query, "all.")),
        client=query.get("client", "").strip()[: 2 * LONGEST],
        typed=typed if custom else None,
    )


def _named(query: Mapping[str, str], prefix: str) -> dict[str, str]:
    found = {name.removeprefix(prefix): value for name, value in query.items() if name.startswith(prefix)}
    return {name[:LONGEST]: value[:LONGEST] for name, value in list(found.items())[:20] if value}


def _link(address: str, values: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(values, safe='.')}" if values else address
