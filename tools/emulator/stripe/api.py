"""Serving `/v1`: who asks, whether the call was answered before, whether it is made to fail, then the call itself."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from camarad.log import get_logger
from tools.emulator.stripe import forms
from tools.emulator.stripe.api_faults import ApiFaults
from tools.emulator.stripe.engine import due
from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.ids import random_text
from tools.emulator.stripe.render import expand, render
from tools.emulator.stripe.routes import find
from tools.emulator.stripe.schema import read_params
from tools.emulator.stripe.types import Obj, Params, Route
from tools.emulator.stripe.webhooks import Courier
from tools.emulator.stripe.world import API_VERSION, World

_log = get_logger(__name__)
_KEPT_CALLS = 1_000
_LONGEST_KEY = 255
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    replayed: bool = False


@dataclass(slots=True)
class Call:
    """One request to the API, as it was read."""

    method: str
    path: str
    query: str
    form: str
    key: str | None
    id: str = field(default_factory=lambda: f"req_{random_text(14)}")

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(f"{self.method} {self.path} {self.form}".encode()).hexdigest()


class Api:
    def __init__(self, world: World, courier: Courier) -> None:
        self.world = world
        self.courier = courier
        self.faults = ApiFaults()
        self.calls: deque[Obj] = deque(maxlen=_KEPT_CALLS)

    async def serve(self, request: Request) -> Response:
        try:
            body = (await request.body()).decode("utf-8", errors="replace")
        except ClientDisconnect:
            return Response(status_code=400)
        key = request.headers.get("idempotency-key")
        call = Call(request.method, request.url.path, request.url.query, body, key)
        answer = await self._answer(call, request)
        self.calls.append(
            {
                "id": call.id,
                "method": call.method,
                "path": call.path,
                "form": call.form,
                "status": answer.status,
                "key": key,
            }
        )
        self.courier.wake()
        headers = {
            "request-id": call.id,
            "stripe-version": request.headers.get("stripe-version", API_VERSION),
        }
        if key:
            headers |= {"idempotency-key": key, "original-request": call.id}
        if answer.replayed:
            headers["idempotent-replayed"] = "true"
        return Response(answer.body, answer.status, headers, "application/json")

    async def _answer(self, call: Call, request: Request) -> Answer:
        try:
            _authenticated(request.headers.get("authorization", ""))
            fault = self.faults.take(call.method, call.path)
            if fault and not fault.after:
                return await self._failed(call, fault.status, request)
            answer = self.perform(call)
            return await self._failed(call, fault.status, request) if fault else answer
        except StripeError as error:
            return _refusal(call, error)

    async def _failed(self, call: Call, status: int, request: Request) -> Answer:
        """Status 0 never answers: it waits until the caller gives up."""
        if status:
            return _refusal(call, ApiFaults.error(status))
        while not await request.is_disconnected():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(_LOOK_S)
        return Answer(499, b"")

    def perform(self, call: Call) -> Answer:
        """Once for an idempotency key; a second time the first answer comes again."""
        key = call.key if call.method == "POST" else None
        if key and (known := self._known(call, key)):
            return known
        try:
            answer = self._execute(call)
        except StripeError as error:
            answer = _refusal(call, error)
            if not error.keep:
                self.world.undo()
                return answer
        except Exception:
            self.world.undo()
            _log.exception("stripe_emulator_failed", path=call.path)
            return _refusal(call, StripeError("The emulator failed; see its log.", status=500, kind="api_error"))
        if key:
            self._remember(call, key, answer)
        if call.method == "GET":
            self.world.only_read()
        else:
            self.world.save()
        return answer

    def _known(self, call: Call, key: str) -> Answer | None:
        if len(key) > _LONGEST_KEY:
            raise StripeError("Idempotency keys have at most 255 characters.", kind="idempotency_error")
        found = self.world.store.get("idempotency", _key_id(key))
        if found is None:
            return None
        if found["fingerprint"] != call.fingerprint:
            raise StripeError(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
            )
        return Answer(found["status"], found["body"].encode(), replayed=True)

    def _remember(self, call: Call, key: str, answer: Answer) -> None:
        kept = {"status": answer.status, "body": answer.body.decode(), "fingerprint": call.fingerprint}
        self.world.store.add("idempotency", {"id": _key_id(key), "at": self.world.now(), **kept})

    def _execute(self, call: Call) -> Answer:
        route, ids = _found(call)
        params = _params(route, call)
        asked: list[str] = params.pop("expand", None) or []
        self.world.request = (call.id, call.key)
        try:
            due.run(self.world)
            result = route.handle(self.world, params, *ids)
            shown = expand(self.world, render(self.world, result), asked)
        finally:
            self.world.request = (None, None)
        if route.dry:
            self.world.undo()
        return Answer(200, json.dumps(shown).encode())


def _key_id(key: str) -> str:
    return f"idempotency:{key}"


def _found(call: Call) -> tuple[Route, list[str]]:
    found = find(call.method, call.path)
    if found is None:
        raise StripeError(
            f"Unrecognized request URL ({call.method}: {call.path}). The emulator serves a part of Stripe's API: "
            "docs/stripe-emulator.md.",
            status=404,
        )
    return found


def _params(route: Route, call: Call) -> Params:
    given = forms.decode(call.form if call.method == "POST" else call.query)
    return read_params(route.operation, given)


def _refusal(call: Call, error: StripeError) -> Answer:
    return Answer(error.status, json.dumps(error.body(call.id)).encode())


def _authenticated(header: str) -> None:
    """Any key of a test account is taken, as a bearer token or as the name of Basic authentication."""
    kind, _, value = header.partition(" ")
    key: Any = value.strip()
    if kind.lower() == "basic":
        try:
            key = base64.b64decode(key).decode().partition(":")[0]
        except ValueError:
            key = ""
    if not key:
        raise StripeError(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=401,
        )
    if not key.startswith(("sk_test_", "rk_test_")):
        raise StripeError(f"Invalid API Key provided: {key[:8]}****. The emulator takes test keys only.", status=401)
