"""The client side of the emulator's control channel: JSON over gRPC, blocking, a call at a time."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, Self

import grpc

SERVICE = "camarad.emulator.Control"


class ControlClient:
    """Switches faults on a running emulator and reads which calls it served."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.insecure_channel(address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._channel.close()

    def add(self, method: str, code: str, times: int = 1, delay_s: float = 0.0, target: str = "") -> None:
        """The next `times` calls of `method` fail with `code`; codes are in tools/emulator/faults.py.

        `*` is every gRPC call. `Token`, `Revoke`, `Userinfo`, `Certs` and `Discovery` are the sign-in's, with the
        codes in tools/emulator/oauth/faults.py.
        """
        self._call("AddFault", {"method": method, "code": code, "times": times, "delay_s": delay_s, "target": target})

    def token_fault(self, code: str, times: int = 1, delay_s: float = 0.0) -> None:
        """The next `times` calls of the token endpoint fail: "500", "503", "slow", "invalid_grant" and others."""
        self.add("Token", code, times, delay_s)

    def share(self, method: str, code: str, percent: float, seed: int = 1) -> None:
        """About `percent` of the calls of `method` fail with `code`, the same ones for the same seed and order."""
        self._call("Share", {"method": method, "code": code, "percent": percent, "seed": seed})

    def token_lifetime(self, seconds: int) -> None:
        """How long access tokens given from now on are valid."""
        self._call("Rules", {"token_lifetime": seconds})

    def code_lifetime(self, seconds: int) -> None:
        """How long codes given from now on can be exchanged."""
        self._call("Rules", {"code_lifetime": seconds})

    def rotate_refresh_tokens(self, on: bool = True) -> None:
        """Give a new refresh token with each renewal; using the old one again ends both."""
        self._call("Rules", {"rotate": on})

    def expire_access_tokens(self, email: str | None = None) -> None:
        """Every access token given so far is over, or those of one person."""
        self._call("ExpireAccessTokens", {"email": email})

    def revoke_grant(self, email: str) -> None:
        """The person takes the consent back at Google: all tokens end, and the next consent is the first again."""
        self._call("RevokeGrant", {"email": email})

    def forget_grants(self) -> None:
        """As if nobody had ever consented."""
        self._call("ForgetGrants")

    def clear(self) -> None:
        """Forget faults and recorded calls, put lifetimes and rotation back, and give every property its quota back.

        Consents and tokens stay.
        """
        self._call("Clear")

    def calls(self, method: str | None = None) -> list[dict[str, Any]]:
        """The calls served since the last clear, oldest first: `method`, `target`, `login_customer_id`."""
        made: list[dict[str, Any]] = self._call("Calls")["calls"]
        return [call for call in made if method in (None, call["method"])]

    def _call(self, name: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
        send: Any = self._channel.unary_unary(f"/{SERVICE}/{name}")
        answer: dict[str, Any] = json.loads(send(json.dumps(fields or {}).encode(), timeout=10))
        return answer
