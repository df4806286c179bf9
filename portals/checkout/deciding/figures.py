"""Income and costs, asked in the second step where the market's law wants them for the amount and no recent answer is known.

Who was refused because of them may correct them; the checkout is then decided anew.
"""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer
from checkout import services as checkouts
from core.amounts import AmountField
from core.clock import local_date, now
from core.errors import DomainError
from core.locales import page_locale
from credit.models import Decision
from credit.queries import find_law
from credit.rules.affording import MOST_DEPENDANTS, TOO_HIGH, Declared
from portals.again import ask_again, find_kept, form_again
from portals.checkout.deciding.views import advance
from portals.checkout.frame import place_of, show
from portals.checkout.steps import Step, Visit, find_step, open_visit
from portals.doors import page
from portals.forms import add_errors

_FIELDS = {
    "income_minor": (
        _("Your income in a month, after tax (%(currency)s)"),
        _("Enter your income, 0 for none."),
        _("The payments have to fit into it."),
    ),
    "housing_minor": (
        _("Rent or mortgage in a month (%(currency)s)"),
        _("Enter what you pay for housing, 0 for nothing."),
        _("This much is gone before you pay us."),
    ),
    "credit_minor": (
        _("Payments for other credit in a month (%(currency)s)"),
        _("Enter what you pay for other credit, 0 for nothing."),
        _("So that all your credit together is not too much."),
    ),
}
_DIGITS = _("Enter digits alone, such as 12000.")
"""Signs for thousands differ by country, and people read the page in other languages than their own."""
_NUMBER = _("Enter a number from 0 to %(most)s.") % {"most": MOST_DEPENDANTS}


class FiguresForm(forms.Form):
    """Income and costs of a month, with the names of `credit.rules.affording.Declared`."""

    dependants = forms.IntegerField(
        label=_("How many people live on your income, besides you?"),
        help_text=_("Children, or others whom you support. They need a part of your income."),
        min_value=0,
        max_value=MOST_DEPENDANTS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": _("Enter how many people live on your income, 0 for nobody."),
            "invalid": _NUMBER,
            "min_value": _NUMBER,
            "max_value": _NUMBER,
        },
    )

    def __init__(self, *args: Any, currency: str, locale: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, missing, why) in _FIELDS.items():
            self.fields[name] = AmountField(
                currency=currency,
                locale=locale,
                zero=True,
                label=label % {"currency": currency},
                help_text=why,
                error_messages={"required": missing, "number": _DIGITS},
            )
        self.order_fields([*_FIELDS, "dependants"])

    def declared(self) -> Declared:
        """Return what was typed."""
        return Declared(**self.cleaned_data)


@page("GET", "POST")
def figures(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Take the person's income and costs, and decide with them."""
    visit = open_visit(request, checkout_id, now())
    owner, step = visit.owner, find_step(visit)
    if owner is None or not (step is Step.FIGURES or (step is Step.REFUSED and may_correct(visit.checkout.decision))):
        return redirect("checkout", checkout_id)
    if request.method != "POST":
        return show_figures(request, visit, owner)
    form = _form(visit, owner, request.POST)
    if not form.is_valid():
        return ask_again(request, form=form)
    try:
        checkouts.declare(checkout=visit.checkout, consumer=owner, declared=form.declared(), at=visit.at)
        checkouts.reconsider(checkout_id=visit.checkout.pk, consumer=owner, since=visit.at, at=visit.at)
    except DomainError as error:
        add_errors(form, error)
        return ask_again(request, form=form)
    advance(request, visit.checkout, owner, visit.at)
    return redirect("checkout", checkout_id)


def show_figures(request: HttpRequest, visit: Visit, owner: Consumer) -> HttpResponse:
    """Render the form for income and costs."""
    law = find_law(owner.market_id, visit.checkout.currency, local_date(visit.at, owner.time_zone))
    form = form_again(find_kept(request), lambda sent: _form(visit, owner, sent))
    context = {"form": form, "days": law.valid_days if law else 0, "again": visit.checkout.decision is not None}
    return show(request, visit, "deciding/figures", context, place=place_of(Step.FIGURES))


def may_correct(decision: Decision | None) -> bool:
    """Return whether a decision refused because of what the person declared, so that they may correct it."""
    if decision is None or TOO_HIGH not in decision.reasons:
        return False
    return bool((decision.inputs.get("afford") or {}).get("declared"))


def _form(visit: Visit, owner: Consumer, sent: Any) -> FiguresForm:
    """Return the form, with what the person declared last if they correct that."""
    known = visit.checkout.decision.inputs["afford"]["declared"] if visit.checkout.decision else None
    return FiguresForm(sent, currency=visit.checkout.currency, locale=page_locale(owner.locale), initial=known)
