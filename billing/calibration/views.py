"""The parts of a proposal as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from billing.calibration.estimate import CONFIDENCE_BP, DAY_FLOOR_PPM, Estimate
from billing.calibration.evidence import Evidence
from billing.calibration.window import Window
from billing.rates import WHOLE_BP, Rate


def window_view(window: Window) -> dict[str, Any]:
    return {
        "hours": window.hours,
        "since": window.since.isoformat(),
        "until": window.until.isoformat(),
        "day_blocks": window.blocks,
    }


def estimate_view(found: Estimate | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "cost_ratio_ppm": found.ratio,
        "interval_95_ppm": list(found.interval),
        "upper_ppm": found.upper,
        "confidence_bp": CONFIDENCE_BP,
        "error_workspaces_ppm": found.workspace_error,
        "error_days_ppm": found.day_error,
        "day_floor_ppm": DAY_FLOOR_PPM,
        "drift_ppm": found.drift,
        "trend_ppm": found.trend,
    }


def evidence_view(evidence: Evidence, current: Rate, proposed_ct: Mapping[str, int]) -> dict[str, Any]:
    actual_ct = evidence.total("ct_actual")
    worth = actual_ct * current.ct_value_micro_eur
    return {
        "rows": evidence.total("rows"),
        "rows_with_tokens": evidence.total("with_tokens"),
        "rows_with_cost": evidence.total("with_cost"),
        "rows_estimated": evidence.total("estimated"),
        "lost_attempts": evidence.lost_calls,
        "workspaces": len({cell.workspace for cell in evidence.cells}),
        "recorded_cost_eur_micro": evidence.total("cost"),
        "actual_cost_eur_micro": evidence.cost,
        "invoice_ppm": evidence.invoice_ppm,
        "ct_actual": actual_ct,
        "ct_shadow": evidence.total("ct_shadow"),
        "ct_proposed": sum(proposed_ct.values()),
        "margin_of_debits_bp": (worth - evidence.cost) * WHOLE_BP // worth if worth else None,
        "cost_of_a_ct_eur_micro": evidence.cost // actual_ct if actual_ct else None,
    }
