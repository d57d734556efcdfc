"""The page about the JSON report, out of its schema."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from .markdown import NOTE, code, table


def json_page() -> str:
    """Return the fields of the JSON report, out of its schema."""
    name = "report.schema.json"
    schema = json.loads(resources.files("sentinel.data").joinpath(name).read_text("utf-8"))
    parts = [
        f"{NOTE}# JSON report\n\n{schema.get('description', '')}\n\n"
        f"The schema is shipped as `sentinel/data/{name}`; a field is never removed or given "
        "another meaning without a new `schema_version`.\n\n## The report\n\n",
        fields_table(schema),
    ]
    for key, part in sorted(schema.get("$defs", {}).items()):
        if part.get("properties"):
            parts.append(f"\n## `{key}`\n\n{part.get('description', '')}\n\n{fields_table(part)}")
    return "".join(parts)


def fields_table(schema: dict[str, Any]) -> str:
    """Return the properties of one object of a schema."""
    required = set(schema.get("required", ()))
    rows = []
    for name, part in schema["properties"].items():
        meaning = part.get("description", "")
        rows.append(
            (code(name), kind(part), meaning if name in required else f"{meaning} (optional)")
        )
    return table(("field", "type", "meaning"), rows)


def kind(part: dict[str, Any]) -> str:
    """Return the type of one field, in words."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in part:
        return " ".join(code(str(value)) for value in part["enum"])
    if "const" in part:
        return code(str(part["const"]))
    if part.get("type") == "array":
        return f"list of {kind(part.get('items', {}))}"
    for key in ("anyOf", "oneOf"):
        if key in part:
            return " or ".join(kind(option) for option in part[key])
    types = part.get("type", "any")
    return " or ".join(types) if isinstance(types, list) else types
