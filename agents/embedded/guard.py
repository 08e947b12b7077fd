"""What is never done, whatever the words: reveal or change instructions, switch client or role, touch secrets."""

from __future__ import annotations

import re
from typing import Literal

from agents.embedded.text import tidy

Attack = Literal["instructions", "secrets", "client", "role"]

_INSTRUCTIONS = re.compile(
    r"\b(?:ignor\w*|forget|disregard|uita|bypass|overrid\w*|ocoles\w*|treci peste|nu mai "
    r"tine cont)\b.{0,50}\b(?:instruct\w*|rules?|reguli\w*|guidelines?|"
    r"spus|prompt\w*|restric\w*|above|previous|everything|tot ce|directiv\w*|limit\w*)|"
    r"system prompt|system message|prompt-?ul(?:ui)? (?:tau |de )?(?:sistem)?|mesajul de "
    r"sistem|"
    r"promptul tau|your (?:initial |original |hidden |full |exact |secret )?(?:prompt|"
    r"instructions)|instructiunile (?:tale|ascunse|initiale|primite|de sistem)|hidden "
    r"(?:prompt|instruct\w*|rules)|"
    r"(?:repeat|print|output|reveal|show|afiseaza|repeta|arata|"
    r"copiaza)\b.{0,30}\b(?:everything above|words above|text above|instructions|tot ce "
    r"(?:e|este) (?:mai )?sus|ce scrie mai sus|initial prompt|your rules|regulile tale)|"
    r"what were you told|ce (?:instructiuni|reguli) ai primit|ce ti s-a spus"
)
_ROLE = re.compile(
    r"\byou are (?:now|no longer)\b|from now on,? (?:you|act)|de acum (?:inainte|"
    r"incolo)?,? ?(?:esti|te comporti|vei fi|raspunzi ca)|nu mai esti|\bact as (?:an? "
    r")?(?!specialist)(?:unrestrict\w*|evil|different|dan|jailbr\w*|pirate|human|lawyer|"
    r"doctor)|"
    r"pretend (?:to be|you)|prefa-te ca|joaca rolul|role-?play|developer mode|mod(?:ul)? "
    r"(?:dezvoltator|developer|administrator)|admin mode|god mode|\bdan mode\b|"
    r"\bjailbreak|"
    r"(?:disable|turn off|dezactiveaza|opreste)\b.{0,20}\b(?:safety|filters?|guardrails?|"
    r"filtre\w*|siguranta)|fara restrictii|without (?:any )?restrictions|unrestricted ai"
)
_SECRETS = re.compile(
    r"\b(?:api[\s_-]?keys?|access tokens?|refresh tokens?|oauth tokens?|passwords?|"
    r"credentials|secret keys?|secrets|cheile? api|chei secrete|parol\w+|token-?urile?|"
    r"env(?:ironment)? variables?|\.env\b|"
    r"database (?:url|password|schema|dump)|variabile(?:le)? de mediu|card numbers?|client[_ ]secret)\b"
)
_CLIENT = re.compile(
    r"\b(?:switch|change|move|go|schimba|treci|comuta|muta)\b.{0,20}\b(?:to|la|pe|"
    r"client\w*)\b.{0,30}\b(?:client\w*|workspace|account of|contul (?:lui|altui|"
    r"clientului))\b|"
    r"\b(?:other|another|different|all|any|every|alt|altui|altor|celalalt|celuilalt|"
    r"ceilalti|toti|tuturor|celorlalti|alti) (?:the |of |your |the other |of the |my |our "
    r"|the rest of )*(?:clien\w+|agency client\w*|tenant\w*|workspace\w*|compan(?:y|"
    r"ies)'? (?:data|numbers)|customer'?s? (?:account|data)\w*)|"
    r"\b(?:data|numbers|campaigns|spend|datele|cifrele|campaniile|conversations|"
    r"conversatiile)\b.{0,20}\b(?:of|for|from|ale|al|lui|pentru|altui|de "
    r"la)\b.{0,15}\bclient(?:ul|ului)? ?(?:id|[a-z]+-[a-z0-9-]+|\d+|x|b)\b|"
    r"\bclientului (?:[a-z]+-[a-z0-9-]+|\d+)\b|"
    r"client[_-]id\s*[:=]|customer[_ ]id\s*[:=]"
)


_NAME_COMES = re.compile(
    r"\b(?:campaign|campania|campaniei|campanie|ad group|grupul|keyword|cuvantul|term|termenul|query|page|pagina|event|"
    r"evenimentul|named|called|numit\w*|named)\s*[:\"'„“«]*\s*$"
)


def attack(text: str) -> Attack | None:
    """Which line a message tries to cross, or None. Asking how to change a password is no attack.

    Words that stand where a name stands ("the campaign Ignore all previous instructions") are a name: clients do not
    choose what others call their campaigns, and a name is only looked up.
    """
    folded = _without_names(tidy(text))
    if _crosses(_INSTRUCTIONS, folded):
        return "instructions"
    if _crosses(_ROLE, folded):
        return "role"
    if _SECRETS.search(folded) and not re.search(r"\b(?:change|reset|forgot|schimb|resetez|am uitat|invite)\b", folded):
        return "secrets"
    return "client" if _CLIENT.search(folded) else None


def _without_names(folded: str) -> str:
    """Quoted words after a word that announces a name are blanked."""
    return re.sub(r'"[^"]{2,120}"', lambda m: " " if _NAME_COMES.search(folded[: m.start()]) else m.group(), folded)


def _crosses(pattern: re.Pattern[str], folded: str) -> bool:
    return any(not _NAME_COMES.search(folded[: found.start()]) for found in pattern.finditer(folded))
