"""Names of the documents on pages, translated."""

from typing import Any

from django.utils.translation import gettext_lazy as _

NAMES: dict[str, Any] = {
    "information": _("Information before the agreement"),
    "agreement": _("Your agreement"),
    "payment_plan": _("Payment plan"),
    "new_plan": _("New payment plan"),
    "new_terms": _("Agreement on new payments"),
    "plan_today": _("Payment plan as of today"),
    "settlement": _("Letter of settlement"),
    "pricing": _("Your credit report and the price"),
}
