"""What a person told of their situation: shown to who may see it, noted with the person's consent, and deleted when they take it back."""

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services as accounts
from accounts.admin import keep_look
from accounts.models import Consumer, SupportFlag
from accounts.services.support import CONSENT, MAY_NOTE
from accounts.support import MOST_NOTE, key_of, list_support
from core import clock
from core.admin import find_row
from core.clock import local_date
from core.once import new_key
from operations.frame import act_in_form, carry_out_once, may_see, operator, show
from operations.wording import names_of

REVIEW_DAYS = 180


class SupportForm(forms.Form):
    """A person's situation, what they need, and their consent."""

    driver = forms.ChoiceField(choices=SupportFlag.DRIVERS, label=gettext_lazy("What it is about"))
    needs = forms.MultipleChoiceField(
        choices=SupportFlag.NEEDS, required=False, widget=forms.CheckboxSelectMultiple, label=gettext_lazy("What the person needs")
    )
    note = forms.CharField(
        max_length=MOST_NOTE, required=False, widget=forms.Textarea(attrs={"rows": 2}), label=gettext_lazy("In their words")
    )
    review_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), label=gettext_lazy("Ask again by"))
    consents = forms.BooleanField(
        required=False, label=gettext_lazy("I read this to the person, and they agreed"), help_text=gettext_lazy(CONSENT)
    )


def support(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show what is noted of a person, with the form, and keep or delete something."""
    if not (may_see(request) and operator(request).may(MAY_NOTE)):
        raise PermissionDenied
    consumer, at = find_row(Consumer.objects.select_related("market"), pk), clock.now()
    keep_look(request, "person", [consumer.pk])
    back = reverse("admin:accounts_consumer_support", args=[consumer.pk])
    if request.method == "POST" and (flag := request.POST.get("flag")):
        told: dict[str, Any] = {"consumer_id": consumer.pk, "flag_id": key_of(flag), "user": operator(request), "at": at}
        return carry_out_once(request, lambda: accounts.take_back_support(**told), done=_("It is deleted."), back=back)
    today = local_date(at, consumer.time_zone)
    form = SupportForm(request.POST or None, initial={"review_on": today + timedelta(days=REVIEW_DAYS)})
    ready = request.method == "POST" and form.is_valid()
    if ready and act_in_form(request, form, accounts.note_support, consumer_id=consumer.pk, **form.cleaned_data):
        messages.success(request, _("It is kept. The person sees it in their account."))
        return HttpResponseRedirect(back)
    flags = list_support(consumer.pk, today)
    names = names_of({one.recorded_by for one in flags})
    shown = [(one, names[one.recorded_by]) for one in flags]
    return show(request, "people/support.html", _("What the person needs"), consumer=consumer, form=form, flags=shown, once=new_key())
