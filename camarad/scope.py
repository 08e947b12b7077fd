"""Who is asking, for which client. Made once at the edge, after an ownership check, and passed down as a value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The triple that every client-scoped read and write carries."""

    user_id: str
    workspace_id: str
    client_id: str
