"""Demo clients given by totals in a JSON file, so that a person can check answers against numbers they chose.

Amounts are read as decimals and kept as integers (see totals.py). Every refusal names the place in the file. What
is served for them is made in worlds/spread.py; this module stays free of Google's clients.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from camarad.errors import BadInput
from tools.emulator import network
from tools.emulator.agency import DEMO_CLIENTS, MANAGER_ID, DemoAccount, DemoClient, DemoProperty
from tools.emulator.totals import MILLION, AdsTotals, CampaignTotals, Ga4Totals, LandingTotals, TermTotals

MAX_SESSIONS = 5_000_000
_HINT = "Correct the fixture file; its format is in docs/emulator.md."


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("is not an IANA time zone, e.g. Europe/Bucharest") from None
    return name


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Id = Annotated[str, BeforeValidator(_as_text), Field(min_length=1, max_length=64, pattern=r"^[^\s/]+$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Count = Annotated[int, Field(ge=0, le=10**12)]
Amount = Annotated[Decimal, Field(ge=0, le=10**12, decimal_places=6)]
Rate = Annotated[Decimal, Field(ge=0, le=1)]


class _Term(BaseModel):
    term: Name
    cost: Amount
    clicks: Count
    impressions: Count
    conversions: Amount


class _Campaign(BaseModel):
    name: Name
    cost: Amount
    clicks: Count
    impressions: Count
    conversions: Amount
    conversion_value: Amount = Decimal(0)
    search_terms: list[_Term] = []


class _Ads(BaseModel):
    customer_id: Id
    campaigns: list[_Campaign]


class _Landing(BaseModel):
    path: Annotated[str, Field(pattern=r"^/", max_length=500)]
    sessions: Count
    engagement_rate: Rate


class _Ga4(BaseModel):
    property_id: Id
    sessions: Annotated[int, Field(ge=0, le=MAX_SESSIONS)]
    purchases: Annotated[int, Field(ge=0, le=MAX_SESSIONS)] = 0
    revenue: Amount = Decimal(0)
    channels: dict[Name, Count] = {}
    landing_pages: list[_Landing] = []


class _Client(BaseModel):
    id: Annotated[Id, Field(pattern=r"^[A-Za-z0-9._~-]+$")]
    name: Name
    currency: Currency
    timezone: Zone
    google_ads: _Ads | None = None
    ga4: _Ga4 | None = None


class _Billing(BaseModel):
    ct_balance: Annotated[int, Field(ge=0)] | None = None


class _File(BaseModel):
    today: date
    clients: list[_Client]
    billing: _Billing = _Billing()


@dataclass(frozen=True, slots=True)
class Fixtures:
    """`ga4` and `google_ads` hold what is served for each client that has one, by client id."""

    today: date
    clients: tuple[DemoClient, ...]
    ct_balance: int | None
    ga4: dict[str, Ga4Totals]
    google_ads: dict[str, AdsTotals]


def load_fixtures(path: Path | str) -> Fixtures:
    """The clients and totals of a file. Raises BadInput naming the file and the place in it."""
    path = Path(path)
    file = _read(path)
    _check(path, file)
    return Fixtures(
        today=file.today,
        clients=tuple(_client(c) for c in file.clients),
        ct_balance=file.billing.ct_balance,
        ga4={c.id: _ga4_totals(c.ga4) for c in file.clients if c.ga4},
        google_ads={c.id: _ads_totals(c.google_ads) for c in file.clients if c.google_ads},
    )


def _refuse(path: Path, complaint: str) -> BadInput:
    return BadInput(f"The fixture file {path} cannot be used: {complaint}.", code="bad_fixtures", hint=_HINT)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _read(path: Path) -> _File:
    try:
        text = path.read_text(encoding="utf-8-sig")
        raw = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
        return _File.model_validate(raw)
    except OSError as error:
        raise _refuse(path, error.strerror or str(error)) from error
    except ValidationError as error:
        raise _refuse(path, "; ".join(f"{_place(e['loc'])}: {e['msg']}" for e in error.errors())) from error
    except (ValueError, RecursionError) as error:
        raise _refuse(path, f"it is not JSON ({error})") from error


def _place(location: Iterable[int | str]) -> str:
    """`clients[0].ga4.sessions`, as one would write it."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.lstrip(".") or "the file"


def _check(path: Path, file: _File) -> None:
    """What single fields cannot say: ids are unique, and no part is larger than its whole."""
    taken = {c.id for c in DEMO_CLIENTS}
    taken |= {f"ga4:{c.ga4.property_id}" for c in DEMO_CLIENTS if c.ga4}
    taken |= {f"ads:{c.google_ads.customer_id}" for c in DEMO_CLIENTS if c.google_ads}
    taken |= {f"ads:{customer}" for customer in (MANAGER_ID, *network.IDS)}
    for index, client in enumerate(file.clients):
        place = f"clients[{index}]"
        ids = [(f"{place}.id", client.id)]
        if client.ga4:
            ids.append((f"{place}.ga4.property_id", f"ga4:{client.ga4.property_id}"))
            _check_ga4(path, f"{place}.ga4", client.ga4)
        if client.google_ads:
            digits = client.google_ads.customer_id.replace("-", "")
            ids.append((f"{place}.google_ads.customer_id", f"ads:{digits}"))
            _check_ads(path, f"{place}.google_ads", client.google_ads)
        for where, key in ids:
            if key in taken:
                raise _refuse(path, f"{where}: {key.split(':')[-1]!r} is already taken")
            taken.add(key)


def _check_ga4(path: Path, place: str, ga4: _Ga4) -> None:
    if (total := sum(ga4.channels.values())) > ga4.sessions:
        raise _refuse(path, f"{place}.channels: they add up to {total}, more than the {ga4.sessions} sessions")
    if (total := sum(p.sessions for p in ga4.landing_pages)) > ga4.sessions:
        raise _refuse(path, f"{place}.landing_pages: they add up to {total}, more than the {ga4.sessions} sessions")
    if ga4.purchases and not ga4.sessions:
        raise _refuse(path, f"{place}.purchases: there are purchases but no sessions")
    if ga4.revenue and not ga4.purchases:
        raise _refuse(path, f"{place}.revenue: there is revenue but no purchase")


def _check_ads(path: Path, place: str, ads: _Ads) -> None:
    for index, campaign in enumerate(ads.campaigns):
        for field in ("cost", "clicks", "impressions", "conversions"):
            total = sum(getattr(t, field) for t in campaign.search_terms)
            if total > getattr(campaign, field):
                where = f"{place}.campaigns[{index}].search_terms"
                raise _refuse(path, f"{where}: their {field} add up to {total}, more than the campaign's")


def _client(client: _Client) -> DemoClient:
    ga4, ads = client.ga4, client.google_ads
    return DemoClient(
        id=client.id,
        name=client.name,
        currency=client.currency,
        timezone=client.timezone,
        ga4=DemoProperty(ga4.property_id, client.name) if ga4 else None,
        google_ads=DemoAccount(ads.customer_id, None, client.name) if ads else None,
    )


def _millionths(amount: Decimal) -> int:
    return round(amount * MILLION)


def _ga4_totals(ga4: _Ga4) -> Ga4Totals:
    return Ga4Totals(
        sessions=ga4.sessions,
        purchases=ga4.purchases,
        revenue=_millionths(ga4.revenue),
        channels=tuple(ga4.channels.items()),
        landing_pages=tuple(
            LandingTotals(p.path, p.sessions, _millionths(p.engagement_rate * p.sessions)) for p in ga4.landing_pages
        ),
    )


def _ads_totals(ads: _Ads) -> AdsTotals:
    return AdsTotals(tuple(_campaign_totals(c) for c in ads.campaigns))


def _campaign_totals(campaign: _Campaign) -> CampaignTotals:
    return CampaignTotals(
        name=campaign.name,
        impressions=campaign.impressions,
        clicks=campaign.clicks,
        cost=_millionths(campaign.cost),
        conversions=_millionths(campaign.conversions),
        value=_millionths(campaign.conversion_value),
        terms=tuple(
            TermTotals(t.term, t.impressions, t.clicks, _millionths(t.cost), _millionths(t.conversions))
            for t in campaign.search_terms
        ),
    )
