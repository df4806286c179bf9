"""The form of a setting: its value, and the reason."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.adjusting import Setting

LARGEST = 2**53


class ChangeForm(forms.Form):
    """A new value of a setting, or its default, with the reason."""

    value = forms.IntegerField(max_value=LARGEST, label=_("Value"))
    reason = forms.CharField(max_length=500, label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}))
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, setting: Setting, *args: Any, **kwargs: Any) -> None:
        """Show the bounds of the setting; choosing the default needs no value."""
        super().__init__(*args, **kwargs)
        self.fields["value"].widget.attrs |= {"min": setting.least, "max": setting.most}
        self.is_back = "default" in self.data
        self.fields["value"].required = not self.is_back
