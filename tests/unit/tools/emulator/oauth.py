"""A program registered at the emulated sign-in, as the tests use it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import AsyncOAuth2Client

from tests.support.emulator import consent
from tools.emulator.oauth.registration import CLIENT_ID, CLIENT_SECRET
from tools.emulator.oauth.scopes import ANALYTICS

BACK = "http://127.0.0.1:8123/callback"
AGENCY = "agency@camarad.example"


def answered(address: str) -> dict[str, str]:
    """What an address that a person is sent back to says."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


class Program:
    """Asks for an ID token and Analytics, offline, with PKCE, unless told otherwise."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = AsyncOAuth2Client(CLIENT_ID, CLIENT_SECRET, redirect_uri=BACK, code_challenge_method="S256")

    async def aclose(self) -> None:
        await self._client.aclose()

    def ask(self, **fields: Any) -> tuple[str, str]:
        """The address of the consent page, and the verifier that goes with it."""
        verifier = generate_token(48)
        asked = {"access_type": "offline", "scope": f"openid email {ANALYTICS}", **fields}
        address, _ = self._client.create_authorization_url(
            f"{self.url}/o/oauth2/v2/auth", code_verifier=verifier, **asked
        )
        return address, verifier

    async def exchange(self, code: str, verifier: str) -> dict[str, Any]:
        return dict(await self._client.fetch_token(f"{self.url}/token", code=code, code_verifier=verifier))

    async def tokens(self, user: str = AGENCY, untick: Iterable[str] = (), **fields: Any) -> dict[str, Any]:
        """Consent given and its code exchanged."""
        address, verifier = self.ask(**fields)
        return await self.exchange(answered(consent(address, user, untick))["code"], verifier)

    def post(self, **form: str) -> httpx.Response:
        """The token endpoint, asked in the form's own words; an empty field is left out."""
        fields = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **form}
        return httpx.post(f"{self.url}/token", data={name: value for name, value in fields.items() if value})

    def renew(self, refresh_token: str) -> httpx.Response:
        return self.post(grant_type="refresh_token", refresh_token=refresh_token)

    def userinfo(self, token: dict[str, Any]) -> dict[str, Any]:
        answer = httpx.get(f"{self.url}/userinfo", headers={"authorization": f"Bearer {token['access_token']}"})
        return dict(answer.json())
