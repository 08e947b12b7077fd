"""The trained linear models: the intents a phrase may have, from n-grams and, if loaded, embeddings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.embedded import ngrams
from agents.embedded.embeddings import embedder

WEIGHTS = Path(__file__).parent / "data" / "weights.npz"
Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Heads:
    """`grams` and `meaning` map features to one score an intent; `digest` names the phrases they were trained on."""

    labels: tuple[str, ...]
    grams: Matrix
    grams_bias: Matrix
    meaning: Matrix
    meaning_bias: Matrix
    meaning_mean: Matrix
    digest: str

    def probabilities(self, text: str) -> dict[str, float]:
        score = ngrams.features(text) @ self.grams + self.grams_bias
        vector = embedder().query(text)
        if vector is not None:
            score = 0.5 * score + 0.5 * ((vector - self.meaning_mean) @ self.meaning + self.meaning_bias)
        exact = np.exp(score - score.max())
        return dict(zip(self.labels, (exact / exact.sum()).tolist(), strict=True))


@lru_cache(maxsize=1)
def load_heads(path: Path = WEIGHTS) -> Heads:
    """The shipped weights: 8-bit with a scale for each intent, made by `python -m agents.embedded.train`."""
    with np.load(path, allow_pickle=False) as stored:
        info = json.loads(str(stored["info"]))
        return Heads(
            labels=tuple(info["labels"]),
            grams=stored["grams"].astype(np.float32) * stored["grams_scale"],
            grams_bias=stored["grams_bias"],
            meaning=stored["meaning"].astype(np.float32) * stored["meaning_scale"],
            meaning_bias=stored["meaning_bias"],
            meaning_mean=stored["meaning_mean"],
            digest=info["digest"],
        )


@lru_cache(maxsize=2048)
def intents(text: str) -> dict[str, float]:
    return load_heads().probabilities(text)
