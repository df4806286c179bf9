"""What pages of the back office have in common: who looks, that it is kept, and how a page is shown."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts.models import User
from core import clock
from core.admin import carry_out
from core.once import act_once

MAY_SEE = "accounts.view_person"


def operator(request: HttpRequest) -> User:
    """Return the operator who asks; the admin site has let nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def may_see(request: HttpRequest) -> bool:
    """Return whether the operator may see who people are."""
    return operator(request).may(MAY_SEE)


def carry_out_once(request: HttpRequest, act: Callable[[], object], *, done: str, back: str) -> HttpResponse:
    """Do what a form asks for, once for its key; tell the operator what came of it, and go back to a page."""

    def work() -> None:
        act()

    def once() -> object:
        return act_once(request, scope=str(operator(request).pk), door="desk", at=clock.now(), work=work)

    return carry_out(request, once, done=done, back=back)


def show(request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
    """Show a page in the frame of the back office; moments name their time zone."""
    site = admin.site.each_context(request)
    shown = {"title": title, "content_title": title, "names_clock": True, "has_permission": True}
    return TemplateResponse(request, f"admin/{template}", site | shown | context)
