"""Every route, as one record: what a call of it looks like and what it answers to those who may.

A route without a record here fails the suite. Its class (`public`, `user`, `client`, `internal`) is not
said here: it is read from the running product's OpenAPI, and decides which attacks are tried and how each has to end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.isolation.canaries import WHOLE
from tests.isolation.world import OBJECTS, UNKNOWN, Side, World, api_key, spare_client
from tests.support.product import PASSWORD

OK = frozenset({200})
SEEN = frozenset({303})
FIXED = {"provider": "ga4", "model": "personal-assistant"}
EVENTS = {"Accept": "text/event-stream"}


@dataclass(frozen=True)
class Entry:
    """`query` and `form` may hold `{client}`, and `client_in` says in which of them a route of class `user` takes it.
    `fresh` makes what its own call uses up (a client made so is the one named); `ends_sign_in` has that call made with
    a sign-in of its own. With `words` the route looks for what is asked. `managers` is for routes that a plain member
    is refused; `whole_workspace` for those that give all of its clients' data."""

    method: str
    path: str
    ok: frozenset[int] = OK
    query: str = ""
    body: dict[str, Any] | None = None
    form: dict[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    client_in: str = ""
    fresh: Callable[[World, Side], dict[str, str]] | None = None
    ends_sign_in: bool = False
    words: bool = False
    managers: bool = False
    whole_workspace: bool = False
    note: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.path

    @property
    def placeholders(self) -> tuple[str, ...]:
        """What its address names by id."""
        names = dict.fromkeys(re.findall(r"{(\w+)}", f"{self.path}?{self.query} {self.body}"))
        return tuple(name for name in names if name not in (*FIXED, "client", "word"))

    @property
    def unsafe(self) -> bool:
        return self.method not in ("GET", "HEAD")


def get(path: str, ok: frozenset[int] = OK, **more: Any) -> Entry:
    return Entry("GET", path, ok, **more)


def post(path: str, ok: frozenset[int] = OK, **more: Any) -> Entry:
    return Entry("POST", path, ok, **more)


def _fresh_conversation(world: World, side: Side) -> dict[str, str]:
    made = world.call(side.person, "POST", "/api/conversations/new", side.client_id, json={}).json()
    return {"conversation_id": made["conversation"]["id"]}


def _fresh_session(world: World, side: Side) -> dict[str, str]:
    return OBJECTS["session_id"](world, side)


def _fresh_key(world: World, side: Side) -> dict[str, str]:
    return {"key_id": api_key(world, side)[0]}


def _nobody(world: World, side: Side) -> dict[str, str]:
    return {"user_id": UNKNOWN}


KEPT = frozenset({409})  # refused, and everything stays as it is
CONVERSATION = "/api/conversations/{conversation_id}"
NOT_LINKED = frozenset({200, 400, 404, 409})
FORM_REFUSED = frozenset({403})  # a visitor's form carries a token of its page, which no program has

SIGN_IN = (
    post("/api/auth/signup", frozenset({409}), body={"email": "bob@isolation.example", "password": PASSWORD}),
    post("/api/auth/login", frozenset({401, 429}), body={"email": "nobody@isolation.example", "password": PASSWORD}),
    post("/api/auth/logout", frozenset({200, 204}), ends_sign_in=True),
    get("/api/auth/status"),
    post(
        "/api/auth/password",
        frozenset({422}),
        body={"current": "not this one", "password": "short"},
        note="too short; a good one would end the sign-ins that the others use",
    ),
    get("/api/auth/google/start", frozenset({303})),
    get("/api/auth/google/callback", frozenset({400})),
    get("/api/connectors/{provider}/oauth/callback", frozenset({400})),
)
WORKSPACE = (
    get("/api/clients"),
    post(
        "/api/clients",
        frozenset({201, 409, 429}),
        body={"name": "Iso-Amber"},
        note="a name that is taken",
        managers=True,
    ),
    get("/api/clients/{client_id}"),
    Entry("PATCH", "/api/clients/{client_id}", body={"currency": "RON"}, fresh=spare_client, managers=True),
    Entry("DELETE", "/api/clients/{client_id}", frozenset({204}), fresh=spare_client, managers=True),
    get("/api/user/snapshot"),
    get("/api/usage"),
    get("/api/audit"),
    get("/api/keys"),
    post("/api/keys", frozenset({201, 409}), body={"name": "Another"}),
    Entry("DELETE", "/api/keys/{key_id}", frozenset({204}), fresh=_fresh_key),
    get("/api/members"),
    Entry("PATCH", "/api/members/{user_id}", KEPT, body={"role": "member"}, managers=True, note="the last owner"),
    Entry("DELETE", "/api/members/{user_id}", frozenset({404}), fresh=_nobody, managers=True),
    post("/api/members/leave", KEPT, body={"workspace_id": "unknown"}, note="another than the one they are in"),
    post("/api/members/{user_id}/ownership", KEPT, body={}, managers=True, note="to oneself"),
    get("/api/invitations", managers=True),
    post("/api/invitations", frozenset({201, 429}), body={"role": "member"}, managers=True),
    post("/api/invitations/accept", frozenset({404, 429}), body={"token": "inv_unknown"}),
    Entry("DELETE", "/api/invitations/{invitation_id}", frozenset({404}), managers=True),
    get("/api/workspaces"),
    post("/api/workspaces/switch", frozenset({404}), body={"workspace_id": "unknown"}),
    get("/api/workspace/export", managers=True, whole_workspace=True),
    post("/api/workspace/erase", frozenset({422}), body={"name": "another"}, managers=True, note="not its name"),
)
CONVERSATIONS = (
    get("/api/agents/list"),
    get("/api/chat/suggestions", query="conversation_id={conversation_id}"),
    get("/api/conversations"),
    post("/api/conversations/new", frozenset({201}), body={}),
    get(CONVERSATION),
    Entry("PATCH", CONVERSATION, body={"title": "Renamed"}, fresh=_fresh_conversation),
    Entry("DELETE", CONVERSATION, frozenset({204}), fresh=_fresh_conversation),
    get(f"{CONVERSATION}/messages"),
    post(f"{CONVERSATION}/messages", body={"text": "What is connected?"}, fresh=_fresh_conversation),
    post(f"{CONVERSATION}/messages", body={"text": "What is connected?"}, headers=EVENTS, fresh=_fresh_conversation),
    get(f"{CONVERSATION}/export", query="format=md"),
    get(f"{CONVERSATION}/export", query="format=json"),
    get(f"{CONVERSATION}/events", frozenset({200, 204}), headers=EVENTS),
    post(f"{CONVERSATION}/stop", body={}),
    Entry("PUT", f"{CONVERSATION}/messages/{{message_id}}/feedback", frozenset({204}), body={"value": 1}),
)
ASKED: dict[str, Any] = {
    "model": "personal-assistant",
    "messages": [{"role": "user", "content": "What is connected?"}],
}
NAMELESS = frozenset({200, 422})
OPENAI = (
    get("/v1/models"),
    get("/v1/models/{model}"),
    post("/v1/chat/completions", NAMELESS, body=ASKED, note="a field it does not know, such as a client's, is refused"),
    post("/v1/chat/completions", NAMELESS, body={**ASKED, "stream": True}),
)
GA4 = ("overview", "pages", "sources", "events", "funnels", "audience", "realtime")
ADS = ("overview", "campaigns", "ad-groups", "keywords", "search-terms", "budgets", "changes")
DAYS = f"range={WHOLE}"
READ = frozenset({200, 400, 404, 409, 422})  # a client without a connection is told to connect one
CONNECTORS = (
    get("/api/connectors/list"),
    get("/api/connectors/{provider}/auth-url", frozenset({200}), managers=True),
    get("/api/connectors/{provider}/status"),
    get("/api/connectors/ga4/properties", READ, managers=True),
    get("/api/connectors/google-ads/accounts", READ, managers=True),
    post("/api/connectors/ga4/property", READ, body={"id": "410017771"}, fresh=spare_client, managers=True),
    post("/api/connectors/google-ads/account", READ, body={"id": "7410042217"}, fresh=spare_client, managers=True),
    Entry("DELETE", "/api/connectors/{provider}", READ, fresh=spare_client, managers=True),
    *(get(f"/api/connectors/ga4/{tab}", READ, query=DAYS) for tab in GA4),
    *(get(f"/api/connectors/google-ads/{tab}", READ, query=DAYS) for tab in (*ADS, "metrics")),
)
UNSOLD = frozenset({200, 409, 503})  # nothing was bought, or nothing can be
BILLING = "/api/settings/billing"
PAYMENTS = (
    get(BILLING, managers=True),
    post(f"{BILLING}/refresh", UNSOLD, managers=True),
    post(f"{BILLING}/checkout", UNSOLD, body={"pack": "ct-5000"}, managers=True),
    post(f"{BILLING}/portal", UNSOLD, managers=True),
    post(f"{BILLING}/plan", frozenset({409}), body={"plan": "pro"}, managers=True),
    post(f"{BILLING}/change", frozenset({409}), body={"plan": "pro"}, managers=True),
    post(f"{BILLING}/cancel", frozenset({409}), managers=True),
    post(f"{BILLING}/resume", frozenset({409}), managers=True),
    post("/api/stripe/webhook", frozenset({400, 503}), body={}, note="nobody signed it"),
)
SEARCH = (
    get("/api/search", query="q={word}", words=True),
    get("/api/app/search", query="q={word}", words=True),
)
OPERATIONS = (
    get("/healthz"),
    get("/readyz"),
    get("/api/billing/cost-telemetry"),
    post("/api/billing/shadow-sync"),
    get("/api/billing/calibration-proposal"),
    get("/api/billing/calibration-check", frozenset({409, 422}), query="id={word}"),
    get("/api/billing/plan-recommendations"),
    post("/api/billing/calibration-apply", frozenset({409, 422}), body={"id": "none"}),
    get("/api/billing/reversals"),
    get("/api/pricing/plans"),
    get("/metrics"),
    get("/operations"),
    post("/operations", FORM_REFUSED, form={"token": "guess"}),
    post("/operations/sign-out", FORM_REFUSED, form={}),
    get("/operations/costs"),
    get("/operations/reversals"),
)
PAID = frozenset({200, 303, 409, 502, 503, 504})  # as it stands with the payments, which are nobody else's
PAGES = (
    *(get(path) for path in ("/", "/pricing", "/chat-demo", "/terms", "/privacy", "/legal", "/docs")),
    get("/robots.txt"),
    get("/sitemap.xml"),
    post("/language", frozenset({303, 403, 422}), form={"language": "en"}),
    get("/login", frozenset({200, 303})),
    get("/signup", frozenset({200, 303})),
    post("/login", FORM_REFUSED, form={"email": "bob@isolation.example", "password": PASSWORD}),
    post("/signup", FORM_REFUSED, form={"email": "bob@isolation.example", "password": PASSWORD}),
    post("/logout", SEEN, form={}, ends_sign_in=True),
    get("/login/google", frozenset({200, 303, 400})),
    post("/login/google/password", frozenset({200, 303, 400, 403}), form={"password": PASSWORD}),
    post("/login/google/take-over", frozenset({200, 303, 400, 403}), form={}),
    get("/reset-password", KEPT, query="token=made-up"),
    post("/reset-password", FORM_REFUSED, form={"password": PASSWORD, "again": PASSWORD}),
    get("/app"),
    post("/app/clients", frozenset({303, 409, 422, 429}), form={"name": "Iso-Amber"}, managers=True),
    post(
        "/app/clients/{client_id}/rename",
        frozenset({303, 409}),
        form={"name": "Renamed"},
        fresh=spare_client,
        managers=True,
    ),
    post("/app/clients/{client_id}/archive", SEEN, form={}, fresh=spare_client, managers=True),
    get("/settings"),
    get("/settings/workspace"),
    get("/settings/members"),
    post("/settings/members/invite", frozenset({200, 429}), form={"role": "member"}, managers=True),
    post("/settings/members/invitations/{invitation_id}/withdraw", frozenset({404}), form={}, managers=True),
    post("/settings/members/{user_id}/role", KEPT, form={"role": "member"}, managers=True),
    post("/settings/members/{user_id}/remove", frozenset({404}), form={}, fresh=_nobody, managers=True),
    post("/settings/members/{user_id}/ownership", KEPT, form={}, managers=True),
    post("/settings/members/leave", KEPT, form={"workspace_id": "unknown"}),
    post("/settings/members/switch", frozenset({404}), form={"workspace_id": "unknown"}),
    get("/invite", frozenset({404, 429}), query="token=inv_unknown"),
    post("/invite", frozenset({404, 429}), form={"token": "inv_unknown"}),
    get("/settings/keys"),
    post("/settings/keys", frozenset({200, 409}), form={"name": "Another", "scopes": "chat"}),
    post("/settings/keys/{key_id}/revoke", SEEN, form={}, fresh=_fresh_key),
    post("/settings/workspace/erase", frozenset({422}), form={"name": "another"}, managers=True),
    get("/settings/billing"),
    get("/settings/billing/ledger.csv"),
    post("/settings/billing/checkout", PAID, form={"pack": "ct-5000"}, managers=True),
    post("/settings/billing/portal", PAID, form={}, managers=True),
    post("/settings/billing/refresh", PAID, form={}, managers=True),
    get("/settings/billing/change", SEEN, query="plan=starter", managers=True),
    post("/settings/billing/change", PAID, form={"plan": "starter"}, managers=True),
    post("/settings/billing/cancel", PAID, form={}, managers=True),
    post("/settings/billing/resume", PAID, form={}, managers=True),
    get("/settings/billing/back", frozenset({303, 502, 503}), managers=True),
    post("/settings/profile", SEEN, form={"display_name": "Somebody", "language": "en"}),
    post("/settings/sessions/{session_id}/revoke", SEEN, form={}, fresh=_fresh_session),
    post("/settings/password", frozenset({422}), form={"password": "short"}),
    get("/settings/password/google", SEEN),
    get("/settings/google/link", frozenset({200, 303})),
    post("/settings/google/{identity_id}/unlink", frozenset({303, 404}), form={}),
)
CHOICE = frozenset({200, 303, 404, 409, 422, 502})
IN_QUERY: dict[str, Any] = {"query": "client={client}", "client_in": "query"}
IN_FORM: dict[str, Any] = {"form": {"client_id": "{client}"}, "client_in": "form"}
MANAGED: dict[str, Any] = {"managers": True}
CONNECTOR_PAGES = (
    get("/connectors", **IN_QUERY),
    get("/connectors/{provider}/choose", CHOICE, **IN_QUERY, **MANAGED),
    post("/connectors/{provider}/choose", CHOICE, **IN_FORM, **MANAGED),
    get("/connectors/{provider}/connect", SEEN, **IN_QUERY, **MANAGED),
    post("/connectors/{provider}/disconnect", SEEN, **IN_FORM, **MANAGED, fresh=spare_client),
    post("/connectors/{provider}/gateway", CHOICE, **IN_FORM, **MANAGED, fresh=spare_client),
    post("/connectors/client", SEEN, **IN_FORM),
    get("/connectors/ga4", frozenset({200, 303, 307}), **IN_QUERY),
    get("/connectors/google-ads", frozenset({200, 303, 307}), **IN_QUERY),
    *(get(f"/connectors/ga4/{tab}", query=f"client={{client}}&{DAYS}", client_in="query") for tab in GA4),
    *(get(f"/connectors/google-ads/{tab}", query=f"client={{client}}&{DAYS}", client_in="query") for tab in ADS),
)

ENTRIES: tuple[Entry, ...] = (
    *SIGN_IN, *WORKSPACE, *CONVERSATIONS, *OPENAI, *CONNECTORS, *PAYMENTS, *SEARCH, *OPERATIONS, *PAGES,
    *CONNECTOR_PAGES,
)  # fmt: skip


def missing(document: dict[str, Any]) -> list[str]:
    """Routes of an OpenAPI document that no record speaks of, and records of no route."""
    routes = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    known = {entry.key for entry in ENTRIES}
    return [f"no record in tests/isolation/entries.py for {m} {p}" for m, p in sorted(routes - known)] + [
        f"no route for {m} {p}" for m, p in sorted(known - routes)
    ]


def classes(document: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {
        (method.upper(), path): str(operation.get("x-camarad-access", "undeclared"))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
