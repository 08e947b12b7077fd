"""A tool's error told to a person: what could not be read, why, and the next step."""

from __future__ import annotations

import re

from agents.embedded.answers.figures import of_counted
from agents.embedded.answers.sources import provider
from agents.embedded.answers.view import View
from agents.embedded.schema import spaced

MEND = "/connectors"
_RO = {
    "not_connected": "nu este conectat pentru acest client, deci nu am de unde citi cifrele. Conectați "
    "contul și întrebați din nou.",
    "quota": "a refuzat pentru moment: cota de citiri este epuizată. Încercați din nou mai târziu.",
    "permission": "nu permite citirea acestui cont. Cereți acces sau reconectați cu un utilizator care îl are.",
    "missing_scope": "nu a fost inclus în acordul dat la Google. Reconectați contul și lăsați bifată căsuța lui.",
    "sealed": "este conectat, dar acordul păstrat nu se poate deschide cu cheile acestui server. Reconectați contul "
    "sau cereți administratorului să pună la loc cheia veche.",
    "gateway_off": "se citește prin gateway, care este oprit; nu am pus alte cifre în loc.",
    "gateway_not_configured": "se citește prin gateway, care nu are adresă pe acest server; nu am pus alte cifre.",
    "gateway_unreachable": "se citește prin gateway, la care nu se poate ajunge acum; nu am pus alte cifre în loc.",
    "gateway_timeout": "se citește prin gateway, care nu a răspuns la timp; nu am pus alte cifre în loc.",
    "gateway_failed": "se citește prin gateway, care nu poate servi acum; nu am pus alte cifre în loc.",
    "gateway_bad_answer": "se citește prin gateway, care a răspuns ceva ce nu se poate citi; nu am pus alte cifre.",
    "gateway_refused": "se citește prin gateway, care nu acceptă acest server; nu am pus alte cifre în loc.",
    "bad_answer": "a răspuns ceva ce nu se poate citi. Încercați din nou mai târziu.",
    "reconnect": "cere o nouă autorizare: consimțământul a expirat sau a fost retras. Reconectați contul.",
    "unavailable": "nu răspunde acum. Încercați din nou peste câteva minute.",
    "timeout": "nu a răspuns la timp. Încercați din nou sau cereți o perioadă mai scurtă.",
    "invalid": "nu a acceptat cererea. Întrebați altfel sau cereți altă perioadă.",
    "arguments": "nu a putut fi citit cu aceste condiții.",
    "internal": "nu a putut fi citit din cauza unui defect în Camarad; nu s-a citit nimic.",
}


_UNCHOSEN = re.compile(r"no account was chosen")
_SPECIAL_RO = (
    (
        _UNCHOSEN,
        "este conectat pentru acest client, dar nu s-a ales niciun cont. Alegeți contul și întrebați din nou.",
    ),
    (
        re.compile(r"unavailable: .*(?:on this server|accept this server)"),
        "nu poate fi citit: accesul la Google nu este pus la punct pe acest server. Îl poate corecta administratorul.",
    ),
)
_WAIT = re.compile(r"\bin (?:about )?(\d+) (second|minute|hour)s?\b")
_UNITS_RO = {"second": ("o secundă", "secunde"), "minute": ("un minut", "minute"), "hour": ("o oră", "ore")}


def explain(view: View, language: str) -> str:
    error = view.error or {}
    code, message, hint = error.get("code", ""), error.get("message", ""), error.get("hint", "")
    who = provider(view) or _who(code) or view.title or spaced(view.tool)
    link = _link(error.get("link", ""), who, language)
    if language == "ro":
        return " ".join(filter(None, [f"**{who}** {_told_ro(code, message, hint)}", link]))
    if code.endswith("not_connected") and not _UNCHOSEN.search(message):
        text = f"**{who}** is not connected for this client, so there are no numbers to read. Connect it and ask again."
        return " ".join(filter(None, [text, link]))
    return " ".join(filter(None, [f"**{who} could not be read.**", _sentence(message), _sentence(hint), link]))


def _told_ro(code: str, message: str, hint: str) -> str:
    """The class of the error in Romanian; English words only where nobody knows the class."""
    if code.endswith("invalid_input") and message:
        return _unknown_ro(message, hint)
    special = next((text for pattern, text in _SPECIAL_RO if pattern.search(f"{code}: {message}")), "")
    known = special or next((text for end, text in _RO.items() if code.endswith(end)), "")
    if known and not code.endswith("arguments"):
        return _waiting(known, hint)
    detail = f" ({_sentence(message).rstrip('.')})" if message else ""
    return f"{known or 'nu a putut fi citit.'}{detail}"


def _waiting(text: str, hint: str) -> str:
    """With the time after which it is worth asking again, where the hint says it."""
    found = _WAIT.search(hint)
    return (
        text if found is None else re.sub(r" (?:mai târziu|peste câteva minute)\.", f" {_in(*found.groups())}.", text)
    )


def _in(count: str, unit: str) -> str:
    number = int(count)
    one, many = _UNITS_RO[unit]
    return f"peste {number}{of_counted(number)}{many}" if number != 1 else f"peste {one}"


def _unknown_ro(message: str, hint: str) -> str:
    """What was not found, and what there is, in Romanian around the account's own names."""
    asked = re.search(r"contains ['\"](.+?)['\"]", message)
    there = re.search(r"campaigns are: (.+?)\.?$", hint)
    if asked and there:
        return f"nu are nicio campanie al cărei nume conține „{asked[1]}”. Campaniile sunt: {there[1]}."
    return f"nu a putut fi citit cu aceste condiții. ({_sentence(message).rstrip('.')})"


def _who(code: str) -> str:
    return "Google Ads" if code.startswith("google_ads") else "Google Analytics" if code.startswith("ga4") else ""


def _sentence(text: str) -> str:
    cleaned = re.sub(r"\bSee https?://\S+|https?://\S+", "", re.sub(r"\s+", " ", text)).strip()
    cleaned = re.sub(r"^(?:Tell|Ask) the person (?:to|that)\s+", "", cleaned)  # hints are written for a model
    cleaned = re.sub(rf" (?:at|on) {MEND}\b", "", cleaned)  # the link says where
    cleaned = cleaned[:1].upper() + cleaned[1:]
    return cleaned if not cleaned or cleaned[-1] in ".!?" else f"{cleaned}."


def _link(url: str, who: str, language: str) -> str:
    if not re.match(r"^/[\w\-/?=&.]*$", url):
        return ""
    place = {"en": "the Connectors page", "ro": "pagina Conectori"}[language] if url == MEND else who
    return f"[{'Open' if language == 'en' else 'Deschide'} {place}]({url})"
