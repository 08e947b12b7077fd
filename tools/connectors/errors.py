"""Every failure of Google's clients as one error with a stable code, a next step, and whether to try again.

<provider>_reconnect      502  the token or the consent is gone; renewed once first
<provider>_missing_scope  502  the consent does not cover this provider
<provider>_permission     502  signed in, but not allowed to read this account
<provider>_quota          503  Google's limit is used up; `retry_after` says when it returns
<provider>_unavailable    503  Google failed or could not be reached, after retries
<provider>_timeout        504  no answer in time, after retries
<provider>_invalid        502  Google refused the request itself; its own words are passed on
<provider>_bad_answer     502  what came back is not what Google sends
<provider>_not_connected  409  this client has no such connection, or no account was chosen
<provider>_sealed         503  the stored tokens do not open with this server's vault keys
<provider>_gateway_…      503  the gateway is off or failed; see tools/connectors/gateway.py

<provider> is `ga4` or `google_ads`.
"""

from __future__ import annotations

from camarad.errors import Upstream
from tools.record import Provider

STATUS = {"quota": 503, "unavailable": 503, "timeout": 504, "not_connected": 409, "sealed": 503}
NAMES: dict[Provider, str] = {"ga4": "Google Analytics", "google-ads": "Google Ads"}
MEND = "/connectors"  # the page where connections are made, mended and chosen

HOUR, DAY = 3600.0, 86400.0
UNAVAILABLE_WAIT = 30.0


class ConnectorError(Upstream):
    """`kind` is the class above. `repeat` says that trying again at once is safe and may help, after `wait` seconds;
    `down` that nobody answered, which is what opens the breaker. `state` is what the failure makes of the connection,
    with `reason` as its stable code; `detail` is Google's own code where it matters."""

    def __init__(
        self,
        provider: Provider,
        kind: str,
        message: str,
        hint: str,
        *,
        repeat: bool = False,
        wait: float = 0.0,
        retry_after: float | None = None,
        down: bool = False,
        state: str | None = None,
        reason: str | None = None,
        detail: str = "",
    ) -> None:
        code = f"{provider.replace('-', '_')}_{kind}"
        super().__init__(message, code=code, status=STATUS.get(kind, 502), hint=hint, retry_after=retry_after)
        self.provider, self.kind, self.repeat, self.wait, self.down = provider, kind, repeat, wait, down
        self.state, self.reason, self.detail = state, reason or kind, detail


def not_connected(provider: Provider) -> ConnectorError:
    name = NAMES[provider]
    return ConnectorError(
        provider,
        "not_connected",
        f"{name} is not connected for this client.",
        f"Connect it at {MEND}.",
    )


def no_account(provider: Provider) -> ConnectorError:
    name = NAMES[provider]
    return ConnectorError(
        provider,
        "not_connected",
        f"{name} is connected for this client, but no account was chosen.",
        f"Choose the account at {MEND}.",
        detail="no_account",
    )


def reconnect(provider: Provider, reason: str = "unauthenticated") -> ConnectorError:
    """`expired`: the consent was for a while only. `invalid_grant`: it was withdrawn. Else Google refuses the token."""
    over = reason == "expired"
    return ConnectorError(
        provider,
        "reconnect",
        f"{NAMES[provider]}: the consent for this client has expired."
        if over
        else f"{NAMES[provider]} no longer accepts this client's connection.",
        f"Connect it again at {MEND}; nothing else helps.",
        state="expired" if over else "reconnect",
        reason=reason,
    )


def missing_scope(provider: Provider) -> ConnectorError:
    return ConnectorError(
        provider,
        "missing_scope",
        f"The consent given for this client does not cover {NAMES[provider]}.",
        f"Connect it again at {MEND} and leave the box for {NAMES[provider]} ticked.",
        state="missing_scope",
    )


def permission(provider: Provider, said: str, *, state: str | None = "no_access", detail: str = "") -> ConnectorError:
    return ConnectorError(
        provider,
        "permission",
        f"{NAMES[provider]} refuses this account: {said}",
        f"Get access from the account's owner, or choose another account at {MEND}.",
        state=state,
        reason="no_access",
        detail=detail,
    )


def not_reached(provider: Provider, account: str, email: str | None) -> ConnectorError:
    """The account that a person wants to choose is somebody else's, or does not exist; Google does not tell which."""
    who = f"{email} has" if email else "the Google user who consented has"
    return ConnectorError(
        provider,
        "permission",
        f"{NAMES[provider]} account {account} cannot be chosen: {who} no access to it.",
        "Choose one from the list, get access from its owner, or connect with another Google user.",
        detail="not_reached",
    )


def sealed(provider: Provider) -> ConnectorError:
    return ConnectorError(
        provider,
        "sealed",
        f"The stored {NAMES[provider]} consent cannot be opened with this server's vault keys.",
        f"An operator has to put the old key back into VAULT_KEYS; else connect it again at {MEND}.",
    )


def other_google(provider: Provider) -> ConnectorError:
    """Consented at the demo's Google and read at the real one, or the other way round."""
    return ConnectorError(
        provider,
        "reconnect",
        f"{NAMES[provider]} was connected while this server used another Google.",
        f"Connect it again at {MEND}.",
    )


def not_set_up(provider: Provider, source: str) -> ConnectorError:
    what = "the demo data server is not running" if source == "demo" else f"no {source} access is set up"
    return ConnectorError(
        provider,
        "unavailable",
        f"{NAMES[provider]} cannot be read: {what} on this server.",
        "An operator of this server has to set it up.",
    )


def no_token(provider: Provider, cause: str) -> ConnectorError:
    """No access token could be had, through no fault of the consent."""
    ours = cause in ("google_client_refused", "google_not_configured")
    return ConnectorError(
        provider,
        "unavailable",
        f"{NAMES[provider]} cannot be read: Google's sign-in "
        + ("does not accept this server." if ours else "cannot be reached right now."),
        "An operator of this server has to correct its Google settings."
        if ours
        else "It was tried repeatedly; try again in a minute.",
        retry_after=None if ours else UNAVAILABLE_WAIT,
        detail=cause,
    )


def bad_answer(provider: Provider) -> ConnectorError:
    return ConnectorError(
        provider,
        "bad_answer",
        f"{NAMES[provider]}: the answer cannot be read.",
        "Try again later; if it stays so, an operator should look at the log.",
        repeat=True,
    )


def quota(
    provider: Provider, said: str, retry_after: float, *, repeat: bool = False, wait: float = 0.0
) -> ConnectorError:
    return ConnectorError(
        provider,
        "quota",
        f"{NAMES[provider]} has no quota left: {said}",
        f"It can work again in about {_span(retry_after)}; reading again before that only fails.",
        repeat=repeat,
        wait=wait,
        retry_after=retry_after,
    )


def unavailable(
    provider: Provider, retry_after: float = UNAVAILABLE_WAIT, *, repeat: bool = True, down: bool = True
) -> ConnectorError:
    return ConnectorError(
        provider,
        "unavailable",
        f"{NAMES[provider]} {'cannot be reached right now' if down else 'failed inside, at Google'}.",
        f"It was tried repeatedly; try again in {_span(retry_after)}.",
        repeat=repeat,
        retry_after=retry_after,
        down=down,
    )


def paused(provider: Provider, wait: float) -> ConnectorError:
    """Nobody answered several times in a row, so that nobody is asked for a while."""
    return unavailable(provider, wait, repeat=False)


def timeout(provider: Provider) -> ConnectorError:
    return ConnectorError(
        provider,
        "timeout",
        f"{NAMES[provider]} did not answer in time.",
        "Google is slow now; try a shorter date range, or again later.",
        repeat=True,
        retry_after=UNAVAILABLE_WAIT,
        down=True,
    )


def invalid(provider: Provider, said: str) -> ConnectorError:
    return ConnectorError(
        provider,
        "invalid",
        f"{NAMES[provider]} refused the request: {said}",
        "Correct what the message names and try once more.",
    )


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} seconds"
    return f"{round(seconds / 60)} minutes" if seconds < 2 * HOUR else f"{round(seconds / HOUR)} hours"
