"""The page behind the mailed link with which a user chooses a password, for the back office and the merchant portal."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.services import choose_password
from brands.queries import brand_of


class ChoosePassword(PasswordResetConfirmView):
    """Let a user choose a password, once, while the link is valid; `place` is where they sign in with it, `clock` gives the time."""

    place: str
    clock: Callable[[], datetime]

    def form_valid(self, form: Any) -> HttpResponse:
        """Set the password and redirect to the sign-in; if the link was used meanwhile, redirect to the page that says so."""
        token = self.request.session.get(INTERNAL_RESET_SESSION_TOKEN, "")
        chosen = form.cleaned_data["new_password1"]
        if not choose_password(
            user=form.user, token=token, password=chosen, place=self.place, brand=brand_of(self.request).code, at=self.clock()
        ):
            return redirect(self.request.path)
        self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN)
        messages.success(self.request, _("Your password is set. Sign in with it."))
        return redirect(self.get_success_url())
