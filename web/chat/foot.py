"""What stands under an answer: its blocks, where its numbers came from and for which days, and what it cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from graphs.events import Usage
from tools.blocks import Block
from tools.result import Meta
from web.chat.blocks import view
from web.chat.numbers import days, moment
from web.chat.visit import Language
from web.chat.words import source_label, words


@dataclass
class Foot:
    """Gathered while a turn runs, or read from a stored one; `props` is what the page gets."""

    language: Language
    timezone: str = "UTC"
    blocks: list[Block] = field(default_factory=list)
    metas: list[Meta] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    usage: Usage | None = None
    untraced: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    stopped: bool = False
    problem: dict[str, Any] | None = None

    def note_source(self, source: str | None) -> None:
        if source and source not in self.sources:
            self.sources.append(source)

    def note_meta(self, meta: Meta) -> None:
        self.metas.append(meta)
        self.note_source(meta.source)
        self.warnings += [w for w in (*meta.warnings, meta.reason) if w and w not in self.warnings]

    @property
    def empty(self) -> bool:
        return not (self.blocks or self.sources or self.usage or self.untraced or self.problem or self.stopped)

    def props(self) -> dict[str, Any]:
        text = words(self.language)
        return {
            "language": self.language,
            "blocks": [view(block, self.language) for block in self.blocks],
            "sources": self._source_names(),
            "period": self._period(),
            "asOf": self._as_of(),
            "warnings": self.warnings,
            "untraced": text["untraced"].format(numbers=", ".join(self.untraced)) if self.untraced else "",
            "ct": text["ct"].format(ct=self.usage.ct_actual) if self.usage else "",
            "ctTitle": text["ct_title"].format(**self.usage.model_dump()) if self.usage else "",
            "stopped": text["stopped_mark"] if self.stopped else "",
            "problem": self.problem,
            "words": {key: text[key] for key in ("show_table", "hide_table", "open", "source_label", "next_step")},
        }

    def _source_names(self) -> list[dict[str, str]]:
        """Our own records (balance, connections) are named only when nothing else was read."""
        outside = [s for s in self.sources if s != "camarad"] or self.sources
        return [{"kind": s, "label": source_label(s, self.language)} for s in outside]

    def _period(self) -> str:
        for meta in reversed(self.metas):
            if meta.range is None:
                continue
            text = words(self.language)
            shown = _span("period", meta.range.start, meta.range.end, self.language)
            if meta.compare is not None:
                shown += f" {_span('against', meta.compare.start, meta.compare.end, self.language)}"
            return f"{shown} · {meta.timezone}" if meta.timezone else shown or text["period"]
        return ""

    def _as_of(self) -> str:
        read = [meta for meta in self.metas if meta.source != "camarad"]
        if not read:
            return ""
        newest = max(read, key=lambda meta: meta.as_of)
        at = moment(newest.as_of, newest.timezone or self.timezone, self.language)
        return words(self.language)["as_of"].format(at=at)


def _span(key: str, start: Any, end: Any, language: Language) -> str:
    first, last = days(start, end, language)
    return words(language)[key].format(start=first, end=last)


def metas_of(results: Iterable[dict[str, Any] | None]) -> list[Meta]:
    """The `meta` of stored tool results; a result of another shape has none."""
    return [
        Meta.model_validate(result["meta"]) for result in results if result and isinstance(result.get("meta"), dict)
    ]
