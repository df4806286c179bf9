"""The API's description as OpenAPI 3.1, and its reference pages."""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, gettext, gettext_noop, override
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from brands.queries import PageBrand, brand_of, by_settings
from portals.context import spoken_by
from portals.developers.reference import JSON, METHODS, Section, read_sections, texts_of

EXAMPLES = Path(__file__).with_name("examples.json")
"""One real call of each operation with its answer, recorded from a sandbox."""

T = TypeVar("T")
MOST_BRANDS = 16
KEPT = {"Cache-Control": "public, max-age=300"}
KEPT_BY_READERS = {"Cache-Control": "private, max-age=300"}
SWITCH = "<!-- languages -->"
"""Marks the place of the language menu in a cached page; the menu depends on the reader."""
ABOUT = gettext_noop(
    "Offer payment in installments: open a checkout, send the consumer there, capture when you send, refund when it comes back."
)

TAGS = {
    "Checkouts": "A sale from the basket until the consumer has agreed.",
    "Quotes": "Plans for an amount, as a page of your shop shows them.",
    "Orders": "What was agreed: captured when you send it, refunded when it comes back.",
    "Settlements": "What you are paid, day by day, and for what.",
    "Events": "Everything that happened, in order and without gaps.",
    "Webhook endpoints": "Where events are sent, and how that went.",
    "Sandbox": "What exists in a sandbox only: tests without a browser, and a clock that moves.",
}


def _once(make: Callable[[PageBrand], T]) -> Callable[..., T]:
    """Cache what `make` builds for a brand, in English, until the brand changes; without a brand, use the installation's first.

    The texts stay in English, whatever language the request has.
    """
    kept = lru_cache(maxsize=MOST_BRANDS)(make)

    @wraps(make)
    def answer(speaker: PageBrand | None = None) -> T:
        with override(settings.LANGUAGE_CODE):
            return kept(speaker or by_settings())

    return answer


@_once
def examples(speaker: PageBrand) -> dict[str, dict[str, Any]]:
    """Return the recorded calls by operation id, with a brand's host in their addresses."""
    text = EXAMPLES.read_text(encoding="utf-8").replace("{base_url}", speaker.base_url).replace("{brand}", speaker.name)
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


@_once
def describe(speaker: PageBrand) -> dict[str, Any]:
    """Return the OpenAPI document of a brand; made once in a process."""
    document: dict[str, Any] = SchemaGenerator(urlconf=settings.API_URLS).get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    document["info"] |= {"title": f"{speaker.name[:1].upper()}{speaker.name[1:]} API", "description": ABOUT}
    document["servers"] = [{"url": speaker.base_url}]
    used = {tag for calls in document["paths"].values() for method in METHODS if method in calls for tag in calls[method]["tags"]}
    document["tags"] = [{"name": tag, "description": about} for tag, about in TAGS.items() if tag in used]
    for path, calls in document["paths"].items():
        for method in METHODS:
            if method in calls:
                _add_examples(path, calls[method], examples(speaker))
    return document


def _add_examples(path: str, call: dict[str, Any], recorded: dict[str, dict[str, Any]]) -> None:
    """Add an operation's recorded call to its description."""
    example = recorded[call["operationId"]]
    sent = dict(zip(path.removeprefix("/api/v1/").split("/"), example["path"].split("/"), strict=True))
    for parameter in call.get("parameters", []):
        value = sent.get("{" + parameter["name"] + "}") if parameter["in"] == "path" else example["query"].get(parameter["name"])
        if value is not None:
            parameter["example"] = value
    if "requestBody" in call and example["request"] is not None:
        call["requestBody"]["content"][JSON]["example"] = example["request"]
    if example["response"] is not None:
        call["responses"][str(example["status"])]["content"][JSON]["example"] = example["response"]


@_once
def sections(speaker: PageBrand) -> list[Section]:
    """Return the contents of a brand's reference pages; made once in a process."""
    return read_sections(describe(speaker))


def page(speaker: PageBrand | None = None) -> bytes:
    """Return a brand's reference pages in the current language; made once in a process.

    The web server's master process makes those of the first brand in English, for all its workers.
    """
    return _page(speaker or by_settings(), get_language() or settings.LANGUAGE_CODE)


@lru_cache(maxsize=MOST_BRANDS * len(settings.LANGUAGES))
def _page(speaker: PageBrand, language: str) -> bytes:
    with override(language):
        context = {
            "sections": sections(speaker),
            "about": gettext(ABOUT),
            "base_url": speaker.base_url,
            "switch": SWITCH,
            **spoken_by(speaker),
        }
        return render_to_string("api/docs.html", context).encode()


def list_texts() -> Iterator[tuple[str, str]]:
    """Yield the texts of the pages that come from the API's description, each with the file to name for it."""
    place = "portals/developers/docs.py"
    yield from ((text, place) for text in texts_of(sections()))


@gzip_page
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Answer the OpenAPI document; any page may read it."""
    return JsonResponse(describe(brand_of(request)), headers={"Access-Control-Allow-Origin": "*", **KEPT})


@gzip_page
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Answer the reference pages in the reader's language."""
    speaker = brand_of(request)
    switch = loader.get_template("layouts/_languages.html").render({}, request)
    response = HttpResponse(page(speaker).replace(SWITCH.encode(), switch.encode()), headers=KEPT_BY_READERS)
    patch_vary_headers(response, ["Cookie"])
    return response
