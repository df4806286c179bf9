"""Shared by the pages of the back office: the signed-in operator, permissions, forms that act once, and the page frame."""

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
    """Return the signed-in operator; the admin site refuses everybody else before this runs."""
    assert isinstance(request.user, User)
    return request.user


def may_see(request: HttpRequest) -> bool:
    """Return whether the operator may see who people are."""
    return operator(request).may(MAY_SEE)


def carry_out_once(request: HttpRequest, act: Callable[[], object], *, done: str, back: str) -> HttpResponse:
    """Carry out a form once for its idempotency key, show the result as a message, and redirect to a page."""

    def work() -> None:
        act()

    def once() -> object:
        return act_once(request, scope=str(operator(request).pk), door="desk", at=clock.now(), work=work)

    return carry_out(request, once, done=done, back=back)


def show(request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
    """Render a page of the back office; its times name their time zone."""
    site = admin.site.each_context(request)
    shown = {"title": title, "content_title": title, "names_clock": True, "has_permission": True}
    return TemplateResponse(request, f"admin/{template}", site | shown | context)
