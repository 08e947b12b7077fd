"""Who answers: one record an agent. Adding an agent is adding a record, a prompt file and an avatar."""

from __future__ import annotations

from dataclasses import dataclass, field

from camarad.errors import NotFound
from tools.record import Provider

PERSONAL_ASSISTANT = "personal-assistant"
PPC_SPECIALIST = "ppc-specialist"
SEO_STRATEGIST = "seo-strategist"
FLOW_COMPOSER = "flow-composer"


@dataclass(frozen=True, slots=True)
class Agent:
    """`prompt` names a file in prompts/, `tools` are names of the registry, `hands_off_to` are slugs.

    `needs` are the providers without which the agent can say little. An agent that is not `available` is shown as
    coming, and nothing routes to it.
    """

    slug: str
    name: str
    summary: str
    summary_ro: str
    prompt: str
    tools: tuple[str, ...]
    avatar: str
    hands_off_to: tuple[str, ...] = ()
    needs: frozenset[Provider] = field(default_factory=frozenset)
    available: bool = True


AGENTS: tuple[Agent, ...] = (
    Agent(
        slug=PERSONAL_ASSISTANT,
        name="Personal Assistant",
        summary="Reads every question first, answers about connections and CT, and brings in the right specialist.",
        summary_ro="Citește prima fiecare întrebare, răspunde despre conexiuni și CT și aduce specialistul potrivit.",
        prompt="personal-assistant",
        tools=("connection_status", "ct_balance"),
        avatar="personal-assistant.svg",
        hands_off_to=(PPC_SPECIALIST, SEO_STRATEGIST),
    ),
    Agent(
        slug=PPC_SPECIALIST,
        name="PPC Specialist",
        summary="Google Ads: campaigns, keywords, search terms, budgets, wasted spend, paid traffic.",
        summary_ro="Google Ads: campanii, cuvinte cheie, termeni de căutare, bugete, bani irosiți, trafic plătit.",
        prompt="ppc-specialist",
        tools=(
            "ads_overview",
            "ads_campaigns",
            "ads_ad_groups",
            "ads_keywords",
            "ads_search_terms",
            "ads_wasted_spend",
            "ads_budget_pacing",
            "ads_anomalies",
            "ga4_overview",
            "ga4_top_pages",
            "ga4_traffic_sources",
            "connection_status",
        ),
        avatar="ppc-specialist.svg",
        hands_off_to=(PERSONAL_ASSISTANT, SEO_STRATEGIST),
        needs=frozenset({"google-ads"}),
    ),
    Agent(
        slug=SEO_STRATEGIST,
        name="SEO & Content Strategist",
        summary="The website in Google Analytics: traffic, organic search, landing pages, content, audience, funnels.",
        summary_ro="Site-ul în Google Analytics: trafic, căutare organică, pagini de destinație, conținut, pâlnii.",
        prompt="seo-strategist",
        tools=(
            "seo_landing_pages",
            "seo_organic_traffic",
            "ga4_overview",
            "ga4_top_pages",
            "ga4_traffic_sources",
            "ga4_events",
            "ga4_funnel",
            "ga4_audience",
            "ga4_realtime",
            "ga4_report",
            "connection_status",
        ),
        avatar="seo-strategist.svg",
        hands_off_to=(PERSONAL_ASSISTANT, PPC_SPECIALIST),
        needs=frozenset({"ga4"}),
    ),
    Agent(
        slug=FLOW_COMPOSER,
        name="Flow Composer",
        summary="Turns a description into a flow that can be checked, run and exported.",
        summary_ro="Transformă o descriere într-un flux care poate fi verificat, rulat și exportat.",
        prompt="flow-composer",
        tools=(),
        avatar="flow-composer.svg",
        available=False,
    ),
)

_BY_SLUG = {agent.slug: agent for agent in AGENTS}


def agent(slug: str) -> Agent:
    """The agent of that slug. Raises NotFound that names those who can answer."""
    found = _BY_SLUG.get(slug)
    if found is None or not found.available:
        able = ", ".join(a.slug for a in AGENTS if a.available)
        raise NotFound(f"There is no agent named {slug!r} here.", hint=f"Agents that answer: {able}.")
    return found
