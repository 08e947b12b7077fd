"""Why a tab has no figures, and the one next step, in the reader's words. Connectors write their hints for models.

A page about trouble at Google is a page like any other and answers 200: proxies such as Cloudflare put a page of their
own in the place of a 502 or 504. Programs read the JSON of the same tab, which answers with the connector's status.
Dates that make no sense answer 422.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from camarad.errors import CamaradError
from tools.connectors.connection import ConnectionView
from tools.connectors.errors import ConnectorError
from web import i18n
from web.tabs.address import Address
from web.tabs.figures import Figures
from web.tabs.notes import gateway

Step = Literal["connect", "choose", "manage", "retry", "range"]

STEPS: dict[str, Step] = {
    "reconnect": "connect",
    "missing_scope": "connect",
    "not_connected": "connect",
    "sealed": "connect",
    "permission": "manage",
    "invalid": "range",
}
QUOTED = frozenset({"permission", "quota", "invalid"})  # classes whose message carries Google's own words


@dataclass(frozen=True, slots=True)
class Trouble:
    """`failed` is false where nothing went wrong: a connection that is not there yet is a state, not an error."""

    kind: str
    title: str
    text: str
    step: Step
    link: str
    failed: bool = False
    quoted: str = ""
    status: int = 200


def of_state(figures: Figures, view: ConnectionView, address: Address, client: str) -> Trouble | None:
    """What there is no point in asking Google for; None when a read can be tried."""
    if view.state in ("not_connected", "disconnected"):
        return _trouble(figures, address, "not_connected", "connect", client=client)
    if view.connected and not view.account_id:
        return _trouble(figures, address, "choose", "choose")
    return None


def of_error(figures: Figures, error: ConnectorError, address: Address) -> Trouble:
    wait = None if error.retry_after is None else max(1, math.ceil(error.retry_after))
    return _trouble(
        figures,
        address,
        error.kind,
        STEPS.get(error.kind, "retry"),
        failed=True,
        quoted=error.message if error.kind in QUOTED else "",
        retry_after=wait,
    )


def bad_range(figures: Figures, error: CamaradError, key: str, address: Address) -> Trouble:
    text = figures.say(f"tabs.bad.{key}")
    link = address.usual().here()
    return Trouble("range", figures.say("tabs.bad.title"), text, "range", link, failed=True, status=error.status)


def _trouble(
    figures: Figures,
    address: Address,
    kind: str,
    step: Step,
    *,
    client: str = "",
    failed: bool = False,
    quoted: str = "",
    retry_after: int | None = None,
) -> Trouble:
    name = figures.say(f"connectors.{address.provider}")
    title, text = _words(figures, kind, name, client)
    if retry_after is not None:
        text += " " + figures.say("tabs.error.wait", wait=_wait(figures, retry_after))
    return Trouble(
        kind,
        title,
        text,
        step,
        _link(address, step),
        failed,
        quoted,
    )


def _wait(figures: Figures, seconds: int) -> str:
    if seconds < 90:
        return figures.say("tabs.wait.seconds", count=figures.text(seconds, "integer"))
    minutes = round(seconds / 60)
    unit, count = ("minutes", minutes) if minutes < 120 else ("hours", round(minutes / 60))
    return figures.say(f"tabs.wait.{unit}", count=figures.text(count, "integer"))


def _words(figures: Figures, kind: str, name: str, client: str) -> tuple[str, str]:
    if kind.startswith("gateway"):
        what = gateway(figures, kind)
        return figures.say("tabs.error.gateway", what=what), figures.say("tabs.error.gateway.text", name=name)
    known = kind if i18n.has(figures.language, f"tabs.error.{kind}") else "unavailable"
    text = figures.say(f"tabs.error.{known}.text", name=name, client=client)
    return figures.say(f"tabs.error.{known}", name=name), text


def _link(address: Address, step: Step) -> str:
    links = {"retry": address.here(), "range": address.usual().here()}
    return links.get(step) or address.mending({"connect": "connect", "choose": "choose"}.get(step, ""))
