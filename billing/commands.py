"""`billing sync-prices`, `billing set-price`, `billing set-rate` and `billing rates`."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation, Overflow
from pathlib import Path
from typing import TypeVar

from billing import price_list, rate_book
from billing.catalog import rate_at
from billing.rates import DEFAULT_RATE, Rate
from camarad.clock import SystemClock
from camarad.database import Database
from camarad.ids import new_id
from camarad.migrate import opened
from camarad.models import CtRate, PricingEntry
from camarad.settings import load_settings

T = TypeVar("T")
KINDS = ("model", "tool", "connector")
MOST_CHARS = 200  # of a name or a note; a line of plain text
MOST_DIGITS = 18  # what a column holds; 1e999999 would be spelled out digit by digit


def sync_prices(argv: list[str]) -> int:
    """Compare the catalogue with LiteLLM's list; with --apply, put what differs in as new versions."""
    parser = _parser("sync-prices", sync_prices.__doc__)
    parser.add_argument("--apply", action="store_true", help="write; without it nothing is changed")
    parser.add_argument("--all", action="store_true", help="name every difference, not only the first ones")
    given = parser.parse_args(argv)
    found = _run(given, lambda database: price_list.sync(database, SystemClock(), apply=given.apply))
    shown = found.changes if given.all else found.changes[:20]
    for change in shown:
        print(f"  {change}")
    if len(found.changes) > len(shown):
        print(f"  … and {len(found.changes) - len(shown)} more (--all)")
    done = "put in" if given.apply else "would be put in (dry run; --apply writes)"
    print(f"{len(found.changes)} prices {done}; {found.same} are as listed, {found.kept} are an operator's and stay.")
    return 0


def set_price(argv: list[str]) -> int:
    """Set the price of a model, micro-USD per million tokens, or of a tool's or connector's call, micro-USD."""
    parser = _parser("set-price", set_price.__doc__)
    parser.add_argument("name", help="e.g. openai/gpt-5-mini, a tool's name, or ga4")
    parser.add_argument("--kind", choices=KINDS, default="model")
    parser.add_argument("--provider", default="")
    for name in ("input", "output", "cached-input", "cache-write", "call"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--source", required=True, help="where the price is from, e.g. invoice 2026-11")
    parser.add_argument("--from", dest="begins", type=moment, help="ISO 8601; now when left out")
    given = parser.parse_args(argv)
    if complaint := _complaint(given):
        parser.error(complaint)
    entry = _entry(given)
    _run(given, lambda database: rate_book.set_price(database, entry))
    print(f"{entry.kind} {entry.model}: from {entry.valid_from.isoformat()}, {_until(entry.valid_to)}.")
    return 0


def _complaint(given: argparse.Namespace) -> str:
    """What is wrong with the price as it was given, "" for nothing. A number that would be passed over is refused."""
    tokens = {name: getattr(given, name) is not None for name in ("input", "output", "cached_input", "cache_write")}
    if not given.name.strip() or not given.source.strip():
        return "the name and --source cannot be empty"
    if strange := next((each for each in (given.name, given.provider, given.source) if not _plain(each)), None):
        return f"{strange[:40]!r} is not one line of at most {MOST_CHARS} characters"
    if given.kind == "model":
        if given.call is not None:
            return "--call is for tools and connectors; a model is priced by its tokens"
        return "" if tokens["input"] and tokens["output"] else "a model needs --input and --output"
    if any(tokens.values()):
        return f"a {given.kind} is priced by --call alone"
    return "" if given.call is not None else f"a {given.kind} needs --call"


def _plain(text: str) -> bool:
    return text.isprintable() and len(text) <= MOST_CHARS


def _entry(given: argparse.Namespace) -> PricingEntry:
    into = given.input or 0
    return PricingEntry(
        id=new_id(),
        kind=given.kind,
        provider=given.provider,
        model=given.name.strip(),
        input_price=into,
        cached_input_price=into if given.cached_input is None else given.cached_input,
        cache_write_price=into if given.cache_write is None else given.cache_write,
        output_price=given.output or 0,
        call_price=given.call or 0,
        source=given.source.strip(),
        valid_from=given.begins or SystemClock().now(),
    )


def set_rate(argv: list[str]) -> int:
    """Set what a CT is worth and what is added to a cost. What is left out stays as it is in force at that time."""
    parser = _parser("set-rate", set_rate.__doc__)
    parser.add_argument("--scope", choices=rate_book.SCOPES, required=True)
    parser.add_argument("--ct-value", dest="ct_value_micro_eur", type=int, help="micro-EUR a CT")
    parser.add_argument("--buffer", dest="buffer_bp", type=_basis_points, help="percent, e.g. 10")
    parser.add_argument("--margin", dest="margin_bp", type=_basis_points, help="percent, e.g. 40")
    parser.add_argument("--fx", dest="eur_per_usd_ppm", type=_millionths, help="EUR a dollar, e.g. 0.92")
    parser.add_argument("--from", dest="begins", type=moment, help="ISO 8601, not in the past; now when left out")
    parser.add_argument("--note", default="")
    given = parser.parse_args(argv)
    chosen = {name: value for name in Rate.__slots__ if (value := getattr(given, name)) is not None}
    if not chosen:
        parser.error("give at least one of --ct-value, --buffer, --margin and --fx")
    if not _plain(given.note):
        parser.error(f"--note is one line of at most {MOST_CHARS} characters")
    row = _run(given, lambda database: _next_rate(database, given, chosen))
    print(_rate(row))
    return 0


async def _next_rate(database: Database, given: argparse.Namespace, chosen: dict[str, int]) -> CtRate:
    clock = SystemClock()
    async with database.read() as session:
        before = await rate_at(session, given.scope, given.begins or clock.now())
    rate = replace(before, **chosen)
    return await rate_book.set_rate(database, clock, given.scope, rate, valid_from=given.begins, note=given.note)


def rates(argv: list[str]) -> int:
    """List every version of every rate."""
    given = _parser("rates", rates.__doc__).parse_args(argv)
    rows = _run(given, rate_book.rates)
    for row in rows:
        print(_rate(row))
    if not rows:
        print(f"No rate was set; the built-in one holds: {DEFAULT_RATE}.")
    return 0


def _rate(row: CtRate) -> str:
    return (
        f"{row.scope} v{row.version}: 1 CT = {row.ct_value_micro_eur} micro-EUR, buffer {row.buffer_bp} bp, margin "
        f"{row.margin_bp} bp, {row.eur_per_usd_ppm} micro-EUR a dollar; from {row.valid_from.isoformat()}, "
        f"{_until(row.valid_to)}; {row.source} {row.note}".rstrip()
    )


def _until(end: datetime | None) -> str:
    return f"until {end.isoformat()}" if end else "until a later one"


def moment(given: str) -> datetime:
    """An argument as a moment in UTC, which it is in when it names no offset."""
    try:
        found = datetime.fromisoformat(given)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{given} is no date in ISO 8601, as 2026-11-20T09:00") from error
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError as error:
        raise argparse.ArgumentTypeError(f"{given} lies outside of the years 1 to 9999") from error


def _basis_points(given: str) -> int:
    return _whole(given, 100)


def _millionths(given: str) -> int:
    return _whole(given, 1_000_000)


def _whole(given: str, times: int) -> int:
    try:
        exact = Decimal(given) * times
    except (InvalidOperation, Overflow) as error:
        raise argparse.ArgumentTypeError(f"{given} is not a number") from error
    if not exact.is_finite() or exact.adjusted() > MOST_DIGITS:
        raise argparse.ArgumentTypeError(f"{given} is no number that can be used here")
    if exact != int(exact):
        raise argparse.ArgumentTypeError(f"{given} is finer than 1 of {times}")
    return int(exact)


def _parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """Without --data a price would quietly be written to another database than the server's."""
    parser = argparse.ArgumentParser(prog=f"python -m camarad billing {name}", description=description)
    parser.add_argument("--data", dest="camarad_data_dir", type=Path, help="folder for everything that is written")
    return parser


def _run(given: argparse.Namespace, work: Callable[[Database], Awaitable[T]]) -> T:
    overrides = {} if given.camarad_data_dir is None else {"camarad_data_dir": given.camarad_data_dir}

    async def act() -> T:
        async with opened(load_settings(**overrides)) as database:
            return await work(database)

    return asyncio.run(act())
