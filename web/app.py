"""The application: routers, pages, static files and the chat, behind one edge."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from camarad import __version__
from camarad.settings import Settings
from web import failures
from web.api import (
    agents,
    audit,
    auth,
    billing,
    calibration,
    clients,
    connectors,
    conversations,
    feedback,
    health,
    keys,
    members,
    operations,
    password,
    reversals,
    search,
    stripe,
    tabs,
    telemetry,
    turns,
    workspace,
)
from web.chat.gate import chat_lifespan, mount_chat
from web.edge import Edge
from web.oauth import routes as oauth
from web.pages import app as app_pages
from web.pages import billing as billing_pages
from web.pages import connectors as connector_pages
from web.pages import docs, google, picker, pricing, public, reset, settings, signin
from web.pages import keys as key_pages
from web.pages import members as member_pages
from web.pages import operations as operations_pages
from web.pages import password as password_pages
from web.pages import payments as payment_pages
from web.pages import tabs as tab_pages
from web.pages import workspace as workspace_pages
from web.pages.render import STATIC
from web.search.kept import KeptSearch
from web.services import Services, build_services
from web.static_files import MarkedStaticFiles
from web.v1 import routes as openai

API_ROUTES = (
    health.routes,
    auth.routes,
    password.routes,
    oauth.routes,
    oauth.connectors,
    clients.routes,
    keys.routes,
    members.routes,
    agents.agents,
    agents.chat,
    conversations.routes,
    turns.routes,
    openai.routes,
    feedback.routes,
    connectors.routes,
    tabs.routes,
    search.public,
    search.scoped,
    telemetry.routes,
    calibration.routes,
    reversals.routes,
    workspace.public_routes,
    workspace.routes,
    billing.routes,
    stripe.routes,
    audit.routes,
    operations.routes,
)

PAGE_ROUTES = (
    public.routes,
    pricing.routes,
    signin.routes,
    reset.routes,
    app_pages.routes,
    google.routes,
    google.own,
    picker.routes,
    connector_pages.routes,
    tab_pages.routes,
    settings.routes,
    password_pages.routes,
    workspace_pages.routes,
    member_pages.routes,
    member_pages.door,
    key_pages.routes,
    billing_pages.routes,
    payment_pages.routes,
    docs.routes,
    operations_pages.door,
    operations_pages.routes,
)


def create_app(settings: Settings) -> ASGIApp:
    return wrap(build_app(build_services(settings)))


def build_app(services: Services) -> FastAPI:
    """The application inside the edge; its lifespan starts and closes the services."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await services.start()
        try:
            async with chat_lifespan():
                yield
        finally:
            await services.close()

    app = FastAPI(title="Camarad", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.services = services
    failures.install(app)
    for routes in (*API_ROUTES, *PAGE_ROUTES):
        app.include_router(routes)
    app.mount("/static", MarkedStaticFiles(directory=STATIC), name="static")
    return app


def wrap(app: FastAPI) -> ASGIApp:
    """The chat in front of the application, the edge in front of both, and what the open search said before."""
    services: Services = app.state.services
    edge = Edge(mount_chat(app, services), services.settings, services.metrics)
    return KeptSearch(edge, services.metrics, services.throttle)
