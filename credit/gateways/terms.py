"""The terms of an account with a data source: how long it is waited for, how long its reports count, and what they cost."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from core.provider_terms import CURRENCY, budget_setting, price_setting, typed_terms
from core.providers import Account, Setting

TRIES = Setting(
    name="tries",
    label=_("Tries"),
    help=_("How often it is asked within this time while it fails."),
    form="[1-3]",
    default="1",
)
TERMS = (
    budget_setting(_("After that the next bureau is asked; a later answer is kept for the next decision.")),
    TRIES,
    Setting(
        name="report_days",
        label=_("Days that its report counts"),
        help=_("Empty: as the settings say. Never longer than that."),
        form="[1-9][0-9]?",
        required=False,
    ),
    price_setting(_("Price of a report, in the smallest unit"), _("For instance 125 for 1.25 USD. Every answer counts.")),
    CURRENCY,
)
"""The settings that every account with a data source has besides its keys."""


BANK_TERMS = (
    budget_setting(
        _("After that the person goes on without their bank, and what it tells later counts from then on. At most two seconds."),
        default="2000",
    ),
    TRIES,
    Setting(
        name="report_days",
        label=_("Days that what it showed counts"),
        help=_("Empty: as the settings say. Never longer than that."),
        form="[1-9][0-9]?",
        required=False,
    ),
    price_setting(
        _("Price of a reading, in the smallest unit"), _("For instance 125 for 1.25 USD: one person's accounts with their movements.")
    ),
    price_setting(
        _("Price of a look at the balance, in the smallest unit"), _("Each look before a debit that is answered."), name="balance_minor"
    ),
    CURRENCY,
)
"""The settings that every account with a provider of open banking has besides its keys."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of an account; `report_days` is None if the installation's setting counts, and the price is in minor units."""

    budget_ms: int = 1_000
    tries: int = 1
    report_days: int | None = None
    price_minor: int = 0
    price_currency: str = "USD"


def terms_of(account: Account) -> Terms:
    """Return the terms of an account; those that a row from before lacks are the defaults."""
    values = typed_terms(account, TERMS)
    return Terms(
        budget_ms=int(values["budget_ms"]),
        tries=int(values["tries"]),
        report_days=int(values["report_days"]) if values["report_days"] else None,
        price_minor=int(values["price_minor"]),
        price_currency=values["price_currency"],
    )


@dataclass(frozen=True, slots=True)
class BankTerms:
    """The terms of an account with a provider of open banking: what it costs, in minor units, and as in `Terms`."""

    read_minor: int = 0
    balance_minor: int = 0
    currency: str = "USD"
    budget_ms: int = 2_000
    tries: int = 1
    report_days: int | None = None

    def price_of(self, kind: str) -> int:
        """Return what an answer costs, by the kind of the call (`credit.models.BankCall`)."""
        return {"read": self.read_minor, "refresh": self.read_minor, "balance": self.balance_minor}.get(kind, 0)


def bank_terms_of(account: Account) -> BankTerms:
    """Return the terms of an account with a provider of open banking; those that a row from before lacks are the defaults."""
    values = typed_terms(account, BANK_TERMS)
    return BankTerms(
        int(values["price_minor"]),
        int(values["balance_minor"]),
        values["price_currency"],
        int(values["budget_ms"]),
        int(values["tries"]),
        int(values["report_days"]) if values["report_days"] else None,
    )
