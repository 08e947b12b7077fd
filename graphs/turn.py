"""One turn, for every door: a message in, a stream of events out, everything stored and paid for once.

`run_turn` stores the message before its first event, so an acknowledged message is never lost. The turn then runs in a
task of its own (graphs.runs); doors follow it, leave it, join it again or stop it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, cast

import structlog

from agents import roster
from agents.llm import ModelDoor
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import CamaradError
from camarad.log import bind_scope, get_logger
from camarad.scope import Scope
from camarad.settings import Settings
from graphs import closing, conversations, endings, recovery, replay, turns
from graphs.assistant import build
from graphs.checkpoints import FRESH, Checkpoints, thread_of
from graphs.endings import Ending
from graphs.events import AgentEvent, DoneEvent, ErrorEvent, SuggestionsEvent, TurnEvent, Usage, UsageEvent
from graphs.facts import facts
from graphs.intake import accepted
from graphs.limits import STEPS
from graphs.owners import HEARTBEAT, Owner
from graphs.runs import Run, Runs
from graphs.state import TurnContext, TurnState
from graphs.turns import Accepted, Asked, Stored
from tools.record import ToolContext

if TYPE_CHECKING:
    from tools.connectors.hub import Connectors

log = get_logger("graphs.turn")

GRACE = 3.0  # seconds a closing server lets turns finish


class Assistant:
    """The conversation engine of one process."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        door: ModelDoor,
        connectors: Connectors,
        clock: Clock,
        owner: Owner | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._door = door
        self._connectors = connectors
        self._clock = clock
        self._owner = owner or Owner()
        self._runs = Runs()
        self._checkpoints = Checkpoints(settings, database)
        self._beats: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the checkpoints and take up turns whose process died."""
        self._graph = build(await self._checkpoints.open())
        self._beats = asyncio.create_task(self._keep_beating(), name="turn heartbeats")
        await self.resume_interrupted()

    async def close(self, grace: float = GRACE) -> None:
        """Let running turns finish for a moment, then stop and store the rest."""
        await self._runs.close(grace)
        if self._beats:
            self._beats.cancel()
            await asyncio.wait({self._beats})
        await self._checkpoints.close()

    async def run_turn(
        self,
        scope: Scope,
        conversation_id: str,
        text: str,
        *,
        request_id: str,
        agent: str | None = None,
        fingerprint: str = "",
        pace: float = 0.0,
    ) -> AsyncIterator[TurnEvent]:
        """Answer a message. Raises before the first event (BadInput, NotFound, Conflict); later trouble is an event.

        The same request id again follows the running turn or replays the stored one, and costs nothing. With a `pace`
        (seconds) words come gathered, see Run.follow.
        """
        words = accepted(text, self._settings.max_message_chars)
        slug = roster.agent(agent).slug if agent else None
        asked = Asked(conversation_id, words, request_id, slug, fingerprint)
        turn = await turns.accept(self._database, scope, self._clock, self._owner, asked)
        if isinstance(turn, Stored):
            source = self._again(scope, conversation_id, turn, pace)
        else:
            source = self._begin(scope, turn).follow(pace)
        async for event in source:
            yield event

    async def _again(self, scope: Scope, conversation_id: str, stored: Stored, pace: float) -> AsyncIterator[TurnEvent]:
        if stored.state == "running":
            async for event in self.subscribe(scope, conversation_id, pace):
                yield event
            return
        for event in replay.events(stored):
            yield event

    async def subscribe(self, scope: Scope, conversation_id: str, pace: float = 0.0) -> AsyncIterator[TurnEvent]:
        """The turn under way, from its first event; nothing when none is. A turn of another process is waited for and
        given whole."""
        run = self._runs.get(scope, conversation_id)
        source = run.follow(pace) if run else replay.wait(self._database, scope, conversation_id)
        async for event in source:
            yield event

    def is_running(self, scope: Scope, conversation_id: str) -> bool:
        return self._runs.get(scope, conversation_id) is not None

    async def stop(self, scope: Scope, conversation_id: str) -> bool:
        """Stop the turn under way and wait until its partial answer is stored. False when there is none."""
        if run := self._runs.get(scope, conversation_id):
            await self._runs.stop(run)
            return True
        return await recovery.stop_elsewhere(self._database, scope, self._clock, conversation_id)

    async def forget(self, scope: Scope, conversation_id: str) -> None:
        """Stop what runs in a conversation, then delete it with what is kept of its turns."""
        await self.stop(scope, conversation_id)
        gone = await conversations.delete(self._database, scope, conversation_id)
        await self._checkpoints.drop([thread_of(scope, turn_id) for turn_id in gone])

    async def erase(self, workspace_id: str) -> bool:
        """Stop a workspace's turns that are still under way here, which have no row any more, and drop what is kept of
        its turns besides the database's rows. Whether its file is clean of it too."""
        for run in self._runs.all():
            if run.scope.workspace_id == workspace_id:
                await self._runs.stop(run)
        return await self._checkpoints.erase(workspace_id)

    async def resume_interrupted(self) -> int:
        """Finish the turns whose process died; how many were taken up. Settled model calls are not repeated."""
        lost = await recovery.interrupted(self._database, self._owner, self._clock)
        await self._checkpoints.keep_only(lost.threads)
        for turn_id, scope in lost.gone:
            if turn := await recovery.take_over(self._database, scope, self._clock, self._owner, turn_id):
                log.info("turn_resumed", turn_id=turn_id, conversation_id=turn.conversation_id)
                self._begin(scope, turn)
        return len(lost.gone)

    def _begin(self, scope: Scope, turn: Accepted) -> Run:
        run = Run(scope, turn.conversation_id, turn.turn_id, turn.answer_message_id)
        run.emit(AgentEvent(agent=turn.agent))
        self._runs.start(run, lambda run: self._work(run, turn))
        return run

    async def _work(self, run: Run, turn: Accepted) -> None:
        """The whole life of a run: answer, then store how it ended, whatever that was."""
        bind_scope(run.scope)
        structlog.contextvars.bind_contextvars(request_id=turn.request_id, turn_id=turn.turn_id)
        states: dict[Any, Any] = {}
        context = self._context(run, turn, states)
        status, error, state = "complete", None, None
        try:
            states |= await self._connectors.states(run.scope)
            context = self._context(run, turn, states)
            state = await run.do(self._answer(turn, context))
        except asyncio.CancelledError:
            status = "stopped"
        except CamaradError as known:
            status, error = "failed", known
            log.info("turn_failed", code=known.code)
        except Exception:
            log.exception("turn_crashed")
            status, error = "failed", CamaradError("Something went wrong while answering.")
        state = state or await self._reached(run.scope, turn)
        usage = None if status == "complete" else await self._spent(turn, state)
        text = run.text.strip() or closing.last_words(state)
        end = closing.ending(turn, state, context, states, text, status, usage, error)
        if not await endings.finish(self._database, run.scope, self._clock, turn, end):
            log.warning("turn_not_ours")
        self._checkpoints.finished(thread_of(run.scope, turn.turn_id))
        self._tell(run, end, error)

    def _context(self, run: Run, turn: Accepted, states: Any) -> TurnContext:
        return TurnContext(
            turn_id=turn.turn_id,
            request_id=turn.request_id,
            conversation_id=turn.conversation_id,
            words=turn.words,
            history=turn.history,
            facts=facts(turn.client, states, turn.language, self._clock),
            tools=ToolContext(run.scope, self._database, self._connectors, self._clock, turn.language),
            door=self._door,
            model_of=self._model_of,
            emit=run.emit,
            resumed=turn.resumed,
        )

    async def _answer(self, turn: Accepted, context: TurnContext) -> TurnState:
        thread = thread_of(context.tools.scope, turn.turn_id)
        config: Any = {"configurable": {"thread_id": thread}, "recursion_limit": STEPS}
        first: TurnState | None = _fresh(turn)
        if turn.resumed:
            reached = await self._graph.aget_state(config)
            if reached.values and not reached.next:
                return cast("TurnState", reached.values)
            first = None if reached.values else first
        else:
            config["configurable"][FRESH] = True
        return cast("TurnState", await self._graph.ainvoke(first, config, context=context, durability="sync"))

    def _tell(self, run: Run, end: Ending, error: CamaradError | None) -> None:
        if error is not None:
            run.emit(ErrorEvent(**closing.error_fields(error)))
        if end.document.suggestions:
            run.emit(SuggestionsEvent(suggestions=end.document.suggestions))
        run.emit(UsageEvent(usage=end.document.usage))
        run.emit(DoneEvent(document=end.document))

    async def _reached(self, scope: Scope, turn: Accepted) -> TurnState:
        """The state of a turn that was cut short, as far as it came."""
        config: Any = {"configurable": {"thread_id": thread_of(scope, turn.turn_id)}}
        values = (await self._graph.aget_state(config)).values
        return cast("TurnState", {**_fresh(turn), **values})

    async def _spent(self, turn: Accepted, state: TurnState) -> Usage:
        model = closing.usage_of(state).model or self._model_of(state["agent"])
        return Usage(model=model, **await endings.spent(self._database, turn.turn_id))

    def _model_of(self, agent: str) -> str:
        return self._settings.camarad_agent_models.get(agent, self._settings.camarad_model)

    async def _keep_beating(self) -> None:
        """One round for all runs of this process: only turns that take seconds are ever written here."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            for run in self._runs.all():
                try:
                    await self._beat(run)
                except Exception:
                    log.exception("heartbeat_failed", turn_id=run.turn_id)

    async def _beat(self, run: Run) -> None:
        if not await endings.beat(self._database, run.scope, self._owner, run.turn_id, self._clock.now()):
            run.stop()  # stopped from another process, or deleted
        elif len(text := run.text) > run.saved_chars:
            run.saved_chars = len(text)
            await endings.keep_partial(self._database, run.scope, run.answer_message_id, text)


def _fresh(turn: Accepted) -> TurnState:
    return {"messages": [], "agent": turn.agent, "note": ""}
