"""Forms of a person's page."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Block
from accounts.rules.requests import MOST_TEXT
from core.money import exponent


def _words(label: Any, rows: int = 3) -> forms.CharField:
    return forms.CharField(strip=False, label=label, max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": rows}))


class NoteForm(forms.Form):
    """A note about a person."""

    text = _words(gettext_lazy("Note"))


class BlockForm(forms.Form):
    """Why a person is blocked."""

    reason = forms.ChoiceField(choices=Block.REASONS, label=gettext_lazy("Reason"))
    note = _words(gettext_lazy("What you found"))


class UnblockForm(forms.Form):
    """Why a person may buy again."""

    note = _words(gettext_lazy("What you found"))


class LimitForm(forms.Form):
    """A limit in units of its currency, empty for one that decisions compute, and why."""

    limit = forms.DecimalField(min_value=0, max_digits=14, required=False, label=gettext_lazy("New limit"))
    reason = forms.CharField(max_length=500, label=gettext_lazy("What you found"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options | {"prefix": currency})
        self.currency = currency
        self.fields["limit"].help_text = _("In %(currency)s. Leave it empty to let decisions compute it again.") % {"currency": currency}

    def clean_limit(self) -> int | None:
        """Return the limit in minor units."""
        given: Decimal | None = self.cleaned_data["limit"]
        return None if given is None else int(given.scaleb(exponent(self.currency)))
