"""Which of the offered tools a clause is about: trained intents where they name it, schema words for all."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agents.embedded.arguments.choices import matches
from agents.embedded.embeddings import embedder
from agents.embedded.lexicon import concepts_in, word_set
from agents.embedded.schema import ToolSchema, spaced
from agents.embedded.text import stem, words

_EMPTY = word_set("empty")


@dataclass(frozen=True, slots=True)
class Scored:
    tool: ToolSchema
    score: float
    worded: float  # the part that comes from words shared with the schema


def rank(tools: Sequence[ToolSchema], text: str, intents: Mapping[str, float]) -> list[Scored]:
    """Every tool with its score, best first. About 0.5 and more is a clear match, under 0.25 none."""
    if not tools:
        return []
    known = [t for t in tools if t.name in intents]
    worded = _worded(tools, text)
    meant = _meant(tools, text)
    scored = []
    for tool in tools:
        learned = intents.get(tool.name, 0.0)
        zero_shot = 0.6 * worded[tool.name] + 0.4 * meant[tool.name]
        mixed = 0.75 * learned + 0.25 * zero_shot if tool in known else zero_shot
        scored.append(Scored(tool, mixed, worded[tool.name]))
    return sorted(scored, key=lambda s: -s.score)


def _worded(tools: Sequence[ToolSchema], text: str) -> dict[str, float]:
    """Shared concepts and stems, rare ones first; what only a tool's own name says counts against it."""
    said_concepts, said_stems = concepts_in(text), _stems(text)
    docs = {
        t.name: (concepts_in(_about(t)), _stems(_about(t)), concepts_in(_title(t)), _stems(_title(t))) for t in tools
    }
    weight = _Weights([doc[0] | doc[1] for doc in docs.values()])
    total = sum(weight(t) for t in said_concepts) + 0.5 * sum(weight(t) for t in said_stems)
    out = {}
    for tool in tools:
        concepts, stems, own, own_stems = docs[tool.name]
        hit = sum(weight(t) * (2.0 if t in own else 1.0) for t in said_concepts & concepts)
        hit += 0.5 * sum(weight(t) * (2.0 if t in own_stems else 1.0) for t in said_stems & stems)
        hit += 0.8 * sum(bool(matches(p, text)) for p in tool.params if p.choices)
        surplus = 0.25 * len(own - said_concepts)
        out[tool.name] = max(0.0, min(1.0, (hit - surplus) / (1.2 * total + 0.5))) if total else 0.0
    return out


def _title(tool: ToolSchema) -> str:
    first = re.split(r"(?<=[.;])\s", tool.description, maxsplit=1)[0]
    return f"{spaced(tool.name)} . {first if len(first) < 60 else ''}"


def _about(tool: ToolSchema) -> str:
    parts = [spaced(tool.name), tool.description]
    for param in tool.params:
        parts += [spaced(param.name), " ".join(map(str, param.choices))]
    return " ".join(parts)


@lru_cache(maxsize=1024)
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(w) for w in words(text) if len(w) > 2 and w not in _EMPTY and not w.isdigit())


class _Weights:
    """Inverse document frequency over the offered tools: what every tool says tells nothing."""

    def __init__(self, docs: Sequence[frozenset[str]]) -> None:
        self.count = Counter(t for doc in docs for t in doc)
        self.docs = len(docs)

    def __call__(self, term: str) -> float:
        return (
            math.log((self.docs + 1.5) / (self.count[term] + 0.5)) / math.log(self.docs + 1.5)
            if self.count[term]
            else 0.4
        )


def _meant(tools: Sequence[ToolSchema], text: str) -> dict[str, float]:
    """Similarity of meaning, stretched so that the best of unrelated tools stays near zero."""
    model = embedder()
    asked = model.query(text)
    if asked is None:
        return dict.fromkeys((t.name for t in tools), 0.0)
    raw = {}
    for tool in tools:
        stored = model.passage(tool.about)
        raw[tool.name] = 0.0 if stored is None else float(asked @ stored)
    mean = sum(raw.values()) / len(raw)
    return {name: max(0.0, min(1.0, (value - 0.79) * 6 + (value - mean) * 8)) for name, value in raw.items()}
