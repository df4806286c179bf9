"""The form that proposes a version of rules."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ProposeForm(forms.Form):
    """Why a version shall come into force, and on which day."""

    reason = forms.CharField(max_length=500, label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}))
    starts_on = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        label=_("From the day (UTC)"),
        help_text=_("Leave it empty: then it holds as soon as another person agrees."),
    )
