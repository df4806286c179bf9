"""How operators choose a password: asked for in the back office, sent to their own address, chosen by themselves."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget

from accounts.services import ask_new_password
from core.clock import now

SENT = "If this address belongs to an operator, a mail with a link is on its way. It comes at most once in ten minutes."


class ForgottenForm(forms.Form):
    """Whose password is forgotten."""

    email = forms.EmailField(label="E-mail address", max_length=254, widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "username"}))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Send an operator the way to a new password; strangers learn nothing of who works here."""
    form = ForgottenForm(request.POST or None)
    if form.is_valid():
        ask_new_password(email=form.cleaned_data["email"], at=now())
        messages.success(request, SENT)
        return redirect("admin:login")
    context = admin.site.each_context(request) | {"form": form, "heading": "Forgotten password", "button": "Send a link"}
    return render(request, "admin/password.html", context)


class Choose(PasswordResetConfirmView):
    """Let an operator choose a password, once and while the link is young."""

    template_name = "admin/password.html"
    success_url = reverse_lazy("admin:login")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """Return what the page says, beside what every page of the back office says."""
        words = {"heading": "Choose a password", "button": "Keep this password"}
        return {**admin.site.each_context(self.request), **super().get_context_data(**more), **words}

    def get_form(self, form_class: Any = None) -> Any:
        """Return the form in the back office's look."""
        form = super().get_form(form_class)
        for field in form.fields.values():
            field.widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
        return form

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep the password and lead to the sign-in."""
        answer = super().form_valid(form)
        messages.success(self.request, "Your password is set. Sign in with it.")
        return answer
