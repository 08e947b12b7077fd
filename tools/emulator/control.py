"""The control channel's calls, whichever way they come: JSON over gRPC, or HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tools.emulator.faults import CODES, Fault, FaultBook, Share
from tools.emulator.oauth.state import Google


class NoSuchCall(Exception):
    """A call, fault or field the channel does not have."""


class Control:
    """`reset` gives every property its quota back."""

    def __init__(self, faults: FaultBook, google: Google, reset: Callable[[], None]) -> None:
        self._faults, self._google, self._reset = faults, google, reset
        self._calls: dict[str, Callable[..., Any]] = {
            "AddFault": self._add_fault,
            "Share": self._share,
            "Clear": self._clear,
            "Calls": lambda: {"calls": faults.calls()},
            "Rules": self._rules,
            "ExpireAccessTokens": lambda email=None: google.ledger.expire_access(email),
            "RevokeGrant": lambda email: google.ledger.end_consent(email),
            "ForgetGrants": google.ledger.forget,
        }

    def answer(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Raises NoSuchCall with a sentence."""
        try:
            return self._calls[name](**fields) or {}
        except (KeyError, TypeError, ValueError) as error:
            raise NoSuchCall(f"No such control call or fault: {name} {fields}") from error

    def _add_fault(self, **fields: Any) -> None:
        fault = Fault(**fields)
        _check(fault.method, fault.code)
        self._faults.add(fault)

    def _share(self, **fields: Any) -> None:
        share = Share(**fields)
        _check(share.method, share.code)
        self._faults.share(share)

    def _clear(self) -> None:
        self._faults.clear()
        self._google.ledger.rules = type(self._google.ledger.rules)()
        self._reset()

    def _rules(
        self, token_lifetime: int | None = None, code_lifetime: int | None = None, rotate: bool | None = None
    ) -> None:
        rules = self._google.ledger.rules
        if token_lifetime is not None:
            rules.token_lifetime = int(token_lifetime)
        if code_lifetime is not None:
            rules.code_lifetime = int(code_lifetime)
        if rotate is not None:
            rules.rotate = bool(rotate)


def _check(method: str, code: str) -> None:
    from tools.emulator.oauth.faults import ENDPOINTS, HTTP_CODES  # behind the open port, with Starlette

    if code not in (HTTP_CODES if method in ENDPOINTS else CODES):
        raise ValueError(code)
