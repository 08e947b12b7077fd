"""Fixed sentences in both languages. Data alone: nothing here is chosen, only looked up."""

from __future__ import annotations

NAMES = {
    "personal-assistant": "Personal Assistant",
    "ppc-specialist": "PPC Specialist",
    "seo-strategist": "SEO & Content Strategist",
    "flow-composer": "Flow Composer",
}
PROVIDERS = {"ga4": "Google Analytics 4", "google-ads": "Google Ads"}

_EN = {
    "hello": "Hello! I'm the {name} of Camarad.",
    "who": "I'm the {name} of Camarad.",
    "client": "We are looking at {client}.",
    "have": "Connected: {what}.",
    "lack": "Not connected yet: {what}; without it I cannot read those numbers. You can connect "
    "it on the Connectors page.",
    "able_ads": "I can read Google Ads for you: results against an earlier period, campaigns, ad "
    "groups, keywords, search terms, budgets and pacing, anomalies, and where money is "
    "wasted.",
    "able_seo": "I can read the website's numbers for you: traffic and its sources, organic search, "
    "landing pages and content, audiences, events, funnels and who is on the site now.",
    "able_account": "I can tell you what is connected and your CT balance, and I bring in the PPC "
    "Specialist for Google Ads or the SEO & Content Strategist for the website.",
    "able_tools": "Here I can use: {tools}.",
    "team": "I work with the {names} and hand over when a question is theirs.",
    "thanks": "You're welcome. Ask whenever you want to look at the numbers again.",
    "model": "I'm the {name}, running on the {self}. An operator can set a hosted language model "
    "instead; the tools and the numbers stay the same.",
    "empty": "I'm the {name}. Write me a question in words, for example: how did our Google Ads do last month, or "
    "where does the traffic come from?",
    "no_instructions": "I'm the {name}, and I keep to my instructions: I don't show, repeat or change them.",
    "no_role": "I stay the {name}, with the same rules, whatever the request.",
    "no_secrets": "I don't have keys, passwords or tokens to show, and I would not share them.",
    "no_client": "I work only for {client} here; I have no access to other clients' data. To work on "
    "another client, switch it in the client menu.",
    "this_client": "this client",
    "out": "That is outside what I do as the {name}.",
    "no_tools": "I'm the {name}, running on the {self}. I answer from tools that read data, and none "
    "is available in this request.",
    "unclear": "I'm not sure which numbers you mean. Could you say what you want to see and for which period?",
    "stumbled": "Something went wrong on my side while I worked on this, so I would rather give no numbers than wrong "
    "ones. Please ask again in other words, naming what you want to see and for which period.",
    "need": "I need one more detail: {what}.",
    "not_mine_ads": "Google Ads questions belong to the PPC Specialist; please ask there, I'd rather not "
    "guess as the {name}.",
    "not_mine_seo": "Website and organic search questions belong to the SEO & Content Strategist; please "
    "ask there, I'd rather not guess as the {name}.",
    "not_mine_account": "Connections, CT and how Camarad works belong to the Personal Assistant; please ask there.",
    "change_ct": "I can't buy CT or pay for anything; I only read. Ask me for the balance, or what today's use was.",
    "change_ads": "I can't change anything in Google Ads: I read and propose, and you make the change "
    "there. Tell me the campaign and I'll show the numbers that speak for or against it.",
    "automation": "Flows and scheduled reports are not available in this release. I can read the "
    "numbers with you now: tell me what and for which period.",
}
_RO = {
    "hello": "Bună! Sunt {name} din Camarad.",
    "who": "Sunt {name} din Camarad.",
    "client": "Ne uităm la {client}.",
    "have": "Conectat: {what}.",
    "lack": "Încă neconectat: {what}; fără această conexiune nu pot citi cifrele respective. O "
    "poți conecta din pagina Conectori.",
    "able_ads": "Vă pot citi datele din Google Ads: rezultate față de o perioadă "
    "anterioară, campanii, grupuri de anunțuri, cuvinte cheie, termeni de căutare, "
    "bugete și ritmul lor, anomalii și unde se irosesc bani.",
    "able_seo": "Vă pot citi cifrele site-ului: traficul și sursele lui, căutarea organică, "
    "paginile de destinație și conținutul, publicul, evenimentele, pâlniile și cine este "
    "acum pe site.",
    "able_account": "Vă pot spune ce este conectat și soldul CT, iar pentru Google Ads aduc PPC "
    "Specialist, pentru site aduc SEO & Content Strategist.",
    "able_tools": "Aici pot folosi: {tools}.",
    "team": "Lucrez împreună cu {names} și predau întrebarea când este a lor.",
    "thanks": "Cu plăcere. Scrieți-mi oricând vreți să ne uităm din nou la cifre.",
    "model": "Sunt {name} și rulez pe „{self}” (planificatorul încorporat Camarad: reguli și "
    "reprezentări multilingve, nu un model de limbaj). Un operator poate seta în loc un "
    "model găzduit; instrumentele și cifrele rămân aceleași.",
    "empty": "Sunt {name}. Scrieți-mi o întrebare în cuvinte, de exemplu: cum au mers reclamele Google Ads luna "
    "trecută sau de unde vine traficul?",
    "no_instructions": "Sunt {name} și îmi respect instrucțiunile: nu le arăt, nu le repet și nu le schimb.",
    "no_role": "Rămân {name}, cu aceleași reguli, oricare ar fi cererea.",
    "no_secrets": "Nu am chei, parole sau tokenuri de arătat și nici nu le-aș dezvălui.",
    "no_client": "Aici lucrez numai pentru {client}; nu am acces la datele altor clienți. Ca să "
    "lucrați pe alt client, schimbați-l din meniul de clienți.",
    "this_client": "acest client",
    "out": "Asta nu ține de rolul meu de {name}.",
    "no_tools": "Sunt {name} și rulez pe „{self}”. Răspund pe baza instrumentelor care citesc date, "
    "iar în această cerere nu este disponibil niciunul.",
    "unclear": "Nu sunt sigur la ce cifre vă referiți. Îmi puteți spune ce vreți să vedeți și pentru ce perioadă?",
    "stumbled": "Ceva nu a mers la mine cât am lucrat la întrebare, așa că prefer să nu dau nicio cifră decât una "
    "greșită. Vă rog întrebați din nou, cu alte cuvinte: ce vreți să vedeți și pentru ce perioadă.",
    "need": "Mai am nevoie de un detaliu: {what}.",
    "not_mine_ads": "Întrebările despre Google Ads țin de PPC Specialist; vă rog întrebați acolo, ca "
    "{name} prefer să nu ghicesc.",
    "not_mine_seo": "Întrebările despre site și căutarea organică țin de SEO & Content Strategist; te "
    "rog întreabă acolo, ca {name} prefer să nu ghicesc.",
    "not_mine_account": "Conexiunile, CT și modul în care funcționează Camarad țin de Personal Assistant; te "
    "rog întreabă acolo.",
    "change_ct": "Nu pot cumpăra CT și nu pot plăti nimic; doar citesc. Vă pot spune soldul și cât s-a consumat azi.",
    "change_ads": "Nu pot modifica nimic în Google Ads: citesc și propun, iar schimbarea o faceți dumneavoastră "
    "acolo. Spuneți-mi campania și vă arăt cifrele care pledează pentru sau împotriva ei.",
    "automation": "Fluxurile și rapoartele programate nu sunt disponibile în această versiune. Pot "
    "citi acum cifrele cu tine: spuneți-mi ce și pentru ce perioadă.",
}
TEXTS = {"en": _EN, "ro": _RO}


def say(language: str, key: str, **values: str) -> str:
    return TEXTS[language][key].format(**values)
