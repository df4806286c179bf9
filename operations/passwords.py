"""Lets operators who forgot their password choose a new one by a link in an e-mail."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget

from accounts.choosing import ChoosePassword
from accounts.queries import find_operator
from accounts.services import ask_new_password
from core.clock import now

SENT = _("If this address belongs to an operator, a mail with a link is on its way. It comes at most once in ten minutes.")


class ForgottenForm(forms.Form):
    """The e-mail address of the operator who forgot the password."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "username"})
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Send an operator a link to choose a new password; the answer is the same for an unknown address."""
    form = ForgottenForm(request.POST or None)
    if form.is_valid():
        ask_new_password(user=find_operator(form.cleaned_data["email"]), place="operator", language=get_language() or "", at=now())
        messages.success(request, SENT)
        return redirect("admin:login")
    context = admin.site.each_context(request) | {"form": form, "heading": _("Forgotten password"), "button": _("Send a link")}
    return render(request, "admin/password.html", context)


class Choose(ChoosePassword):
    """Let an operator choose a password."""

    place, clock = "operator", staticmethod(now)
    template_name = "admin/password.html"
    success_url = reverse_lazy("admin:login")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """Return the page's context, with the context of every back-office page."""
        words = {"heading": _("Choose a password"), "button": _("Keep this password")}
        return {**admin.site.each_context(self.request), **super().get_context_data(**more), **words}

    def get_form(self, form_class: Any = None) -> Any:
        """Return the form in the back office's look."""
        form = super().get_form(form_class)
        for field in form.fields.values():
            field.widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
        return form
