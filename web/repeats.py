"""The key under which a caller may send a request again. One that cannot be used is refused: passed over in silence, a
repeated request would be answered, and paid for, twice."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Header
from starlette.requests import Request

from camarad.errors import BadInput
from web.edge import REQUEST_ID

NAME: Final = "Idempotency-Key"
INSTEAD: Final = "X-Request-ID"


class BadIdempotencyKey(BadInput):
    code = "bad_idempotency_key"
    default_hint = "Send 1 to 128 of A-Z a-z 0-9 . _ : - (a UUID fits), or leave the header out."


async def _usable(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="The same request again under the same key gets the stored answer and costs nothing",
            json_schema_extra={"pattern": f"^{REQUEST_ID.pattern}$"},
        ),
    ] = None,
) -> None:
    for name in (NAME, INSTEAD):
        given = request.headers.getlist(name)
        if len(given) > 1 or not all(REQUEST_ID.fullmatch(each) for each in given):
            raise BadIdempotencyKey(f"The {name} of this request cannot be used.")
        if given:
            return  # the first of the two that is there is the key


REPEATABLE: Final = Depends(_usable)
