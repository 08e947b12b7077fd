"""Structured logs: one JSON object a line, with the request, workspace, client and agent of the moment."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO, cast

import structlog

from camarad.scope import Scope

SECRET_WORDS = ("password", "token", "secret", "authorization", "cookie", "api_key")


def _hide_secrets(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for key in event:
        if any(word in key.lower() for word in SECRET_WORDS) and not isinstance(event[key], int):
            event[key] = "[hidden]"
    return event


def configure_logs(level: str, stream: TextIO = sys.stderr) -> None:
    """Send the product's and the libraries' logs to `stream` as JSON lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(
                    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)  # locals hold cookies and keys
                ),
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for chatty in ("uvicorn.access", "httpx", "httpcore", "LiteLLM", "aiosqlite", "engineio", "socketio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(name))


def bind_scope(scope: Scope) -> None:
    """Put the scope on every log line of this task from here on."""
    structlog.contextvars.bind_contextvars(
        user_id=scope.user_id, workspace_id=scope.workspace_id, client_id=scope.client_id
    )
