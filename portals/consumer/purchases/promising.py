"""A promise to pay what is late: how much and on which day, and the promises that were made for the purchase before."""

from datetime import date, timedelta
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.errors import REFUSED_PROMISE
from collection.promises import Room, list_promises, room_of
from collection.services import promise_to_pay
from collection.states import PromiseStatus
from core.amounts import AmountField
from core.errors import DomainError
from core.formats import day_text
from core.once import act_once
from core.sentences import translated
from plans.queries import get_plan
from portals.again import ask_again, find_kept, form_again
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.purchases.views import get_purchase
from portals.orders import shown_order

OUTCOMES = {
    PromiseStatus.WAITING: (gettext_lazy("Waiting for its day"), "info"),
    PromiseStatus.KEPT: (gettext_lazy("Kept in full"), "good"),
    PromiseStatus.PART_KEPT: (gettext_lazy("Kept in part"), "warn"),
    PromiseStatus.BROKEN: (gettext_lazy("Not kept"), "bad"),
    PromiseStatus.FELL_AWAY: (gettext_lazy("Not needed any more"), "mute"),
}
"""How a promise ended, and the tone of its pill."""


class PromiseForm(forms.Form):
    """An amount of what is late, and one of the days that are offered."""

    def __init__(self, *args: Any, room: Room, currency: str, locale: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = [room.first + timedelta(days=number) for number in range((room.last - room.first).days + 1)]
        label = gettext_lazy("I will pay (%(currency)s)") % {"currency": currency}
        self.fields["amount"] = AmountField(currency=currency, locale=locale, label=label, initial=room.late_minor)
        choices = [(day.isoformat(), day_text(day, locale)) for day in days]
        self.fields["day"] = forms.ChoiceField(choices=choices, label=gettext_lazy("On this day"))


@consumer_page("GET", "POST")
def promise(request: HttpRequest, visitor: Visitor, order_id: str) -> HttpResponse:
    """Ask how much will be paid of what is late, and when; note the promise."""
    found = get_purchase(visitor, order_id)
    plan = get_plan(found.order.plan_id)
    room = room_of(plan, found.rows, visitor.at)
    told: dict[str, Any] = {"room": room, "currency": plan.currency, "locale": visitor.locale}
    if request.method == "POST":
        form = PromiseForm(request.POST, **told)
        if not form.is_valid():
            return ask_again(request, form=form)
        asked = {"amount_minor": form.cleaned_data["amount"], "pay_on": date.fromisoformat(form.cleaned_data["day"])}

        def note() -> None:
            promise_to_pay(plan_id=plan.pk, actor=visitor.consumer.public_id, at=visitor.at, **asked)

        try:
            act_once(request, scope=visitor.consumer.public_id, at=visitor.at, work=note)
        except DomainError as error:
            return ask_again(request, error=error)
        messages.success(request, _("It is noted. We remind you of nothing late here until then."))
        return redirect("purchase", order_id)
    kept = find_kept(request)
    context = {
        "order": shown_order(found.order),
        "refused": translated(REFUSED_PROMISE[room.refused]) if room.refused else "",
        "late_minor": room.late_minor,
        "form": None if room.refused else form_again(kept, partial(PromiseForm, **told)),
        "promises": [
            {
                "minor": one.amount_minor,
                "paid_minor": one.paid_minor if one.status == PromiseStatus.PART_KEPT else 0,
                "day": day_text(one.pay_on, visitor.locale),
                "outcome": OUTCOMES[PromiseStatus(one.status)][0],
                "tone": OUTCOMES[PromiseStatus(one.status)][1],
            }
            for one in list_promises(plan.pk)
        ],
        "error": kept.problem.detail if room.refused and kept and kept.problem else "",
    }
    return show(request, visitor, "purchases/promise", "purchases", context)
