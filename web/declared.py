"""The answers besides success that a route may give, by its class, as they stand in the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, Field


class Trouble(BaseModel):
    code: str = Field(description="Stable, for programs")
    message: str = Field(description="A sentence for people")
    hint: str = Field(description="What to do next")
    request_id: str


class ErrorAnswer(BaseModel):
    error: Trouble


WORDS: Final = {
    400: "The request cannot be read, or the client is not named",
    401: "Not signed in",
    403: "Not allowed to this caller",
    404: "There is no such thing for this caller",
    409: "It does not fit the present state",
    413: "More than may be sent at once",
    421: "Not a host of this server",
    422: "The input is not valid",
    429: "A cap, the balance or a rate limit stands against it",
    502: "An outside service refused or failed",
    503: "Out of reach, or not configured",
    504: "An outside service did not answer in time",
}
ALWAYS: Final = (400, 404, 413, 421, 422, 429, 503)
BY_ACCESS: Final = {
    "public": (*ALWAYS, 401, 403, 409, 502, 504),
    "user": (*ALWAYS, 401, 403, 409, 502, 504),
    "client": (*ALWAYS, 401, 403, 409, 502, 504),
    "internal": (*ALWAYS, 403, 409),
}
REDIRECT: Final[dict[int | str, dict[str, Any]]] = {
    303: {"description": "On to the next page"},
    307: {"description": "On to the host where it began"},
}


def troubles(access: str, tag: str) -> dict[int | str, dict[str, Any]]:
    """For the `responses` of a route. Pages answer errors as pages, to who asks for pages."""
    html: dict[str, Any] = {"content": {"text/html": {}}} if tag == "pages" else {}
    declared: dict[int | str, dict[str, Any]] = {
        status: {"model": ErrorAnswer, "description": WORDS[status], **html} for status in sorted(BY_ACCESS[access])
    }
    return declared | REDIRECT if tag == "pages" else declared
