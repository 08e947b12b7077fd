"""Keys of providers. They live in the door and nowhere else: what the environment holds is moved here at start, so
that no other code in the process can call a provider by accident."""

from __future__ import annotations

import os
from collections.abc import Iterable, MutableMapping
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from agents.llm.engine import EMBEDDED
from camarad.settings import Settings

# Variables people already have, where they are not PROVIDER_API_KEY.
OTHER_NAMES = {
    "gemini": ("GOOGLE_API_KEY",),
    "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY"),
    "cohere": ("CO_API_KEY",),
    "cohere_chat": ("COHERE_API_KEY", "CO_API_KEY"),
    "huggingface": ("HF_TOKEN",),
    "perplexity": ("PERPLEXITYAI_API_KEY",),
    "fireworks_ai": ("FIREWORKS_API_KEY",),
}
WELL_KNOWN = (
    "openai", "anthropic", "gemini", "azure", "azure_ai", "mistral", "groq", "openrouter", "deepseek", "xai",
    "together_ai", "cohere", "perplexity", "fireworks_ai", "cerebras", "huggingface",
)  # fmt: skip

_taken: dict[str, str] = {}  # survives a second door in the same process: the environment is emptied only once


def key_names(provider: str) -> tuple[str, ...]:
    """The environment variables that may hold a provider's key, best first."""
    return (f"{provider.upper().replace('-', '_')}_API_KEY", *OTHER_NAMES.get(provider, ()))


def base_names(provider: str) -> tuple[str, ...]:
    head = provider.upper().replace("-", "_")
    return (f"{head}_API_BASE", f"{head}_BASE_URL")


def providers_of(settings: Settings) -> tuple[str, ...]:
    """The providers named in the settings' models."""
    models = (settings.camarad_model, *settings.camarad_agent_models.values(), *settings.camarad_fallback_models)
    return tuple(dict.fromkeys(model.partition("/")[0] for model in models if "/" in model))


class KeyRing:
    """What a call to a provider needs besides the request: its key, and its address where that is not the usual one."""

    def __init__(self, keys: dict[str, str], bases: dict[str, str]) -> None:
        self._keys = keys
        self._bases = bases

    @classmethod
    def collect(
        cls,
        settings: Settings,
        providers: Iterable[str] = (),
        environ: MutableMapping[str, str] = os.environ,
        env_file: Path | None = Path(".env"),
        taken: dict[str, str] = _taken,
    ) -> KeyRing:
        """Take keys out of `environ`, read them from `env_file`; settings win over both, the environment over the
        file."""
        written = {k: v for k, v in dotenv_values(env_file).items() if v} if env_file else {}
        everyone = dict.fromkeys((*providers, *WELL_KNOWN))
        for name in (name for provider in everyone for name in key_names(provider)):
            if value := environ.pop(name, None):
                taken[name] = value
        known = {**written, **taken}
        keys = {p: known[n] for p in everyone for n in reversed(key_names(p)) if n in known}
        known_bases = {**written, **environ}
        bases = {p: known_bases[n] for p in everyone for n in reversed(base_names(p)) if known_bases.get(n)}
        keys |= {p: secret.get_secret_value() for p, secret in settings.camarad_model_keys.items()}
        return cls(keys, bases | settings.camarad_model_bases)

    def access(self, provider: str) -> dict[str, Any]:
        """litellm's parameters for one call. A compatible server at an address of its own may need no key."""
        if provider == EMBEDDED:
            return {}
        access: dict[str, Any] = {}
        key, base = self._keys.get(provider), self._bases.get(provider)
        if base:
            access["api_base"] = base
        if key or base:
            access["api_key"] = key or "none"
        return access

    def hide(self, text: str) -> str:
        """The text without any key in it, for logs."""
        for key in self._keys.values():
            text = text.replace(key, "[key]")
        return text

    def has_key(self, provider: str) -> bool:
        return provider == EMBEDDED or provider in self._keys or provider in self._bases
