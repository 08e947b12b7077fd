"""Wasted spend: the sum, its share, the terms behind it."""

from __future__ import annotations

from agents.embedded.answers.figures import Figures, of_counted
from agents.embedded.answers.sources import period_line
from agents.embedded.answers.view import View, is_number

MOST = 5


def wasted(view: View, figures: Figures) -> str:
    lines = [f"**{_title(view, figures)}.** {_sum(view, figures)}"]
    rows = sorted((r for r in view.rows if is_number(r.get("cost"))), key=lambda r: -float(r["cost"]))
    lines += [_term(view, row, figures) for row in rows[:MOST]]
    rest = view.truncated + max(0, len(rows) - MOST)
    if rest > 0 and view.truncated == 0:
        lines.append(f"({rest} more in the table.)" if figures.language == "en" else f"(Încă {rest} în tabel.)")
    idle = [n for n in view.notes if n[:1] in "“„" and ("without a conversion" in n or "fără nicio conversie" in n)]
    if idle:
        heading = "Campaigns without a conversion:" if figures.language == "en" else "Campanii fără nicio conversie:"
        lines += [heading, *(f"- {figures.restyle(n)}" for n in idle)]
    return "\n".join(lines)


def _title(view: View, figures: Figures) -> str:
    name = "Wasted spend" if figures.language == "en" else "Bani irosiți"
    when = period_line(view, figures)
    return f"{name}, {when}" if when else name


def _sum(view: View, figures: Figures) -> str:
    cost, terms = view.totals.get("cost"), view.totals.get("wasted_terms")
    if not view.rows:
        return (figures.restyle(view.notes[0]) if view.notes else "") or (
            "No search term cost money without converting."
            if figures.language == "en"
            else "Niciun termen de căutare nu a costat bani fără să convertească."
        )
    if not is_number(cost):
        return (
            "These cost money and brought no conversion:"
            if figures.language == "en"
            else "Acestea au costat bani fără să aducă vreo conversie:"
        )
    count = terms if is_number(terms) else len(view.rows) + view.truncated
    text = _sentence(count, figures.show(cost, "money"), figures)
    share, spend = view.totals.get("share_of_spend"), view.totals.get("account_cost")
    if is_number(share):
        text += _share(
            figures.show(share, "percent"), figures.show(spend, "money") if is_number(spend) else "", figures
        )
    before = view.before.get("cost")
    if is_number(before):
        text += (
            f" (against {figures.show(before, 'money')} before)"
            if figures.language == "en"
            else f" (față de {figures.show(before, 'money')} înainte)"
        )
    return text + "."


def _sentence(count: float, cost: str, figures: Figures) -> str:
    if figures.language == "en":
        return (
            f"{figures.show(count)} search {'term' if count == 1 else 'terms'} cost {cost} without a single conversion"
        )
    noun = "termen de căutare a costat" if count == 1 else "termeni de căutare au costat"
    return f"{figures.show(count)}{of_counted(count)}{noun} {cost} fără nicio conversie"


def _share(share: str, spend: str, figures: Figures) -> str:
    if figures.language == "en":
        return f", {share} of {f'the {spend} spent' if spend else 'the spend'}"
    return f", adică {share} din {f'cei {spend} cheltuiți' if spend else 'cheltuială'}"


def _term(view: View, row: dict[str, object], figures: Figures) -> str:
    key = next((f.name for f in view.keys), "search_term")
    marks = "“{}”" if figures.language == "en" else "„{}”"
    parts = [figures.show(row["cost"], "money")]
    if is_number(row.get("clicks")):
        clicks = row["clicks"]
        noun = (
            ("click" if clicks == 1 else "clicks")
            if figures.language == "en"
            else ("clic" if clicks == 1 else "clicuri")
        )
        link = of_counted(clicks) if figures.language == "ro" else " "
        parts.append(f"{figures.show(clicks)}{link}{noun}")
    if is_number(row.get("share_of_spend")):
        parts.append(
            f"{figures.show(row['share_of_spend'], 'percent')} "
            f"{'of the spend' if figures.language == 'en' else 'din cheltuială'}"
        )
    where = (
        f" ({'campaign' if figures.language == 'en' else 'campania'} {row['campaign']})"
        if row.get("campaign") and key != "campaign"
        else ""
    )
    return f"- **{marks.format(row.get(key))}**: {', '.join(parts)}{where}"
