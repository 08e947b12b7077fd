"""Rows as a short ranked list: which rows, by which metric, and what is told of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agents.embedded.answers.figures import Figures, of_counted
from agents.embedded.answers.view import Field, View, is_number
from agents.embedded.answers.vocabulary import called, concept_of, goodness, is_plural, label_in, singular
from agents.embedded.arguments import numbers
from agents.embedded.lexicon import in_order
from agents.embedded.text import tidy

_PREFERRED = (
    "cost",
    "sessions",
    "screenPageViews",
    "activeUsers",
    "eventCount",
    "spent",
    "users",
    "conversions",
    "clicks",
)
_QUIET = ("status", "state", "type", "match_type")  # told by the table, not worth a line of text
_WORST = re.compile(
    r"\b(?:worst|lowest|low|weak\w*|poor\w*|least|underperform\w*|bottom|slab\w*|pro(?:st|ast)\w*|mai "
    r"putin\w*|mai mic\w*|scor\w* (?:\w+ ){0,2}?(?:mic|scazut|slab)|should (?:i|we) (?:pause|stop|cut|drop)|"
    r"sa (?:opresc|oprim|tai|taiem)|neperformant\w*|cele mai proaste)\b"
)
_MONEY_LOST = re.compile(r"\b(?:lost|lose|losing|pierdut|pierd|pierde) (?:\w+ ){0,2}?(?:money|bani|banii|cash)\b")
_JUDGED = re.compile(
    r"\b(?:worst|weak\w*|poor\w*|underperform\w*|slab\w*|pro(?:st|ast)\w*|neperformant\w*|best|strongest|bun[ae]?|"
    r"should (?:i|we)|sa (?:opresc|oprim|tai|taiem))\b"
)
_CHEAP = re.compile(r"\b(?:cheap\w*|least expensive|ieftin\w*)\b")
_DEAR = re.compile(r"\b(?:expensive|dear\w*|pric(?:y|ier|iest)|costli\w*|scump\w*)\b")
_FELL = re.compile(r"\b(?:lost|lose|losing|fell|dropp\w*|declin\w*|decreas\w*|pierdut|pierde?|scazut|scad)\b")
_ROSE = re.compile(r"\b(?:gained|grew|grow\w*|rose|increas\w*|crescut|castigat|cresc)\b")
_BEST = re.compile(r"\b(?:best|top|highest|most|strongest|bun\w*|bine|mai mult\w*|mai mare|mari)\b")


@dataclass(frozen=True, slots=True)
class Order:
    field: Field
    largest_first: bool
    asked: bool  # the person asked for this order, so it is worth naming
    moved: bool = False  # by the change since the other period, not by the size


def ordering(view: View, question: str) -> Order | None:
    """By the metric the question names, best or worst as it asks; else by the result's main metric, largest first."""
    metrics = [f for f in view.metrics if any(is_number(r.get(f.name)) for r in view.rows)]
    if not metrics:
        return None
    asked = next((f for c in in_order(question) for f in metrics if concept_of(f.name) == c), None)
    main = asked or next((f for n in _PREFERRED for f in metrics if f.name == n), metrics[0])
    folded = tidy(question)
    moving = bool(_FELL.search(folded) or _ROSE.search(folded))
    if moving and not _compared(view, main):
        main = next((f for f in metrics if _compared(view, f)), main)
    if _MONEY_LOST.search(folded):
        return Order(_worth(view, metrics) or main, False, True)
    if asked is None and _JUDGED.search(folded) and (worth := _worth(view, metrics)):
        bad = bool(_WORST.search(folded))
        return Order(worth, (goodness(worth.name) < 0) == bad, True)
    if moving and _compared(view, main):
        return Order(main, not _FELL.search(folded), True, moved=True)
    if _CHEAP.search(folded) or _DEAR.search(folded):
        if "conversions" in in_order(question):  # a dear conversion is dear by the piece
            main = next((f for f in metrics if f.name == "cpa"), main)
        return Order(main, not _CHEAP.search(folded), True)
    if _WORST.search(folded):
        return Order(main, goodness(main.name) < 0, True)
    if _BEST.search(folded):
        return Order(main, goodness(main.name) >= 0 or "highest" in folded or "most" in folded, True)
    return Order(main, True, asked is not None)


def _compared(view: View, metric: Field) -> bool:
    return any(is_number(row.get(f"{metric.name}_previous")) for row in view.rows)


def _worth(view: View, metrics: Sequence[Field]) -> Field | None:
    """What says how good a row of advertising is: what it returned, else what a result cost; never its size."""
    named = {f.name: f for f in metrics}
    returned = named.get("roas")
    if returned is not None and any(row.get("roas") for row in view.rows):
        return returned
    return named.get("cpa")


def ranked(view: View, order: Order) -> list[dict[str, Any]]:
    rows = [r for r in view.rows if is_number(r.get(order.field.name))]
    if order.moved:
        moved = [r for r in rows if _moved_that_way(r, order)] or rows
        return sorted(moved, key=lambda r: _step(r, order.field.name), reverse=order.largest_first)
    if order.field.name == "cpa":  # money without a single conversion is the dearest of all
        idle = [r for r in view.rows if r.get("cost") and not r.get("conversions") and r not in rows]
        idle.sort(key=lambda r: -float(r["cost"]))
        rest = sorted(rows, key=lambda r: float(r["cpa"]), reverse=order.largest_first)
        return [*idle, *rest] if order.largest_first else [*rest, *idle]
    return sorted(rows, key=lambda r: float(r[order.field.name]), reverse=order.largest_first)


def _step(row: dict[str, Any], name: str) -> float:
    before = row.get(f"{name}_previous")
    return float(row[name]) - float(before if is_number(before) else 0)


def bullets(view: View, question: str, figures: Figures, most: int = 4) -> list[str]:
    """The rows that answer, as list items; a date series keeps its order and is left to the chart."""
    if not view.rows or not view.keys or _is_series(view) or _mixes_metrics(view):
        return []
    order = ordering(view, question)
    rows = ranked(view, order) if order else list(view.rows)
    wanted = numbers.limit(question) or most
    shown = rows[: max(1, min(wanted, 15))]
    first = order.field if order else None
    return [f"- {_told(view, row, first, figures)}" for row in shown]


def _mixes_metrics(view: View) -> bool:
    """Rows of different units (a `metric` column) cannot be ranked; the tool's findings tell them."""
    return bool(view.notes) and any(f.name == "metric" for f in view.keys)


def _is_series(view: View) -> bool:
    return bool(view.keys) and view.keys[0].kind == "date" and view.keys[0].name == "date" and len(view.keys) == 1


def name_of(view: View, row: dict[str, Any], figures: Figures) -> str:
    keys = [k for k in view.keys if row.get(k.name) not in (None, "") and k.name not in _QUIET]
    if not keys:
        return ""
    head = figures.show(row[keys[0].name], keys[0].kind)
    rest = [
        f"{label_in(k.label, figures.language)} {figures.show(row[k.name], k.kind)}"
        for k in keys[1:3]
        if row[k.name] != row[keys[0].name]
    ]
    return f"**{head}**" + (f" ({', '.join(rest)})" if rest else "")


def _told(view: View, row: dict[str, Any], first: Field | None, figures: Figures) -> str:
    metrics = [f for f in view.metrics if is_number(row.get(f.name))]
    ordered = sorted(metrics, key=lambda f: (f is not first, _interest(f), metrics.index(f)))
    parts = [cell(view, row, f, figures) for f in ordered[:4]]
    name = name_of(view, row, figures)
    return f"{name}: {', '.join(parts)}" if name and parts else name or ", ".join(parts)


def _interest(field: Field) -> int:
    order = (
        "cost",
        "conversions",
        "cpa",
        "roas",
        "sessions",
        "engagementRate",
        "keyEvents",
        "totalRevenue",
        "screenPageViews",
    )
    return order.index(field.name) if field.name in order else len(order)


def cell(view: View, row: dict[str, Any], field: Field, figures: Figures) -> str:
    shown = told_alone(field.name, field.label, field.kind, row[field.name], figures)
    step = row.get(f"{field.name}_change")
    if is_number(step) and not step:
        return f"{shown} ({'unchanged' if figures.language == 'en' else 'neschimbat'})"
    return f"{shown} ({figures.change(step)})" if is_number(step) else shown


def told_alone(name: str, label: str, kind: str, value: Any, figures: Figures) -> str:
    """`12 conversions`, `cost £640.00`."""
    what, shown = called(name, label, figures.language), figures.show(value, kind)
    if not (is_plural(name) and kind in ("integer", "number")):
        return f"{what} {shown}"
    link = of_counted(value) if figures.language == "ro" else " "
    return f"{shown}{link}{singular(name, value, what, figures.language)}"


def order_line(view: View, order: Order, language: str) -> str:
    what = called(order.field.name, order.field.label, language)
    if order.moved:
        return _moved_line(order, what, any(_moved_that_way(row, order) for row in view.rows), language)
    if language == "en":
        return f"{'Highest' if order.largest_first else 'Lowest'} {what} first:"
    return f"După {what}, {'de la mare la mic' if order.largest_first else 'de la mic la mare'}:"


def _moved_that_way(row: dict[str, Any], order: Order) -> bool:
    if not is_number(row.get(order.field.name)):
        return False
    step = _step(row, order.field.name)
    return step > 0 if order.largest_first else step < 0


def _moved_line(order: Order, what: str, any_did: bool, language: str) -> str:
    """A question for what fell, where nothing did, is told so and not given the smallest gains as losses."""
    if language == "en":
        way, other, verb = ("gain", "loss", "rose") if order.largest_first else ("loss", "gain", "fell")
        if any_did:
            return f"Largest {way} in {what} first:"
        return f"None of these {verb} in {what}; smallest {other} first:"
    way, other, verb = ("creștere", "scădere", "crescut") if order.largest_first else ("scădere", "creștere", "scăzut")
    if any_did:
        return f"Cea mai mare {way} la {what} întâi:"
    return f"Niciun rând de mai jos nu a {verb} la {what}; cea mai mică {other} întâi:"


def movers(view: View, name: str, figures: Figures, most: int = 2) -> list[str]:
    """The rows whose change in a metric is largest in absolute terms."""
    moved: list[tuple[float, dict[str, Any]]] = []
    for row in view.rows:
        now, before = row.get(name), row.get(f"{name}_previous")
        if is_number(now) and is_number(before):
            moved.append((abs(float(now) - float(before)), row))
    moved.sort(key=lambda pair: -pair[0])
    return [_moved(view, row, name, figures) for step, row in moved[:most] if step]


def _moved(view: View, row: dict[str, Any], name: str, figures: Figures) -> str:
    kind, label = view.kind(name), called(name, view.label(name), figures.language)
    against = "against" if figures.language == "en" else "față de"
    step = figures.change(row.get(f"{name}_change"))
    tail = f" ({step})" if step else ""
    now, before = figures.show(row[name], kind), figures.show(row[f"{name}_previous"], kind)
    return f"- {name_of(view, row, figures)}: {label} {now} {against} {before}{tail}"


def names(rows: Sequence[dict[str, Any]], key: str, most: int = 3) -> list[str]:
    return [str(r[key]) for r in rows if r.get(key)][:most]
