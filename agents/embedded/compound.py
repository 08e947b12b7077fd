"""A question that needs both sources ("how did the ads do, and how many sessions had the site?"), in its two halves.

Only what is said apart counts: "which campaigns bring the most sessions?" is one question about one source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from agents.embedded.areas import ADS, own_areas
from agents.embedded.lexicon import concepts_in
from agents.embedded.masks import Masked
from agents.embedded.request import Request
from agents.embedded.schema import ToolSchema
from agents.embedded.text import fold

Source = Literal["ads", "web"]

_PREFIXES: dict[Source, tuple[str, ...]] = {"ads": ("ads_",), "web": ("ga4_", "seo_")}
_CUTS = re.compile(
    r"[?;,·]\s*|[.:]\s+|\s+[-/&+]\s+|\b(?:and|plus|also|as well as|along(?:side)?(?: with| of)?|together with|next to|"
    r"besides?|with|against|versus|vs|then|si|iar|precum|plus|impreuna|alaturi|langa|cu|fata de|apoi|dar)\b[.]?"
)
_LEADS = re.compile(
    r"^(?:[\s?;,.·:/&+-]|(?:and|plus|also|then|si|iar|dar|apoi|with|cu|against|versus|vs|fata de|to)\b)+"
)
_COMPARES = re.compile(r"^(?:please |te rog |can you |poti sa )?compar\w*\s+")
_SIDE = re.compile(r"^(?:with|cu|against|versus|vs|fata de)\b")
_PAID_VISITS = re.compile(
    r"\b(?:paid (?:search|social|traffic|visits?|sessions?)|ppc traffic|"
    r"(?:cautare|cautarea|trafic|traficul) platita?)\b"
)
_CLIENT_WORDS = re.compile(r"\b(?:analytics|ga4?)\b")
_BESIDE = frozenset(["ga4_overview", "ga4_top_pages"])
_BOUGHT = frozenset(["ads", "campaign", "ad_group", "waste", "budget", "pacing", "bid", "match_type"])
_ADS = _BOUGHT | {"cpa", "cpc", "roas", "ctr", "quality_score", "impression_share"}
_METERED = frozenset(["cost", "clicks", "impressions"])  # what only advertising has
_VISITS = frozenset(["sessions", "users", "new_users", "pageviews", "bounce", "engagement", "duration", "traffic"])
_WEB = _VISITS | {"page", "landing", "organic", "realtime", "funnel", "audience"}


@dataclass(frozen=True, slots=True)
class Half:
    source: Source
    text: str


def halves(mask: Masked, text: str) -> tuple[Half, ...]:
    """Both halves in the order they are said; nothing when a question is about one source or does not hold apart.

    Names are out of the way, unless what was taken for names are the sources themselves ("compare ad clicks with
    sessions").
    """
    return _halves(mask.text) or (_halves(text) if _are_sources(mask.names) else ())


def _are_sources(names: tuple[str, ...]) -> bool:
    sources = [_sources(name) for name in names]
    plain = any(word[:1].islower() for name in names for word in name.split())
    return plain and all(len(s) == 1 for s in sources) and len(set().union(*sources)) == 2


def for_one(request: Request) -> tuple[ToolSchema, ...]:
    """The tools for a question about one source: an advertising agent has some only for the other half."""
    if own_areas(request) != frozenset({ADS}):
        return request.data_tools
    return tuple(tool for tool in request.data_tools if tool.name not in _BESIDE)


def _halves(text: str) -> tuple[Half, ...]:
    found: list[Half] = []
    loose = ""
    for piece in _pieces(text):
        sources = _sources(piece)
        if len(sources) > 1:
            return ()
        if not sources:
            if found:
                found[-1] = Half(found[-1].source, f"{found[-1].text} {piece}")
            else:
                loose = f"{loose} {piece}".strip()
            continue
        (source,) = sources
        if found and found[-1].source == source:
            found[-1] = Half(source, f"{found[-1].text} {piece}")
        else:
            found.append(Half(source, f"{loose} {piece}".strip()))
            loose = ""
    return _joined(found)


def _joined(found: list[Half]) -> tuple[Half, ...]:
    """One half a source, in the order of their first words."""
    order = list(dict.fromkeys(half.source for half in found))
    if len(order) < 2:
        return ()
    sides = any(_SIDE.match(fold(half.text)) for half in found)  # held against each other, not against the past
    said = [Half(h.source, _led(h.text, compares=sides)) for h in found]
    return tuple(Half(source, ", ".join(h.text for h in said if h.source == source)) for source in order)


def _led(text: str, *, compares: bool) -> str:
    """A half without the word that joins it to the other, and without the order to compare both."""
    text = text[len(found[0]) :] if (found := _LEADS.match(fold(text))) else text
    return text[len(order[0]) :] if compares and (order := _COMPARES.match(fold(text))) else text


def _pieces(text: str) -> list[str]:
    """The text cut at every joining word; a joining word stays with what it leads in."""
    starts = [0, *(cut.start() for cut in _CUTS.finditer(fold(text))), len(text)]
    return [piece for a, b in pairwise(starts) if (piece := text[a:b].strip())]


def _sources(piece: str) -> set[Source]:
    folded = fold(piece)
    plain = _PAID_VISITS.sub(" traffic ", folded)
    said = concepts_in(plain)
    found: set[Source] = set()
    if said & _ADS or said & _METERED:
        found.add("ads")
    if said & _WEB or _CLIENT_WORDS.search(folded):
        found.add("web")
    return found


def tools_of(source: Source, request: Request) -> tuple[ToolSchema, ...]:
    return tuple(tool for tool in request.data_tools if tool.name.startswith(_PREFIXES[source]))


def reads_both(request: Request) -> bool:
    """Whether the agent that speaks has tools of both sources."""
    return bool(tools_of("ads", request) and tools_of("web", request))
