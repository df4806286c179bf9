"""Translated names of the kinds of accounts and entries."""

from typing import Any

from django.utils.translation import gettext_lazy

from core.readable import words

ACCOUNTS: dict[str, Any] = {
    "cash": gettext_lazy("Cash at a gateway"),
    "receivable": gettext_lazy("Owed by people"),
    "merchant_payable": gettext_lazy("Owed to shops"),
    "payouts_in_transit": gettext_lazy("Payouts on their way"),
    "refunds_payable": gettext_lazy("Owed back to people"),
    "deposits": gettext_lazy("Deposits of people"),
    "unearned_interest": gettext_lazy("Interest not earned yet"),
    "fee_income": gettext_lazy("Income from fees"),
    "late_fees": gettext_lazy("Fees that people paid"),
    "interest_income": gettext_lazy("Income from interest"),
    "bank": gettext_lazy("Our bank account"),
    "cash_in_transit": gettext_lazy("Bank transfers on their way"),
    "waived": gettext_lazy("Given up as too little"),
    "bad_debt": gettext_lazy("Losses of credit"),
    "chargebacks": gettext_lazy("Taken back by banks"),
    "gateway_fees": gettext_lazy("Fees of gateways"),
    "debt_sales": gettext_lazy("Sales of debts"),
    "debt_buyers": gettext_lazy("Owed by buyers of debts"),
    "agency_receivable": gettext_lazy("Collected by agencies"),
    "agency_payable": gettext_lazy("Shares owed to agencies"),
    "agency_commissions": gettext_lazy("Shares of agencies"),
    "provisions": gettext_lazy("Provisions for expected losses"),
    "early_rewards": gettext_lazy("Money back for early payments"),
    "unearned_shop_interest": gettext_lazy("Interest of shops not earned yet"),
    "postpone_income": gettext_lazy("Income from later payments"),
    "shop_interest_income": gettext_lazy("Income from interest of shops"),
    "impairment": gettext_lazy("Expected losses"),
}
ENTRIES: dict[str, Any] = {
    "capture": gettext_lazy("Capture of a shop"),
    "charge": gettext_lazy("Payment of a person"),
    "refund": gettext_lazy("Refund of a shop"),
    "deposit_used": gettext_lazy("Deposit that pays what was shipped"),
    "deposit_returned": gettext_lazy("Deposit that goes back"),
    "fee_returned": gettext_lazy("Fee of a person that goes back"),
    "card_refund": gettext_lazy("Money back to a person"),
    "rebate": gettext_lazy("Interest that fell away"),
    "interest_added": gettext_lazy("Interest that was agreed on beside"),
    "settlement": gettext_lazy("Settlement with a shop"),
    "payout": gettext_lazy("Payout to a shop"),
    "bounce": gettext_lazy("Payout that came back"),
    "bounce_undone": gettext_lazy("Payout that arrived after all"),
    "payout_reversal": gettext_lazy("Payout given back by the shop's bank"),
    "card_refund_reversal": gettext_lazy("Refund that came back from the card"),
    "transfer": gettext_lazy("Bank transfer to a person"),
    "transfer_confirmed": gettext_lazy("Bank transfer that arrived"),
    "transfer_rejected": gettext_lazy("Bank transfer given up"),
    "transfer_returned": gettext_lazy("Bank transfer that came back"),
    "charge_reversed": gettext_lazy("Payment taken back by a bank"),
    "charge_reinstated": gettext_lazy("Payment that a bank gave back"),
    "owed_again": gettext_lazy("Owed again by a person"),
    "reallocated": gettext_lazy("A free payment counts for other installments"),
    "paid_again": gettext_lazy("Counts as paid again"),
    "loss_covered": gettext_lazy("Refund paid in another way"),
    "paid_twice": gettext_lazy("Refund paid twice"),
    "charge_off": gettext_lazy("Plan given up"),
    "recovery": gettext_lazy("Paid after it was given up"),
    "debt_sold": gettext_lazy("Debt that was sold"),
    "debt_passed_on": gettext_lazy("Payment that is the buyer's of a debt"),
    "debt_kept": gettext_lazy("Payment that is the buyer's of a debt no more"),
    "debt_returned": gettext_lazy("Sold debt that came back"),
    "buyer_paid": gettext_lazy("Money of a buyer of debts"),
    "agency_collected": gettext_lazy("Payment of a person to an agency"),
    "agency_gave_back": gettext_lazy("Payment that an agency gave back"),
    "agency_commission": gettext_lazy("Share of an agency in a payment"),
    "agency_remitted": gettext_lazy("Money of an agency"),
    "agency_paid": gettext_lazy("Share sent to an agency"),
    "gateway_fee": gettext_lazy("Fee of a gateway"),
    "gateway_fee_returned": gettext_lazy("Fee of a gateway given back"),
    "waiver": gettext_lazy("Given up as too little"),
    "provision": gettext_lazy("Provision of a month"),
    "postponement": gettext_lazy("Later payments, paid for by a shop"),
    "shop_interest": gettext_lazy("Interest that a shop pays for a customer"),
    "shop_interest_back": gettext_lazy("Interest given back to a shop"),
    "shop_interest_earned": gettext_lazy("Interest of a shop that was earned"),
    "early_reward": gettext_lazy("Money back for an early payment"),
    "early_reward_kept": gettext_lazy("Money for an early payment that is kept, since the payment goes back"),
    "early_reward_owed": gettext_lazy("Money for an early payment that is owed, since the bank took the payment back"),
    "early_reward_again": gettext_lazy("Money for an early payment that is owed no more"),
}


def account_word(kind: str) -> str:
    """Name a kind of account."""
    return str(ACCOUNTS.get(kind) or words(kind))


def entry_word(kind: str) -> str:
    """Name a kind of entry."""
    return str(ENTRIES.get(kind) or words(kind))
