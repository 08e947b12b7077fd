"""Google's identity tokens, verified: signature, issuer, audience, expiry and the nonce of the request.

OpenID Connect Core 1.0, 3.1.3.7. The keys are kept an hour and read again when a token names one that is new.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from camarad.clock import Clock

KEYS_FOR = 3600.0  # seconds
ANEW_AFTER = 30.0  # seconds; forged tokens with made-up key ids must not make us ask for the keys each time
LEEWAY = 60  # seconds that clocks may differ
REQUIRED = ("iss", "aud", "sub", "exp", "iat")

FetchKeys = Callable[[], Awaitable[Any]]


class IdTokens:
    """For one OAuth client at one issuer."""

    def __init__(self, client_id: str, issuers: tuple[str, ...], clock: Clock) -> None:
        self._client_id, self._issuers, self._clock = client_id, issuers, clock
        self._keys: KeySet | None = None
        self._read_at = 0.0

    async def verify(self, token: str, nonce: str, fetch: FetchKeys) -> dict[str, Any]:
        """The claims. Raises ValueError that says what is wrong, without the token."""
        claims = await self._signed(token, fetch)
        rules: dict[str, Any] = {name: {"essential": True} for name in REQUIRED}
        rules["iss"]["values"], rules["aud"]["value"] = list(self._issuers), self._client_id
        try:
            now = int(self._clock.now().timestamp())
            jwt.JWTClaimsRegistry(now=now, leeway=LEEWAY, **rules).validate(claims)
        except JoseError as error:
            raise ValueError(f"the identity token is refused: {error.error}") from None
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise ValueError("the identity token belongs to another request")
        if not str(claims["sub"]):
            raise ValueError("the identity token names nobody")
        return claims

    async def _signed(self, token: str, fetch: FetchKeys) -> dict[str, Any]:
        age = time.monotonic() - self._read_at
        fresh = self._keys is None or age > KEYS_FOR
        if fresh:
            await self._read_keys(fetch)
        try:
            return self._decoded(token)
        except (JoseError, ValueError):
            if fresh or age < ANEW_AFTER:
                raise ValueError("the identity token's signature is not good") from None
        await self._read_keys(fetch)
        try:
            return self._decoded(token)
        except (JoseError, ValueError):
            raise ValueError("the identity token's signature is not good") from None

    def _decoded(self, token: str) -> dict[str, Any]:
        if self._keys is None:
            raise ValueError("there are no keys")
        return dict(jwt.decode(token, self._keys, algorithms=["RS256"]).claims)

    async def _read_keys(self, fetch: FetchKeys) -> None:
        body = await fetch()
        try:
            self._keys, self._read_at = KeySet.import_key_set(body), time.monotonic()
        except (JoseError, ValueError, KeyError, TypeError, AttributeError):
            raise ValueError("the issuer's keys cannot be read") from None
