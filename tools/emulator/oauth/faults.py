"""Faults of the HTTP endpoints: they fail before anything is used up, so that trying again is safe."""

from __future__ import annotations

import asyncio
from typing import Literal, get_args

from starlette.responses import JSONResponse, Response

from tools.emulator.faults import Call, FaultBook

HttpCode = Literal["500", "502", "503", "504", "slow", "invalid_grant", "invalid_client", "rate_limit", "garbage"]
HTTP_CODES: tuple[str, ...] = get_args(HttpCode)
ENDPOINTS = ("Token", "Revoke", "Userinfo", "Certs", "Discovery")


async def due(book: FaultBook, endpoint: str, target: str) -> Response | None:
    """Record the call; its failure, if one is due."""
    fault = book.take(Call(endpoint, target), wild=False)
    if fault is None:
        return None
    if fault.delay_s:
        await asyncio.sleep(fault.delay_s)
    return _answer(fault.code)


def _answer(code: str) -> Response | None:
    if code == "slow":
        return None
    if code == "garbage":
        return Response("<html><title>Error</title>", media_type="text/html")
    if code == "invalid_grant":
        return JSONResponse({"error": code, "error_description": "Token has been expired or revoked."}, 400)
    if code == "invalid_client":
        return JSONResponse({"error": code, "error_description": "Unauthorized"}, 401)
    if code == "rate_limit":
        return JSONResponse({"error": "rate_limit_exceeded", "error_description": "Rate limit exceeded."}, 429)
    if code == "500":
        return JSONResponse({"error": "internal_failure"}, 500)
    return Response("<html><title>Service Unavailable</title></html>", int(code), media_type="text/html")
