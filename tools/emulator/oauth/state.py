"""Everything the sign-in needs, in one place: people, programs, what was given out, and the faults that are due."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from tools.emulator.faults import FaultBook
from tools.emulator.oauth.keeping import Keeper
from tools.emulator.oauth.keys import SigningKey
from tools.emulator.oauth.registration import Registration
from tools.emulator.oauth.tokens import Ledger
from tools.emulator.users import GoogleUser

FILE = "oauth.json"


class Google:
    """`issuer` is the address it is served at; set before the first request."""

    def __init__(
        self, data_dir: Path, users: Mapping[str, GoogleUser], faults: FaultBook, redirect_hosts: Iterable[str] = ()
    ) -> None:
        self.issuer = ""
        self.users = users
        self.faults = faults
        self.registration = Registration(redirect_hosts)
        self._keeper = Keeper(data_dir / FILE)
        self.ledger = Ledger(self._keeper.kept, time.time, self._keeper.write)
        self.key = SigningKey(self._keeper)

    def user_hinted(self, hint: str) -> GoogleUser | None:
        """A login hint is an address or a subject."""
        return self.users.get(hint) or next((user for user in self.users.values() if user.subject == hint), None)
