"""Forms of a person's page."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.classes import Classes
from accounts.models import Block
from accounts.rules.requests import MOST_TEXT
from core.amounts import AmountField
from core.dayfields import DayField
from core.moments import desk_locale
from credit.services.by_hand import LONGEST


def _words(label: Any, rows: int = 3) -> forms.CharField:
    return forms.CharField(strip=False, label=label, max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": rows}))


class NoteForm(forms.Form):
    """A note about a person."""

    text = _words(gettext_lazy("Note"))
    text.help_text = gettext_lazy(
        "The person reads it in the copy of their data. What the law keeps secret from them does not belong here."
    )


class BlockForm(forms.Form):
    """Why a person is blocked."""

    reason = forms.ChoiceField(choices=Block.REASONS, label=gettext_lazy("Reason"))
    note = _words(gettext_lazy("What you found"))


class UnblockForm(forms.Form):
    """Why a person may buy again."""

    note = _words(gettext_lazy("What you found"))


class PinForm(forms.Form):
    """A class of a person on one axis, pinned by hand, and why."""

    reason = forms.CharField(max_length=500, label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, axis: str, current: str = "", **options: Any) -> None:
        super().__init__(*args, **options | {"prefix": axis})
        choices = [("", _("none")), *Classes(axis).items()]
        self.fields["value"] = forms.ChoiceField(choices=choices, required=False, initial=current, label=_("Class"))
        self.order_fields(["value", "reason"])


class UnpinForm(forms.Form):
    """Why rules may decide about a class again."""

    reason = forms.CharField(max_length=500, label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, axis: str, **options: Any) -> None:
        super().__init__(*args, **options | {"prefix": axis})


class LimitForm(forms.Form):
    """A limit in currency units, in the reader's number format (empty: decisions compute it again), and the reason."""

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options | {"prefix": currency})
        help_text = _("In %(currency)s. Leave it empty to let decisions compute it again.") % {"currency": currency}
        self.fields["limit"] = AmountField(
            currency=currency, locale=desk_locale(), zero=True, required=False, label=_("New limit"), help_text=help_text
        )
        reason = forms.Textarea(attrs={"rows": 3})
        self.fields["reason"] = forms.CharField(max_length=500, label=_("What you found"), widget=reason)


class OrderLimitForm(forms.Form):
    """An order limit in currency units with its last day (both empty: decisions compute it again), and the reason."""

    def __init__(self, *args: Any, currency: str, today: date, **options: Any) -> None:
        super().__init__(*args, **options | {"prefix": f"{currency}-order"})
        self.today = today
        help_text = _("In %(currency)s. Leave amount and day empty to let decisions compute it again.") % {"currency": currency}
        self.fields["order_limit"] = AmountField(
            currency=currency, locale=desk_locale(), zero=True, required=False, label=_("New order limit"), help_text=help_text
        )
        last = (today + LONGEST).isoformat()
        day = forms.DateInput(attrs={"type": "date", "min": today.isoformat(), "max": last})
        self.fields["until"] = DayField(required=False, label=_("Last day"), widget=day)
        self.fields["reason"] = forms.CharField(max_length=500, label=_("What you found"), widget=forms.Textarea(attrs={"rows": 3}))

    def clean(self) -> dict[str, Any]:
        """Require both an amount and a day within the next year, or neither."""
        given: dict[str, Any] = super().clean() or {}
        day = date.fromisoformat(given["until"]) if given.get("until") else None
        if day and not self.today <= day <= self.today + LONGEST:
            self.add_error("until", _("Choose a day from today on, within a year."))
        if not self.errors and (given["order_limit"] is None) != (day is None):
            self.add_error("until", _("Give an amount and its last day, or neither."))
        return given
