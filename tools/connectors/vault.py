"""The vault: Google's tokens sealed for the database with Fernet keys that are never in it.

The first key seals, every key opens, so that a new key is put in front and the old ones stay until
`python -m camarad rotate-vault-keys` has sealed every row anew. Keys come from `VAULT_KEYS`; without them one is made
and kept in the data folder, for its owner's eyes only.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from camarad.errors import Misconfigured
from camarad.ids import new_id
from camarad.settings import Settings

KEY_FILE = "vault.key"
_MAKE_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


class SealBroken(Exception):
    """No key of this vault opens the text, or it is too old. The text itself is never part of the message."""


class Vault:
    """Made cheaply: the kept key is read or made at the first use. Raises Misconfigured for a key that is none."""

    def __init__(self, settings: Settings) -> None:
        self._given = [key.get_secret_value() for key in settings.vault_keys]
        self._file = settings.camarad_data_dir / KEY_FILE
        if self._given:
            self._box  # noqa: B018 (a key that cannot be used ends the start and not the first read)

    def seal(self, text: str) -> str:
        return self._box.encrypt(text.encode()).decode()

    def open(self, sealed: str, max_age: int | None = None) -> str:
        """The text. Raises SealBroken for a foreign key, a changed text, or one sealed over `max_age` seconds ago."""
        try:
            return self._box.decrypt(sealed.encode(), ttl=max_age).decode()
        except (InvalidToken, UnicodeError):
            raise SealBroken("The vault has no key for this.") from None

    def rotate(self, sealed: str) -> str:
        """The same text sealed with the first key. Raises SealBroken."""
        try:
            return self._box.rotate(sealed.encode()).decode()
        except (InvalidToken, UnicodeError):
            raise SealBroken("The vault has no key for this.") from None

    @cached_property
    def _box(self) -> MultiFernet:
        keys = self._given or [_kept_key(self._file)]
        try:
            return MultiFernet([Fernet(key) for key in keys])
        except (ValueError, TypeError):
            where = "VAULT_KEYS" if self._given else str(self._file)
            raise Misconfigured(
                f"{where} has a key that is not a Fernet key.", hint=f"Make one with: {_MAKE_KEY}"
            ) from None


def _kept_key(path: Path) -> str:
    """The key in `path`, made when there is none. It appears whole or not at all, so two processes agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{new_id()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(Fernet.generate_key().decode())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass  # another process was faster; its key counts
        finally:
            fresh.unlink()
    return path.read_text().strip()
