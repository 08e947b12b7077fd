"""What to ask next, from context and without a model call: the client's connections, who answered and with what."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Literal

from agents.roster import PERSONAL_ASSISTANT, PPC_SPECIALIST, SEO_STRATEGIST
from tools.record import Provider

Language = Literal["en", "ro"]
COUNT = 3


@dataclass(frozen=True, slots=True)
class Suggested:
    text: str
    agent: str


@dataclass(frozen=True, slots=True)
class Idea:
    """One thing worth asking. It fits when its providers are connected; it follows on from the tools in `after` and
    is stale once one of `covers` has just run."""

    agent: str
    en: str
    ro: str
    needs: frozenset[Provider] = field(default_factory=frozenset)
    after: frozenset[str] = field(default_factory=frozenset)
    covers: frozenset[str] = field(default_factory=frozenset)


ADS: frozenset[Provider] = frozenset({"google-ads"})
GA4: frozenset[Provider] = frozenset({"ga4"})


def _idea(agent: str, needs: frozenset[Provider], en: str, ro: str, *, covers: str = "", after: str = "") -> Idea:
    return Idea(agent, en, ro, needs, frozenset(after.split()), frozenset(covers.split()))


IDEAS: tuple[Idea, ...] = (
    _idea(
        PPC_SPECIALIST,
        ADS,
        "How did our Google Ads do in the last 28 days against the 28 before?",
        "Cum au mers reclamele Google Ads în ultimele 28 de zile față de cele 28 dinainte?",
        covers="ads_overview",
    ),
    _idea(
        PPC_SPECIALIST,
        ADS,
        "Where are we wasting money in Google Ads?",
        "Unde irosim bani în Google Ads?",
        covers="ads_wasted_spend",
        after="ads_overview ads_campaigns ads_keywords",
    ),
    _idea(
        PPC_SPECIALIST,
        ADS,
        "Which campaigns bring conversions at the lowest cost?",
        "Ce campanii aduc conversii la cel mai mic cost?",
        covers="ads_campaigns",
        after="ads_overview ads_wasted_spend ads_budget_pacing",
    ),
    _idea(
        PPC_SPECIALIST,
        ADS,
        "Which search terms cost the most without a conversion?",
        "Ce termeni de căutare costă cel mai mult fără nicio conversie?",
        covers="ads_search_terms",
        after="ads_wasted_spend ads_keywords ads_campaigns",
    ),
    _idea(
        PPC_SPECIALIST,
        ADS,
        "Are the campaign budgets on pace this month?",
        "Sunt bugetele campaniilor în ritm luna aceasta?",
        covers="ads_budget_pacing",
        after="ads_overview ads_campaigns ads_anomalies",
    ),
    _idea(
        PPC_SPECIALIST,
        ADS,
        "Was anything unusual in the account in the last 28 days?",
        "A fost ceva neobișnuit în cont în ultimele 28 de zile?",
        covers="ads_anomalies",
        after="ads_overview ads_budget_pacing",
    ),
    _idea(
        SEO_STRATEGIST,
        GA4,
        "How did website traffic change in the last 28 days?",
        "Cum s-a schimbat traficul site-ului în ultimele 28 de zile?",
        covers="ga4_overview",
    ),
    _idea(
        SEO_STRATEGIST,
        GA4,
        "Which landing pages bring organic visits that convert?",
        "Ce pagini de destinație aduc vizite organice care convertesc?",
        covers="seo_landing_pages",
        after="seo_organic_traffic ga4_overview ga4_top_pages",
    ),
    _idea(
        SEO_STRATEGIST,
        GA4,
        "Where does the traffic come from?",
        "De unde vine traficul?",
        covers="ga4_traffic_sources",
        after="ga4_overview ga4_realtime ads_overview",
    ),
    _idea(
        SEO_STRATEGIST,
        GA4,
        "How did organic search do against the period before?",
        "Cum a mers căutarea organică față de perioada dinainte?",
        covers="seo_organic_traffic",
        after="ga4_traffic_sources seo_landing_pages",
    ),
    _idea(
        SEO_STRATEGIST,
        GA4,
        "Where do visitors leave the purchase funnel?",
        "Unde părăsesc vizitatorii pâlnia de cumpărare?",
        covers="ga4_funnel",
        after="ga4_events seo_landing_pages ga4_overview",
    ),
    _idea(
        PERSONAL_ASSISTANT,
        frozenset(),
        "What is connected for this client?",
        "Ce este conectat pentru acest client?",
        covers="connection_status",
    ),
    _idea(
        PERSONAL_ASSISTANT,
        frozenset(),
        "How many CT do we have left today?",
        "Câți CT mai avem astăzi?",
        covers="ct_balance",
        after="connection_status",
    ),
)


def suggest(
    agent: str,
    language: str,
    connections: Collection[Provider],
    last_tools: Iterable[str] = (),
    count: int = COUNT,
) -> list[Suggested]:
    """The ideas that fit best, best first: what follows on from the last answer, then its own agent's, then the rest.

    Deterministic. An idea whose provider is not connected is never offered, nor the one just answered.
    """
    used = frozenset(last_tools)
    fitting = [idea for idea in IDEAS if idea.needs <= set(connections) and not idea.covers & used]
    ranked = sorted(fitting, key=lambda idea: _rank(idea, agent, used))
    return [Suggested(idea.ro if language == "ro" else idea.en, idea.agent) for idea in ranked[:count]]


def _rank(idea: Idea, agent: str, used: frozenset[str]) -> tuple[int, int, int]:
    """Lower is better. Nothing was asked yet when `used` is empty: then each specialist's first idea leads."""
    follows = 0 if idea.after & used else 1
    if not used:
        same_needs = [other for other in IDEAS if other.needs == idea.needs]
        return (0 if idea.needs else 1, same_needs.index(idea), IDEAS.index(idea))
    return (follows, 0 if idea.agent == agent else 1, IDEAS.index(idea))
