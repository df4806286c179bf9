"""Dates that a person changes themselves: one payment some days later, another day of the month, or the days on which they are paid."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.formats import day_text
from core.sentences import translated
from plans import services as plans
from plans.moving import REFUSED, movable_of, payday_rules_in, rules_in
from plans.queries import get_plan
from plans.rules.moving import move_refused
from plans.rules.paydays import FORTNIGHTLY, MONTHLY, WEEKLY
from plans.services.moving import past_of
from portals.again import ask_again, find_kept
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.purchases.page import which_of
from portals.consumer.purchases.queries import Purchase
from portals.consumer.purchases.views import get_purchase
from portals.orders import shown_order


class DayForm(forms.Form):
    """A day of the month."""

    day = forms.IntegerField(min_value=1, max_value=31, label=gettext_lazy("Day of the month"))


class PaydayForm(forms.Form):
    """How often a person is paid, and when next."""

    rhythm = forms.ChoiceField(
        choices=[
            (WEEKLY, gettext_lazy("Every week")),
            (FORTNIGHTLY, gettext_lazy("Every two weeks")),
            (MONTHLY, gettext_lazy("Every month")),
        ],
        label=gettext_lazy("How often are you paid?"),
    )
    payday = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), label=gettext_lazy("When are you paid next?")
    )


@consumer_page("GET", "POST")
def dates(request: HttpRequest, visitor: Visitor, order_id: str) -> HttpResponse:
    """Show which payments can be moved and to which days, and why others cannot; move one, or all to another day or to pay-days."""
    found = get_purchase(visitor, order_id)
    plan = get_plan(found.order.plan_id)
    form = DayForm(request.POST if "day" in request.POST else None)
    paid = PaydayForm(request.POST if "rhythm" in request.POST else None)
    if request.method == "POST":
        told: dict[str, Any] = {"plan_id": plan.id, "actor": visitor.consumer.public_id, "at": visitor.at}
        fee_minor = 0
        try:
            if "day" not in request.POST and "rhythm" not in request.POST:
                fee_minor = _move(request, found, told)
            elif form.is_valid():
                plans.change_day(day=form.cleaned_data["day"], **told)
            elif paid.is_valid():
                plans.put_on_paydays(**paid.cleaned_data, **told)
            else:
                return ask_again(request, form=form if form.is_bound else paid)
        except DomainError as error:
            return ask_again(request, error=error)
        said = _("The new date holds now. Its fee was added.") if fee_minor else _("The new dates hold now. Amounts stay as they were.")
        messages.success(request, said)
        return redirect("purchase", order_id)
    kept = find_kept(request)
    open_plan = not found.is_stopped and not found.is_given_up and plan.repay_by is None
    payments = _payments(found, visitor) if open_plan else []
    context = {
        "order": shown_order(found.order),
        "payments": payments,
        "currency": plan.currency,
        "costs": any(one["fee"] for one in payments),
        "form": DayForm() if open_plan and plan.product.interval == "monthly" else None,
        "paydays": PaydayForm() if open_plan and payday_rules_in(plan.product.market_id, visitor.today).most_days else None,
        "error": (kept.problem.detail if kept.problem else " ".join(kept.texts)) if kept else "",
    }
    return show(request, visitor, "purchases/dates", "purchases", context)


def _move(request: HttpRequest, found: Purchase, told: dict[str, Any]) -> int:
    """Move the payment that a form names by the days that it names; return the fee. Numbers that are none count as 0, which is refused."""
    number, days = _number(request, "number"), _number(request, "later")
    row = next((row for row in found.rows if row.number == number), None)
    to = (row.due_date if row else found.order.created_at.date()) + timedelta(days=days)
    return plans.move_date(number=number, to=to, fee_minor=_number(request, "fee", 9), **told)


def _number(request: HttpRequest, name: str, digits: int = 4) -> int:
    text = request.POST.get(name, "")
    return int(text) if re.fullmatch(rf"[0-9]{{1,{digits}}}", text, re.ASCII) else 0


def _payments(found: Purchase, visitor: Visitor) -> list[dict[str, Any]]:
    """Return each open payment with the days to which it can be moved, or why it cannot."""
    plan = get_plan(found.order.plan_id)
    rules, past = rules_in(plan.product.market_id, visitor.today), past_of(plan, visitor.today)
    fees = plans.reschedule_fees(plan=plan, rows=found.rows, at=visitor.at)
    shown = []
    for one in movable_of(found.rows):
        days = range(1, rules.most_days + 1)
        refused = move_refused(one.to(one.row.due_date + timedelta(days=1)), past, rules, visitor.today)
        shown.append(
            {
                "number": one.row.number,
                "which": which_of(one.row, found.rows),
                "day": day_text(one.row.due_date, visitor.locale),
                "fee": 0 if refused else fees.get(one.row.number, 0),
                "why": translated(REFUSED[refused]) if refused else "",
                "days": [] if refused else [(later, day_text(one.row.due_date + timedelta(days=later), visitor.locale)) for later in days],
            }
        )
    return shown
