"""What needs no data at all: greetings, thanks, who and what we are, for which client."""

from __future__ import annotations

import re

from agents.embedded.introduction import able, about_client, name_of, team
from agents.embedded.phrases import say
from agents.embedded.request import Request
from agents.embedded.text import tidy

SELF = "Camarad embedded planner: rules and multilingual embeddings, not a language model"

_GREETING = re.compile(
    r"(?:hi|hello|hey|yo|hiya|good (?:morning|afternoon|evening|day)|greetings|"
    r"salut(?:are|ari)?|buna|buna ziua|buna dimineata|buna seara|hei|servus|noroc|neata)"
    r"(?:[ ,!.]+(?:there|all|team|everyone|assistant|camarad|tuturor|echipa|again|din nou|"
    r"ce faci|how are you(?: today)?|ce mai faci))*[ !.,?:)]*"
)
_THANKS = re.compile(
    r"(?:(?:ok|okay|great|perfect|super|cool|nice|bine|gata|grozav|excelent)[ "
    r",!.]*)*(?:thanks?(?: you)?(?: (?:so|very) much| a lot)?|thx|ty|cheers|multumesc(?: "
    r"mult| frumos)?|mersi(?: mult| frumos)?|merci|that'?s all|asta e tot|atat)[^?]{0,30}|"
    r"(?:ok|okay|bye|pa|goodbye|la revedere|great|perfect|super)[ !.]*"
)
_MODEL = re.compile(
    r"\b(?:what|which|ce|care)\b.{0,30}\b(?:model|llm|ai|language model|engine|"
    r"gpt)\b.{0,40}\b(?:you|use|using|run\w*|are|esti|folos\w*|rulezi|merge|sta|behind|"
    r"powers?)|"
    r"\b(?:are you|esti)\b.{0,25}\b(?:gpt|chatgpt|claude|gemini|llama|openai|a language "
    r"model|an llm|a (?:ro)?bot|human|ai|un (?:ro)?bot|om|o persoana|real|model de limbaj|"
    r"inteligenta artificiala)|\bpe ce model\b|\bwhat(?:'s| is) your model\b"
)
_IDENTITY = re.compile(
    r"\b(?:who are you|who am i (?:talking|speaking|chatting) (?:to|with)|what are you|"
    r"what(?:'s| is) your (?:name|role|job)|introduce yourself|cine esti|cum te cheama|cu "
    r"cine vorbesc|ce esti|prezinta-te|care (?:e|este) rolul tau|tell me about yourself|"
    r"spune-mi despre tine|are you the|esti (?:cumva )?(?:specialist|strateg|"
    r"asistent)\w*)\b"
)
_ABILITY = re.compile(
    r"\b(?:what (?:can|do) you (?:do|help|know|offer)|what (?:else )?(?:can|could) (?:you|"
    r"i) (?:do|ask|help)|how (?:can|could|do) you help|what are you able|your "
    r"capabilities|what (?:are|is) (?:you|this) (?:for|good)|ce (?:stii|poti|puteti|pot) "
    r"(?:sa )?(?:fac\w*|intreb\w*|ajut\w*|face)|"
    r"cu ce (?:ma|ne) (?:poti|puteti) ajuta|cum (?:ma|ne) poti ajuta|la ce (?:esti bun|"
    r"ajuti)|ce (?:faci|stii)(?: tu)?(?: aici)?\s*\??$|^help[ !?.]*$|^ajutor[ !?.]*$|"
    r"^(?:help me|ajuta-ma)[ !?.]*$|how does (?:this|camarad) work|cum functioneaza "
    r"(?:asta|camarad|aplicatia)|"
    r"what (?:is|does) camarad|ce (?:e|este) camarad|which agents|what agents|ce agenti|"
    r"cu ce agenti|your team|echipa ta)\b"
)
_ABOUT_CLIENT = re.compile(
    r"\b(?:which client|what client|who is the client|cine e(?:ste)? clientul|ce client|"
    r"care client|pentru cine lucrezi|pe ce client|for which client)\b"
)
_MISSING = re.compile(
    r"\b(?:what(?:'s| is) missing|ce lipseste|ce ne lipseste|ce nu e conectat|what isn'?t connected)\b"
)


def small_talk(request: Request, language: str) -> str:
    """A reply to what needs no data, or an empty string."""
    text = tidy(request.question)
    if not re.search(r"[a-z0-9]", text):
        return say(language, "empty", name=name_of(request, language))
    if _GREETING.fullmatch(text):
        return " ".join(
            filter(
                None,
                [
                    say(language, "hello", name=name_of(request, language)),
                    about_client(request, language),
                    able(request, language),
                ],
            )
        )
    if _THANKS.fullmatch(text):
        return say(language, "thanks")
    if len(text) > 160:
        return ""
    if _MODEL.search(text):
        return say(language, "model", self=SELF, name=name_of(request, language))
    if _IDENTITY.search(text) or _ABOUT_CLIENT.search(text):
        return " ".join(
            filter(
                None,
                [
                    say(language, "who", name=name_of(request, language)),
                    about_client(request, language),
                    able(request, language),
                ],
            )
        )
    if _ABILITY.search(text):
        return " ".join(
            filter(None, [able(request, language), team(request, language), about_client(request, language)])
        )
    if _MISSING.search(text) and request.tool("connection_status") is None:
        return about_client(request, language)
    return ""
