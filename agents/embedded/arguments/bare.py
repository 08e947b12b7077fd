"""Names said without a word that announces them ("compare Brand and Brand 2"): what is likely somebody's own name.

Quoted words, the two sides of a comparison, and capitalised words inside a sentence, unless they are words of the
trade, places, channels or the client's name. Only a guess: a tool that knows no such name says which names there are.
"""

from __future__ import annotations

import re

from agents.embedded.arguments.tables import CHANNELS, CITIES, DEVICES, PLACES, is_in_table
from agents.embedded.dates.words import WEEKDAYS
from agents.embedded.lexicon import concepts_in, word_set
from agents.embedded.text import fold, names_in_quotes, tidy, words

_AFTERWARDS = (
    "over|in|on|for|by|during|since|from|last|this|per|pe|în|din|pentru|după|dupa|la|luna|asta|"
    r"ultim\w+|săpt\w+"
)
_END = rf"(?=\s+(?:{_AFTERWARDS})\b|\s*[·?!,;]|\.(?:\s|$)|\s*$)"
_ONE, _OTHER = r"(?P<a>[^?!;·]{1,80}?)", rf"(?P<b>[^?!;·]{{1,80}}?){_END}"
_SIDES = (
    re.compile(
        rf"\bcompar\w*\s+(?:între\s+|intre\s+)?{_ONE}\s+"
        rf"(?:and|with|to|against|vs\.?|versus|cu|și|si|față de|fata de)\s+{_OTHER}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:put|set|place|show|pune\w*|arat\w+)\s+(?:me\s+|-?mi\s+)?{_ONE}\s+(?:and|next to|against|și|si|lângă)\s+"
        r"(?P<b>[^?!;·]{1,80}?)\s+(?:side by side|head to head|next to each other|"
        r"față în față|fata in fata|alături|cap la cap)",
        re.IGNORECASE,
    ),
    re.compile(rf"^\s*{_ONE}\s+(?:vs\.?|versus)\s+{_OTHER}", re.IGNORECASE),
    re.compile(
        rf"\bhow (?:did|is|was|does|has)\s+{_ONE}(?=\s+(?:do|doing|did|perform\w*|going|been|get\w*)\b)",
        re.IGNORECASE,
    ),
    re.compile(rf"\bcum (?:a mers|merge|stă|sta|se descurcă)\s+{_OTHER}", re.IGNORECASE),
)
_BETWEEN = re.compile(r"\b(?:fata de|vs|versus|compar\w*|decat|than)\b")
_ARTICLE = re.compile(r"^(?:the|our|my|a|an|campaigns?|campaniile|campania|campaniei|pe)\s+", re.IGNORECASE)
_LABELLED = re.compile(
    r"\b(?:page|pagina|event|evenimentul|keyword|cuvantul|cuvantul cheie|term|termenul|query|url|word|text)"
    r"\s*[\"“„«']?$"
)
_TRADE = word_set("trade_words")
_CAMPAIGN_WORDS = word_set("campaign_words")
_KINDS = re.compile(r"(?:campania |campaniile )?(?:pmax|performance max|shopping|display)")  # named after their kind
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
_ARTICLES = frozenset(["ul", "ului", "urile", "urilor", "uri", "le", "a"])
_JOINT = re.compile(r"[&|+/–—-]+")


def bare_names(text: str, client: str = "") -> tuple[str, ...]:
    """The names a text says, in order. Dates should be blanked before."""
    found = [n for n in _quoted(text) or _sides(text) or _in_context(text, client) if tidy(n) != tidy(client)]
    return tuple(dict.fromkeys(found))


def _quoted(text: str) -> list[str]:
    kept = []
    for name in names_in_quotes(text):
        before = fold(text)[: text.find(name)]
        if (
            name == name.strip()
            and not _LABELLED.search(before.rstrip())
            and not name.startswith("/")
            and re.search(r"\w", name)
        ):
            kept.append(name)
    return sorted(kept, key=text.find)


def _sides(text: str) -> list[str]:
    for pattern in _SIDES:
        if found := pattern.search(text):
            sides = [_ARTICLE.sub("", s.strip(" \"'“”„.")) for s in found.groupdict().values() if s]
            dated = all(s.isdigit() for s in sides)  # 2025 and 2026 are years before they are names
            if not dated and all(_is_name(side, operand=True) for side in sides):
                return sides
    return []


def _in_context(text: str, client: str) -> list[str]:
    """Capitalised words of a question that is about numbers without them too."""
    runs = capitalised(text, client)
    rest = text
    for run in runs:
        rest = rest.replace(run, " ")
    compared = len(runs) > 1 and _BETWEEN.search(fold(rest))
    return runs if compared or concepts_in(rest) else []


def capitalised(text: str, client: str = "") -> list[str]:
    """Capitalised words in a row, but for the first word of a sentence."""
    tokens = list(re.finditer(r"[^\s,;:?!()·\"“”„]+", text))
    if _shouted([t.group() for t in tokens]):
        return []
    runs: list[list[re.Match[str]]] = [[]]
    for n, token in enumerate(tokens):
        if _starts_like_name(token.group()) and not _opens_sentence(text, token.start()):
            apart = runs[-1] and text[runs[-1][-1].end() : token.start()].strip()
            runs.append([token]) if apart or not runs[-1] else runs[-1].append(token)
        elif not (runs[-1] and _JOINT.fullmatch(token.group()) and n + 1 < len(tokens)):
            runs.append([])
    spans = [text[run[0].start() : run[-1].end()].strip(" .").removesuffix("'s") for run in runs if run]
    return [name for name in spans if _is_name(name) and not (client and tidy(name) in tidy(client))]


def _starts_like_name(token: str) -> bool:
    return (
        token[0].isupper()
        or (ord(token[0]) > 0x2190 and not token[0].isalnum() and not _JOINT.fullmatch(token))
        or token[0].isdigit()
    )


def _opens_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip(" \"'“„(")
    return not before or before[-1] in ".?!:\n" or before.endswith("·")


def _shouted(tokens: list[str]) -> bool:
    """A question in capitals or title case names nothing by its capitals."""
    long = [t for t in tokens if len(t) > 2 and t[0].isalpha()]
    return len(long) > 3 and sum(t[0].isupper() for t in long) > 0.6 * len(long)


def _is_name(name: str, *, operand: bool = False) -> bool:
    said = words(name)
    if operand and _KINDS.fullmatch(tidy(name)):
        return True
    if not 0 < len(name) <= 80 or len(name.split()) > 8:
        return False
    if any(is_in_table(name, table) for table in (CHANNELS, DEVICES, PLACES, CITIES)):
        return False
    if all(w in WEEKDAYS for w in said) or _BETWEEN.search(fold(name)) or _ORDINAL.fullmatch(name.strip()):
        return False
    if operand and not any(_starts_like_name(t) or t in _CAMPAIGN_WORDS for t in name.split()):
        return False
    if not said:
        return any(ord(c) > 0x2190 for c in name)
    if all(w.isdigit() for w in said):
        return operand
    said = [w for w in said if not (w in _ARTICLES and re.search(rf"-{w}\b", fold(name)))]  # "CPC-ul" is the CPC
    return any(w not in _TRADE and not w.isdigit() and not _is_acronym(w, name) for w in said)


def _is_acronym(word: str, name: str) -> bool:
    return word.upper() in name and bool(concepts_in(word))
