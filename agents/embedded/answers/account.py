"""Connections and CT told in words."""

from __future__ import annotations

from typing import Any

from agents.embedded.answers.figures import Figures
from agents.embedded.answers.view import View, is_number

_STATES_RO = {
    "connected": "conectat",
    "not_connected": "neconectat",
    "expired": "expirat",
    "error": "cu eroare",
    "revoked": "retras",
    "reconnect": "de reconectat",
    "needs_account": "fără cont ales",
    "pending": "în așteptare",
    "missing_scope": "fără acordul necesar",
    "no_access": "fără acces la cont",
    "disconnected": "deconectat",
}
_SOURCES = {
    "en": {"demo": "demo data", "live": "live", "gateway": "gateway"},
    "ro": {"demo": "date demonstrative", "live": "date reale", "gateway": "gateway"},
}


def told(view: View, figures: Figures) -> str:
    """The text for a connection or balance result, or an empty string for any other."""
    if any(f.name == "connection" for f in view.fields) and any(f.name == "state" for f in view.fields):
        return _connections(view, figures)
    if "balance_ct" in view.totals or "available_ct" in view.totals:
        return _balance(view, figures)
    return ""


def _connections(view: View, figures: Figures) -> str:
    english = figures.language == "en"
    lines = ["Connections of this client:" if english else "Conexiunile acestui client:"]
    lines += [_connection(row, figures) for row in view.rows]
    lines.append("")  # or Markdown would read on in the last item
    missing = [str(r["connection"]) for r in view.rows if r.get("state") != "connected"]
    if missing:
        what = ", ".join(missing)
        lines.append(
            f"Missing: {what}. You can connect it on the Connectors page."
            if english
            else f"Lipsește: {what}. Se poate conecta din pagina Conectori."
        )
    else:
        lines.append("Nothing is missing." if english else "Nu lipsește nimic.")
    return "\n".join(lines)


def _connection(row: dict[str, Any], figures: Figures) -> str:
    state = str(row.get("state", ""))
    shown = _STATES_RO.get(state, state.replace("_", " ")) if figures.language == "ro" else state.replace("_", " ")
    source = str(row.get("source") or "")
    details = [
        row.get("account"),
        _SOURCES[figures.language].get(source, source),
        row.get("currency"),
        row.get("timezone"),
    ]
    return f"- **{row['connection']}**: {', '.join([shown, *(str(d) for d in details if d)])}"


def _balance(view: View, figures: Figures) -> str:
    return f"{_sum(view, figures)} {_EACH[figures.language]}"


_EACH = {
    "en": "What a single answer cost stands under it.",
    "ro": "Cât a costat un răspuns scrie sub el.",
}


def _sum(view: View, figures: Figures) -> str:
    t = view.totals
    show = {k: figures.show(v) for k, v in t.items() if is_number(v)}
    if figures.language == "en":
        text = f"The workspace has {show.get('balance_ct', show.get('available_ct', ''))} CT"
        text += f", of which {show['held_ct']} are held by running calls" if t.get("held_ct") else ""
        text += f". Today {show['spent_today_ct']} CT were used" if "spent_today_ct" in show else ""
        return text + (f" of a daily limit of {show['daily_cap_ct']} CT." if "daily_cap_ct" in show else ".")
    text = f"Spațiul de lucru are un sold de {show.get('balance_ct', show.get('available_ct', ''))} CT"
    text += f", din care {show['held_ct']} CT sunt rezervate de apeluri în curs" if t.get("held_ct") else ""
    text += f". Astăzi s-au folosit {show['spent_today_ct']} CT" if "spent_today_ct" in show else ""
    return text + (f" dintr-o limită zilnică de {show['daily_cap_ct']} CT." if "daily_cap_ct" in show else ".")
