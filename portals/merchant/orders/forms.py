"""The forms of orders: the filters of the list, and the amount to capture."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.amounts import AmountField
from core.sentences import one_stop
from portals.forms import PLAIN, DayField
from portals.merchant.frame import Desk
from portals.merchant.orders.queries import STATES, Filters


class FilterForm(forms.Form):
    """The filters of a list of orders. An invalid date or an unknown state filters nothing."""

    q = forms.CharField(
        label=_("Reference, order id or customer's e-mail"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={**PLAIN, "type": "search"}),
        help_text=_("The beginning of a reference is enough. Names are kept encrypted and cannot be searched."),
    )
    start = DayField(label=_("From"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    end = DayField(label=pgettext_lazy("day", "To"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def add_prefix(self, field_name: str) -> str:
        """Give the two dates their short names in the address."""
        return {"start": "from", "end": "to"}.get(field_name, field_name)


def read_filters(query: QueryDict) -> tuple[FilterForm, Filters]:
    """Return the form as it was sent, and its filters."""
    form = FilterForm(query)
    form.is_valid()
    told, state = form.cleaned_data, query.get("status", "")
    found = Filters(state=state if state in STATES else "", start=told.get("start"), end=told.get("end"), search=told.get("q", "").strip())
    return form, found


class CaptureForm(forms.Form):
    """The amount to capture; by default all that is left."""

    def __init__(self, *args: Any, desk: Desk, most_minor: int, **kwargs: Any) -> None:
        """Ask in the shop's currency, for at most what is left."""
        super().__init__(*args, **kwargs)
        currency = desk.merchant.currency
        self.fields["amount"] = AmountField(
            currency=currency,
            locale=desk.locale,
            label=gettext("Amount in %(currency)s") % {"currency": currency},
            initial=most_minor,
            help_text=one_stop(gettext("Up to %(amount)s.") % {"amount": desk.money(most_minor)}),
        )
