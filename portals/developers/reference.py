"""The reference pages' content, read from the OpenAPI document."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

JSON = "application/json"
METHODS = ("get", "post", "patch", "delete")
MAX_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a body, an answer or a query string."""

    name: str
    type: str
    about: SafeString
    required: bool
    depth: int


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: what it takes, what it answers, and a sample of both."""

    id: str
    tag: str
    method: str
    path: str
    title: str
    about: SafeString
    query: list[Field]
    body: list[Field]
    answer: list[Field]
    status: str
    idempotent: bool
    call: str
    sample: str

    @property
    def anchor(self) -> str:
        """The call's place in the page."""
        return self.id.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Section:
    """The calls about one thing."""

    title: str
    operations: list[Operation]

    @property
    def anchor(self) -> str:
        """The section's place in the page."""
        return self.title.lower().replace(" ", "-")


def read_sections(document: dict[str, Any]) -> list[Section]:
    """Return the calls of an OpenAPI document by their tags, both in the order of the document."""
    found: dict[str, list[Operation]] = {}
    for path, calls in document["paths"].items():
        for method in METHODS:
            if method in calls:
                operation = _operation(document, path, method, calls[method])
                found.setdefault(operation.tag, []).append(operation)
    return [Section(title, operations) for title, operations in found.items()]


def _operation(document: dict[str, Any], path: str, method: str, call: dict[str, Any]) -> Operation:
    status = next(code for code in call["responses"] if code.startswith("2"))
    answer = call["responses"][status].get("content", {}).get(JSON, {})
    body = call.get("requestBody", {}).get("content", {}).get(JSON, {})
    parameters = call.get("parameters", [])
    keyed = any(parameter["name"] == "Idempotency-Key" for parameter in parameters)
    example = body.get("example")
    return Operation(
        id=call["operationId"],
        tag=call["tags"][0],
        method=method.upper(),
        path=path,
        title=call["summary"],
        about=prose(call.get("description", "")),
        query=[_parameter(document, parameter) for parameter in parameters if parameter["in"] == "query"],
        body=list(fields_of(document, body.get("schema", {}))),
        answer=list(fields_of(document, answer.get("schema", {}))),
        status=status,
        idempotent=keyed,
        call=curl(document["servers"][0]["url"], path, method, parameters, example, keyed=keyed and method == "post"),
        sample=json.dumps(answer["example"], indent=2, ensure_ascii=False) if "example" in answer else "",
    )


def _parameter(document: dict[str, Any], parameter: dict[str, Any]) -> Field:
    schema = parameter["schema"]
    about = parameter.get("description", "")
    return Field(parameter["name"], type_of(document, schema), prose(about), bool(parameter.get("required")), 0)


def fields_of(document: dict[str, Any], schema: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[Field]:
    """Yield the values inside of a schema, those of inner objects after the object (`items[].name`)."""
    schema = resolve(document, schema)
    if schema.get("type") == "array":
        yield from fields_of(document, schema["items"], f"{prefix}[]", depth)
        return
    for name, inner in schema.get("properties", {}).items():
        full = f"{prefix}.{name}" if prefix else name
        known = resolve(document, inner)
        about = prose(known.get("description", "") if "$ref" not in inner else "")
        required = name in schema.get("required", [])
        # Every optional value may also be null: the page says so once, not at each value.
        kind = type_of(document, inner) if required else type_of(document, inner).removesuffix(" or null")
        yield Field(full, kind, about, required, depth)
        if depth < MAX_DEPTH:
            yield from fields_of(document, known, full, depth + 1)


def resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with its reference followed; of "this or null" the former."""
    for choice in ("oneOf", "allOf", "anyOf"):
        if choice in schema:
            inner = next(part for part in schema[choice] if part.get("type") != "null")
            return resolve(document, inner)
    if "$ref" in schema:
        return resolve(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return schema


def type_of(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """Return a schema's type in words: "integer, 1 to 100", "open or completed", "list of objects"."""
    known = resolve(document, schema)
    kind = known.get("type", "object")
    kinds = [part for part in (kind if isinstance(kind, list) else [kind]) if part != "null"]
    nullable = kinds != (kind if isinstance(kind, list) else [kind]) or any(part.get("type") == "null" for part in schema.get("oneOf", []))
    if "enum" in known:
        text = " or ".join(str(value) for value in known["enum"] if value not in {None, ""})
    elif kinds == ["array"]:
        text = f"list of {type_of(document, known['items'])}s"
    else:
        text = {"date-time": "time", "date": "date", "uri": "web address", "email": "e-mail address"}.get(known.get("format", ""), kinds[0])
    return text + _limits(known) + (" or null" if nullable else "")


def _limits(schema: dict[str, Any]) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f", {least:,} to {most:,}"
    if "maxLength" in schema:
        return f", at most {schema['maxLength']:,} characters"
    return ""


def prose(text: str) -> SafeString:
    """Return a description as HTML: paragraphs, and `code` between backticks."""
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return mark_safe("".join(f"<p>{part}</p>" for part in marked.split("\n\n") if part))  # noqa: S308  (escaped above)


def curl(base_url: str, path: str, method: str, parameters: list[dict[str, Any]], example: Any, *, keyed: bool) -> str:
    """Return a call as one types it into a shell."""
    for parameter in parameters:
        if parameter["in"] == "path" and "example" in parameter:
            path = path.replace("{" + parameter["name"] + "}", parameter["example"])
    query = "&".join(f"{p['name']}={p['example']}" for p in parameters if p["in"] == "query" and "example" in p)
    verb = "" if method == "get" or (method == "post" and example) else f"-X {method.upper()} "
    address = f"{base_url}{path}" + (f"?{query}" if query else "")
    lines = [f'curl {verb}"{address}"' if query else f"curl {verb}{address}", '-H "Authorization: Bearer sk_sandbox_..."']
    if keyed:
        lines.append('-H "Idempotency-Key: your-own-number"')
    if example:
        lines += ['-H "Content-Type: application/json"', f"-d '{json.dumps(example, indent=2, ensure_ascii=False)}'"]
    return " \\\n  ".join(lines)
