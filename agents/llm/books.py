"""The books of one call: held before it is sent, settled once whatever becomes of it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from agents.llm import engine, tokens
from agents.llm.call import CallContext, Reply, Request, Usage
from agents.llm.consumed import results_read
from agents.llm.plan import Candidate
from agents.llm.reading import Gathered
from billing.call import Status
from billing.estimate import worst_case_by_cost, worst_case_ct
from billing.meter import Charge, Meter, Reservation, Settlement
from camarad.errors import Conflict
from camarad.settings import Settings


@dataclass(slots=True)
class Call:
    """One request on its way: what was tried and what has come back so far."""

    context: CallContext
    request: Request
    candidates: tuple[Candidate, ...]
    began: float = field(default_factory=time.monotonic)
    deadline: float = 0.0
    gathered: Gathered = field(default_factory=Gathered)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    model: str = ""
    sent: bool = False  # an attempt is, or may still be, running at the provider

    @property
    def key(self) -> tuple[str, str]:
        return self.context.scope.workspace_id, self.context.request_id


class Books:
    """Holds and settles calls, one of each request id at a time."""

    def __init__(self, settings: Settings, meter: Meter) -> None:
        self._settings, self._meter = settings, meter
        self._running: set[tuple[str, str]] = set()

    async def open(self, call: Call) -> Call:
        """Hold the most this call can cost; a cancel leaves no hold behind. Raises Conflict for an id used before."""
        context = call.context
        if call.key in self._running:
            raise _used(context.request_id, "is running")
        self._running.add(call.key)
        try:
            state = await self._meter.reserve(self._worst_case(call))
            if state != "held" and not context.resumed:
                raise _used(context.request_id, f"was {state.removeprefix('replay:')}")
        except BaseException:
            self._running.discard(call.key)
            raise
        return call

    def _worst_case(self, call: Call) -> Reservation:
        """Both amounts: which one is held is for the ledger to say, by the phase it finds."""
        read, written = tokens.most_tokens(call.request), call.request.max_tokens
        catalog = self._meter.catalog
        prices = [catalog.require(candidate.model) for candidate in call.candidates]
        flat = worst_case_ct(read, written, self._settings)
        return Reservation(*call.key, flat, worst_case_by_cost(read, written, prices, catalog.debit_rate))

    async def answered(self, call: Call) -> Reply:
        call.attempts.append({"model": call.model, "outcome": "answered"})
        usage = call.gathered.usage or _counted(call)
        charge = await self._settle(call, usage, "settled")
        gathered, attempts = call.gathered, tuple(call.attempts)
        calls, finish = gathered.tool_calls(), gathered.finish_reason or "stop"
        return Reply(gathered.text, calls, usage, call.model, charge, finish, attempts)

    async def failed(self, call: Call, error: BaseException, chunks: engine.ChunkStream | None = None) -> None:
        """Hang up, and charge what was used: a stopped call was read and partly answered, a refused one was not."""
        stopped = isinstance(error, asyncio.CancelledError | GeneratorExit)
        if stopped:
            call.attempts.append({"model": call.model, "outcome": "stopped"})
        used = call.gathered.began or (stopped and call.sent)
        usage = (call.gathered.usage or _counted(call)) if used else Usage()
        try:
            if chunks is not None:
                await chunks.aclose()
        finally:
            await self._settle(call, usage, "cancelled" if stopped else "failed")

    async def _settle(self, call: Call, usage: Usage, status: Status) -> Charge:
        context, scope = call.context, call.context.scope
        settlement = Settlement(
            workspace_id=scope.workspace_id,
            request_id=context.request_id,
            client_id=scope.client_id,
            user_id=scope.user_id,
            conversation_id=context.conversation_id,
            turn_id=context.turn_id,
            agent=context.agent,
            model=call.model,
            status=status,
            tokens_in=usage.tokens_in,
            tokens_cached=usage.tokens_cached,
            tokens_out=usage.tokens_out,
            tokens_cache_write=usage.tokens_cache_write,
            calls=results_read(call.request.messages),
            estimated=usage.estimated,
            attempts=call.attempts,
            duration_ms=int((time.monotonic() - call.began) * 1000),
        )
        try:
            return await self._meter.settle(settlement)
        except Conflict:
            if not context.resumed:
                raise
            return Charge(0, 0, 0)  # the crash came after the first settlement, so that one stands
        finally:
            self._running.discard(call.key)


def _counted(call: Call) -> Usage:
    """Usage counted here, where the provider named none."""
    tokens_out = tokens.count_text(call.model, call.gathered.written())
    return Usage(tokens.count_request(call.model, call.request), 0, tokens_out, estimated=True)


def _used(request_id: str, what: str) -> Conflict:
    return Conflict(
        f"The model call {request_id} {what} already.",
        code="request_id_used",
        hint="Give each model call an id of its own; only a turn resumed by the server may repeat one.",
    )
