"""Consents and tokens in the data folder, so that a connection made yesterday works after a restart.

One small file, readable by its owner only; it holds hashes of tokens and the key that signs ID tokens.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tools.emulator.oauth.tokens import Kept, Token

_FORMAT = 1


class Keeper:
    """Reads the file once and writes it whole. A file that cannot be read is started anew: its data is made up."""

    def __init__(self, path: Path) -> None:
        self._path = path
        raw = _read(path)
        self.key: dict[str, Any] | None = raw.get("key")
        self.kept = Kept(
            consents={(c["client"], c["email"]): frozenset(c["scopes"]) for c in raw.get("consents", ())},
            tokens={name: _token(fields) for name, fields in raw.get("tokens", {}).items()},
        )

    def write(self) -> None:
        """Swap a new file in, never half of one."""
        body = {
            "format": _FORMAT,
            "key": self.key,
            "consents": [
                {"client": client, "email": email, "scopes": sorted(scopes)}
                for (client, email), scopes in self.kept.consents.items()
            ],
            "tokens": {name: _fields(token) for name, token in self.kept.tokens.items()},
        }
        fresh = self._path.with_suffix(f".{os.getpid()}.new")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(body, file)
        fresh.replace(self._path)


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["format"] == _FORMAT:
            Kept({(c["client"], c["email"]): frozenset(c["scopes"]) for c in raw["consents"]})
            for fields in raw["tokens"].values():
                _token(fields)
            return dict(raw)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return {}


def _fields(token: Token) -> dict[str, Any]:
    return {
        "kind": token.kind,
        "client_id": token.client_id,
        "email": token.email,
        "scopes": sorted(token.scopes),
        "family": token.family,
        "expires": token.expires,
        "spent": token.spent,
    }


def _token(fields: dict[str, Any]) -> Token:
    return Token(**{**fields, "scopes": frozenset(fields["scopes"])})
