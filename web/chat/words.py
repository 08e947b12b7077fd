"""The chat page's own words in English and Romanian: steps, sources, labels. Chainlit's words are in
.chainlit/translations.
"""

from __future__ import annotations

from web.chat.visit import Language

EN: dict[str, str] = {
    "title": "Chat · Camarad",
    "answering": "Answering…",
    "answered": "Answered.",
    "stopped": "Stopped.",
    "failed": "The answer could not be finished.",
    "handed_over": "{before} handed over to {after}",
    "source_live": "live",
    "source_gateway": "gateway",
    "source_demo": "demo data",
    "source_camarad": "Camarad records",
    "source_label": "Source",
    "period": "{start} – {end}",
    "against": "against {start} – {end}",
    "as_of": "read {at}",
    "ct": "{ct} CT",
    "ct_title": "{requests} model calls, {tokens_in} tokens in, {tokens_out} out, {model}",
    "untraced": "Not found in the data read for this answer: {numbers}. Check before you use it.",
    "stopped_mark": "Stopped before the end.",
    "show_table": "Show as a table",
    "hide_table": "Hide the table",
    "more_rows": "{count} more rows not shown",
    "previous": "before: {value}",
    "chart_of": "Chart: {title}",
    "open": "Open",
    "step_failed": "{name}: {error}",
    "arguments": "Asked with",
    "found": "Result",
    "next_step": "What to do next",
    "suggestions": "Suggestions",
    "clients": "Client",
    "choose_agent": "Who should answer?",
    "agent_auto": "Reads the question and brings in the right specialist.",
    "welcome": "What would you like to know about {client}?",
    "welcome_none": "Nothing is connected for {client} yet.",
    "connected": "connected",
    "not_connected": "not connected",
    "needs_attention": "needs attention",
    "connect": "Connect",
    "demo_data": "demo data",
    "missing": "needs {providers}",
    "coming": "coming",
    "settings": "Clients and settings",
    "lost": "The connection was lost. Reconnecting…",
    "gone_error": "Your sign-in has ended.",
    "gone_hint": "Sign in again; the conversation is kept.",
    "sign_in": "Sign in",
}
RO: dict[str, str] = {
    "title": "Conversații · Camarad",
    "answering": "Se răspunde…",
    "answered": "Răspunsul este gata.",
    "stopped": "Oprit.",
    "failed": "Răspunsul nu a putut fi terminat.",
    "handed_over": "{before} a predat conversația către {after}",
    "source_live": "date live",
    "source_gateway": "gateway",
    "source_demo": "date demo",
    "source_camarad": "evidența Camarad",
    "source_label": "Sursa",
    "period": "{start} – {end}",
    "against": "față de {start} – {end}",
    "as_of": "citit {at}",
    "ct": "{ct} CT",
    "ct_title": "{requests} apeluri la model, {tokens_in} tokeni intrare, {tokens_out} ieșire, {model}",
    "untraced": "Negăsit în datele citite pentru acest răspuns: {numbers}. Verificați înainte de folosire.",
    "stopped_mark": "Oprit înainte de final.",
    "show_table": "Arată ca tabel",
    "hide_table": "Ascunde tabelul",
    "more_rows": "încă {count} rânduri nearătate",
    "previous": "înainte: {value}",
    "chart_of": "Grafic: {title}",
    "open": "Deschide",
    "step_failed": "{name}: {error}",
    "arguments": "Cerut cu",
    "found": "Rezultat",
    "next_step": "Ce urmează",
    "suggestions": "Sugestii",
    "clients": "Client",
    "choose_agent": "Cine să răspundă?",
    "agent_auto": "Citește întrebarea și aduce specialistul potrivit.",
    "welcome": "Ce doriți să aflați despre {client}?",
    "welcome_none": "Nimic nu este conectat încă pentru {client}.",
    "connected": "conectat",
    "not_connected": "neconectat",
    "needs_attention": "necesită atenție",
    "connect": "Conectează",
    "demo_data": "date demo",
    "missing": "are nevoie de {providers}",
    "coming": "în curând",
    "settings": "Clienți și setări",
    "lost": "Conexiunea s-a pierdut. Se reia…",
    "gone_error": "Sesiunea s-a încheiat.",
    "gone_hint": "Autentificați-vă din nou; conversația este păstrată.",
    "sign_in": "Autentificare",
}
TOOLS: dict[str, tuple[str, str]] = {
    "ga4_report": ("Google Analytics report", "Raport Google Analytics"),
    "ga4_overview": ("Google Analytics overview", "Sumar Google Analytics"),
    "ga4_top_pages": ("Top pages", "Pagini populare"),
    "ga4_traffic_sources": ("Traffic sources", "Surse de trafic"),
    "ga4_events": ("Events", "Evenimente"),
    "ga4_funnel": ("Purchase funnel", "Pâlnia de cumpărare"),
    "ga4_audience": ("Audience", "Public"),
    "ga4_realtime": ("Visitors right now", "Vizitatori acum"),
    "ads_overview": ("Google Ads overview", "Sumar Google Ads"),
    "ads_campaigns": ("Campaigns", "Campanii"),
    "ads_ad_groups": ("Ad groups", "Grupuri de anunțuri"),
    "ads_keywords": ("Keywords", "Cuvinte cheie"),
    "ads_search_terms": ("Search terms", "Termeni de căutare"),
    "ads_wasted_spend": ("Wasted spend", "Bani irosiți"),
    "ads_budget_pacing": ("Budget pacing", "Ritmul bugetelor"),
    "ads_anomalies": ("Anomalies", "Anomalii"),
    "seo_landing_pages": ("Organic landing pages", "Pagini de destinație organice"),
    "seo_organic_traffic": ("Organic traffic", "Trafic organic"),
    "connection_status": ("Connections", "Conexiuni"),
    "ct_balance": ("CT balance", "Sold CT"),
}
PROVIDERS = {"ga4": "Google Analytics 4", "google-ads": "Google Ads"}


def words(language: Language) -> dict[str, str]:
    return RO if language == "ro" else EN


def tool_label(name: str, language: Language) -> str:
    """What a tool is called on the page; a tool without a label is shown by its name."""
    english, romanian = TOOLS.get(name, (name, name))
    return romanian if language == "ro" else english


def source_label(source: str, language: Language) -> str:
    return words(language).get(f"source_{source}", source)
