"""The back office's site, whose every page has the menu: it is made without the theme's detours, which took half of a page's time."""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse
from unfold.apps import BasicAppConfig
from unfold.sites import UnfoldAdminSite


class DeskSite(UnfoldAdminSite):  # type: ignore[misc]
    """The theme's site, with its menu of `operations.theme` and no list of all models, which no page shows."""

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return nothing: the menu leads to the lists."""
        return []

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the groups of the menu, each with the items that the operator may open."""
        index = reverse("admin:index")
        return [
            {"title": group["title"], "items": [_shown(item, request, index) for item in group["items"] if _may_open(item, request)]}
            for group in self._get_config("SIDEBAR")["navigation"]
        ]


def _may_open(item: dict[str, Any], request: HttpRequest) -> bool:
    return "permission" not in item or bool(item["permission"](request))


def _shown(item: dict[str, Any], request: HttpRequest, index: str) -> dict[str, Any]:
    """Return an item with its address; it is the one that is open on its own page and those below."""
    link = str(item["link"])
    if "active" in item:
        active = item["active"](request)
    else:
        path = urlsplit(link).path
        active = request.path == path if path == index else path in request.path
    return {"title": item["title"], "icon": item["icon"], "link": link, "active": active, "has_permission": True}


class ThemeConfig(BasicAppConfig):  # type: ignore[misc]
    """The theme, with this site in place of its own."""

    def ready(self) -> None:
        """Make the site."""
        from django.contrib import admin
        from django.contrib.admin import sites

        admin.site = sites.site = DeskSite()
