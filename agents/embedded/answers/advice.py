"""What to do next, by role: proposals that follow from rows of the results, each naming the row and its number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from agents.embedded.answers.figures import Figures
from agents.embedded.answers.view import View, is_number

Step = Callable[[View, Figures], str]
MOST = 3
DEAR, CHEAP = 1.4, 0.75


def next_steps(views: Sequence[View], figures: Figures) -> list[str]:
    """At most three, the ones about wasted money first."""
    found: list[str] = []
    for rule in (
        _negatives,
        _no_conversions,
        _dear_campaign,
        _lost_to_budget,
        _cheap_campaign,
        _pacing,
        _weak_page,
        _fallen_page,
        _best_page,
        _funnel,
    ):
        for view in views:
            text = rule(view, figures)
            if text and text not in found:
                found.append(text)
                break
    return found[:MOST]


def _say(figures: Figures, en: str, ro: str, **values: str) -> str:
    return (en if figures.language == "en" else ro).format(**values)


def _quoted(items: Iterable[Any], figures: Figures) -> str:
    marks = ("“", "”") if figures.language == "en" else ("„", "”")
    return ", ".join(f"{marks[0]}{item}{marks[1]}" for item in items)


def is_waste(view: View) -> bool:
    return "wast" in view.tool or "share_of_spend" in view.totals or ("wast" in view.title.lower())


def _negatives(view: View, figures: Figures) -> str:
    terms = [r["search_term"] for r in view.rows if r.get("search_term") and r.get("conversions", 1) == 0]
    if not terms:
        return ""
    return _say(
        figures,
        "Add negative keywords for the terms that never fit what you sell, starting with "
        "{terms}; check first that they are not new.",
        "Adăugați cuvinte cheie negative pentru termenii care nu se potrivesc cu oferta, "
        "începând cu {terms}; verificați întâi că nu sunt noi.",
        terms=_quoted(terms[:3], figures),
    )


def _campaigns(view: View) -> list[dict[str, Any]]:
    return [
        r
        for r in view.rows
        if r.get("campaign") and is_number(r.get("cost")) and "search_term" not in r and "keyword" not in r
    ]


def _no_conversions(view: View, figures: Figures) -> str:
    idle = [r for r in _campaigns(view) if r["cost"] > 0 and r.get("conversions") == 0]
    if not idle:
        return ""
    worst = max(idle, key=lambda r: r["cost"])
    return _say(
        figures,
        "Cut the budget of {name} or pause it: {cost} without a conversion.",
        "Reduceți bugetul campaniei {name} sau puneți-o pe pauză: {cost} fără nicio conversie.",
        name=_quoted([worst["campaign"]], figures),
        cost=figures.show(worst["cost"], "money"),
    )


def _by_cpa(view: View) -> tuple[list[dict[str, Any]], float | None]:
    rows = [r for r in _campaigns(view) if is_number(r.get("cpa"))]
    whole = view.totals.get("cpa")
    return rows, float(whole) if is_number(whole) else None


def _dear_campaign(view: View, figures: Figures) -> str:
    rows, whole = _by_cpa(view)
    dear = [r for r in rows if whole and r["cpa"] >= DEAR * whole]
    if not dear or whole is None:
        return ""
    worst = max(dear, key=lambda r: r["cost"])
    return _say(
        figures,
        "Lower bids or the target in {name}: {cpa} per conversion against {whole} for the account.",
        "Scădeți licitările sau ținta în {name}: {cpa} pe conversie, față de {whole} pe tot contul.",
        name=_quoted([worst["campaign"]], figures),
        cpa=figures.show(worst["cpa"], "money"),
        whole=figures.show(whole, "money"),
    )


def _cheap_campaign(view: View, figures: Figures) -> str:
    rows, whole = _by_cpa(view)
    cheap = [r for r in rows if whole and 0 < r["cpa"] <= CHEAP * whole]
    if not cheap or whole is None or len(rows) < 2:
        return ""
    best = max(cheap, key=lambda r: r.get("conversions") or 0)
    return _say(
        figures,
        "Move the freed budget to {name}, which converts at {cpa} against {whole} for the account.",
        "Mutați bugetul eliberat către {name}, care convertește la {cpa}, față de {whole} pe tot contul.",
        name=_quoted([best["campaign"]], figures),
        cpa=figures.show(best["cpa"], "money"),
        whole=figures.show(whole, "money"),
    )


def _lost_to_budget(view: View, figures: Figures) -> str:
    column = next((f.name for f in view.fields if "lost" in f.name and "budget" in f.name), None)
    rows = [r for r in view.rows if column and is_number(r.get(column)) and r[column] >= 0.1 and r.get("campaign")]
    if not rows or column is None:
        return ""
    worst = max(rows, key=lambda r: r[column])
    return _say(
        figures,
        "If {name} pays off, raise its budget: it loses {share} of its impressions to budget.",
        "Dacă {name} este rentabilă, măriți-i bugetul: pierde {share} din afișări din cauza bugetului.",
        name=_quoted([worst["campaign"]], figures),
        share=figures.show(worst[column], "percent"),
    )


def _pacing(view: View, figures: Figures) -> str:
    rows = [r for r in view.rows if is_number(r.get("projected_share")) and r.get("campaign")]
    over = [r for r in rows if r["projected_share"] > 1.05]
    if not over:
        return ""
    worst = max(over, key=lambda r: r["projected_share"])
    return _say(
        figures,
        "Decide now about {name}: at this pace it ends the month at {share} of its budget.",
        "Decideți acum pentru {name}: în acest ritm încheie luna la {share} din buget.",
        name=_quoted([worst["campaign"]], figures),
        share=figures.show(worst["projected_share"], "percent"),
    )


def _page_of(row: dict[str, Any]) -> Any:
    return row.get("landingPage") or row.get("landing_page") or row.get("pagePath") or row.get("page")


def _weak_page(view: View, figures: Figures) -> str:
    rows = [r for r in view.rows if _page_of(r) and is_number(r.get("engagementRate")) and is_number(r.get("sessions"))]
    whole = view.totals.get("engagementRate")
    floor = max((r["sessions"] for r in rows), default=0) * 0.05
    weak = [r for r in rows if is_number(whole) and r["engagementRate"] < 0.85 * whole and r["sessions"] >= floor]
    if not weak:
        return ""
    worst = max(weak, key=lambda r: r["sessions"])
    return _say(
        figures,
        "Rework the opening and the promise of {page}: {rate} of its sessions engage, against {whole} overall.",
        "Rescrieți începutul și promisiunea paginii {page}: {rate} din sesiuni implică "
        "vizitatorul, față de {whole} în total.",
        page=_quoted([_page_of(worst)], figures),
        rate=figures.show(worst["engagementRate"], "percent"),
        whole=figures.show(whole, "percent"),
    )


def _fallen_page(view: View, figures: Figures) -> str:
    metric = next(
        (m for m in ("sessions", "screenPageViews") if any(is_number(r.get(f"{m}_previous")) for r in view.rows)), None
    )
    rows = [
        r
        for r in view.rows
        if metric and _page_of(r) and is_number(r.get(f"{metric}_previous")) and is_number(r.get(metric))
    ]
    if metric is None:
        return ""
    fallen = [r for r in rows if r[metric] < 0.9 * r[f"{metric}_previous"]]
    if not fallen:
        return ""
    worst = max(fallen, key=lambda r: float(r[f"{metric}_previous"] - r[metric]))
    return _say(
        figures,
        "Refresh {page}, the page that lost most: {now} against {before}.",
        "Actualizați {page}, pagina care a pierdut cel mai mult: {now} față de {before}.",
        page=_quoted([_page_of(worst)], figures),
        now=figures.show(worst[metric]),
        before=figures.show(worst[f"{metric}_previous"]),
    )


def _best_page(view: View, figures: Figures) -> str:
    rows = [r for r in view.rows if _page_of(r) and is_number(r.get("keyEvents")) and r["keyEvents"] > 0]
    if len(rows) < 2:
        return ""
    best = max(rows, key=lambda r: r["keyEvents"])
    return _say(
        figures,
        "Link to {page} from other pages and write more on its topic: it brings the most key events, {count}.",
        "Trimiteți linkuri interne către {page} și scrieți mai mult pe tema ei: aduce cele "
        "mai multe evenimente cheie, {count}.",
        page=_quoted([_page_of(best)], figures),
        count=figures.show(best["keyEvents"]),
    )


def _funnel(view: View, figures: Figures) -> str:
    if "funnel" not in view.tool:
        return ""
    return _say(
        figures,
        "Look first at the step with the largest loss: speed, form errors and hidden costs there.",
        "Uitați-vă întâi la pasul cu cea mai mare pierdere: viteză, erori de formular și costuri ascunse.",
    )
