"""The control channel for tests and demos: JSON under `/_emulator`; nothing else is taken, since
a foreign page could send it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tools.emulator.stripe import outbox
from tools.emulator.stripe.api import Api
from tools.emulator.stripe.engine import buying, disputing, due
from tools.emulator.stripe.errors import StripeError, missing
from tools.emulator.stripe.render import render
from tools.emulator.stripe.rules import DAY
from tools.emulator.stripe.types import Obj

Given = dict[str, Any]
_BUYER = {"card": "4242424242424242", "email": "buyer@example.com", "name": "Test Buyer"}


class Control:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._world = api.world

    async def serve(self, request: Request) -> Response:
        try:
            given = await _json(request)
            call = _CALLS.get(request.path_params["name"])
            if call is None:
                raise missing("control call", request.path_params["name"], "name")
            answer = await call(self, given)
        except StripeError as error:
            self._world.undo()
            return JSONResponse({"error": error.error}, error.status)
        except Exception:
            self._world.undo()
            raise
        self._world.save()
        self._api.courier.wake()
        return JSONResponse(answer)

    def _state(self) -> Obj:
        world = self._world
        return {
            "now": world.now(),
            "frozen": world.clock.frozen,
            "objects": world.store.counts(),
            "waiting": outbox.waiting(world),
            "rules": world.rules.as_dict(),
        }

    async def state(self, given: Given) -> Obj:
        return self._state()

    async def reset(self, given: Given) -> Obj:
        """Everything but the kinds in `keep` (`["webhook_endpoint"]`); with `at` the clock stands still then."""
        at = _whole(given["at"], "at") if "at" in given else None
        self._world.reset(_strings(given.get("keep", []), "keep"), at)
        self._api.faults.book.clear()
        self._api.calls.clear()
        return self._state()

    async def advance(self, given: Given) -> Obj:
        """By `seconds` and `days`, or `to` an instant; what falls between happens at its time, and is sent."""
        world = self._world
        step = _whole(given.get("seconds", 0), "seconds") + _whole(given.get("days", 0), "days") * DAY
        target = _whole(given["to"], "to") if "to" in given else world.now() + step
        done = due.run_until(world, target)
        world.save()
        if given.get("deliver", True):
            await self._api.courier.flush()
        return {**self._state(), "happened": done}

    async def freeze(self, given: Given) -> Obj:
        self._world.clock.freeze(_whole(given["at"], "at") if "at" in given else None)
        due.run(self._world)
        return self._state()

    async def thaw(self, given: Given) -> Obj:
        self._world.clock.thaw()
        return self._state()

    async def rules(self, given: Given) -> Obj:
        self._world.rules.change(given)
        return self._state()

    async def fail(self, given: Given) -> Obj:
        """The next calls of the API."""
        self._api.faults.add(given)
        return self._state()

    async def webhook_fault(self, given: Given) -> Obj:
        self._world.faults.append(outbox.fault_from(given))
        return self._state()

    async def clear(self, given: Given) -> Obj:
        """All faults; what is held stays held."""
        self._world.faults.clear()
        self._api.faults.book.clear()
        return self._state()

    async def release(self, given: Given) -> Obj:
        """What was held; `order` is kept, reversed or shuffled."""
        seed = _whole(given.get("seed", 1), "seed")
        count = outbox.release(self._world, given.get("order", "kept"), seed)
        self._world.save()
        await self._api.courier.flush()
        return {**self._state(), "released": count}

    async def flush(self, given: Given) -> Obj:
        """Attempt what is due, or `all` that is pending whatever its time."""
        if given.get("all"):
            for delivery in self._world.store.all("delivery", lambda one: one["state"] == "pending"):
                delivery["due"] = self._world.now()
        self._world.save()
        return {"sent": await self._api.courier.flush(), **self._state()}

    async def resend(self, given: Given) -> Obj:
        """An `event` once more, to every endpoint."""
        event = self._world.get("event", str(given.get("event")))
        for endpoint in list(self._world.store.glance("webhook_endpoint")):
            outbox.add(self._world, event["id"], endpoint["id"])
        self._world.save()
        await self._api.courier.flush()
        return self._state()

    async def deliveries(self, given: Given) -> Obj:
        world = self._world
        kinds = {event["id"]: event["type"] for event in world.store.glance("event")}
        found = [{**one, "type": kinds.get(one["event"])} for one in world.store.glance("delivery")]
        return {"deliveries": found}

    async def calls(self, given: Given) -> Obj:
        return {"calls": list(self._api.calls)}

    async def pay(self, given: Given) -> Obj:
        """Complete a Checkout `session` as one would, with `card`, `email`, `name`; `authenticate` answers the bank."""
        session = self._world.get("checkout.session", str(given.get("session")))
        chosen = {**_BUYER, **given}
        buyer = buying.Buyer(str(chosen["email"]), str(chosen["name"]), str(chosen["card"]))
        outcome = buying.buy(self._world, session, buyer)
        if outcome == "challenge" and "authenticate" in given:
            outcome = buying.answer(self._world, session, passed=bool(given["authenticate"]))
        return {"outcome": outcome, "session": render(self._world, session)}

    async def dispute(self, given: Given) -> Obj:
        """Of a `charge`, or the end of a `dispute`: won or lost."""
        world = self._world
        if "dispute" in given:
            closed = disputing.close(world, world.get("dispute", str(given["dispute"])), str(given.get("status")))
            return render(world, closed)
        charge = world.get("charge", str(given.get("charge")))
        return render(world, disputing.open_dispute(world, charge, str(given.get("reason", "fraudulent"))))


Handle = Callable[[Control, Given], Awaitable[Obj]]
_CALLS: dict[str, Handle] = {
    "state": Control.state,
    "reset": Control.reset,
    "advance": Control.advance,
    "freeze": Control.freeze,
    "thaw": Control.thaw,
    "rules": Control.rules,
    "fail": Control.fail,
    "webhook-fault": Control.webhook_fault,
    "clear": Control.clear,
    "release": Control.release,
    "flush": Control.flush,
    "resend": Control.resend,
    "deliveries": Control.deliveries,
    "calls": Control.calls,
    "pay": Control.pay,
    "dispute": Control.dispute,
}
NAMES = tuple(_CALLS)


async def _json(request: Request) -> Given:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise StripeError("Send application/json.", status=415)
    try:
        given = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise StripeError("The body is no JSON.") from error
    if not isinstance(given, dict):
        raise StripeError("The body is no JSON object.")
    return given


def _whole(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise StripeError(f"{name} is a whole number from 0 on, not {value!r}.", param=name)
    return value


def _strings(value: Any, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise StripeError(f"{name} is a list of texts.", param=name)
    return tuple(value)
