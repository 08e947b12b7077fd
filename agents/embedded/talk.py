"""What is said instead of calling a tool: refusals, templates, whose matter it is, questions back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agents.embedded import areas, templates
from agents.embedded.introduction import able, listed, name_of
from agents.embedded.orders import orders_change, orders_payment
from agents.embedded.phrases import say
from agents.embedded.request import Request
from agents.embedded.schema import ToolSchema, spaced
from agents.embedded.selection import Scored
from agents.embedded.smalltalk import SELF


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
    if not _writes(request) and (ordered := _ordered(text)):
        return say(language, ordered)
    if strongest in ("change_ads", "automation") and chances[strongest] > 0.5 and not _writes(request):
        return say(language, strongest)
    if (
        strongest in ("ad_copy", "content_brief", "keyword_ideas")
        and chances[strongest] > 0.5
        and not (best and best.worded > 0.5)
    ):
        return templates.write(strongest, request, text, language)
    return _not_ours(request, weights, best, language)


def _ordered(text: str) -> str:
    if orders_payment(text):
        return "change_ct"
    return "change_ads" if orders_change(text) else ""


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
    return say(language, "need", what=listed(wanted, language))


def stumbled(request: Request, language: str) -> str:
    """Said when planning failed on our side: what the tools returned is not lost, and a question may be asked again."""
    return f"{say(language, 'stumbled')} {able(request, language)}"
