"""Dates that a person changes themselves: one payment some days later, another day of the month, or the days on which they are paid."""

import re
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.formats import day_text
from core.sentences import one_stop, translated
from plans import services as plans
from plans.models import Installment, Plan
from plans.moving import REFUSED, movable_of, payday_rules_in, rules_in
from plans.queries import get_plan
from plans.rules.moving import MoveRules, Past, move_refused
from plans.rules.paydays import FORTNIGHTLY, MONTHLY, WEEKLY
from plans.services.moving import on_day_of_month, on_paydays_of, past_of
from portals.again import Kept, ask_again, find_kept, form_again, lead_to
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
    """Show which payments can be moved and to which days, and why others cannot; move one, or all to another day or to pay-days.

    The new dates of all payments are shown before they hold: a form without `agreed` changes nothing.
    """
    found = get_purchase(visitor, order_id)
    plan = get_plan(found.order.plan_id)
    if request.method == "POST":
        told: dict[str, Any] = {"plan_id": plan.id, "actor": visitor.consumer.public_id, "at": visitor.at}
        form = _form_of(request.POST)
        fee_minor = 0
        try:
            if form is None:
                fee_minor = _move(request, found, told)
            elif not form.is_valid():
                return _at_form(form, ask_again(request, form=form))
            elif "agreed" not in request.POST:
                _changes(found, plan, form.cleaned_data, visitor)
                return lead_to(request, request.path, **{name: request.POST[name] for name in form.fields}, shown="1")
            elif "day" in form.cleaned_data:
                plans.change_day(**form.cleaned_data, **told)
            else:
                plans.put_on_paydays(**form.cleaned_data, **told)
        except DomainError as error:
            return _at_form(form, ask_again(request, error=error))
        said = _("The new date holds now. Its fee was added.") if fee_minor else _("The new dates hold now. Amounts stay as they were.")
        messages.success(request, said)
        return redirect("purchase", order_id)
    kept = find_kept(request)
    open_plan = not found.is_stopped and not found.is_given_up and plan.repay_by is None
    payments = _payments(found, visitor) if open_plan else []
    can_move = any(not one["why"] for one in payments)
    forms_shown: dict[str, forms.Form | None] = {"form": None, "paydays": None}
    if open_plan and plan.product.interval == "monthly":
        forms_shown["form"] = form_again(kept if kept and "day" in kept.data else None, DayForm)
    if open_plan and payday_rules_in(plan.product.market_id, visitor.today).most_days:
        forms_shown["paydays"] = form_again(kept if kept and "rhythm" in kept.data else None, PaydayForm)
    at_field = kept is not None and any(name in kept.data for name in ("day", "rhythm"))
    context = {
        "order": shown_order(found.order),
        "payments": payments if can_move else [],
        "reasons": [] if can_move else list(dict.fromkeys(one["why"] for one in payments)),
        "currency": plan.currency,
        "costs": any(one["fee"] for one in payments),
        "error": "" if kept is None or at_field else kept.problem.detail if kept.problem else " ".join(kept.texts),
        "coming": _coming(found, plan, kept, visitor) if kept and "shown" in kept.data else None,
        **forms_shown,
    }
    return show(request, visitor, "purchases/dates", "purchases", context)


def _at_form(form: DayForm | PaydayForm | None, answer: HttpResponse) -> HttpResponse:
    """Let a page that shows a form again open at it: the forms stand below a list that may be long."""
    if form is not None:
        answer["Location"] += "#day" if isinstance(form, DayForm) else "#paydays"
    return answer


def _form_of(data: QueryDict) -> DayForm | PaydayForm | None:
    """Return the form of what all payments are moved to; None where one payment is moved."""
    return DayForm(data) if "day" in data else PaydayForm(data) if "rhythm" in data else None


def _changes(found: Purchase, plan: Plan, wish: dict[str, Any], visitor: Visitor) -> list[tuple[Installment, date]]:
    if "day" in wish:
        return on_day_of_month(plan, found.rows, wish["day"], visitor.at)
    return on_paydays_of(plan, found.rows, wish["payday"], wish["rhythm"], visitor.at)


def _coming(found: Purchase, plan: Plan, kept: Kept, visitor: Visitor) -> dict[str, Any] | None:
    """Return the dates that a person looks at before they hold, and what the form that agrees sends; None where they hold no more."""
    form = _form_of(kept.data)
    try:
        changes = _changes(found, plan, form.cleaned_data, visitor) if form and form.is_valid() else []
    except DomainError:
        return None
    if not form or not changes:
        return None
    then = {row.pk: to for row, to in changes}
    rows = [
        {
            "which": which_of(one.row, found.rows),
            "before": day_text(one.row.due_date, visitor.locale) if one.row.pk in then else "",
            "after": day_text(then.get(one.row.pk, one.row.due_date), visitor.locale),
        }
        for one in movable_of(found.rows)
    ]
    return {"rows": rows, "fields": [(name, kept.data[name]) for name in form.fields]}


def _move(request: HttpRequest, found: Purchase, told: dict[str, Any]) -> int:
    """Move the payment that a form names by the days that it names; return the fee. Numbers that are none count as 0, which is refused."""
    number, days = _number(request, "number"), _number(request, "later")
    row = next((row for row in found.rows if row.number == number), None)
    to = (row.due_date if row else found.order.created_at.date()) + timedelta(days=days)
    return plans.move_date(number=number, to=to, fee_minor=_number(request, "fee", 9), **told)


def _number(request: HttpRequest, name: str, digits: int = 4) -> int:
    text = request.POST.get(name, "")
    return int(text) if re.fullmatch(rf"[0-9]{{1,{digits}}}", text, re.ASCII) else 0


def _why(refused: str, past: Past, rules: MoveRules, visitor: Visitor) -> str:
    """Say why a payment cannot be moved; of an account that is too new, from which day on it can."""
    told = translated(REFUSED[refused]) if refused else ""
    if refused != "new_account":
        return told
    day = day_text(past.since + timedelta(days=rules.account_days), visitor.locale)
    return f"{told} " + one_stop(_("You can from %(day)s on.") % {"day": day})


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
                "why": _why(refused, past, rules, visitor),
                "days": [] if refused else [(later, day_text(one.row.due_date + timedelta(days=later), visitor.locale)) for later in days],
            }
        )
    return shown
