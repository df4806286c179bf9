"""Words for stored codes of accounts, shared by pages."""

from django.utils.translation import gettext_lazy as _

CONSENT_NAMES = {
    "credit_agreement": _("Credit agreement"),
    "bureau_inquiry": _("Question to a credit bureau"),
    "open_banking": _("Reading of bank accounts"),
    "balance_checks": _("Looking at the balance before debits"),
    "support": _("What you told us of your situation"),
    "device_security": _("Recognition of a browser, against fraud"),
    "marketing": _("Marketing"),
}
"""What somebody has consented to, by the kind of consent."""
