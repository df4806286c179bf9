"""What charges cost at a gateway, as data of each account with it."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import providers
from core.provider_terms import typed_terms
from core.providers import Account, Capability, Setting
from markets.queries import factors_to

_BPS = _("In hundredths of a percent: 290 for 2.9 %.")
_MINOR = _("In the smallest unit of the currency below: 30 for 0.30 USD.")
FEES = (
    Setting(name="fee_bps", label=_("Fee of a card charge, share"), help=_BPS, form="[0-9]{1,4}", default="0"),
    Setting(name="fee_minor", label=_("Fee of a card charge, fixed part"), help=_MINOR, form="[0-9]{1,6}", default="0"),
    Setting(name="debit_fee_bps", label=_("Fee of a bank debit, share"), help=_BPS, form="[0-9]{1,4}", default="0"),
    Setting(name="debit_fee_minor", label=_("Fee of a bank debit, fixed part"), help=_MINOR, form="[0-9]{1,6}", default="0"),
    Setting(name="fee_currency", label=_("Currency of the fixed parts"), form="[A-Z]{3}", default="USD"),
)
"""The settings of what charges cost; they only count in figures, the gateway itself takes what its contract says."""


def fees_of(accounts: Iterable[Account], currencies: Iterable[str], on: date) -> list[dict[str, Any]]:
    """Return the fee of a charge by gateway account, currency and kind (`is_debit`): `bps` of it, and `fixed` minor units of its currency.

    Fixed parts are converted at the newest rates on a date; without a rate they are left out. Accounts without fees are left out.
    """
    found = []
    for currency in currencies:
        factors = factors_to(currency, on)
        for account in accounts:
            values = typed_terms(account, FEES)
            factor = factors.get(values["fee_currency"], Decimal(0))
            for is_debit, name in ((False, "fee"), (True, "debit_fee")):
                told = {"bps": int(values[f"{name}_bps"]), "fixed": float(int(values[f"{name}_minor"]) * factor)}
                if any(told.values()):
                    found.append({"gateway": account.code, "currency": currency, "is_debit": is_debit, **told})
    return found


def list_fees(currencies: Iterable[str], on: date) -> list[dict[str, Any]]:
    """Return the fees of charges at all accounts that ever charged, in use or not (`fees_of`)."""
    able = {Capability.CARDS, Capability.PULLS}
    return fees_of([one for one in providers.list_accounts() if one.capabilities & able], currencies, on)
