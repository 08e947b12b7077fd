"""Recorded calls for tests of calibration: written as usage rows with their stamps, not metered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from billing.price import Price
from billing.rates import DEFAULT_RATE
from billing.stamp import Stamp
from camarad.database import Database
from camarad.ids import new_id
from camarad.models import PriceStamp, PricingEntry, UsageRow, Workspace

PRICE = Price(input=2_000_000, cached_input=500_000, output=8_000_000, source="test")
FX = DEFAULT_RATE.eur_per_usd_ppm
MODEL = "test/steady"


@dataclass
class Traffic:
    """Rows to be written. `until` is the end of the window they are meant for."""

    until: datetime
    rows: list[dict[str, Any]] = field(default_factory=list)
    stamps: dict[str, Price] = field(default_factory=dict)

    def call(
        self, workspace: str, hours_ago: float, tokens_in: int = 1500, tokens_out: int = 300, **other: Any
    ) -> None:
        """A priced, stamped call at PRICE, unless told otherwise."""
        price: Price | None = other.pop("price", PRICE)
        model: str = other.pop("model", MODEL)
        cost = price.cost_micro_eur(tokens_in, 0, tokens_out, FX) if price else None
        if price:
            self.stamps[f"stamp-{model}"] = price
        row = {
            "id": new_id(),
            "workspace_id": workspace,
            "request_id": f"r-{len(self.rows)}",
            "agent": "ppc-specialist",
            "model": model,
            "status": "settled",
            "tokens_in": tokens_in,
            "tokens_cached": 0,
            "tokens_out": tokens_out,
            "estimated": False,
            "cost_micro_eur": cost,
            "ct_actual_debit": (tokens_in + 4 * tokens_out + 999) // 1000,
            "ct_shadow_debit": None if cost is None else DEFAULT_RATE.shadow_ct(cost),
            "phase": 2,
            "stamp": f"stamp-{model}" if price else None,
            "attempts": [{"model": model, "outcome": "answered"}],
            "duration_ms": 5,
            "at": self.until - timedelta(hours=hours_ago),
        }
        self.rows.append(row | other)

    async def write(self, database: Database) -> None:
        names = sorted({row["workspace_id"] for row in self.rows})
        async with database.write() as session:
            await session.execute(
                insert(Workspace), [{"id": n, "name": n, "created_at": self.until, "plan_code": "free"} for n in names]
            )
            for name, price in self.stamps.items():
                session.add(
                    PriceStamp(
                        id=name,
                        numbers=Stamp(price, DEFAULT_RATE, DEFAULT_RATE, (1, 4)).numbers(),
                        created_at=self.until,
                    )
                )
            await session.flush()
            await session.execute(insert(UsageRow), self.rows)


def steady(until: datetime, workspaces: int = 20, calls: int = 60, hours: int = 48, **other: Any) -> Traffic:
    """Every workspace makes as many calls, evenly over the hours; some larger, some smaller."""
    traffic = Traffic(until)
    for number in range(workspaces):
        for call in range(calls):
            ago = (call + 0.5) * hours / calls
            traffic.call(f"w-{number:03}", ago, tokens_in=900 + 40 * ((number * 7 + call * 3) % 60), **other)
    return traffic


async def catalogue(database: Database, price: Price, valid_from: datetime, model: str = MODEL) -> None:
    """A price as an operator would enter it."""
    async with database.write() as session:
        session.add(
            PricingEntry(
                id=new_id(),
                kind="model",
                model=model,
                input_price=price.input,
                cached_input_price=price.cached_input,
                cache_write_price=price.input,
                output_price=price.output,
                source="operator",
                valid_from=valid_from,
                valid_to=None,
            )
        )


def dearer(percent: int, price: Price = PRICE) -> Price:
    grown = (value * (100 + percent) // 100 for value in (price.input, price.cached_input, price.output))
    return Price(*grown, source="test")
