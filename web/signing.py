"""Signed values for cookies, and the key that signs them."""

from __future__ import annotations

import os
from pathlib import Path

from itsdangerous import BadSignature, URLSafeTimedSerializer

from camarad.ids import new_secret
from camarad.settings import Settings


def load_secret(settings: Settings) -> str:
    """The configured key, or the one kept in the data folder, made at the first start for its owner's eyes only."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    return kept_secret(secret_file(settings))


def secret_file(settings: Settings) -> Path:
    return settings.camarad_data_dir / "secret.key"


def kept_secret(path: Path, characters: int | None = None) -> str:
    """The secret in `path`, made when it is not there, whole or cut to `characters`. Two processes agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(made := new_secret()[:characters])
    return made


class Signer:
    """Signs small values for one purpose each, so that a value signed for one cannot be used for another."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def sign(self, purpose: str, value: str) -> str:
        return self._serializer(purpose).dumps(value)

    def read(self, purpose: str, signed: str, max_age: int) -> str | None:
        """The value, or None when the signature is wrong or older than `max_age` seconds."""
        try:
            value = self._serializer(purpose).loads(signed, max_age=max_age)
        except BadSignature:
            return None
        return value if isinstance(value, str) else None

    def _serializer(self, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._secret, salt=f"camarad.{purpose}")
