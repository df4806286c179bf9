"""What the person told of their situation: they see it, tell more, and take it back."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services as accounts
from accounts.models import SupportFlag
from accounts.services.support import CONSENT
from accounts.support import MOST_NOTE, key_of, list_support
from core.errors import DomainError
from portals.again import ask_again, find_kept, form_again
from portals.consumer.frame import Visitor, consumer_page, show

COUNTS_DAYS = 365


class SupportForm(forms.Form):
    """A situation, what helps, and the consent."""

    driver = forms.ChoiceField(
        label=gettext_lazy("What is it about?"),
        choices=SupportFlag.DRIVERS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    needs = forms.MultipleChoiceField(
        label=gettext_lazy("What would help?"), choices=SupportFlag.NEEDS, widget=forms.CheckboxSelectMultiple, required=False
    )
    note = forms.CharField(label=gettext_lazy("In your words, if you like"), max_length=MOST_NOTE, required=False)
    consents = forms.BooleanField(label=gettext_lazy(CONSENT), error_messages={"required": gettext_lazy("We keep nothing without it.")})


@consumer_page("GET", "POST")
def support(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what is kept of the person's situation, keep what they tell, and delete what they take back."""
    person: dict[str, Any] = {"consumer_id": visitor.consumer.pk, "user": None, "at": visitor.at}
    if request.method == "POST" and "flag" in request.POST:
        try:
            accounts.take_back_support(flag_id=key_of(request.POST["flag"]), **person)
        except DomainError as error:
            return ask_again(request, error=error)
        messages.success(request, _("It is deleted."))
        return redirect("profile_support")
    if request.method == "POST":
        form = SupportForm(request.POST)
        if not form.is_valid():
            return ask_again(request, form=form)
        accounts.note_support(review_on=visitor.today + timedelta(days=COUNTS_DAYS), **form.cleaned_data, **person)
        messages.success(request, _("Thank you. It is kept, and we heed it."))
        return redirect("profile_support")
    kept = find_kept(request)
    context = {
        "flags": [asdict(one) for one in list_support(visitor.consumer.pk, visitor.today)],
        "form": form_again(kept, SupportForm),
        "error": kept.problem.detail if kept and kept.problem else "",
    }
    return show(request, visitor, "account/support", "profile", context)
