"""Prompt files: Markdown under a header of `name`, `version` and `language`, hashed so that a trace can name its text.

A rendered prompt is the static text first and the facts of the day last, so that providers can cache the long part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from camarad.errors import Misconfigured

FOLDER = Path(__file__).parent
HEADER_FIELDS = ("name", "version", "language")
FACTS_HEADING = "## Facts"


@dataclass(frozen=True, slots=True)
class Prompt:
    """`hash` is of the whole file, so that a changed word is a changed prompt."""

    name: str
    version: str
    language: str
    text: str
    hash: str

    def render(self, facts: Mapping[str, str]) -> str:
        """The static text and then one line a fact. A fact stays on its line whatever its value holds."""
        lines = "\n".join(f"- {key}: {' '.join(value.split())}" for key, value in facts.items() if value)
        return f"{self.text}\n\n{FACTS_HEADING}\n{lines}\n"


def parse(name: str, source: str) -> Prompt:
    """A prompt from the text of its file. Raises Misconfigured naming what is wrong with it."""
    start, header, body = _split(name, source)
    missing = [field for field in HEADER_FIELDS if not header.get(field)]
    if start or missing or header["name"] != name:
        problem = f"lacks {', '.join(missing)}" if missing else "has a header that does not match its file name"
        raise Misconfigured(f"The prompt {name} {problem}.", hint="Restore prompts/ from the release.")
    if FACTS_HEADING in body:
        raise Misconfigured(f"The prompt {name} holds its own facts.", hint="Facts are appended when it is rendered.")
    digest = hashlib.sha256(source.encode()).hexdigest()[:12]
    return Prompt(name, header["version"], header["language"], body.strip(), digest)


def _split(name: str, source: str) -> tuple[str, dict[str, str], str]:
    parts = source.split("---\n", 2)
    if len(parts) != 3:
        raise Misconfigured(f"The prompt {name} has no header.", hint="Restore prompts/ from the release.")
    pairs = (line.partition(":") for line in parts[1].splitlines() if line.strip())
    return parts[0], {key.strip(): value.strip() for key, _, value in pairs}, parts[2]


@cache
def load_prompt(name: str) -> Prompt:
    """The prompt of that name, read once a process."""
    try:
        source = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    except OSError as error:
        raise Misconfigured(f"There is no prompt named {name}.", hint="Restore prompts/ from the release.") from error
    return parse(name, source)
