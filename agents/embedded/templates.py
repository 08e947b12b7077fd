"""Ad copy, briefs and keyword ideas from templates. They say that they are templates and hold no numbers."""

from __future__ import annotations

import re

from agents.embedded.arguments import names
from agents.embedded.request import Request
from agents.embedded.text import names_in_quotes

_FOR = re.compile(
    r"\b(?:for|about|on|around|pentru|despre|la|cu tema|pe tema|legat de)\s+(?:an? |the |"
    r"our |o |un )?(.{3,80}?)\s*[?.!]*$",
    re.IGNORECASE,
)


def subject_of(text: str) -> str:
    quoted = names_in_quotes(text)
    found = _FOR.search(text)
    return quoted[0] if quoted else (found[1] if found else names.topic(text) or "")


def write(kind: str, request: Request, text: str, language: str) -> str:
    """A template filled with the subject the person named."""
    topic = (
        subject_of(request.question) or request.facts.client or ("your offer" if language == "en" else "oferta voastră")
    )
    topic = topic[:1].upper() + topic[1:]
    return _TEXTS[language][kind].format(topic=topic)


_TEXTS = {
    "en": {
        "ad_copy": "This is a template, not written copy: I run without a language model. For "
        "{topic}:\n- Headlines: “{topic}” · “{topic}, the simple way” · “See the range and "
        "prices”\n"
        "- Descriptions: “Everything for {topic} in one place. Clear prices, fast answers.” "
        "· “Compare, choose and order online today.”\n"
        "Keep a headline within 30 characters and a description within 90, name one concrete "
        "advantage you can prove, and test two variants against each other.",
        "content_brief": "This is a template, not a researched brief: I run without a language model and see "
        "no search volumes. For {topic}:\n- Question to answer: what does a reader who types "
        "this want to decide?\n"
        "- Title: the topic first, one benefit after it\n- Outline: short answer · how it "
        "works · how to choose · costs and limits · frequent questions\n"
        "- Evidence: your own data, photos and examples\n- Links: to the product or service "
        "page, and from the pages that already get organic sessions\nAsk me for the landing "
        "pages of the last 28 days to see where it fits.",
        "keyword_ideas": "I see Google Analytics and Google Ads, not search volumes, so this is a template "
        "and no research. Around {topic}:\n- the topic with: price, review, comparison, near "
        "me, for beginners\n"
        "- questions: what is, how to choose, how much does it cost\nThe terms people "
        "already use are in the search terms report: ask me for it.",
    },
    "ro": {
        "ad_copy": "Acesta este un șablon, nu un text redactat: rulez fără model de limbaj. Pentru "
        "{topic}:\n- Titluri: „{topic}” · „{topic}, pe înțelesul tuturor” · „Vezi gama și "
        "prețurile”\n"
        "- Descrieri: „Tot ce ține de {topic}, într-un singur loc. Prețuri clare, răspunsuri "
        "rapide.” · „Compară, alege și comandă online astăzi.”\n"
        "Păstrați titlul sub 30 de caractere și descrierea sub 90, numiți un avantaj concret "
        "pe care îl puteți dovedi și testați două variante.",
        "content_brief": "Acesta este un șablon, nu un brief documentat: rulez fără model de limbaj și nu văd "
        "volume de căutare. Pentru {topic}:\n- Întrebarea la care răspundem: ce vrea să "
        "decidă cine caută asta?\n"
        "- Titlu: întâi subiectul, apoi un beneficiu\n- Structură: răspunsul scurt · cum "
        "funcționează · cum alegi · costuri și limite · întrebări frecvente\n"
        "- Dovezi: date, fotografii și exemple proprii\n- Linkuri: către pagina de produs "
        "sau serviciu și dinspre paginile care au deja sesiuni organice\nCereți-mi paginile "
        "de destinație din ultimele 28 de zile ca să vedem unde se potrivește.",
        "keyword_ideas": "Văd Google Analytics și Google Ads, nu volume de căutare, așa că acesta este un "
        "șablon, nu o cercetare. În jurul temei {topic}:\n- tema împreună cu: preț, păreri, "
        "comparație, în apropiere, pentru începători\n"
        "- întrebări: ce este, cum alegi, cât costă\nTermenii pe care oamenii îi folosesc "
        "deja sunt în raportul de termeni de căutare: cereți-mi-l.",
    },
}
