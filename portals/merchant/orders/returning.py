"""A return that a customer says is under way: the shop refunds it on the page of refunds, or answers here that it takes nothing back."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from plans import services as plans
from plans.models import GoodsReturn
from plans.returns import find_return
from portals.again import ask_again, find_kept, form_again
from portals.forms import add_errors
from portals.merchant.frame import Desk, merchant_page, once_for, show
from portals.merchant.orders.acting import name_of
from portals.merchant.orders.page import get_order, lead_to_order, order_path


class DenialForm(forms.Form):
    """Why the shop takes nothing back."""

    reason = forms.ChoiceField(choices=GoodsReturn.DENIALS, label=_("Why"), widget=forms.RadioSelect)


@merchant_page("GET", "POST", needs="orders.refund")
def deny(request: HttpRequest, desk: Desk, order_id: str) -> HttpResponse:
    """Ask why nothing is taken back, and let the customer's payments go on."""
    order = get_order(desk, order_id)
    if request.method == "POST":
        form = DenialForm(request.POST)
        if form.is_valid():
            told = {"plan_id": order.plan_id, "reason": form.cleaned_data["reason"], "actor": desk.actor, "at": desk.at}
            try:
                once_for(request, desk, lambda: plans.deny_return(**told))
            except DomainError as error:
                add_errors(form, error)
            else:
                messages.success(request, _("Your answer is noted. Your customer is told, and their payments go on."))
                return redirect(order_path(order))
        return ask_again(request, form=form)
    made = find_return(order.plan_id)
    if made is None or made.ended_at is not None:
        return lead_to_order(request, order)
    context = {"number": name_of(order), "form": form_again(find_kept(request), DenialForm), "back": order_path(order)}
    return show(request, desk, "orders/return", "orders", context)
