"""A rehearsal's report in Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.simulation.rehearsal import LATE_RISE_PERCENT, SHADOW_HOURS, START, Rehearsal
from billing.calibration.report import euro, percent, proposal_text, rate_text, table

BEGIN, END = "<!-- rehearsal: written by `billing simulate --report` -->", "<!-- end of the rehearsal -->"


def report(found: Rehearsal) -> str:
    parts = [_traffic(found), _telemetry(found), _proposal(found), _shadow(found), _books(found)]
    return "\n\n".join(parts) + "\n"


def write(path: Path, text: str) -> None:
    """Into the place between its marks, where the file has them; else as the whole file."""
    before = path.read_text() if path.exists() else ""
    if BEGIN in before and END in before:
        head, tail = before.split(BEGIN)[0], before.split(END)[1]
        text = f"{head}{BEGIN}\n\n{text}\n{END}{tail}"
    path.write_text(text)


def _traffic(found: Rehearsal) -> str:
    plan, sizes = found.plan, Counter(t.size for t in found.tenants)
    models = ",".join(plan.models)
    begun = f" --start {plan.start.isoformat()}" if plan.start != START else ""
    command = (
        f"python -m camarad billing simulate --hours {plan.hours} --workspaces {plan.workspaces} "
        f"--seed {plan.seed} --models {models}{begun}"
    )
    mix = ", ".join(f"{count} {size}" for size, count in sorted(sizes.items()))
    return f"""### Traffic

`{command}`

{plan.workspaces} workspaces ({mix}) over {plan.hours} hours of the simulated clock, through the model door and its
meter; the embedded model answers, priced as {" and ".join(plan.models)}.

{_ends(found.ends)}"""


def _ends(ends: Counter[str]) -> str:
    return table(("a call ended", "calls"), [(name, f"{count:,}") for name, count in sorted(ends.items())])


def _telemetry(found: Rehearsal) -> str:
    said = found.telemetry
    return f"""### Telemetry

{_groups(said["by_model"], "model")}

{_groups(said["by_agent"], "agent")}

{found.correction}: entered late, the {LATE_RISE_PERCENT} % are in no recorded cost."""


def _groups(rows: Sequence[dict[str, Any]], name: str) -> str:
    cells = [
        (
            row[name],
            f"{row['rows']:,}",
            f"{row['tokens_in']:,}",
            f"{row['tokens_out']:,}",
            euro(row["cost_eur_micro"], 4),
            f"{row['ct_actual']:,}",
            f"{row['ct_shadow']:,}",
        )
        for row in rows
    ]
    return table((name, "calls", "tokens in", "tokens out", "cost", "CT debited", "CT shadow"), cells)


def _proposal(found: Rehearsal) -> str:
    return f"### Proposal\n\n{proposal_text(found.proposal)}"


def _shadow(found: Rehearsal) -> str:
    if found.applied is None:
        return "### In the shadow\n\nNothing was applied."
    checked = found.checked or {}
    rows = [(name, value if isinstance(value, str) else _figure(name, value)) for name, value in checked.items()]
    promoted = f"Promoted: {rate_text(found.promoted)}." if found.promoted else "Not promoted."
    return f"""### In the shadow

Applied: {rate_text(found.applied)}. Then {SHADOW_HOURS} more hours:

{_ends(found.shadow_ends)}

The check:

{table(("figure", "value"), rows)}

{promoted}"""


def _figure(name: str, value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {True: "yes", False: "no", None: "–"}[value]
    if name.endswith("_bp"):
        return percent(value)
    return euro(value, 4) if name.endswith("_eur_micro") else f"{value:,}"


def _books(found: Rehearsal) -> str:
    audit = "without a finding" if not found.findings else "with findings: " + "; ".join(found.findings)
    return f"### Books\n\nThe audit of wallets, holds, ledger and usage rows ended {audit}."
