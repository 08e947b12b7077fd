"""The arguments tools share. They are written for language models: each field says what is allowed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tools.ranges import Compare

RangeText = Annotated[
    str,
    Field(
        description="Days, in the account's time zone: 7days, 28days, 90days or any <n>days (end yesterday), "
        "today, yesterday, this_month, last_month, YYYY-MM, or YYYY-MM-DD..YYYY-MM-DD."
    ),
]
CompareWith = Annotated[
    Compare,
    Field(description="previous: the period just before; year: 364 days earlier, weekdays aligned; none."),
]
Limit = Annotated[int, Field(ge=1, le=50, description="Most rows to return, largest first.")]
Campaign = Annotated[
    str | None, Field(max_length=200, description="Only the campaign of this name, else those whose name contains it.")
]
Channel = Annotated[
    str | None,
    Field(
        max_length=100,
        description="Only this default channel group, e.g. Organic Search, Paid Search, Direct, Email, Referral.",
    ),
]
Device = Annotated[Literal["mobile", "desktop", "tablet"] | None, Field(description="Only this device.")]


class Arguments(BaseModel):
    """Unknown arguments are refused; null means the default, because models send it for what they leave open."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, raw: Any) -> Any:
        if isinstance(raw, dict):
            return {key: value for key, value in raw.items() if value is not None}
        return raw

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The schema without what costs tokens and tells a model nothing: titles, null alternatives, null defaults."""
        schema = super().model_json_schema(*args, **kwargs)
        schema.pop("description", None)
        schema["properties"] = {name: _slim(field) for name, field in schema.get("properties", {}).items()}
        return schema


def _slim(field: dict[str, Any]) -> dict[str, Any]:
    slim = {key: value for key, value in field.items() if key not in ("title", "anyOf")}
    for choice in field.get("anyOf", []):
        if choice.get("type") != "null":
            slim.update(choice)
    if slim.get("default", "") is None:
        del slim["default"]
    return slim


class NoArguments(Arguments):
    pass


class RangeArguments(Arguments):
    range: RangeText = "28days"
    compare: CompareWith = "previous"


class ListArguments(RangeArguments):
    limit: Limit = 10
