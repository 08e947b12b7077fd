"""What an answer may show beside text: a closed union. Tools make blocks, doors render them, nobody writes markup."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["text", "date", "integer", "number", "percent", "money", "seconds"]
Cell = str | int | float | None


class Column(BaseModel):
    """`percent` cells are fractions (0.12 is 12 %); `money` cells are units of the result's currency."""

    model_config = ConfigDict(frozen=True)

    name: str
    label: str
    kind: Kind = "text"


class MetricBlock(BaseModel):
    type: Literal["metric"] = "metric"
    label: str
    kind: Kind
    value: Cell
    previous: Cell = None
    change: float | None = None  # a fraction, as the result says it: from unrounded values
    currency: str | None = None
    higher_is_better: bool = True


class TableBlock(BaseModel):
    type: Literal["table"] = "table"
    title: str
    columns: list[Column]
    rows: list[list[Cell]]
    currency: str | None = None
    truncated: int = 0  # rows left out


class Series(BaseModel):
    label: str
    kind: Kind = "number"
    values: list[float | int | None]


class ChartBlock(BaseModel):
    """`categories` are the x values, one for each value of every series; ISO dates when `shape` is line."""

    type: Literal["chart"] = "chart"
    title: str
    shape: Literal["line", "bar"]
    categories: list[str]
    series: list[Series]
    currency: str | None = None


class LinkBlock(BaseModel):
    type: Literal["link"] = "link"
    label: str
    url: str  # a path of this server


class FlowBlock(BaseModel):
    type: Literal["flow"] = "flow"
    flow_id: str
    title: str
    nodes: list[str]
    url: str


class ApprovalBlock(BaseModel):
    type: Literal["approval"] = "approval"
    approval_id: str
    title: str
    before: dict[str, str]
    after: dict[str, str]


Block = Annotated[
    MetricBlock | TableBlock | ChartBlock | LinkBlock | FlowBlock | ApprovalBlock, Field(discriminator="type")
]
