"""Shared by the pages of the back office: the signed-in operator, permissions, forms that act once, and the page frame."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock
from core.admin import carry_out
from core.errors import DomainError, Invalid
from core.once import act_once

MAY_SEE = "accounts.view_person"


def operator(request: HttpRequest) -> User:
    """Return the signed-in operator; the admin site refuses everybody else before this runs."""
    assert isinstance(request.user, User)
    return request.user


def may_see(request: HttpRequest) -> bool:
    """Return whether the operator may see personal data."""
    return operator(request).may(MAY_SEE)


def carry_out_once(
    request: HttpRequest, act: Callable[[], object], *, done: str, back: str, wrong: Callable[[Invalid], HttpResponse] | None = None
) -> HttpResponse:
    """Carry out a form once per idempotency key, show the result as a message, and redirect to a page; `wrong` as of `carry_out`."""

    def work() -> None:
        act()

    def once() -> object:
        return act_once(request, scope=str(operator(request).pk), door="desk", at=clock.now(), work=work)

    return carry_out(request, once, done=done, back=back, wrong=wrong)


def act_in_form(request: HttpRequest, form: Form, act: Callable[..., object], **told: Any) -> bool:
    """Call a service as the signed-in operator, once per key of the form; if it is refused, return False, with the errors in the form."""
    user, at = operator(request), clock.now()

    def work() -> None:
        act(user=user, at=at, **told)

    try:
        act_once(request, scope=str(user.pk), door="desk", at=at, work=work)
    except Invalid as error:
        for name, fault in (error.fields or {"": error.detail}).items():
            form.add_error(name if name in form.fields else None, whole_sentence(form, name, fault))
    except DomainError as error:
        form.add_error(None, error.detail)
    return form.is_valid()


def whole_sentence(form: Form, name: str, fault: str) -> str:
    """Return what a service says of a field as a sentence that names the field by its label; a sentence stays as it is."""
    if fault.endswith(".") or name not in form.fields:
        return fault
    return _("%(field)s: %(fault)s.") % {"field": form.fields[name].label or name, "fault": fault}


def show(request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
    """Render a page of the back office; its times name their time zone."""
    site = admin.site.each_context(request)
    shown = {"title": title, "content_title": title, "names_clock": True, "has_permission": True}
    return TemplateResponse(request, f"admin/{template}", site | shown | context)
