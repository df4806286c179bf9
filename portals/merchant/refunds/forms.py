"""The form of a refund."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from checkout.models import Capture
from portals.merchant.orders.forms import CaptureForm


class RefundForm(CaptureForm):
    """The amount to refund, the reason, and the capture."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Your customer reads it."),
    )
    capture = forms.ChoiceField(label=_("Refund of"), required=False)
    field_order = ("amount", "capture", "reason")

    def __init__(self, *args: Any, captures: Sequence[Capture], texts: Sequence[str], **kwargs: Any) -> None:
        """Offer the captures by name where there is more than one."""
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)
        if len(captures) > 1:
            named = zip([capture.public_id for capture in captures], texts, strict=True)
            self.fields["capture"].choices = [("", _("The newest captures first")), *named]  # type: ignore[attr-defined]
        else:
            del self.fields["capture"]
