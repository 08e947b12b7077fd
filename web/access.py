"""Who may use a route. Each route belongs to one of four classes; its class is checked before its body is read.

`public` anyone · `user` signed in · `client` signed in, with a client of their workspace · `internal` the token of
operators. The class is a property of the router a route is on, and stands in the OpenAPI document as
`x-camarad-access`. Signed in is who sends a session's cookie, or an API key as `Authorization: Bearer`; a request with
both speaks for the key, and a key that is not good is refused whatever the cookie says.

What a key may do follows from the route: `read` reads, `manage` changes, and routes made with `key="chat"` are for
`chat` (reading them also for `read`). What only people do (`key="person"`) no key may change.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, ClassVar, Literal

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from camarad.errors import Forbidden, NotFound, NotSignedIn, ScopeMissing
from camarad.log import bind_scope
from camarad.scope import Scope
from web import audit, cookies, keys, sessions
from web.clients import owns_client
from web.declared import troubles
from web.operators import badge
from web.roles import persons_only
from web.roles import require as require
from web.services import Services
from web.sessions import SignedIn

Access = Literal["public", "user", "client", "internal"]
KeyUse = Literal["manage", "chat", "person"]  # what changing something by an API key takes on a router's routes
Guard = Callable[[Request], Awaitable[None]]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE_AGE = cookies.YEAR


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


async def find_signed_in(request: Request) -> SignedIn | None:
    """Whom the request's API key or cookie speaks for, looked up once a request."""
    if not hasattr(request.state, "signed_in"):
        request.state.signed_in = await _look_up(request)
    found: SignedIn | None = request.state.signed_in
    return found


async def find_person(request: Request) -> SignedIn | None:
    """Who signed in by themselves; nobody where an API key speaks. For what would outlive the key: a Google account
    that signs in from now on, or whose figures are read from now on."""
    who = await find_signed_in(request)
    return None if who is None or who.key_id else who


async def _look_up(request: Request) -> SignedIn | None:
    services = services_of(request)
    sent = [value for value in request.headers.getlist("authorization") if value[:7].lower() == "bearer "]
    if sent:
        return await keys.find(services.database, services.clock, sent[0][7:].strip()) if len(sent) == 1 else None
    token = request.cookies.get(cookies.SESSION, "")
    return await sessions.find_session(services.database, services.clock, token) if token else None


async def public(_: Request) -> None:
    return


async def user(request: Request) -> None:
    signed_in = await find_signed_in(request)
    if signed_in is None:
        raise NotSignedIn("You are not signed in.")
    if signed_in.key_id:
        check_key(request, signed_in)
    elif request.method not in SAFE:
        await check_csrf(request, signed_in)


async def client(request: Request) -> None:
    await user(request)
    signed_in: SignedIn = request.state.signed_in
    client_id = named_client(request, signed_in)
    if client_id is None:
        raise ScopeMissing("This call needs to know for which client it is made.")
    elsewhere = signed_in.key_client is not None and signed_in.key_client != client_id
    if elsewhere or not await owns_client(services_of(request).database, signed_in.workspace_id, client_id):
        raise NotFound("There is no such client in your workspace.")
    request.state.scope = Scope(signed_in.user_id, signed_in.workspace_id, client_id)
    bind_scope(request.state.scope)


async def let_in_again(request: Request) -> None:
    """Ask anew what a client's route asked before its answer began. Raises as the guard does, and NotSignedIn when the
    same credentials stand for another person, workspace or client by now."""
    before: Scope = request.state.scope
    del request.state.signed_in
    await client(request)
    if request.state.scope != before:
        raise NotSignedIn("You are not signed in.")


async def internal(request: Request) -> None:
    """The token in a header, or on operators' pages the badge of who typed it into their form."""
    services = services_of(request)
    sent = request.headers.get("x-internal-token", "")
    if not badge.fits(services.settings, sent) and not badge.worn(request, services):
        raise Forbidden("This address is for operators.", hint="Send the INTERNAL_TOKEN in X-Internal-Token.")


def named_client(request: Request, signed_in: SignedIn) -> str | None:
    """The client named by the header, or else by the API key or the signed cookie of pages. Two different headers name
    none."""
    named = {value.strip() for value in request.headers.getlist("x-client-id")} - {""}
    if named:
        return named.pop() if len(named) == 1 else None
    return signed_in.key_client if signed_in.key_id else active_client(request, signed_in)


def active_client(request: Request, signed_in: SignedIn) -> str | None:
    """The client a person last opened, from a cookie signed for them alone."""
    signed = request.cookies.get(cookies.CLIENT, "")
    value = services_of(request).signer.read("client", signed, COOKIE_AGE) if signed else None
    user_id, _, client_id = (value or "").partition(":")
    return client_id if client_id and user_id == signed_in.user_id else None


def remember_client(request: Request, response: Response, user_id: str, client_id: str) -> None:
    signed = services_of(request).signer.sign("client", f"{user_id}:{client_id}")
    cookies.set_cookie(request, response, cookies.CLIENT, signed, COOKIE_AGE)


async def check_csrf(request: Request, signed_in: SignedIn) -> None:
    """The token of the sign-in, in a header from scripts or in a field from forms."""
    sent = request.headers.get("x-csrf-token")
    if sent is None and request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        sent = str((await request.form()).get("csrf_token", ""))
    if not secrets.compare_digest((sent or "").encode(), signed_in.csrf_token.encode()):
        raise Forbidden(
            "The request does not carry this sign-in's CSRF token.",
            code="csrf_failed",
            hint="Send the csrf_token of the sign-in in X-CSRF-Token; on a page, reload it and try again.",
        )


def check_key(request: Request, signed_in: SignedIn) -> None:
    """What a key needs for this route. A key of one client is good for that client's routes alone."""
    use: KeyUse = getattr(request.state, "key_use", "manage")
    reads = request.method in SAFE
    if use == "person" and not reads:
        raise persons_only("This is for people who signed in, not for API keys.")
    if signed_in.key_client is not None and getattr(request.state, "access", "user") != "client":
        raise Forbidden("This API key works for one client only.", code="key_bound", hint="Use a key of the workspace.")
    fitting = ({"read"} if reads else set()) | ({use} if use != "person" else set())
    if signed_in.key_scopes.isdisjoint(fitting):
        needed = " or ".join(sorted(fitting, reverse=True))
        raise Forbidden(
            f"This API key lacks the scope for this: {needed}.",
            code="scope_required",
            hint="Make a key with that scope in the settings.",
        )


GUARDS: dict[Access, Guard] = {"public": public, "user": user, "client": client, "internal": internal}


class GuardedRoute(APIRoute):
    access: ClassVar[Access]
    key_use: ClassVar[KeyUse]

    def __init__(self, *args: Any, **options: Any) -> None:
        options["openapi_extra"] = {**(options.get("openapi_extra") or {}), "x-camarad-access": self.access}
        tag = (options.get("tags") or [""])[0]
        options["responses"] = {**troubles(self.access, tag), **(options.get("responses") or {})}
        super().__init__(*args, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle, guard = super().get_route_handler(), GUARDS[self.access]
        act = (self.openapi_extra or {}).get(audit.MARK)

        async def guarded(request: Request) -> Response:
            request.state.access, request.state.key_use = self.access, self.key_use
            throttle = services_of(request).throttle
            throttle.address(request.client.host if request.client else "")
            await guard(request)
            if (who := getattr(request.state, "signed_in", None)) is not None:
                throttle.person(who)
            response = await handle(request)
            if act and response.status_code < 400:
                await audit.record_route(request, services_of(request), act)
            return response

        return guarded


def router(access: Access, tag: str, *, prefix: str = "", key: KeyUse = "manage") -> APIRouter:
    """A router whose routes are all of one class. Pages' forms are for people."""
    use: KeyUse = "person" if tag == "pages" else key
    kind = type(f"{access.title()}Route", (GuardedRoute,), {"access": access, "key_use": use})
    return APIRouter(prefix=prefix, tags=[tag], route_class=kind)


async def _signed_in(request: Request) -> SignedIn:
    found: SignedIn = request.state.signed_in
    return found


async def _scope(request: Request) -> Scope:
    found: Scope = request.state.scope
    return found


async def _services(request: Request) -> Services:
    return services_of(request)


def acting(act: str) -> Any:
    """A dependency for routes of an act of the roles table: refused with 403 before the body is used."""

    async def check(who: CurrentUser) -> None:
        require(who, act)

    return Depends(check)


CurrentUser = Annotated[SignedIn, Depends(_signed_in)]
CurrentScope = Annotated[Scope, Depends(_scope)]
CurrentServices = Annotated[Services, Depends(_services)]


async def _by_themselves(who: CurrentUser) -> None:
    if who.key_id:
        raise persons_only("This is for people who signed in, not for API keys.")


BY_THEMSELVES: Any = Depends(_by_themselves)  # for routes of `user` that read by their method and begin a change
