"""A settled call priced with what is in force now: the flat tariff, its cost, and both rates."""

from __future__ import annotations

from datetime import datetime

from billing.call import Settlement
from billing.catalog import CATALOG, Catalog
from billing.coverage import Coverage
from billing.operation import Posting
from billing.stamp import Stamp, stamp
from billing.tariff import flat_ct
from camarad.ids import new_id
from camarad.models import UsageRow
from camarad.settings import Settings

TOKENS, CACHED, CACHE_WRITE, ESTIMATED, PRICED, FROM_CATALOG, CALLS, CALL_COST = (
    flag.value for flag in Coverage if flag is not Coverage.LATE
)


def posting(call: Settlement, catalog: Catalog, settings: Settings, now: datetime) -> Posting:
    """A call whose model nobody can price is debited by the flat tariff and has no shadow, for shadow-sync to find."""
    numbers = current(call, catalog, settings)
    quote = numbers.quote(call) if numbers else None
    return Posting(
        call=call,
        usage_id=new_id(),
        debit=flat_ct(call.tokens_in, call.tokens_out, settings),
        shadow=quote.shadow if quote else None,
        cost_micro_eur=quote.cost if quote else None,
        at=now,
        debit_cost=quote.debit if quote else None,
        billable_micro_eur=quote.billable if quote else None,
        stamp=numbers,
        coverage=coverage(call, numbers),
    )


def current(call: Settlement, catalog: Catalog, settings: Settings) -> Stamp | None:
    """The numbers in force for a call's model and for the tools it read, None when the model has no price."""
    price = catalog.price(call.model)
    if price is None:
        return None
    flat = settings.ct_per_1k_input_tokens, settings.ct_per_1k_output_tokens
    return stamp(price, catalog.rate, catalog.debit_rate, flat, catalog.call_prices(call.calls))


def coverage(call: Settlement | UsageRow, numbers: Stamp | None) -> int:
    """The bits of billing.coverage that are known when a call is priced."""
    known = (
        (TOKENS, call.tokens_in + call.tokens_out > 0),
        (CACHED, call.tokens_cached > 0),
        (CACHE_WRITE, call.tokens_cache_write > 0),
        (ESTIMATED, call.estimated),
        (PRICED, numbers is not None),
        (FROM_CATALOG, numbers is not None and numbers.price.source == CATALOG),
        (CALLS, bool(call.calls)),
        (CALL_COST, numbers is not None and numbers.calls_micro_usd(call.calls) > 0),
    )
    return sum([bit for bit, holds in known if holds])
