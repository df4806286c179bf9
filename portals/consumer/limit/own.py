"""The limit that a person sets themselves."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.amounts import AmountField
from core.errors import DomainError, Invalid, NotFound
from core.formats import money_text
from core.sentences import one_stop
from credit.queries import Spending, list_spending
from credit.services import set_own_limit
from portals.consumer.frame import Visitor, consumer_page, show
from portals.doors import SeeOther


class OwnLimitForm(forms.Form):
    """The amount of a limit of one's own, in a line's currency."""

    def __init__(self, *args: Any, spending: Spending, locale: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currency = spending.line.currency
        self.fields["amount"] = AmountField(
            currency=currency,
            locale=locale,
            label=gettext_lazy("Spend at most (%(currency)s)") % {"currency": currency},
            initial=spending.own_minor or None,
        )


@consumer_page("GET", "POST")
def own_limit(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Set the person's own limit in a currency, stop purchases, or lift the limit again; at once."""
    found = _find(visitor, (request.POST if request.method == "POST" else request.GET).get("currency", ""))
    data = request.POST if "set" in request.POST else None
    form = OwnLimitForm(data, spending=found, locale=visitor.locale)
    if request.method == "POST" and (data is None or form.is_valid()):
        wanted = form.cleaned_data["amount"] if data is not None else 0 if "stop" in request.POST else None
        try:
            set_own_limit(consumer=visitor.consumer, currency=found.line.currency, limit_minor=wanted, at=visitor.at)
        except Invalid:
            limit = money_text(found.line.limit_minor, found.line.currency, visitor.locale)
            form.add_error("amount", one_stop(_("Enter less than your limit of %(limit)s.") % {"limit": limit}))
        except DomainError as error:
            messages.error(request, error.detail)
            return redirect("limit")
        else:
            messages.success(request, _told(wanted, found, visitor))
            return SeeOther(reverse("limit"))
    context = {
        "form": form,
        "currency": found.line.currency,
        "limit": found.line.limit_minor,
        "own": found.own_minor,
    }
    return show(request, visitor, "limit/own", "limit", context)


def _find(visitor: Visitor, currency: str) -> Spending:
    spending = list_spending(visitor.consumer, visitor.today, of_brand_only=True)
    for one in spending:
        if one.line.currency == currency or (not currency and len(spending) == 1):
            return one
    raise NotFound("There is no such limit.")


def _told(wanted: int | None, found: Spending, visitor: Visitor) -> str:
    if wanted is None:
        return _("Your own limit is lifted.")
    if not wanted:
        return _("New purchases are stopped. Your payments go on as agreed.")
    return _("You spend at most %(amount)s from now on.") % {"amount": money_text(wanted, found.line.currency, visitor.locale)}
