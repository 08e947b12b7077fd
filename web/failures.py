"""Errors as answers: one JSON shape for programs, a designed page for people, the same facts in both."""

from __future__ import annotations

import math
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from camarad.errors import BadInput, CamaradError, NotFound, NotSignedIn
from camarad.log import get_logger
from web.cookies import safe_next
from web.oauth.paths import lands_people
from web.operators import badge
from web.v1 import errors as v1

log = get_logger(__name__)

PROGRAM_PATHS = ("/api/", "/v1/", "/metrics", "/healthz", "/readyz", "/openapi.json", "/static/")


class BodyTooLarge(BadInput):
    code = "body_too_large"
    status = 413
    default_hint = "Send less in one request."


class Invalid(BadInput):
    """A request that does not fit what its route takes; `param` names the first place."""

    def __init__(self, message: str, param: str) -> None:
        super().__init__(message)
        self.param = param


class MethodNotAllowed(CamaradError):
    code = "method_not_allowed"
    status = 405
    default_hint = "See /docs for the methods of this address."


def error_body(error: CamaradError, request_id: str) -> dict[str, Any]:
    return {
        "error": {"code": error.code, "message": error.message, "hint": error.hint, "request_id": request_id},
    }


def body_at(path: str, error: CamaradError, request_id: str) -> dict[str, Any]:
    """An error as callers of this address expect it: OpenAI's clients their own shape, everybody else ours."""
    return v1.error_body(error, request_id) if path.startswith(v1.PREFIX) else error_body(error, request_id)


def headers_at(path: str, error: CamaradError) -> dict[str, str]:
    return error_headers(error) | (v1.retry_header(error) if path.startswith(v1.PREFIX) else {})


def error_headers(error: CamaradError) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="camarad"'
    return headers


def wants_page(request: Request) -> bool:
    """Whether a person is looking: a browser asked for HTML at an address that is not a program's."""
    if request.url.path.startswith(PROGRAM_PATHS) and not lands_people(request.url.path):
        return False
    return "text/html" in request.headers.get("accept", "")


def answer(request: Request, error: CamaradError) -> Response:
    """The error as this caller wants it. A person who is not signed in is taken to sign in and back, and one at an
    operators' page to the operators' door."""
    if not wants_page(request):
        path = request.url.path
        return JSONResponse(body_at(path, error, request_id(request)), error.status, headers=headers_at(path, error))
    if isinstance(error, NotSignedIn) and request.method in ("GET", "HEAD"):
        target = safe_next(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
        return RedirectResponse(f"/login?next={target}", 303, headers={"Cache-Control": "no-store"})
    if request.url.path.startswith(f"{badge.HOME}/") and error.status == 403 and request.method in ("GET", "HEAD"):
        return RedirectResponse(badge.HOME, 303, headers={"Cache-Control": "no-store"})
    from web.pages.render import error_page

    return error_page(request, error)


def request_id(request: Request) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))


def install(app: FastAPI) -> None:
    app.add_exception_handler(CamaradError, on_expected)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_crash)


async def on_expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, CamaradError)
    if error.expected:
        log.info("refused", code=error.code, status=error.status)
    else:
        log.error("defect", code=error.code, exc_info=error)
    return answer(request, error)


async def on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    reasons = [_reason(e) for e in error.errors()[:5]]
    return answer(request, Invalid("The input is not valid. " + " ".join(reasons), _place(error.errors()[0])))


def _reason(error: Any) -> str:
    """`name: Field required.` The value itself is not repeated: it may be a password, or not even text."""
    place = _place(error)
    words = str(error["msg"]).removeprefix("Value error, ")
    return f"{place}: {words}." if place and error["type"] != "json_invalid" else f"{words}."


def _place(error: Any) -> str:
    return ".".join(str(part) for part in error["loc"] if part not in ("body", "query", "path"))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return answer(request, _named(error))


def _named(error: HTTPException) -> CamaradError:
    if error.status_code == 404:
        return NotFound("There is nothing at this address.", hint="Check the address; /docs lists those of the API.")
    if error.status_code == 405:
        return MethodNotAllowed("This address does not take this method.")
    if error.status_code == 413:
        return BodyTooLarge("The request is too large.")
    if error.status_code == 400:
        return BadInput("The request could not be read as valid JSON or form data.")
    return CamaradError(str(error.detail))


async def _on_crash(request: Request, _: Exception) -> Response:
    return answer(request, CamaradError("Something went wrong on our side."))
