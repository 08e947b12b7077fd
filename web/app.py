"""The application: routers, pages, static files and the chat, behind one edge."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from camarad import __version__
from camarad.settings import Settings
from web import failures
from web.api import agents, auth, clients, connectors, conversations, feedback, health, operations, turns, workspace
from web.chat.gate import chat_lifespan, mount_chat
from web.edge import Edge
from web.services import Services, build_services

API_ROUTES = (
    health.routes,
    auth.routes,
    clients.routes,
    agents.agents,
    agents.chat,
    conversations.routes,
    turns.routes,
    feedback.routes,
    connectors.routes,
    workspace.public_routes,
    workspace.routes,
    operations.routes,
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
    for routes in API_ROUTES:
        app.include_router(routes)
    return app


def wrap(app: FastAPI) -> ASGIApp:
    services: Services = app.state.services
    return Edge(mount_chat(app, services), services.settings, services.metrics)
