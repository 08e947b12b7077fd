"""A question about rows by name ("how did Brand do?", "compare Brand and Shopping"): the answer is about these rows.

A tool that was not told the name returns the whole account; its totals would then answer another question.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from agents.embedded.answers.view import View, is_number
from agents.embedded.arguments.bare import bare_names
from agents.embedded.arguments.tables import translated
from agents.embedded.text import tidy


def named_rows(view: View, question: str) -> list[dict[str, Any]]:
    """The rows a question names, in their order. A longer name hides a shorter one inside it."""
    left, found = f" {tidy(question)} ", _spoken_of(view, question)
    for row in sorted(view.rows, key=lambda r: -len(_key(view, r))):
        name = _key(view, row)
        pattern = rf"(?<![\w/]){re.escape(name)}(?![\w/])"
        if _long_enough(name) and re.search(pattern, left):
            left = re.sub(pattern, " ", left)
            found.append(row)
    return [row for row in view.rows if row in found]


def _spoken_of(view: View, question: str) -> list[dict[str, Any]]:
    """Rows meant by another language's word ("telefon", "Germania"), or by a part of their name that one alone has."""
    known = {tidy(name) for name in translated(question)}
    found = [row for row in view.rows if _key(view, row) in known]
    for name in map(tidy, bare_names(question)):
        keys = [_key(view, row) for row in view.rows]
        having = [
            row for row, key in zip(view.rows, keys, strict=True) if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", key)
        ]
        if name not in keys and len(having) == 1:
            found.append(having[0])
    return found


def focused(view: View, question: str) -> View:
    """The view narrowed to the rows named; the same view when none is, or when all are."""
    if view.args.get("filters"):
        return view  # read for just what is named
    rows = named_rows(view, question)
    if not rows or len(rows) == len(view.rows):
        return view
    names = [str(row.get(view.keys[0].name)) for row in rows]
    notes = tuple(n for n in view.notes if any(f"“{name}”" in n or f"„{name}”" in n for name in names))
    metrics = [f.name for f in view.metrics]
    one = rows[0] if len(rows) == 1 else {}
    return replace(
        view,
        rows=tuple(rows),
        totals={m: one[m] for m in metrics if is_number(one.get(m))} | _changes(one, metrics),
        before={m: one[f"{m}_previous"] for m in metrics if view.compare and is_number(one.get(f"{m}_previous"))},
        whole=view.totals,
        notes=notes,
        truncated=0,
        named=names[0] if len(names) == 1 else "",
    )


def _long_enough(name: str) -> bool:
    """Short words are found in any sentence; short names made of signs are not."""
    return len(name) > 2 or (bool(name) and not name.isascii())


def _changes(row: dict[str, Any], metrics: list[str]) -> dict[str, Any]:
    return {f"{m}_change": row[f"{m}_change"] for m in metrics if is_number(row.get(f"{m}_change"))}


def _key(view: View, row: dict[str, Any]) -> str:
    return tidy(str(row.get(view.keys[0].name, ""))) if view.keys else ""
