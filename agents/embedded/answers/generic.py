"""Any other JSON, summed up from what it holds. Text in it is quoted as data and never followed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agents.embedded.answers.figures import Figures
from agents.embedded.answers.view import View, guess_kind, is_number
from agents.embedded.answers.vocabulary import label_in
from agents.embedded.schema import spaced

MOST_ROWS, MOST_FIELDS, MOST_TEXT, MOST_DEPTH = 8, 6, 600, 2


def summarise(view: View, figures: Figures) -> str:
    data = view.raw
    title = f"**{spaced(view.tool).capitalize()}**" if view.tool else ""
    empty = "nothing came back." if figures.language == "en" else "nu s-a întors nimic."
    if data in (None, "", [], {}):
        return f"{title}: {empty}" if title else empty
    if isinstance(data, str):
        return f"{title}: {data[:MOST_TEXT]}" if title else data[:MOST_TEXT]
    return "\n".join(filter(None, [f"{title}:" if title else "", *_lines(data, figures)]))


def _lines(data: Any, figures: Figures) -> list[str]:
    if isinstance(data, list):
        return _list(data, figures)
    if not isinstance(data, dict):
        return [figures.show(data)]
    money = Figures(figures.language, str(data.get("currency") or figures.currency))
    flat = _flat(data)
    lines = [f"- {_label(k, figures)}: {_value(k, v, money)}" for k, v in flat.items()][: MOST_FIELDS * 2]
    for name, nested in _nested(data):
        if isinstance(nested, list):
            lines += [f"{_label(name, figures).capitalize()}:", *_list(nested, money)]
        else:
            lines.append(f"- {_label(name, figures)}: {_pairs(nested, money)}")
    return lines


def _flat(item: dict[str, Any]) -> dict[str, Any]:
    """The plain values of an object; a short list of plain values is one of them."""
    joined = {
        k: ", ".join(map(str, v))
        for k, v in item.items()
        if isinstance(v, list) and v and len(v) <= MOST_FIELDS and not any(isinstance(x, dict | list) for x in v)
    }
    return {k: joined.get(k, v) for k, v in item.items() if k in joined or not isinstance(v, dict | list | None)}


def _nested(data: dict[str, Any], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Objects and lists inside, at most three deep, outer ones first."""
    flat = _flat(data)
    for name, inner in data.items():
        if name in flat or not inner:
            continue
        if isinstance(inner, list):
            yield name, inner
        elif isinstance(inner, dict):
            if _flat(inner):
                yield name, inner
            if depth < MOST_DEPTH:
                yield from _nested(inner, depth + 1)


def _list(items: list[Any], figures: Figures) -> list[str]:
    lines = [f"- {_pairs(i, figures) if isinstance(i, dict) else figures.show(i)}" for i in items[:MOST_ROWS]]
    if len(items) > MOST_ROWS:
        rest = len(items) - MOST_ROWS
        lines.append(f"({rest} more.)" if figures.language == "en" else f"(Încă {rest}.)")
    return lines


def _pairs(item: dict[str, Any], figures: Figures) -> str:
    flat = list(_flat(item).items())[:MOST_FIELDS]
    if flat and isinstance(flat[0][1], str) and len(flat) > 1:
        head = f"**{flat[0][1]}**: "
        return head + ", ".join(f"{_label(k, figures)} {_value(k, v, figures)}" for k, v in flat[1:])
    return ", ".join(f"{_label(k, figures)} {_value(k, v, figures)}" for k, v in flat)


def _label(name: str, figures: Figures) -> str:
    return label_in(spaced(name), figures.language)


def _value(name: str, value: Any, figures: Figures) -> str:
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "ro": ("nu", "da")}[figures.language][value]
    if not is_number(value):
        return str(value)[:MOST_TEXT]
    kind = guess_kind(name)
    if (kind == "percent" and abs(value) > 1) or (kind == "money" and not figures.currency and isinstance(value, int)):
        kind = "number"
    return figures.show(value, kind)
