"""Members of a shop's team who forgot their password get a link by e-mail, and choose a new one."""

from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import get_language, gettext, gettext_lazy

from accounts.choosing import ChoosePassword
from accounts.models import User
from accounts.services import ask_new_password
from brands.queries import brand_of
from core.clock import now
from merchants.queries import find_member
from portals.again import ask_again, find_kept, form_again
from portals.doors import View, page
from portals.merchant.entering.forms import ForgottenForm
from portals.merchant.frame import show_door

SENT = gettext_lazy(
    "If this address belongs to somebody in a shop's team, a mail with a link is on its way. It comes at most once in ten minutes."
)


@page("GET", "POST")
def forgotten(request: HttpRequest) -> HttpResponse:
    """Send a member of a team a link to choose a new password; the answer is the same for an unknown address."""
    if request.method != "POST":
        return show_door(request, "entering/forgotten", {"form": form_again(find_kept(request), ForgottenForm)})
    form = ForgottenForm(request.POST)
    if not form.is_valid():
        return ask_again(request, form=form)
    brand = brand_of(request).code
    user, language = find_member(form.cleaned_data["email"], brand), get_language() or ""
    ask_new_password(user=user, place="member", brand=brand, language=language, at=now())
    messages.success(request, SENT)
    return redirect("merchant_sign_in")


class Choose(ChoosePassword):
    """Let a member of a team choose a password."""

    place, clock = "member", staticmethod(now)
    template_name = "portals/merchant/entering/password.html"
    success_url = reverse_lazy("merchant_sign_in")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """Return the context of a page without a signed-in member."""
        return super().get_context_data(**more) | {"mark_suffix": gettext("for shops")}

    def get_form(self, form_class: Any = None) -> Any:
        """Return the form; if it is shown again, with its errors."""
        if self.request.method == "POST":
            return super().get_form(form_class)
        # An expired link belongs to nobody: its page shows no form.
        return form_again(find_kept(self.request), partial(SetPasswordForm, cast("User", self.user)))

    def form_invalid(self, form: Any) -> HttpResponse:
        """Redirect to the page that shows the form again."""
        return ask_again(self.request, form=form)


choose = page("GET", "POST")(cast("View", Choose.as_view()))
