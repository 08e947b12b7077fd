"""One answer, one way: what failed at the gateway is read whole again the client's own way, and says so.

Reading only the rest there could mix two sources in one answer.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from tools.connectors.errors import ConnectorError
from tools.connectors.session import Session

P = ParamSpec("P")
T = TypeVar("T")


class Bound(Protocol):
    _session: Session


B = TypeVar("B", bound=Bound)
Reading = Callable[Concatenate[B, P], Coroutine[Any, Any, T]]


def detouring(method: Reading[B, P, T]) -> Reading[B, P, T]:
    """A connector's reading method. Once a connector took the other way it stays on it."""

    @functools.wraps(method)
    async def read(self: B, *args: P.args, **named: P.kwargs) -> T:
        before = self._session
        try:
            return await method(self, *args, **named)
        except ConnectorError as error:
            other = before.instead(error)
            if other is None:
                raise
        if self._session is before:
            self._session = other
        return await method(self, *args, **named)

    return cast("Reading[B, P, T]", read)
