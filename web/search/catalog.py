"""What anyone may find: the agents, the connectors and the pages. Made once; no database stands behind it."""

from __future__ import annotations

from functools import cache

from agents.roster import AGENTS, Agent
from web.search.entry import Entry, Label

ALSO = {
    "personal-assistant": "pa asistent personal help ajutor questions intrebari",
    "ppc-specialist": "paid media platit reclame cost cpc roas",
    "seo-strategist": "organic content continut site trafic",
    "flow-composer": "flux flow workflow automation automatizare",
}

CONNECTORS = (
    Entry(
        "connector",
        "/connectors/ga4",
        (
            Label("Google Analytics 4", "Overview, pages, sources, events, funnels, audience, realtime"),
            Label("Google Analytics 4", "Sumar, pagini, surse, evenimente, pâlnii, audiență, timp real"),
        ),
        "ga4 ga analytics statistici website",
        10,
    ),
    Entry(
        "connector",
        "/connectors/google-ads",
        (
            Label("Google Ads", "Overview, campaigns, ad groups, keywords, search terms, budgets, changes"),
            Label("Google Ads", "Sumar, campanii, grupuri de anunțuri, cuvinte cheie, bugete, modificări"),
        ),
        "adwords ads ppc reclame publicitate",
        10,
    ),
)

PAGES = (
    Entry(
        "page",
        "/pricing",
        (Label("Pricing", "Plans in EUR and what a CT is"), Label("Prețuri", "Planurile în EUR și ce este un CT")),
        "plans planuri cost price tarife ct credit",
        3,
    ),
    Entry(
        "page",
        "/signup",
        (Label("Create an account", "Free, no card"), Label("Creează un cont", "Gratuit, fără card")),
        "sign up register inregistrare cont",
        3,
    ),
    Entry(
        "page",
        "/login",
        (Label("Sign in", "To your workspace"), Label("Autentificare", "În spațiul tău de lucru")),
        "login conectare intra",
        3,
    ),
    Entry(
        "page",
        "/chat-demo",
        (Label("Demo", "What there is to try"), Label("Demo", "Ce poți încerca")),
        "try example incearca exemplu",
        3,
    ),
    Entry(
        "page",
        "/docs",
        (Label("API documentation", "Every route"), Label("Documentația API", "Toate rutele")),
        "openapi developers programatori rest",
        2,
    ),
    Entry(
        "page",
        "/connectors",
        (
            Label("Connectors", "What is connected for a client"),
            Label("Conectori", "Ce este conectat pentru un client"),
        ),
        "connections conexiuni integrari integrations",
        2,
    ),
    Entry(
        "page",
        "/privacy",
        (Label("Privacy notice", "What is kept and why"), Label("Confidențialitate", "Ce păstrăm și de ce")),
        "gdpr data date personale",
    ),
    Entry("page", "/terms", (Label("Terms", "Of use"), Label("Termeni", "De utilizare")), "conditions conditii"),
    Entry("page", "/legal", (Label("Legal notice"), Label("Informații legale")), "company imprint firma"),
)


def _entry(agent: Agent) -> Entry:
    labels = (Label(agent.name, agent.summary), Label(agent.name, agent.summary_ro))
    return Entry("agent", "/chat", labels, ALSO.get(agent.slug, ""), 5)


@cache
def public_entries() -> tuple[Entry, ...]:
    """An agent that is not available yet is not offered."""
    return (*(_entry(agent) for agent in AGENTS if agent.available), *CONNECTORS, *PAGES)
