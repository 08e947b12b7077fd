"""What is said without a tool: greetings, who we are, what we can do here, refusals, questions back, hand-off notes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agents.embedded import areas
from agents.embedded.context import continues
from agents.embedded.dates import read_dates
from agents.embedded.facts import connected
from agents.embedded.phrases import NAMES, PROVIDERS, say
from agents.embedded.request import Request
from agents.embedded.schema import ToolSchema, spaced
from agents.embedded.selection import Scored
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


_NOBODY = {"en": "assistant", "ro": "asistentul"}  # a prompt that names no agent


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


def name_of(request: Request, language: str = "en") -> str:
    slug = request.facts.agent
    return request.facts.name or NAMES.get(slug, "") or (slug.replace("-", " ").title() if slug else _NOBODY[language])


def about_client(request: Request, language: str) -> str:
    """Which client this is, what is connected and what is missing, from the facts alone."""
    facts = request.facts
    if not facts.client:
        return ""
    have = [_connection(p, s, language) for p, s in facts.connections.items() if connected(s)]
    lack = [PROVIDERS[p] for p, s in facts.connections.items() if connected(s) is False]
    parts = [say(language, "client", client=facts.client)]
    if have:
        parts.append(say(language, "have", what=_list(have, language)))
    if lack:
        parts.append(say(language, "lack", what=_list(lack, language)))
    return " ".join(parts)


def _connection(provider: str, state: str, language: str) -> str:
    state = state.replace(", source ", ", sursa ") if language == "ro" else state
    detail = re.search(r"\(([^)]*)\)", state)
    return f"{PROVIDERS[provider]} ({detail[1]})" if detail else PROVIDERS[provider]


def _list(items: Sequence[str], language: str) -> str:
    joiner = " și " if language == "ro" else " and "
    return joiner.join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else items[0]


def able(request: Request, language: str) -> str:
    own = areas.own_areas(request)
    if own is None:
        tools = [spaced(t.name) for t in request.data_tools][:6]
        return say(language, "able_tools", tools=", ".join(tools)) if tools else say(language, "able_account")
    key = "able_ads" if areas.ADS in own else "able_seo" if areas.SEO in own else "able_account"
    return say(language, key)


def team(request: Request, language: str) -> str:
    route = request.route
    if route is None:
        return ""
    slugs = [str(c) for p in route.params for c in p.choices if str(c) != request.facts.agent]
    return say(language, "team", names=_list([NAMES.get(s, s) for s in slugs], language)) if slugs else ""


def decline(crossed: str, request: Request, language: str) -> str:
    client = request.facts.client or say(language, "this_client")
    return f"{say(language, f'no_{crossed}', name=name_of(request, language), client=client)} {able(request, language)}"


def without_tools(request: Request, language: str) -> str:
    return say(language, "no_tools", name=name_of(request, language), self=SELF)


def instead_of_tools(
    request: Request,
    text: str,
    chances: Mapping[str, float],
    weights: Mapping[str, float],
    ranked: Sequence[Scored],
    language: str,
) -> str:
    """A refusal or a template for what no tool answers, or an empty string when a tool should."""
    best = ranked[0] if ranked else None
    strongest = max(chances, key=lambda k: chances[k])
    fits = best is not None and (best.worded >= 0.35 or (best.score >= 0.35 and weights[areas.OUT] < 0.5))
    if strongest == "out_of_scope" and chances[strongest] > 0.45 and not fits:
        return f"{say(language, 'out', name=name_of(request, language))} {able(request, language)}"
    if strongest in ("change_ads", "automation") and chances[strongest] > 0.5 and not _writes(request):
        return say(language, strongest)
    if (
        strongest in ("ad_copy", "content_brief", "keyword_ideas")
        and chances[strongest] > 0.5
        and not (best and best.worded > 0.5)
    ):
        from agents.embedded import templates

        return templates.write(strongest, request, text, language)
    return _not_ours(request, weights, best, language)


def _writes(request: Request) -> bool:
    return any(
        re.search(r"updat|creat|set_|change|pause|send|post|schedul|compose|flow|delete|add_", t.name)
        for t in request.data_tools
    )


def _not_ours(request: Request, weights: Mapping[str, float], best: Scored | None, language: str) -> str:
    """Another agent's matter that cannot be handed on: said plainly, with who has it."""
    own = areas.own_areas(request)
    if own is None or (best is not None and best.score >= 0.3):
        return ""
    others = {
        a: w for a, w in weights.items() if a not in own and a in (areas.ADS, areas.WEB, areas.SEO, areas.ACCOUNT)
    }
    area = max(others, key=lambda a: others[a])
    if others[area] < 0.45:
        return ""
    return say(
        language,
        f"not_mine_{'ads' if area == areas.ADS else 'account' if area == areas.ACCOUNT else 'seo'}",
        name=name_of(request, language),
    )


def clarify(request: Request, language: str) -> str:
    return f"{say(language, 'unclear')} {able(request, language)}"


def ask_for(missing: Sequence[str], tool: ToolSchema, language: str) -> str:
    wanted = []
    for name in missing:
        param = next(p for p in tool.params if p.name == name)
        wanted.append(
            f"{spaced(name)} ({param.description.rstrip('.')})"
            if param.description and len(param.description) < 90
            else spaced(name)
        )
    return say(language, "need", what=_list(wanted, language))


_NOTE = {
    "en": (
        'The person asks: "{q}"',
        "period {p}",
        "against {p}",
        "compared with {w}",
        "the year before",
        "the period before",
    ),
    "ro": ("Întrebarea: „{q}”", "perioada {p}", "față de {p}", "comparat cu {w}", "anul dinainte", "perioada dinainte"),
}


def note(request: Request, text: str, language: str) -> str:
    """One sentence for the next agent, in the person's language: their own words, with the period spelled out."""
    asks, period, against, compared, year, before = _NOTE[language]
    dates = read_dates(text, request.facts.today)
    base = continues(text)
    parts = [asks.format(q=" ".join(request.question.split())[:400]) + (f" [{base[:200]}]" if base else "")]
    if dates.period:
        parts.append(period.format(p=dates.period.iso()))
    if dates.against:
        parts.append(against.format(p=dates.against.iso()))
    elif dates.compare != "none":
        parts.append(compared.format(w=year if dates.compare == "year" else before))
    return "; ".join(parts) + "."


def stumbled(request: Request, language: str) -> str:
    """Said when planning failed on our side: what the tools returned is not lost, and a question may be asked again."""
    return f"{say(language, 'stumbled')} {able(request, language)}"
