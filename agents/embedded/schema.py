"""A tool's JSON schema, read into what filling arguments needs: types, choices, bounds, words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agents.embedded.text import words


@dataclass(frozen=True, slots=True)
class Param:
    name: str
    type: str = "string"
    choices: tuple[Any, ...] = ()
    format: str = ""
    description: str = ""
    default: Any = None
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""
    item: Param | None = None
    fields: tuple[Param, ...] = ()

    @property
    def words(self) -> frozenset[str]:
        return frozenset(words(spaced(self.name)))

    @property
    def about(self) -> str:
        return f"{spaced(self.name)} {self.description}".lower()


@dataclass(frozen=True, slots=True)
class ToolSchema:
    name: str
    description: str = ""
    params: tuple[Param, ...] = field(default=())

    @property
    def about(self) -> str:
        """The text that says what the tool is for, names first."""
        return f"{spaced(self.name)}: {self.description}".strip()


def spaced(name: str) -> str:
    """`endDate` and `end_date` as words."""
    out = "".join(f" {c.lower()}" if c.isupper() and i and not name[i - 1].isupper() else c for i, c in enumerate(name))
    return out.replace("_", " ").replace("-", " ").replace(".", " ").lower()


def read_tool(raw: dict[str, Any]) -> ToolSchema | None:
    """One entry of `tools`; None for what is not a function."""
    function = raw.get("function") if isinstance(raw.get("function"), dict) else raw
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        return None
    parameters = function.get("parameters") or function.get("input_schema") or {}
    fields = _fields(parameters, parameters.get("$defs") or parameters.get("definitions") or {})
    return ToolSchema(function["name"], str(function.get("description") or ""), fields)


def _fields(schema: dict[str, Any], defs: dict[str, Any], depth: int = 0) -> tuple[Param, ...]:
    required = set(schema.get("required") or ())
    properties = schema.get("properties") or {}
    if depth > 4:
        return ()
    return tuple(_param(name, raw, name in required, defs, depth) for name, raw in properties.items())


def _param(name: str, raw: Any, required: bool, defs: dict[str, Any], depth: int) -> Param:
    schema = _resolved(raw if isinstance(raw, dict) else {}, defs)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "string")
    items = schema.get("items")
    choices = tuple(schema.get("enum") or (() if "const" not in schema else (schema["const"],)))
    return Param(
        name=name,
        type=str(kind),
        choices=tuple(c for c in choices if c is not None),
        format=str(schema.get("format") or ""),
        description=str(schema.get("description") or ""),
        default=schema.get("default"),
        required=required,
        minimum=_bound(schema, "minimum"),
        maximum=_bound(schema, "maximum"),
        pattern=str(schema.get("pattern") or ""),
        item=_param(name, items, False, defs, depth + 1) if isinstance(items, dict) else None,
        fields=_fields(schema, defs, depth + 1) if kind == "object" else (),
    )


def _bound(schema: dict[str, Any], name: str) -> float | None:
    """A bound as a number. Malformed bounds are ignored; an exclusive one of whole numbers is one step further in."""
    step = 1 if name == "minimum" else -1
    exclusive = schema.get(f"exclusiveM{name[1:]}")
    if isinstance(exclusive, int) and not isinstance(exclusive, bool) and schema.get("type") == "integer":
        return exclusive + step
    value = schema.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _resolved(schema: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    """`$ref`, `allOf` and optional `anyOf` folded into one schema."""
    merged = dict(schema)
    reference = merged.pop("$ref", None)
    if isinstance(reference, str):
        merged = {**_resolved(defs.get(reference.rsplit("/", 1)[-1], {}), {}), **merged}
    for key in ("allOf", "anyOf", "oneOf"):
        for choice in merged.pop(key, None) or ():
            resolved = _resolved(choice, defs)
            if resolved.get("type") != "null":
                enum = [
                    *merged.get("enum", []),
                    *resolved.get("enum", []),
                    *([resolved["const"]] if "const" in resolved else []),
                ]
                merged = {**resolved, **merged}
                if enum:
                    merged["enum"] = list(dict.fromkeys(enum))
    return merged
