"""Goods that are on their way back to the shop: a person says so, and payments wait; or they keep them after all."""

from functools import partial
from operator import itemgetter
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.amounts import AmountField
from core.errors import DomainError
from core.once import act_once
from core.sentences import translated
from plans import services as plans
from plans.errors import REFUSED_RETURN
from plans.hardship import free_of
from plans.returns import days_in, find_return, shown_return, why_no_return
from plans.rules.hardship import paused
from portals.again import ask_again, find_kept, form_again
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.purchases.queries import Purchase
from portals.consumer.purchases.views import get_purchase
from portals.forms import PLAIN, add_errors
from portals.orders import shown_order


class ReturnForm(forms.Form):
    """The number of the parcel, if the person has one, and the price of what is in it where that is not all."""

    tracking = forms.CharField(
        label=gettext_lazy("Number of the parcel, if you have one"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs=PLAIN),
    )

    def __init__(self, *args: Any, currency: str, locale: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label = gettext_lazy("Price of what you sent back, if it is not all (%(currency)s)") % {"currency": currency}
        self.fields["amount"] = AmountField(currency=currency, locale=locale, label=label, required=False)


@consumer_page("GET", "POST")
def goods_return(request: HttpRequest, visitor: Visitor, order_id: str) -> HttpResponse:
    """Show a return under way or the dates that payments would get; note that goods were sent back, or that the person keeps them."""
    found = get_purchase(visitor, order_id)
    if request.method == "POST":
        return _keep(request, visitor, found) if request.POST.get("do") == "keep" else _send(request, visitor, found)
    plan, made, kept = found.order.plan, find_return(found.order.plan_id), find_kept(request)
    shown = shown_return(made, found.rows)
    refused = "" if shown else why_no_return(plan, found.rows, made, visitor.today)
    days = days_in(plan.product.market_id, visitor.today)
    free = {row.number: row for row in free_of(found.rows)}
    new = paused({number: row.due_date for number, row in free.items()}, days, visitor.today)
    context = {
        "order": shown_order(found.order),
        "made": shown,
        "refused": translated(REFUSED_RETURN[refused]) if refused else "",
        "days": days,
        "dates": sorted(({"due": day, "minor": free[number].open_minor} for number, day in new.items()), key=itemgetter("due")),
        "form": form_again(kept, partial(ReturnForm, currency=plan.currency, locale=visitor.locale)),
        "error": kept.problem.detail if kept and kept.problem else "",
    }
    return show(request, visitor, "purchases/return", "purchases", context)


def _send(request: HttpRequest, visitor: Visitor, found: Purchase) -> HttpResponse:
    form = ReturnForm(request.POST, currency=found.order.currency, locale=visitor.locale)
    if form.is_valid():
        told: dict[str, Any] = {"tracking": form.cleaned_data["tracking"], "amount_minor": form.cleaned_data["amount"]}

        def note() -> None:
            plans.send_back(plan_id=found.order.plan_id, actor=visitor.consumer.public_id, at=visitor.at, **told)

        try:
            act_once(request, scope=visitor.consumer.public_id, at=visitor.at, work=note)
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is noted. We write to you with the dates."))
            return redirect("purchase", found.order.public_id)
    return ask_again(request, form=form)


def _keep(request: HttpRequest, visitor: Visitor, found: Purchase) -> HttpResponse:
    try:
        plans.keep_goods(plan_id=found.order.plan_id, actor=visitor.consumer.public_id, at=visitor.at)
    except DomainError as error:
        return ask_again(request, error=error)
    messages.success(request, _("It is noted. We write to you with the dates."))
    return redirect("purchase", found.order.public_id)
