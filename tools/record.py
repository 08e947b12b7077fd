"""A tool is a record: its name, what it needs, whether it writes, its arguments and the function that runs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import BaseModel

from camarad.clock import Clock
from camarad.database import Database
from camarad.scope import Scope
from tools.result import ToolResult

if TYPE_CHECKING:
    from tools.connectors.hub import Connectors

Provider = Literal["ga4", "google-ads"]
Arguments = TypeVar("Arguments", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ToolContext:
    """Everything a tool may use, made by the turn from the scope; nothing in it comes from a model."""

    scope: Scope
    database: Database
    connectors: Connectors
    clock: Clock
    language: str


@dataclass(frozen=True, slots=True)
class Tool:
    """`run` gets validated arguments. `shape` names what the result looks like, for docs and tests."""

    name: str
    description: str
    arguments: type[BaseModel]
    run: Callable[[ToolContext, Any], Awaitable[ToolResult]]
    needs: frozenset[Provider] = frozenset()
    writes: bool = False
    shape: Literal["table", "totals", "status"] = "table"

    def schema(self) -> dict[str, Any]:
        """The tool as OpenAI's function schema."""
        parameters = self.arguments.model_json_schema()
        parameters.pop("title", None)
        return {
            "type": "function",
            "function": {"name": self.name, "description": self.description, "parameters": parameters},
        }
