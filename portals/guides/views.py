"""The pages of the guides: all of them, one, and the search."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from core.locales import page_language
from portals.doors import SeeOther, page
from portals.guides.search import MOST_LETTERS, find
from portals.guides.shelf import NAMES, get_guide, list_guides


@page("GET")
def index(request: HttpRequest) -> HttpResponse:
    """List the guides, each with its sections."""
    return _show(request, "index", {"guides": list_guides(page_language())})


@page("GET")
def guide(request: HttpRequest, name: str) -> HttpResponse:
    """Show a guide."""
    if name not in NAMES:
        raise Http404("There is no such guide.")
    return _show(request, "guide", {"guide": get_guide(name, page_language()), "current": name})


@page("GET")
def search(request: HttpRequest) -> HttpResponse:
    """Show the sections that hold every word; without a word, the guides."""
    query = request.GET.get("q", "")[:MOST_LETTERS].strip()
    if not query:
        return SeeOther(reverse("guides"))
    return _show(request, "search", {"query": query, "hits": find(query, list_guides(page_language()))})


def _show(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    menu = [(name, _(label)) for name, label in NAMES.items()]
    return render(request, f"portals/guides/{template}.html", {"menu": menu, "most_letters": MOST_LETTERS} | context)
