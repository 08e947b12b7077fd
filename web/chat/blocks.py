"""Blocks as the Answer element draws them: every figure already written in the reader's language.

The element (public/elements/Answer.jsx) lays out; it formats nothing except the ticks of a chart's axis.
"""

from __future__ import annotations

from typing import Any

from tools.blocks import (
    ApprovalBlock,
    Block,
    Cell,
    ChartBlock,
    Column,
    FlowBlock,
    Kind,
    LinkBlock,
    MetricBlock,
    TableBlock,
)
from web.chat.numbers import cell, change, moved_by
from web.chat.visit import Language
from web.chat.words import words

NUMERIC: frozenset[Kind] = frozenset({"integer", "number", "percent", "money", "seconds"})

ENUMS = frozenset({"status", "type", "match_type", "device", "channel_type"})


def view(block: Block, language: Language) -> dict[str, Any]:
    """One block as plain data for the page."""
    match block:
        case MetricBlock():
            return _metric(block, language)
        case TableBlock():
            return _table(block, language)
        case ChartBlock():
            return _chart(block, language)
        case LinkBlock():
            return {"type": "link", "label": block.label, "url": _local(block.url)}
        case FlowBlock():
            return {"type": "flow", "title": block.title, "nodes": block.nodes, "url": _local(block.url)}
        case ApprovalBlock():
            return {"type": "approval", "title": block.title, "before": block.before, "after": block.after}


def _local(url: str) -> str:
    """Only paths of this server are linked; a model's text can never send a reader elsewhere."""
    return url if url.startswith("/") and not url.startswith(("//", "/\\")) else "/app"


def _metric(block: MetricBlock, language: Language) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "type": "metric",
        "label": block.label,
        "value": cell(block.value, block.kind, language, block.currency),
    }
    if block.previous is not None:
        before = cell(block.previous, block.kind, language, block.currency)
        shown["previous"] = words(language)["previous"].format(value=before)
        moved = moved_by(block.change, language) or change(block.value, block.previous, language)
        if moved:
            text, sign = moved
            shown |= {"change": text, "sign": sign, "good": sign * (1 if block.higher_is_better else -1)}
    return shown


def _table(block: TableBlock, language: Language) -> dict[str, Any]:
    return {
        "type": "table",
        "title": block.title,
        "columns": [_column(column) for column in block.columns],
        "rows": [_row(row, block.columns, language, block.currency) for row in block.rows],
        "more": words(language)["more_rows"].format(count=block.truncated) if block.truncated else "",
    }


def _column(column: Column) -> dict[str, Any]:
    return {"label": column.label, "numeric": column.kind in NUMERIC}


def _row(row: list[Cell], columns: list[Column], language: Language, currency: str | None) -> list[str]:
    return [_cell(value, column, language, currency) for value, column in zip(row, columns, strict=False)]


def _cell(value: Cell, column: Column, language: Language, currency: str | None) -> str:
    """Google's own names of states and types (`PERFORMANCE_MAX`) are shown as words."""
    if column.name in ENUMS and isinstance(value, str) and value.isupper():
        return value.replace("_", " ").capitalize()
    return cell(value, column.kind, language, currency)


def _chart(block: ChartBlock, language: Language) -> dict[str, Any]:
    kind: Kind = "date" if block.shape == "line" else "text"
    return {
        "type": "chart",
        "title": block.title,
        "label": words(language)["chart_of"].format(title=block.title),
        "shape": block.shape,
        "categories": [cell(c, kind, language) for c in block.categories],
        "currency": block.currency,
        "series": [
            {
                "label": series.label,
                "kind": series.kind,
                "values": series.values,
                "texts": [cell(v, series.kind, language, block.currency) for v in series.values],
            }
            for series in block.series
        ],
    }
