"""The reference pages' content, read from the OpenAPI document."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from babel.numbers import format_decimal
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_noop

from core.locales import page_locale
from core.sentences import Sentence, translated

JSON = "application/json"
METHODS = ("get", "post", "patch", "delete")
MAX_DEPTH = 4
KINDS = {
    "integer": gettext_noop("integer"),
    "number": gettext_noop("number"),
    "string": gettext_noop("text"),
    "boolean": gettext_noop("true or false"),
    "object": gettext_noop("object"),
    "date-time": gettext_noop("time"),
    "date": gettext_noop("date"),
    "uri": gettext_noop("web address"),
    "email": gettext_noop("e-mail address"),
}
LISTS = {"object": gettext_noop("list of objects"), "string": gettext_noop("list of texts")}
SCOPE = gettext_noop("The key needs the scope %(scope)s.")
_SCOPE = re.compile(re.escape(SCOPE).replace(re.escape("%(scope)s"), "(`[a-z_.]+`)"))


class Number(int):
    """A number in a sentence, with the thousands separators of the current language."""

    def __str__(self) -> str:
        """Return the number as the reader's language writes it."""
        return format_decimal(int(self), locale=page_locale("en_US"))


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a body, an answer or a query string; texts are stored in English, and shown in the current language."""

    name: str
    type: str
    about: str
    required: bool
    depth: int

    @property
    def shown_type(self) -> SafeString:
        """The type, in the reader's language."""
        return code(translated(self.type))

    @property
    def shown_about(self) -> SafeString:
        """The description, in the reader's language."""
        return prose(self.about)


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: what it takes, what it answers, and a sample of both; texts are stored in English, and shown in the current language."""

    id: str
    tag: str
    method: str
    path: str
    title: str
    about: str
    query: list[Field]
    body: list[Field]
    answer: list[Field]
    status: str
    idempotent: bool
    call: str
    sample: str

    @property
    def anchor(self) -> str:
        """The call's anchor in the page."""
        return self.id.replace("_", "-")

    @property
    def shown_title(self) -> str:
        """The title, in the reader's language."""
        return gettext(self.title)

    @property
    def shown_about(self) -> SafeString:
        """The description, in the reader's language."""
        return prose(self.about)


@dataclass(frozen=True, slots=True)
class Section:
    """The calls about one kind of object."""

    title: str
    operations: list[Operation]

    @property
    def anchor(self) -> str:
        """The section's anchor in the page."""
        return self.title.lower().replace(" ", "-")

    @property
    def shown_title(self) -> str:
        """The title, in the reader's language."""
        return gettext(self.title)


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
        about=call.get("description", ""),
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
    return Field(parameter["name"], type_of(document, schema), about, bool(parameter.get("required")), 0)


def fields_of(document: dict[str, Any], schema: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[Field]:
    """Yield the values in a schema; the values of an inner object come after the object (`items[].name`)."""
    schema = resolve(document, schema)
    if schema.get("type") == "array":
        yield from fields_of(document, schema["items"], f"{prefix}[]", depth)
        return
    for name, inner in schema.get("properties", {}).items():
        full = f"{prefix}.{name}" if prefix else name
        known = resolve(document, inner)
        about = known.get("description", "") if "$ref" not in inner else ""
        required = name in schema.get("required", [])
        # Every optional value may also be null: the page says so once, not for each value.
        yield Field(full, type_of(document, inner, null=required), about, required, depth)
        if depth < MAX_DEPTH:
            yield from fields_of(document, known, full, depth + 1)


def resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with its reference resolved; for "this or null", the former."""
    for choice in ("oneOf", "allOf", "anyOf"):
        if choice in schema:
            inner = next(part for part in schema[choice] if part.get("type") != "null")
            return resolve(document, inner)
    if "$ref" in schema:
        return resolve(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return schema


def type_of(document: dict[str, Any], schema: dict[str, Any], *, null: bool = True) -> str:
    """Return a schema's type in words, as a sentence: "integer, 1 to 100", "`open` or `completed`", "list of objects".

    Without `null`, it does not say whether the value may be null.
    """
    known = resolve(document, schema)
    kind = known.get("type", "object")
    kinds = [part for part in (kind if isinstance(kind, list) else [kind]) if part != "null"]
    nullable = kinds != (kind if isinstance(kind, list) else [kind]) or any(part.get("type") == "null" for part in schema.get("oneOf", []))
    if "enum" in known:
        text = _choices([f"`{value}`" for value in known["enum"] if value not in {None, ""}])
    elif kinds == ["array"]:
        items = resolve(document, known["items"])
        text = _limited(LISTS[items.get("type", "object")], items)
    else:
        text = _limited(KINDS.get(known.get("format", "")) or KINDS[kinds[0]], known)
    return Sentence("%(type)s or null", type=text) if nullable and null else text


def _choices(values: list[str]) -> str:
    *others, last = values
    return Sentence("%(values)s or %(last)s", values=", ".join(others), last=last) if others else last


def _limited(kind: str, schema: dict[str, Any]) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return Sentence("%(type)s, %(least)s to %(most)s", type=kind, least=Number(least), most=Number(most))
    if "maxLength" in schema:
        return Sentence("%(type)s, at most %(most)s characters", type=kind, most=Number(schema["maxLength"]))
    return kind


def prose(text: str) -> SafeString:
    """Return a description as HTML in the current language: paragraphs, and `code` between backticks."""
    return mark_safe("".join(f"<p>{code(_paragraph(part))}</p>" for part in paragraphs(text)))  # noqa: S308  (escaped by `code`)


def _paragraph(text: str) -> str:
    """Return a paragraph in the current language."""
    if scope := _SCOPE.fullmatch(text):
        return gettext(SCOPE) % {"scope": scope[1]}
    return gettext(text)


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a description, each as one line."""
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def code(text: str) -> SafeString:
    """Return a text as HTML, with `code` between backticks."""
    return mark_safe(re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text)))  # noqa: S308  (escaped)


def texts_of(sections: list[Section]) -> Iterator[str]:
    """Yield the texts about the calls, for translation: titles, and the paragraphs of descriptions."""
    for section in sections:
        yield section.title
        for operation in section.operations:
            yield operation.title
            fields = [*operation.query, *operation.body, *operation.answer]
            for about in (operation.about, *(field.about for field in fields)):
                yield from (part for part in paragraphs(about) if not _SCOPE.fullmatch(part))


def curl(base_url: str, path: str, method: str, parameters: list[dict[str, Any]], example: Any, *, keyed: bool) -> str:
    """Return a call as a shell command."""
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
