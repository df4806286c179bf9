"""A promise to pay what is late, by the link of a letter: without signing in, for all that is late, on one of the days that are offered."""

from datetime import date
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from collection.errors import REFUSED_PROMISE
from collection.promises import find_waiting, room_of
from collection.services import promise_to_pay
from core.clock import now
from core.errors import DomainError
from core.formats import day_text, money_text
from core.locales import page_locale
from core.once import act_once, new_key
from core.sentences import translated
from plans.queries import installments_of
from portals.again import ask_again, find_kept, form_again
from portals.consumer.paying.by_link import open_link
from portals.consumer.purchases.promising import PromiseForm
from portals.doors import page


@page("GET", "POST")
def promise_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Ask how much will be paid of what is late, and when; note the promise."""
    at = now()
    plan, order = open_link(request, token, at)
    room, locale = room_of(plan, installments_of(plan), at), page_locale(plan.consumer.locale)
    asking = partial(PromiseForm, room=room, currency=plan.currency, locale=locale)
    if request.method == "POST":
        form = asking(request.POST)
        if not form.is_valid():
            return ask_again(request, form=form)
        asked = {"amount_minor": form.cleaned_data["amount"], "pay_on": date.fromisoformat(form.cleaned_data["day"])}

        def note() -> None:
            promise_to_pay(plan_id=plan.pk, actor=plan.consumer.public_id, at=at, **asked)

        try:
            act_once(request, scope=f"link:{plan.public_id}", at=at, work=note)
        except DomainError as error:
            return ask_again(request, error=error)
        return redirect(request.path)
    kept, waiting = find_kept(request), find_waiting(plan.pk)
    context: dict[str, Any] = {
        "shop": order.merchant.name,
        "token": token,
        "once": new_key(),
        "late": money_text(room.late_minor, plan.currency, locale),
        "refused": translated(REFUSED_PROMISE[room.refused]) if room.refused else "",
        "promised": money_text(waiting.amount_minor, plan.currency, locale) if waiting else "",
        "day": day_text(waiting.pay_on, locale) if waiting else "",
        "form": None if room.refused else form_again(kept, asking),
        "error": kept.problem.detail if room.refused and kept and kept.problem else "",
    }
    return render(request, "portals/consumer/paying/promise_by_link.html", context)
