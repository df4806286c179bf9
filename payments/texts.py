"""How pages and letters name cards and accounts, and say why a payment failed: the same words everywhere."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from payments.failures import BALANCE_TOO_LOW, GATEWAY_GONE, NEVER_MADE, OUTAGES
from payments.outside import AGENCY_GAVE_BACK, ENTERED_WRONGLY, NO_WAY_BACK

NO_BREAK = "\N{NO-BREAK SPACE}"
BRANDS = {
    "amex": "American Express",
    "mastercard": "Mastercard",
    "visa": "Visa",
    "diners": "Diners Club",
    "jcb": "JCB",
    "unionpay": "UnionPay",
}
# ISO 13616: country, two check digits, then 11 to 30 letters and digits.
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)
FAILURES = {
    "insufficient_funds": gettext_noop("There was not enough money on the card."),
    "expired_card": gettext_noop("The card has expired."),
    "lost_card": gettext_noop("The bank says that the card was reported lost."),
    "stolen_card": gettext_noop("The bank says that the card was reported stolen."),
    "authentication_required": gettext_noop("The bank wants you to confirm that it is you."),
    **dict.fromkeys(OUTAGES, gettext_noop("The bank could not be reached.")),
    "amount_too_small": gettext_noop("It is less than can be charged to a card."),
    AGENCY_GAVE_BACK: gettext_noop("the agency gave it back"),
    NEVER_MADE: gettext_noop("The payment was never made."),
    GATEWAY_GONE: gettext_noop("We cannot take payments from this card any more."),
}


ACCOUNT_FAILURES = {
    "insufficient_funds": gettext_noop("There was not enough money in the account."),
    BALANCE_TOO_LOW: gettext_noop("Your bank showed too little in the account, so we did not debit it."),
    "account_closed": gettext_noop("The bank says that the account is closed."),
    "debit_not_authorized": gettext_noop("The bank says that the debit was not allowed."),
    **dict.fromkeys(OUTAGES, gettext_noop("The bank could not be reached.")),
    NEVER_MADE: gettext_noop("The payment was never made."),
    GATEWAY_GONE: gettext_noop("We cannot take payments from this account any more."),
}
BANK_WORDS = {
    BALANCE_TOO_LOW: gettext_noop("too little in the account, not debited"),
    "account_closed": gettext_noop("account closed"),
    "account_frozen": gettext_noop("account frozen"),
    "bank_account_closed": gettext_noop("bank account closed"),
    "bank_account_restricted": gettext_noop("the account takes no such payments"),
    "bank_cannot_process": gettext_noop("the bank could not process it"),
    "bank_ownership_changed": gettext_noop("the account has moved to another bank"),
    "came_back": gettext_noop("it came back"),
    "card_of_somebody_else": gettext_noop("card of somebody else"),
    "charge_for_pending_refund_disputed": gettext_noop("the cardholder has disputed the charge meanwhile"),
    "check_returned": gettext_noop("the check came back"),
    "could_not_process": gettext_noop("the bank could not process it"),
    "credit_not_processed": gettext_noop("credit not processed"),
    "customer_initiated": gettext_noop("at the wish of the account's holder"),
    "debit_not_authorized": gettext_noop("debit not authorized"),
    "declined": gettext_noop("declined"),
    "duplicate": gettext_noop("duplicate"),
    "expired_or_canceled_card": gettext_noop("expired or canceled card"),
    "fraudulent": gettext_noop("fraudulent"),
    "general": gettext_noop("general"),
    "incorrect_account_address": gettext_noop("another address than the account's"),
    "incorrect_account_details": gettext_noop("wrong account details"),
    "incorrect_account_holder_address": gettext_noop("another address than the account's"),
    "incorrect_account_holder_details": gettext_noop("other details than those of the account's holder"),
    "incorrect_account_holder_name": gettext_noop("another name than the account's holder"),
    "incorrect_account_holder_tax_id": gettext_noop("another tax number than that of the account's holder"),
    "incorrect_account_type": gettext_noop("another kind of account than given"),
    "insufficient_funds": gettext_noop("insufficient funds"),
    "invalid_account_number": gettext_noop("invalid account number"),
    "invalid_account_number_length": gettext_noop("invalid account number"),
    "invalid_currency": gettext_noop("the account does not take this currency"),
    "made_before": gettext_noop("another payment of the same was made before"),
    "lost_or_stolen_card": gettext_noop("lost or stolen card"),
    "merchant_request": gettext_noop("at the wish of the shop"),
    "never_held": gettext_noop("nothing was held on the card"),
    "no_account": gettext_noop("no account"),
    "noncompliant": gettext_noop("against the rules of the card network"),
    "payment_method_unknown": gettext_noop("unknown way to pay"),
    "product_not_received": gettext_noop("product not received"),
    "product_unacceptable": gettext_noop("product unacceptable"),
    "subscription_canceled": gettext_noop("the subscription was canceled"),
    "unrecognized": gettext_noop("unrecognized"),
    "unsupported_card": gettext_noop("the card takes no payouts"),
    **dict.fromkeys(OUTAGES, gettext_noop("the bank could not be reached")),
    NO_WAY_BACK: gettext_noop("it had come by bank transfer"),
    ENTERED_WRONGLY: gettext_noop("it was entered wrongly, as two people found"),
    NEVER_MADE: gettext_noop("it was never made, as two people found"),
    GATEWAY_GONE: gettext_noop("it was never made, as two people found, and its gateway is not used any more"),
}
"""Why refunds and payouts fail and charges are disputed, by the codes of gateways (docs.stripe.com/api), for the middle of a sentence."""
CHARGE_STANDS = gettext_noop("The bank decided that the charge stands.")
FOR_CARDHOLDER = gettext_noop("The bank decided for the cardholder.")
ENDED = gettext_noop("It has ended.")
ANSWERED = gettext_noop("It has an answer.")
BANK_PAID = gettext_noop("The bank gave the person that money.")
MADE_AFTER_ALL = gettext_noop("It was made after all, as its gateway says.")
ONE_CAME_BACK = gettext_noop("One of the two payments came back.")
NOTES = frozenset([CHARGE_STANDS, FOR_CARDHOLDER, ENDED, ANSWERED, BANK_PAID, MADE_AFTER_ALL, ONE_CAME_BACK])
"""The stored notes of breaks that closed by themselves."""
PAID_WITH, SENT_AGAIN, TRANSFERRED, CLOSED_BY = "Paid with ", "Sent again as ", "Paid by bank transfer ", "Closed by two people with "
NOTES_WITH_ID = {
    PAID_WITH: gettext_noop("Paid with %(id)s"),
    SENT_AGAIN: gettext_noop("Sent again as %(id)s"),
    TRANSFERRED: gettext_noop("Paid by bank transfer %(id)s"),
    CLOSED_BY: gettext_noop("Closed by two people with %(id)s"),
}
"""The notes that end with an id of what solved the problem, by their beginning."""


def card_name(brand: str, last4: str) -> str:
    """Name a card by its brand and last digits: `Visa ···· 4242`, never broken over two lines."""
    return f"{BRANDS.get(brand, brand.title())} ···· {last4}".replace(" ", NO_BREAK)


def method_name(kind: str, shown: Mapping[str, Any]) -> str:
    """Name a payment method as people recognize it, never broken over two lines: `Visa ···· 4242`, `Nordea ···· 1234`, `MobilePay`."""
    if kind == "transfer":
        return _("Bank transfer").replace(" ", NO_BREAK)
    if kind == "card":
        return card_name(str(shown["brand"]), str(shown["last4"]))
    digits = f"···· {shown['last4']}" if shown.get("last4") else str(shown.get("hint", ""))
    return f"{shown.get('bank') or shown.get('name') or ''} {digits}".strip().replace(" ", NO_BREAK)


def account_name(destination: str) -> str:
    """Name a bank account by its last four letters and digits, an IBAN by its country too: `DK ···· 6243`, never broken over two lines."""
    bare = "".join(filter(str.isalnum, destination)).upper()
    country = bare[:2] if IBAN.fullmatch(bare) else ""
    return f"{country} ···· {bare[-4:]}".strip().replace(" ", NO_BREAK)


def failure_text(code: str, kind: str = "card") -> str:
    """Say why a payment by a kind of method failed."""
    if kind == "bank_debit":
        return _(ACCOUNT_FAILURES[code]) if code in ACCOUNT_FAILURES else _("The bank refused the debit.")
    return _(FAILURES[code]) if code in FAILURES else _("The bank declined the card.")


def bank_word(code: str) -> str:
    """Return the meaning of a bank's or gateway's code, for the middle of a sentence; an unknown code itself. Empty for no code."""
    if code in BANK_WORDS:
        return _(BANK_WORDS[code])
    return _("a reason that only the bank knows (%(code)s)") % {"code": code} if code else ""


def bank_heading(code: str) -> str:
    """Return the meaning of a bank's or gateway's code as a heading: "Account closed"."""
    word = bank_word(code)
    return word[:1].upper() + word[1:]


def note_text(note: str) -> str:
    """Write the note of a closed break in the current language; an operator's own words stay as they are."""
    if note in NOTES:
        return _(note)
    for begin, text in NOTES_WITH_ID.items():
        named = note.removeprefix(begin)
        if named != note and " " not in named:
            return _(text) % {"id": named}
    return note
