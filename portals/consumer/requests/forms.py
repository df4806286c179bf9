"""The form of a request."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.rules.requests import KINDS, MOST_TEXT


class AskForm(forms.Form):
    """The consumer's text, and a choice of purchases unless the address already names the purchase."""

    about = forms.ChoiceField(label=gettext_lazy("Which purchase"), error_messages={"required": gettext_lazy("Choose the purchase.")})
    text = forms.CharField(strip=False, widget=forms.Textarea(attrs={"rows": 6, "maxlength": MOST_TEXT}))

    def __init__(self, *args: Any, kind: str, purchases: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """Offer a choice of purchases, or none; the text is optional for kinds of requests that do not need it."""
        super().__init__(*args, **kwargs)
        needed = KINDS[kind].needs_text
        if purchases:
            self.fields["about"].choices = [("", _("Choose one")), *purchases]  # type: ignore[attr-defined]
        else:
            del self.fields["about"]
        field = self.fields["text"]
        field.required, field.label = needed, _("What you want to say")
        field.error_messages["required"] = _("Say in a few words what it is about.")
