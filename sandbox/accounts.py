"""Bank accounts: the schemes that debit them, the check of their numbers, and the behavior of test accounts. Numbers are never stored."""

import re
from dataclasses import dataclass

CLEARS, LACKS_FUNDS, CLAIMED_BACK = "clears", "insufficient_funds", "claimed_back"
DAY_MS = 24 * 3600 * 1000
ENDS_AFTER_MS = 2 * DAY_MS
"""The time that a debit takes."""
CLAIMED_AFTER_MS = 5 * DAY_MS
"""The time after that until the payer of certain test accounts claims a debit back."""
CLAIMED = "debit_not_authorized"
"""The bank's code for a debit that its customer claims back."""
# number -> behavior; any other number clears. The numbers of Germany, the United States and Great Britain are Stripe's own.
TEST_ACCOUNTS = {
    "DE89370400440532013000": CLEARS,
    "DE62370400440532013001": LACKS_FUNDS,
    "DE35370400440532013002": CLAIMED_BACK,
    "DK5000400440116243": CLEARS,
    "DK5500400440116250": LACKS_FUNDS,
    "DK5400400440116268": CLAIMED_BACK,
    "000123456789": CLEARS,
    "000222222227": LACKS_FUNDS,
    "000333333335": CLAIMED_BACK,
    "00012345": CLEARS,
    "22222227": LACKS_FUNDS,
    "33333335": CLAIMED_BACK,
}
SCHEMES = {"USD": "us_bank_account", "EUR": "sepa_debit", "GBP": "bacs_debit"}
"""The scheme that debits accounts in a currency; elsewhere the sandbox's own, `bank_debit`."""
SORTS = {"us_bank_account": ("Routing number", "110000000", 9), "bacs_debit": ("Sort code", "108800", 6)}
"""The bank's own number, asked for with the account's: its name, that of the test bank, and its length in digits."""
TRIALS = {
    "us_bank_account": ("000123456789", "000222222227", "000333333335"),
    "bacs_debit": ("00012345", "22222227", "33333335"),
    "sepa_debit": ("DE89370400440532013000", "DE62370400440532013001", "DE35370400440532013002"),
    "bank_debit": ("DK5000400440116243", "DK5500400440116250", "DK5400400440116268"),
}
"""Test accounts of a scheme: one that clears, one without funds, one whose payer claims debits back."""
TRIED = ("Clears after two days", "Fails after two days, too little money", "Clears, and is claimed back five days later")
"""What happens to a debit of each of them."""
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_DIGITS = {"us_bank_account": r"[0-9]{4,17}", "bacs_debit": r"[0-9]{8}", "bank_debit": r"[0-9]{6,17}"}


@dataclass(frozen=True, slots=True)
class Account:
    """A bank account without its number; `country` is empty if the number does not contain it."""

    behavior: str
    scheme: str
    bank: str
    last4: str
    sort: str
    country: str


def scheme_of(currency: str) -> str:
    """The scheme that debits accounts in a currency."""
    return SCHEMES.get(currency.upper(), "bank_debit")


def is_iban(number: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616)."""
    if not _IBAN.fullmatch(number):
        return False
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1


def account_from(scheme: str, number: str, sort: str) -> Account | list[str]:
    """An account, or the names of the fields that are wrong."""
    bare = re.sub(r"[\s-]", "", number).upper()
    bank = re.sub(r"[\s-]", "", sort)
    takes_iban = scheme not in SORTS
    fits = (takes_iban and is_iban(bare)) or (scheme in _DIGITS and re.fullmatch(_DIGITS[scheme], bare, re.ASCII) is not None)
    wrong = [] if fits else ["number"]
    if scheme in SORTS and not (bank.isascii() and bank.isdigit() and len(bank) == SORTS[scheme][2]):
        wrong.append("sort")
    country = bare[:2] if bare[:1].isalpha() else ""
    return wrong or Account(TEST_ACCOUNTS.get(bare, CLEARS), scheme, "Test Bank", bare[-4:], bank if scheme in SORTS else "", country)


def spaced(number: str) -> str:
    """An account number as people write it: an IBAN in groups of four."""
    return " ".join(re.findall(".{1,4}", number)) if number[:1].isalpha() else number
