"""The figures of a group of calls, as counted from usage rows; rollups hold the same under the same names."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, case, func

from billing.coverage import NAMES
from billing.rates import DEFAULT_RATE, WHOLE_BP
from camarad.models import UsageRollup, UsageRow

USAGE: Final = "usage"  # the id of the one watermark
DIMS: Final = {"agent": UsageRow.agent, "model": UsageRow.model, "workspace_id": UsageRow.workspace_id}
METRICS: Final = {
    "ct_actual": UsageRow.ct_actual_debit,
    "ct_shadow": UsageRow.ct_shadow_debit,
    "cost": UsageRow.cost_micro_eur,
}
SPREAD: Final = ("agent", "model")  # the dims whose calls are counted by value too


def _count(condition: Any) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _sum(column: Any) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0)


def _billable() -> ColumnElement[int]:
    """By the row's own rate; by the built-in one for a row from before rates were kept with rows."""
    up, down = WHOLE_BP + DEFAULT_RATE.buffer_bp, WHOLE_BP - DEFAULT_RATE.margin_bp
    return func.coalesce(UsageRow.billable_micro_eur, (UsageRow.cost_micro_eur * up + (down - 1)) // down)


FIGURES: Final[dict[str, ColumnElement[int]]] = {
    "rows": func.count(),
    "rows_with_tokens": _count(UsageRow.tokens_in + UsageRow.tokens_out > 0),
    "rows_with_cost": func.count(UsageRow.cost_micro_eur),
    "rows_estimated": _count(UsageRow.estimated),
    "tokens_in": _sum(UsageRow.tokens_in),
    "tokens_cached": _sum(UsageRow.tokens_cached),
    "tokens_cache_write": _sum(UsageRow.tokens_cache_write),
    "tokens_out": _sum(UsageRow.tokens_out),
    "cost_eur_micro": _sum(UsageRow.cost_micro_eur),
    "billable_eur_micro": _sum(_billable()),
    "ct_actual": _sum(UsageRow.ct_actual_debit),
    "ct_shadow": _sum(UsageRow.ct_shadow_debit),
    "phase3_rows": _count(UsageRow.phase == 3),
    "phase3_ct": _sum(case((UsageRow.phase == 3, UsageRow.ct_actual_debit))),
    **{f"flag_{name}": _count(UsageRow.coverage.op("&")(int(flag)) != 0) for name, flag in NAMES.items()},
}
NAMES_OF_FIGURES: Final = tuple(FIGURES)
ROLLED: Final = tuple(func.sum(getattr(UsageRollup, name)) for name in FIGURES)
