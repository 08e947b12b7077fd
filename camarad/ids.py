"""The one way ids are made: UUIDv7 text, so that ids sort by the time they were made (RFC 9562, section 5.7)."""

from __future__ import annotations

import secrets

from uuid_utils import uuid7


def new_id() -> str:
    return str(uuid7())


def new_secret() -> str:
    """43 URL-safe characters carrying 256 random bits, for session tokens and the like."""
    return secrets.token_urlsafe(32)
