"""One RPC: what it takes, who answers, and how a refusal travels. Both APIs share it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import grpc

from tools.emulator.users import NOBODY, GoogleUser

Metadata = tuple[tuple[str, str | bytes], ...]


class Refusal(Exception):
    """An error as Google sends it: a status, a text and details in the trailing metadata."""

    def __init__(self, status: grpc.StatusCode, message: str, trailing: Metadata = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.trailing = trailing


@dataclass(frozen=True, slots=True)
class Caller:
    """What the caller's metadata says, and who the token stands for."""

    token: str
    login_customer_id: str | None
    target: str = ""
    user: GoogleUser = NOBODY


@dataclass(frozen=True, slots=True)
class Method:
    """`answer` runs in a worker thread; `pages` is set instead for a method that streams its answers.

    `target` reads the property or customer id off the request, for faults and permissions.
    """

    name: str
    request: Any
    answer: Callable[[Any, Caller], Any] | None = None
    pages: Callable[[Any, Caller], list[Any]] | None = None
    target: Callable[[Any], str] = field(default=lambda request: "")

    @property
    def streams(self) -> bool:
        return self.pages is not None


@dataclass(frozen=True, slots=True)
class Api:
    """The methods of one service and its own way to refuse: `fault(code)` and `unauthenticated(token)`."""

    methods: dict[str, Method]
    fault: Callable[[str], Refusal]
    unauthenticated: Callable[[str], Refusal]


Stream = AsyncIterator[bytes]
