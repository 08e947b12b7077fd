"""Google's OAuth 2.0 and OpenID Connect: where a person consents, and what a code, a token or a refusal turns into.

Which Google: the real one when an OAuth client is configured, else the emulator's sign-in of a demo server, else none.

google_not_configured  503  no OAuth client is set up on this server
google_client_refused  503  Google does not know this server's OAuth client: an operator has to correct it
google_refused         502  Google refused the code or the token; `error` is Google's own code, e.g. invalid_grant
google_unavailable     503  Google could not be reached or failed, after repeats
google_bad_answer      502  what came back is not what Google sends, or its identity token does not verify
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from camarad.clock import Clock, SystemClock
from camarad.errors import Misconfigured, Upstream
from camarad.log import get_logger
from camarad.settings import Settings
from tools.connectors.identity import IdTokens

SCOPES = {
    "ga4": "https://www.googleapis.com/auth/analytics.readonly",
    "google-ads": "https://www.googleapis.com/auth/adwords",
}
IDENTITY_SCOPES = ("openid", "email")
DEMO_CLIENT = ("camarad-demo", "camarad-demo-secret")  # opens nothing but made-up data

SECONDS = 8.0  # for one request
TRIES = 3
PAUSE = 0.2  # seconds before the second try, doubled before the third, at random below

log = get_logger("connectors")


@dataclass(frozen=True, slots=True)
class Endpoints:
    issuers: tuple[str, ...]
    authorize: str
    token: str
    revoke: str
    keys: str


# https://accounts.google.com/.well-known/openid-configuration
GOOGLE = Endpoints(
    ("https://accounts.google.com", "accounts.google.com"),
    "https://accounts.google.com/o/oauth2/v2/auth",
    "https://oauth2.googleapis.com/token",
    "https://oauth2.googleapis.com/revoke",
    "https://www.googleapis.com/oauth2/v3/certs",
)


def _emulated(url: str) -> Endpoints:
    base = url.rstrip("/")
    return Endpoints((base,), f"{base}/o/oauth2/v2/auth", f"{base}/token", f"{base}/revoke", f"{base}/certs")


@dataclass(frozen=True, slots=True)
class Granted:
    """What a person granted. `scopes` are those Google names, which may be fewer than were asked for."""

    subject: str
    email: str
    email_verified: bool
    scopes: frozenset[str]
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Refreshed:
    """`refresh_token` and `scopes` are None when Google left them as they were."""

    access_token: str = field(repr=False)
    expires_at: datetime
    refresh_token: str | None = field(default=None, repr=False)
    scopes: frozenset[str] | None = None


class GoogleRefused(Upstream):
    """`error` is Google's code; RFC 6749, 5.2."""

    def __init__(self, error: str) -> None:
        super().__init__(
            "Google refused the authorisation.", code="google_refused", hint="Start again and consent once more."
        )
        self.error = error


class Google:
    """`source` is what connections made here are: `live`, or `demo` at the emulator; None when there is no Google."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self.source: Literal["live", "demo"] | None = None
        self._endpoints, self._client_id, self._secret = GOOGLE, "", ""
        if settings.google_oauth_client_id:
            secret = settings.google_oauth_client_secret
            self.source, self._client_id = "live", settings.google_oauth_client_id
            self._secret = secret.get_secret_value() if secret else ""
        elif settings.camarad_demo and settings.emulator_oauth_url:
            self.source, self._endpoints = "demo", _emulated(settings.emulator_oauth_url)
            self._client_id, self._secret = DEMO_CLIENT
        self._id_tokens = IdTokens(self._client_id, self._endpoints.issuers, self._clock)

    @property
    def configured(self) -> bool:
        return self.source is not None

    def authorize_url(
        self,
        state: str,
        verifier: str,
        scopes: tuple[str, ...] | list[str] | frozenset[str],
        redirect_uri: str,
        nonce: str,
        login_hint: str | None = None,
    ) -> str:
        """Where to send the person. Data scopes are asked for offline and with consent, on top of what was granted
        before; signing in alone lets the person choose an account. Raises Misconfigured."""
        self._check()
        more: dict[str, str] = {"prompt": "select_account"}
        if set(scopes) & set(SCOPES.values()):
            more = {"access_type": "offline", "prompt": "consent", "include_granted_scopes": "true"}
        if login_hint:
            more["login_hint"] = login_hint
        wanted = " ".join(dict.fromkeys((*IDENTITY_SCOPES, *scopes)))
        client = self._client(redirect_uri=redirect_uri, scope=wanted, code_challenge_method="S256")
        made, _ = client.create_authorization_url(
            self._endpoints.authorize, state=state, code_verifier=verifier, nonce=nonce, **more
        )
        return str(made)

    async def exchange(self, code: str, verifier: str, redirect_uri: str, nonce: str) -> Granted:
        """A code becomes tokens and a verified identity. Raises GoogleRefused, Upstream, Misconfigured."""

        async def send(client: Any) -> Any:
            return await client.fetch_token(
                self._endpoints.token,
                code=code,
                code_verifier=verifier,
                redirect_uri=redirect_uri,
                grant_type="authorization_code",
            )

        body = await self._ask("exchange", send)
        refreshed = self._read(body)
        person = await self._person(body.get("id_token"), nonce)
        return Granted(
            str(person["sub"]),
            str(person.get("email", "")).strip().casefold(),
            person.get("email_verified") is True,
            refreshed.scopes or frozenset(),
            refreshed.access_token,
            refreshed.refresh_token,
            refreshed.expires_at,
        )

    async def refresh(self, refresh_token: str) -> Refreshed:
        """A new access token. Raises GoogleRefused (`invalid_grant`: the consent is gone), Upstream, Misconfigured."""

        async def send(client: Any) -> Any:
            return await client.refresh_token(self._endpoints.token, refresh_token=refresh_token)

        return self._read(await self._ask("refresh", send))

    async def revoke(self, token: str) -> None:
        """End the whole grant that the token belongs to. A token that Google no longer knows is as good as revoked."""

        async def send(client: Any) -> Any:
            answer = await client.revoke_token(self._endpoints.revoke, token=token)
            if answer.status_code >= 500:
                answer.raise_for_status()
            return {}

        await self._ask("revoke", send)

    async def _person(self, id_token: Any, nonce: str) -> dict[str, Any]:
        async def keys(client: Any) -> Any:
            answer = await client.request("GET", self._endpoints.keys, withhold_token=True)
            answer.raise_for_status()
            return answer.json()

        try:
            return await self._id_tokens.verify(str(id_token or ""), nonce, lambda: self._ask("keys", keys))
        except ValueError as error:
            log.warning("id_token_refused", cause=str(error))
            raise bad_answer() from None

    def _read(self, body: Any) -> Refreshed:
        try:
            scopes, lifetime = body.get("scope"), float(body.get("expires_in", 3600))
            token, refresh = str(body["access_token"]), body.get("refresh_token")
        except (AttributeError, KeyError, TypeError, ValueError):
            raise bad_answer() from None
        return Refreshed(
            token,
            self._clock.now() + timedelta(seconds=lifetime),
            str(refresh) if refresh else None,
            frozenset(str(scopes).split()) if scopes is not None else None,
        )

    async def _ask(self, what: str, send: Callable[[Any], Awaitable[Any]]) -> Any:
        """Ask up to `TRIES` times. What Google did not answer it did not use up, or it says so at the next try."""
        self._check()
        async with self._client() as client:
            for attempt in range(TRIES):
                if attempt:
                    await asyncio.sleep(random.uniform(0, PAUSE * 2**attempt))  # noqa: S311 (jitter, not a secret)
                try:
                    return await send(client)
                except Exception as error:
                    failure = _failure(error)
                    log.info("google_oauth_failed", what=what, cause=type(error).__name__, code=failure.code)
                    if failure.code != "google_unavailable" or attempt == TRIES - 1:
                        raise failure from None
        raise AssertionError("the last try answers or raises")

    def _client(self, **more: Any) -> Any:
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        return AsyncOAuth2Client(
            self._client_id,
            self._secret,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 (the name of a method)
            timeout=SECONDS,
            trust_env=self.source == "live",  # a proxy is no way to the emulator on loopback
            **more,
        )

    def _check(self) -> None:
        if self.source is None:
            raise Misconfigured(
                "Connecting Google is not set up on this server.",
                hint="An operator sets GOOGLE_OAUTH_CLIENT_ID and GOOGLE_OAUTH_CLIENT_SECRET; see docs/connectors.md.",
                code="google_not_configured",
            )


def bad_answer() -> Upstream:
    return Upstream(
        "Google's answer could not be used.",
        code="google_bad_answer",
        hint="Start again; if it stays so, tell support.",
    )


def _failure(error: Exception) -> Upstream | Misconfigured:
    """Any failure of a round trip. What is raised carries no part of the request: it has codes and tokens in it."""
    import httpx2
    from authlib.integrations.base_client import OAuthError

    if isinstance(error, OAuthError):
        return _refusal(str(error.error))
    if isinstance(error, httpx2.HTTPError | OSError):
        return Upstream(
            "Google cannot be reached right now.",
            code="google_unavailable",
            status=503,
            hint="Try again in a minute.",
            retry_after=30.0,
        )
    return bad_answer()


def _refusal(code: str) -> Upstream | Misconfigured:
    if code in ("invalid_client", "unauthorized_client", "deleted_client", "redirect_uri_mismatch"):
        return Misconfigured(
            f"Google does not accept this server's OAuth client ({code}).",
            hint="An operator checks GOOGLE_OAUTH_CLIENT_ID, its secret and its redirect addresses.",
            code="google_client_refused",
        )
    return GoogleRefused(code)
