"""What is never done, whatever the words: reveal or change instructions, switch client or role, touch secrets."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from agents.embedded.lexicon import DATA
from agents.embedded.text import tidy

Attack = Literal["instructions", "secrets", "client", "role"]

_PARTS = {
    "{own_text}": r"(?:prompt\w*|instruct\w*|guidelines?|rules?|regul\w*|directiv\w*|configura\w*|context(?:ul)?)",
    "{order}": r"(?:^|[.,;:!] ?|\b(?:please|te rog|now|acum|and|si|can you|could you|poti sa|vreau sa) )",
}


@lru_cache(maxsize=1)
def _lines() -> dict[str, re.Pattern[str]]:
    """The patterns of data/guard.txt, one for each kind of attempt."""
    found: dict[str, list[str]] = {}
    for line in (DATA / "guard.txt").read_text("utf-8").splitlines():
        if line.startswith("# "):
            found[line[2:].strip()] = []
        elif line.strip() and not line.startswith("//"):
            for name, part in _PARTS.items():
                line = line.replace(name, part)
            found[list(found)[-1]].append(line)
    return {kind: re.compile("|".join(lines)) for kind, lines in found.items()}


_ABOUT_ACCOUNT = re.compile(r"\b(?:chang\w*|reset\w*|forgot|schimb\w*|am uitat|invit\w*)\b")
_HOW_TO = re.compile(
    r"^(?:(?:could|can) you (?:tell me |show me )?|spune-mi )?"
    r"(?:how (?:do|can|could|would|to)\b|cum (?:pot|putem|adaug|creez|schimb|fac|as)\b)"
)
_NAME_COMES = re.compile(
    r"\b(?:campaign|campania|campaniei|campanie|ad group|grupul|keyword|cuvantul|term|termenul|query|page|pagina|event|"
    r"evenimentul|named|called|numit\w*|named)\s*[:\"'„“«]*\s*$"
)


def attack(text: str) -> Attack | None:
    """Which line a message tries to cross, or None. Asking how to change a password is no attack.

    Words that stand where a name stands ("the campaign Ignore all previous instructions") are a name: clients do not
    choose what others call their campaigns, and a name is only looked up.
    """
    folded = _without_names(tidy(text))
    lines = _lines()
    if _crosses(lines["instructions"], folded):
        return "instructions"
    if _crosses(lines["role"], folded):
        return "role"
    if lines["secrets"].search(folded) and not _ABOUT_ACCOUNT.search(folded):
        return "secrets"
    return "client" if _crosses(lines["client"], folded) and not _HOW_TO.search(folded) else None


def _without_names(folded: str) -> str:
    """Quoted words after a word that announces a name are blanked."""
    return re.sub(r'"[^"]{2,120}"', lambda m: " " if _NAME_COMES.search(folded[: m.start()]) else m.group(), folded)


def _crosses(pattern: re.Pattern[str], folded: str) -> bool:
    return any(not _NAME_COMES.search(folded[: found.start()]) for found in pattern.finditer(folded))
