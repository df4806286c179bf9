"""The API's description as OpenAPI 3.1, and its pages."""

from functools import cache
from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema


@cache
def describe() -> dict[str, Any]:
    """Return the OpenAPI document; made once in a process."""
    document: dict[str, Any] = SchemaGenerator(urlconf="bnpl.urls_api").get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    document["info"]["title"] = f"{settings.BRAND['name'].capitalize()} API"
    document["servers"] = [{"url": settings.BASE_URL}]
    validate_schema(document)  # type: ignore[no-untyped-call]
    return document


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Answer the OpenAPI document; any page may read it."""
    return JsonResponse(describe(), headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"})


@csp_update({"style-src": [SELF, UNSAFE_INLINE], "worker-src": [SELF, "blob:"]})
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Answer the reference pages. Their renderer writes its styles into the page, which the strict policy forbids elsewhere."""
    return render(request, "api/docs.html")
