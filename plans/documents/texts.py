"""What pages call the documents, in the language of the page."""

from typing import Any

from django.utils.translation import gettext_lazy as _

NAMES: dict[str, Any] = {
    "information": _("Information before the agreement"),
    "agreement": _("Your agreement"),
    "payment_plan": _("Payment plan"),
}
