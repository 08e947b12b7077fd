"""The API's own documentation page, made from the OpenAPI document: no script, no other host."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from web.access import find_signed_in, router
from web.pages.render import page

routes = router("public", "pages")


@routes.get("/docs", response_class=Response, summary="The API, for people")
async def docs(request: Request) -> Response:
    await find_signed_in(request)
    schema: dict[str, Any] = request.app.openapi()
    return page(request, "docs.html", private=False, groups=_groups(schema), schemas=schema["components"]["schemas"])


def _groups(schema: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Operations by their tag, pages left out."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            tag = operation.get("tags", ["other"])[0]
            if tag != "pages":
                groups.setdefault(tag, []).append(_operation(path, method, operation))
    return groups


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    return {
        "path": path,
        "method": method.upper(),
        "anchor": operation["operationId"],
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "access": operation.get("x-camarad-access", ""),
        "parameters": operation.get("parameters", []),
        "body": _schema_of(content),
        "answers": {
            status: _schema_of(answer.get("content", {}))
            for status, answer in operation.get("responses", {}).items()
            if status < "300"  # errors have one shape everywhere
        },
    }


def _schema_of(content: dict[str, dict[str, Any]]) -> str:
    """The name of the schema a body refers to, directly or as one of several."""
    schema: dict[str, Any] = next(iter(content.values())).get("schema", {}) if content else {}
    for part in (schema, *schema.get("anyOf", [])):
        if "$ref" in part:
            return str(part["$ref"]).rpartition("/")[2]
    return ""
