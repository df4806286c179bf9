"""The API's description as OpenAPI 3.1, and its reference pages."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from portals.context import brand
from portals.developers.reference import JSON, METHODS, Section, read_sections

EXAMPLES = Path(__file__).with_name("examples.json")
"""One real call of each operation with its answer, recorded from a sandbox."""

KEPT = {"Cache-Control": "public, max-age=300"}
ABOUT = "Offer payment in installments: open a checkout, send the consumer there, capture when you send, refund when it comes back."

TAGS = {
    "Checkouts": "A sale from the basket until the consumer has agreed.",
    "Quotes": "Plans for an amount, as a page of your shop shows them.",
    "Orders": "What was agreed: captured when you send it, refunded when it comes back.",
    "Settlements": "What you are paid, day by day, and for what.",
    "Events": "Everything that happened, in order and without gaps.",
    "Webhook endpoints": "Where events are sent, and how that went.",
    "Sandbox": "What exists in a sandbox only: tests without a browser, and a clock that moves.",
}


@cache
def examples() -> dict[str, dict[str, Any]]:
    """Return the recorded calls by operation id."""
    text = EXAMPLES.read_text(encoding="utf-8").replace("{base_url}", settings.BASE_URL)
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


@cache
def describe() -> dict[str, Any]:
    """Return the OpenAPI document; made once in a process."""
    document: dict[str, Any] = SchemaGenerator(urlconf=settings.API_URLS).get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    document["info"] |= {"title": f"{settings.BRAND['name'].capitalize()} API", "description": ABOUT}
    document["servers"] = [{"url": settings.BASE_URL}]
    used = {tag for calls in document["paths"].values() for method in METHODS if method in calls for tag in calls[method]["tags"]}
    document["tags"] = [{"name": tag, "description": about} for tag, about in TAGS.items() if tag in used]
    for path, calls in document["paths"].items():
        for method in METHODS:
            if method in calls:
                _add_examples(path, calls[method])
    return document


def _add_examples(path: str, call: dict[str, Any]) -> None:
    """Put an operation's recorded call into its description."""
    example = examples()[call["operationId"]]
    sent = dict(zip(path.removeprefix("/api/v1/").split("/"), example["path"].split("/"), strict=True))
    for parameter in call.get("parameters", []):
        value = sent.get("{" + parameter["name"] + "}") if parameter["in"] == "path" else example["query"].get(parameter["name"])
        if value is not None:
            parameter["example"] = value
    if "requestBody" in call and example["request"] is not None:
        call["requestBody"]["content"][JSON]["example"] = example["request"]
    if example["response"] is not None:
        call["responses"][str(example["status"])]["content"][JSON]["example"] = example["response"]


@cache
def sections() -> list[Section]:
    """Return what the reference pages show; made once in a process."""
    return read_sections(describe())


@cache
def page() -> bytes:
    """Return the reference pages, the same for everybody; made once in a process, by the web server's master for all of its workers."""
    context = {"sections": sections(), "about": ABOUT, "base_url": settings.BASE_URL, **brand()}
    return render_to_string("api/docs.html", context).encode()


@gzip_page
@require_safe
def openapi(_request: HttpRequest) -> HttpResponse:
    """Answer the OpenAPI document; any page may read it."""
    return JsonResponse(describe(), headers={"Access-Control-Allow-Origin": "*", **KEPT})


@gzip_page
@require_safe
def docs(_request: HttpRequest) -> HttpResponse:
    """Answer the reference pages."""
    return HttpResponse(page(), headers=KEPT)
