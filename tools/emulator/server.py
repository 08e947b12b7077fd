"""The gRPC server: routes each call to its service, checks the token, applies faults, answers from a worker thread.

Google's message classes take seconds to import, so the port opens first and they load behind it; a call that comes
earlier waits for its own service only. Messages pass the server as bytes and are read by the service's own classes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any, TypeAlias

import grpc

from camarad.log import get_logger
from tools.emulator import services
from tools.emulator.agency import DEMO_TOKEN
from tools.emulator.control import Control, NoSuchCall
from tools.emulator.control_client import SERVICE as CONTROL
from tools.emulator.faults import Call
from tools.emulator.oauth.scopes import wanted_by
from tools.emulator.oauth.state import Google
from tools.emulator.rpc import Api, Caller, Method, Refusal
from tools.emulator.users import GoogleUser
from tools.emulator.world import World

_LIMITS = (("grpc.max_receive_message_length", 16 << 20), ("grpc.max_send_message_length", 64 << 20))
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
_log = get_logger(__name__)


class Router(grpc.GenericRpcHandler):
    """Answers for every service in `services.LOADERS` and for the control channel."""

    def __init__(self, world: World, google: Google) -> None:
        self._world, self._google = world, google
        self._loaded = services.Loaded(world)
        self.control = Control(world.faults, google, self._loaded.reset)

    async def load(self) -> None:
        await self._loaded.load()

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Handler | None:
        _, service, name = handler_call_details.method.split("/")
        if service == CONTROL:
            return grpc.unary_unary_rpc_method_handler(self._control(name))
        if service not in services.LOADERS:
            return None
        if name in services.STREAMING:
            return grpc.unary_stream_rpc_method_handler(self._streaming(service, name))
        return grpc.unary_unary_rpc_method_handler(self._unary(service, name))

    def _unary(self, service: str, name: str) -> Callable[..., Any]:
        async def answer(body: bytes, context: Context) -> bytes:
            with _Refusing(context) as refusing:
                method, request, caller = await self._accept(service, name, body, context)
                assert method.answer is not None
                made = await asyncio.to_thread(method.answer, request, caller)
                return bytes(type(made).serialize(made))
            return await refusing.abort()

        return answer

    def _streaming(self, service: str, name: str) -> Callable[..., Any]:
        async def answer(body: bytes, context: Context) -> AsyncIterator[bytes]:
            with _Refusing(context) as refusing:
                method, request, caller = await self._accept(service, name, body, context)
                assert method.pages is not None
                for page in await asyncio.to_thread(method.pages, request, caller):
                    yield type(page).serialize(page)
                return
            await refusing.abort()

        return answer

    async def _accept(self, service: str, name: str, body: bytes, context: Context) -> tuple[Method, Any, Caller]:
        """The method and its request, once the faults that are due and the caller's token let it through."""
        api = await self._loaded.api(service)
        if (method := api.methods.get(name)) is None:
            raise Refusal(grpc.StatusCode.UNIMPLEMENTED, f"The emulator does not answer {name}; see docs/emulator.md.")
        request = method.request.deserialize(body)
        caller = _caller(context, method.target(request))
        await self._fail_if_due(api, name, caller)
        return method, request, replace(caller, user=self._user(api, service, caller.token))

    def _user(self, api: Api, service: str, token: str) -> GoogleUser:
        """Who a token stands for: `demo` sees everything, others what their person does, in the scopes they gave."""
        users = self._world.users
        if token == DEMO_TOKEN:
            return next(iter(users.values()))
        found = self._google.ledger.access(token) if token else None
        if found is None or found.email not in users:
            raise api.unauthenticated(token)
        if self._google.ledger.is_expired(found):
            raise api.fault("expired_token")
        if wanted_by(service) not in found.scopes:
            raise api.fault("scope")
        return users[found.email]

    async def _fail_if_due(self, api: Api, name: str, caller: Caller) -> None:
        fault = self._world.faults.take(Call(name, caller.target, caller.login_customer_id))
        if fault is None:
            return
        if fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        if fault.code != "slow":
            raise api.fault(fault.code)

    def _control(self, name: str) -> Callable[..., Any]:
        async def answer(body: bytes, context: Context) -> bytes:
            try:
                return json.dumps(self.control.answer(name, json.loads(body))).encode()
            except NoSuchCall as error:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
                raise

        return answer


class _Refusing:
    """Collects a Refusal, or anything unforeseen as INTERNAL, so that the call can be aborted outside the block."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._refusal: Refusal | None = None

    def __enter__(self) -> _Refusing:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> bool:
        if isinstance(error, Refusal):
            self._refusal = error
        elif isinstance(error, Exception):
            _log.exception("emulator_failed")
            self._refusal = Refusal(grpc.StatusCode.INTERNAL, f"The emulator failed: {error}")
        return self._refusal is not None

    async def abort(self) -> bytes:
        assert self._refusal is not None
        await self._context.abort(self._refusal.status, self._refusal.message, self._refusal.trailing)
        raise AssertionError("abort always raises")


def _caller(context: Context, target: str) -> Caller:
    sent = {str(key): value for key, value in context.invocation_metadata() or ()}
    token = str(sent.get("authorization", "")).removeprefix("Bearer ")
    manager = sent.get("login-customer-id")
    return Caller(token, str(manager) if manager else None, target)


async def start_server(world: World, google: Google, port: int) -> tuple[grpc.aio.Server, Router, int]:
    """A server on loopback; port 0 takes any free one."""
    router = Router(world, google)
    server = grpc.aio.server(options=_LIMITS)
    server.add_generic_rpc_handlers((router,))
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    return server, router, bound
