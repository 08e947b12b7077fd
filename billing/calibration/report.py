"""Proposals and rates as Markdown: what the command prints, and what a rehearsal's report is made of."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

Row = Sequence[object]
NOTHING = "–"


def table(head: Row, rows: Sequence[Row]) -> str:
    """A Markdown table; figures are put to the right."""
    rule = ["---:" if rows and all(_is_figure(row[n]) for row in rows) else "---" for n in range(len(head))]
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in (head, rule, *rows))


def _is_figure(cell: object) -> bool:
    text = str(cell)
    return text == NOTHING or text[:1].isdigit() or (text[:1] in {"-", "+"} and text[1:2].isdigit())


def euro(micro: int | None, places: int = 2) -> str:
    return NOTHING if micro is None else f"{Decimal(micro) / 1_000_000:,.{places}f} EUR"


def percent(parts: int | None, of: int = 10_000, places: int = 2) -> str:
    return NOTHING if parts is None else f"{Decimal(parts) * 100 / of:,.{places}f} %"


def rate_text(rate: dict[str, Any]) -> str:
    return (
        f"{rate['scope']} rate, version {rate['version']}: 1 CT = {euro(rate['ct_value_micro_eur'], 6)}, "
        f"buffer {percent(rate['buffer_bp'])}, margin {percent(rate['margin_bp'])}"
        f", {Decimal(rate['eur_per_usd_ppm']) / 1_000_000:.4f} EUR a dollar"
    )


def proposal_text(said: dict[str, Any]) -> str:
    """A whole proposal."""
    parts = [f"Proposal `{said['id']}`", _window(said)]
    if said["estimate"] is None:
        parts.append("No call of this window had a price, so there is nothing to estimate.")
    else:
        parts += [_rates(said), estimate_text(said["estimate"])]
    parts += [guards_text(said["guards"]), *effects_text(said["effect"])]
    return "\n\n".join([*parts, _verdict(said)])


def _window(said: dict[str, Any]) -> str:
    window, evidence = said["window"], said["evidence"]
    return (
        f"{window['hours']} hours from {window['since']} to {window['until']}: "
        f"{evidence['rows_with_cost']:,} priced calls of {evidence['workspaces']:,} workspaces, recorded at "
        f"{euro(evidence['recorded_cost_eur_micro'], 4)}, now known to cost "
        f"{euro(evidence['actual_cost_eur_micro'], 4)} ({evidence['lost_attempts']:,} lost attempts). "
        f"Debited were {evidence['ct_actual']:,} CT; the shadow says {evidence['ct_shadow']:,}, the proposal "
        f"{evidence['ct_proposed']:,}."
    )


def _rates(said: dict[str, Any]) -> str:
    current, proposed = said["current"], said["proposed"]
    rows = [
        ("value of a CT", euro(current["ct_value_micro_eur"], 6), euro(proposed["ct_value_micro_eur"], 6)),
        ("buffer", percent(current["buffer_bp"]), percent(proposed["buffer_bp"])),
        ("margin", percent(current["margin_bp"]), percent(proposed["margin_bp"])),
    ]
    return table(("", f"in force ({current['scope']}, version {current['version']})", "proposed"), rows)


def estimate_text(found: dict[str, Any]) -> str:
    low, high = found["interval_95_ppm"]

    def points(ppm: int) -> str:
        return percent(ppm, 1_000_000, 3)

    rows = [
        ("actual / recorded cost", points(found["cost_ratio_ppm"])),
        ("95 % interval, by workspaces", f"{points(low)} to {points(high)}"),
        ("standard error, workspaces", points(found["error_workspaces_ppm"])),
        ("standard error, days", points(found["error_days_ppm"])),
        ("later half less earlier half", points(found["drift_ppm"])),
        ("added for a rise", points(found["trend_ppm"])),
        (f"bound on the next such window, {percent(found['confidence_bp'], places=0)}", points(found["upper_ppm"])),
    ]
    return table(("estimate", "of the recorded cost"), rows)


def guards_text(guards: Sequence[dict[str, Any]]) -> str:
    rows = [
        (
            guard["name"],
            f"{guard['value']:,}",
            f"{'≥' if 'at_least' in guard else '≤'} {guard.get('at_least', guard.get('at_most')):,}",
            "yes" if guard["ok"] else "**no**",
        )
        for guard in guards
    ]
    return table(("guard", "value", "bound", "holds"), rows)


def effects_text(effects: dict[str, Any]) -> list[str]:
    names = (("as_debited", "as it was debited"), ("as_proposed", "as proposed"))
    return [f"Plans, {words}:\n\n{plans_text(effects[name])}" for name, words in names if effects.get(name) is not None]


def plans_text(plans: Sequence[dict[str, Any]]) -> str:
    head = ("plan", "net price", "CT", "workspaces", "expected margin", "P5", "at full use", "break-even use")
    rows = [
        (
            plan["plan"],
            euro(plan["net_eur_micro"]),
            f"{plan['ct_included']:,}",
            f"{plan['workspaces']:,} ({plan['basis']})",
            percent(plan["expected_margin_bp"]),
            percent(plan["p5_margin_bp"]),
            percent(plan["full_use_margin_bp"]),
            percent(plan["break_even_use_bp"], places=0),
        )
        for plan in plans
    ]
    return table(head, rows)


def _verdict(said: dict[str, Any]) -> str:
    if said["applicable"]:
        return f"It can be applied: `python -m camarad billing calibrate --apply {said['id']}`"
    return "It cannot be applied:\n\n" + "\n".join(f"- {reason}" for reason in said["reasons"])
