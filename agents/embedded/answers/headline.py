"""The first sentences: the main totals, how they changed, and what the changes mean together."""

from __future__ import annotations

from collections.abc import Sequence

from agents.embedded.answers.figures import Figures, of_counted
from agents.embedded.answers.view import View, is_number
from agents.embedded.answers.vocabulary import called, concept_of, goodness, is_plural, known, subject
from agents.embedded.arguments.wording import asks_share
from agents.embedded.lexicon import in_order

_ADS = ("cost", "conversions", "cpa", "conversion_value", "roas", "clicks", "ctr")
_WEB = ("sessions", "activeUsers", "keyEvents", "totalRevenue", "engagementRate")
_SALES = frozenset({"conversion_value", "roas", "totalRevenue", "keyEvents"})
FLAT = 0.005


def lead_metrics(view: View, question: str, most: int = 5) -> list[str]:
    """Totals worth telling: those asked for first, then the usual ones of the result's family."""
    numbers = [n for n, v in view.totals.items() if is_number(v) and not n.endswith(("_change", "_previous"))]
    asked = [n for c in in_order(question) for n in numbers if concept_of(n) == c]
    known_ones = usual(view)
    narrow = asked and "overview" not in view.tool and len(asked) >= 1
    silent = {n for n in known_ones if n in _SALES and not view.totals[n] and not view.before.get(n)}  # nothing is sold
    picked = list(dict.fromkeys([*asked, *(n for n in known_ones if n not in silent)]))
    return picked[: max(len(set(asked)), 3) if narrow else most]


def usual(view: View) -> list[str]:
    """The totals that are told when none is asked for by name: those of the result's family, else all."""
    numbers = [n for n, v in view.totals.items() if is_number(v) and not n.endswith(("_change", "_previous"))]
    return [n for n in (*_ADS, *_WEB) if n in numbers] or numbers


def headline(view: View, question: str, figures: Figures) -> str:
    names = lead_metrics(view, question)
    if not names:
        return ""
    if share := share_of(view, names, question, figures):
        return f"{share} {_plain(view, names, figures)}"
    if none := undefined(view, question, figures.language):
        return f"{none} {_plain(view, names, figures)}"
    if not view.before:
        return _plain(view, names, figures)
    if not any(is_number(view.before.get(name)) for name in names):
        return _plain(view, names, figures)
    told = [_change_sentence(view, name, figures) for name in names[:2]]
    text = _joined(view, names[:2], told, figures.language)
    rest = [_short(view, name, figures) for name in names[2:]]
    if rest:
        text += " " + "; ".join(rest)[:1].upper() + "; ".join(rest)[1:] + "."
    return f"{text} {verdict(view, figures.language)}".strip()


def share_of(view: View, names: Sequence[str], question: str, figures: Figures) -> str:
    """What part of the whole a row is, when that is asked of it by name."""
    name = next((n for n in names if view.kind(n) in ("money", "integer", "number")), "")
    whole = view.whole.get(name)
    if not (view.named and is_number(whole) and whole and asks_share(question)):
        return ""
    part = figures.show(view.totals[name] / whole, "percent")
    all_ = figures.show(whole, view.kind(name))
    what = called(name, view.label(name), figures.language)
    return f"{part} of all {what} ({all_})." if figures.language == "en" else f"{part} din {what}, {all_} în total."


_NO_RATIO = {
    "cpa": ("conversions", "There were no conversions, so there is no cost per conversion.",
            "Nu a existat nicio conversie, deci nu există un cost pe conversie."),
    "roas": ("cost", "Nothing was spent, so there is no ROAS.", "Nu s-a cheltuit nimic, deci nu există ROAS."),
    "ctr": ("impressions", "There were no impressions, so there is no CTR.",
            "Nu au existat afișări, deci nu există CTR."),
    "cpc": ("clicks", "There were no clicks, so there is no CPC.", "Nu au existat clicuri, deci nu există CPC."),
    "conversion_rate": ("clicks", "There were no clicks, so there is no conversion rate.",
                        "Nu au existat clicuri, deci nu există rată de conversie."),
}  # fmt: skip


def undefined(view: View, question: str, language: str) -> str:
    """Why a ratio that was asked for cannot be told: what it is divided by is zero."""
    for concept in in_order(question):
        below, english, romanian = _NO_RATIO.get(concept, ("", "", ""))
        told = any(concept_of(n) == concept for n in view.totals)
        if below in view.totals and not view.totals[below] and not told:
            return english if language == "en" else romanian
    return ""


def _plain(view: View, names: Sequence[str], figures: Figures) -> str:
    parts = [
        f"{called(n, view.label(n), figures.language)} {figures.show(view.totals[n], view.kind(n))}" for n in names
    ]
    text = ", ".join(parts)
    return text[:1].upper() + text[1:] + "."


def change_of(view: View, name: str) -> float | None:
    """The relative change: as the tool gives it, else one step from both totals."""
    given = view.totals.get(f"{name}_change")
    if is_number(given):
        return float(given)
    now, before = view.totals.get(name), view.before.get(name)
    return (now - before) / before if is_number(now) and is_number(before) and before else None


def _change_sentence(view: View, name: str, figures: Figures) -> str:
    kind, language = view.kind(name), figures.language
    now, before = figures.show(view.totals.get(name), kind), figures.show(view.before.get(name), kind)
    step = change_of(view, name)
    what = subject(name, view.label(name), language)
    if step is None:
        return (
            f"{what}: {now}"
            if not is_number(view.before.get(name))
            else (f"{what} went from {before} to {now}" if language == "en" else f"{what}: {now}, față de {before}")
        )
    if language == "en":
        if abs(step) < FLAT:
            return f"{what} {'were' if is_plural(name) else 'was'} about the same, {now} (against {before})"
        return f"{what} {'rose' if step > 0 else 'fell'} {figures.size(step)} to {now} (from {before})"
    if known(name) is None:
        return f"{what}: {now} față de {before} ({figures.change(step)})"
    have = "au" if is_plural(name) else "a"
    if abs(step) < FLAT:
        return f"{what} {have} rămas aproape la fel: {now} (față de {before})"
    return f"{what} {have} {'crescut' if step > 0 else 'scăzut'} cu {figures.size(step)}, la {now} (de la {before})"


def _joined(view: View, names: Sequence[str], told: Sequence[str], language: str) -> str:
    if len(told) == 1:
        return told[0] + "."
    steps = [change_of(view, n) for n in names]
    opposite = None not in steps and (steps[0] or 0) * (steps[1] or 0) < 0
    glue = {"en": (", while ", " and "), "ro": (", în timp ce ", ", iar ")}[language][0 if opposite else 1]
    second = told[1]
    return f"{told[0]}{glue}{second if second[:3].isupper() else second[:1].lower() + second[1:]}."


def _short(view: View, name: str, figures: Figures) -> str:
    kind = view.kind(name)
    now, before = figures.show(view.totals.get(name), kind), view.before.get(name)
    step = change_of(view, name)
    what = called(name, view.label(name), figures.language)
    if step is None or not is_number(before):
        return f"{what} {now}"
    against = "against" if figures.language == "en" else "față de"
    return f"{what} {now} {against} {figures.show(before, kind)} ({figures.change(step)})"


def verdict(view: View, language: str) -> str:
    """One sentence on cost against results, when both are there."""
    cost, results = change_of(view, "cost"), change_of(view, "conversions")
    cpa = change_of(view, "cpa")
    if cost is None or results is None or cpa is None or abs(cpa) < 0.03:
        return ""
    if cpa > 0:
        key = "less_for_more" if cost > FLAT and results < -FLAT else "dearer"
    else:
        key = "more_for_less" if cost < -FLAT and results > FLAT else "cheaper"
    return _VERDICTS[language][key]


_VERDICTS = {
    "en": {
        "less_for_more": "In short: you paid more for fewer results.",
        "dearer": "In short: each conversion became more expensive.",
        "more_for_less": "In short: you got more for less money.",
        "cheaper": "In short: each conversion became cheaper.",
    },
    "ro": {
        "less_for_more": "Pe scurt: s-a plătit mai mult pentru rezultate mai puține.",
        "dearer": "Pe scurt: fiecare conversie s-a scumpit.",
        "more_for_less": "Pe scurt: rezultate mai multe cu bani mai puțini.",
        "cheaper": "Pe scurt: fiecare conversie s-a ieftinit.",
    },
}


def counted(value: float, noun: str, figures: Figures) -> str:
    link = of_counted(value) if figures.language == "ro" else " "
    return f"{figures.show(value, 'number')}{link}{noun}"


def is_good(name: str, step: float) -> bool | None:
    way = goodness(name)
    return None if way == 0 else (step > 0) == (way > 0)
