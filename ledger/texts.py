"""Words for kinds of accounts and entries, in the present language."""

from typing import Any

from django.utils.translation import gettext_lazy

from core.readable import words

ACCOUNTS: dict[str, Any] = {
    "cash": gettext_lazy("Cash at a gateway"),
    "receivable": gettext_lazy("Owed by people"),
    "merchant_payable": gettext_lazy("Owed to shops"),
    "payouts_in_transit": gettext_lazy("Payouts on their way"),
    "refunds_payable": gettext_lazy("Owed back to people"),
    "unearned_interest": gettext_lazy("Interest not earned yet"),
    "fee_income": gettext_lazy("Income from fees"),
    "interest_income": gettext_lazy("Income from interest"),
    "waived": gettext_lazy("Given up as too little"),
    "bad_debt": gettext_lazy("Losses of credit"),
    "chargebacks": gettext_lazy("Taken back by banks"),
    "gateway_fees": gettext_lazy("Fees of gateways"),
}
ENTRIES: dict[str, Any] = {
    "capture": gettext_lazy("Capture of a shop"),
    "charge": gettext_lazy("Payment of a person"),
    "refund": gettext_lazy("Refund of a shop"),
    "card_refund": gettext_lazy("Money back to a person"),
    "rebate": gettext_lazy("Interest that fell away"),
    "settlement": gettext_lazy("Settlement with a shop"),
    "payout": gettext_lazy("Payout to a shop"),
    "bounce": gettext_lazy("Payout that came back"),
    "charge_off": gettext_lazy("Plan given up"),
    "recovery": gettext_lazy("Paid after it was given up"),
    "gateway_fee": gettext_lazy("Fee of a gateway"),
    "waiver": gettext_lazy("Given up as too little"),
}


def account_word(kind: str) -> str:
    """Name a kind of account."""
    return str(ACCOUNTS.get(kind) or words(kind))


def entry_word(kind: str) -> str:
    """Name a kind of entry."""
    return str(ENTRIES.get(kind) or words(kind))
