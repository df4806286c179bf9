"""The lives of the pretended bank's customers: what comes in and goes out, day by day, always the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

DAYS = 200
CURRENCIES = {
    "US": "USD", "CA": "CAD", "GB": "GBP", "AU": "AUD", "NZ": "NZD", "DK": "DKK", "SE": "SEK", "NO": "NOK", "PL": "PLN", "CH": "CHF",
}  # fmt: skip
"""The currency of a country's accounts; elsewhere the euro."""
LARGE = {"DKK": 8, "SEK": 10, "NOK": 10}
ACCOUNT = "acc_everyday"
BALANCE, OVERDRAWN = 1_450, -240


@dataclass(frozen=True, slots=True)
class Line:
    """A payment that repeats: in units of a small currency (below zero: goes out), on a day of each month, or every so many days."""

    text: str
    units: int
    category: str
    day: int = 0
    every: int = 0
    ended: int = 0


RENT = Line("RENT FLAT 3", -900, "RENT_AND_UTILITIES_RENT", day=2)
PHONE = Line("TELCO MOBILE", -35, "RENT_AND_UTILITIES_TELEPHONE", day=6)
FOOD = Line("GROCERIES", -80, "FOOD_AND_DRINK_GROCERIES", every=7)
SALARY = Line("GLOBEX LTD SALARY", 3_200, "INCOME_WAGES", day=25)
LIVES: dict[str, tuple[Line, ...]] = {
    "salary": (SALARY, RENT, PHONE, FOOD, Line("TO SAVINGS", -1_900, "TRANSFER_OUT_SAVINGS", day=25)),
    "well_paid": (
        Line("GLOBEX LTD SALARY", 9_000, "INCOME_WAGES", day=25), RENT, PHONE, FOOD,
        Line("TO SAVINGS", -7_700, "TRANSFER_OUT_SAVINGS", day=25),
    ),
    "weekly": (Line("GLOBEX LTD WAGES", 650, "INCOME_WAGES", every=7), RENT, PHONE, FOOD),
    "benefits": (Line("STATE PENSION", 1_400, "INCOME_RETIREMENT_PENSION", day=1), PHONE, FOOD),
    "lenders": (
        SALARY, RENT, PHONE, FOOD,
        Line("KLARNA", -240, "LOAN_PAYMENTS_OTHER_PAYMENT", day=9),
        Line("PAYDAY LOAN REPAYMENT", -410, "LOAN_PAYMENTS_PERSONAL_LOAN_PAYMENT", day=27),
    ),
    "gambling": (SALARY, RENT, FOOD, Line("BET365", -120, "ENTERTAINMENT_CASINOS_AND_GAMBLING", every=3)),
    "lost_job": (Line("GLOBEX LTD SALARY", 3_200, "INCOME_WAGES", day=25, ended=70), RENT, FOOD),
    "overdrawn": (
        SALARY, RENT, PHONE, FOOD,
        Line("FURNITURE", -1_850, "GENERAL_MERCHANDISE_OTHER_GENERAL_MERCHANDISE", day=26),
        Line("TELCO MOBILE RETURNED DIRECT DEBIT", 35, "TRANSFER_IN_OTHER_TRANSFER_IN", day=8),
        Line("FEE", -30, "BANK_FEES_INSUFFICIENT_FUNDS", day=8),
    ),
    "none": (Line("THANKS", 60, "TRANSFER_IN_OTHER_TRANSFER_IN", every=11), FOOD),
}  # fmt: skip


def currency_of(country: str) -> str:
    """The currency of a country's accounts."""
    return CURRENCIES.get(country, "EUR")


def account_of(country: str, life: str) -> dict[str, Any]:
    """The account of a life, in the form of Plaid's."""
    currency = currency_of(country)
    balance = (OVERDRAWN if life == "overdrawn" else BALANCE) * LARGE.get(currency, 1)
    return {
        "account_id": ACCOUNT,
        "balances": {
            "available": balance,
            "current": balance,
            "limit": None,
            "iso_currency_code": currency,
            "unofficial_currency_code": None,
        },
        "mask": "0000",
        "name": "Everyday account",
        "official_name": None,
        "type": "depository",
        "subtype": "checking",
    }


def movements(life: str, country: str, today: date) -> list[dict[str, Any]]:
    """The movements of the last months, the oldest first, in the form of Plaid's: amounts above zero go out."""
    currency = currency_of(country)
    days = (today - timedelta(days=back) for back in range(DAYS, 0, -1))
    return [_movement(number, day, line, currency) for number, (day, line) in enumerate(_due(life, days, today))]


def _due(life: str, days: Iterator[date], today: date) -> Iterator[tuple[date, Line]]:
    for day in days:
        for line in LIVES[life]:
            is_due = day.toordinal() % line.every == 0 if line.every else day.day == line.day
            if is_due and (today - day).days > line.ended:
                yield day, line


def _movement(number: int, day: date, line: Line, currency: str) -> dict[str, Any]:
    return {
        "transaction_id": f"tx_{day:%Y%m%d}_{number}",
        "account_id": ACCOUNT,
        "amount": -line.units * LARGE.get(currency, 1),
        "iso_currency_code": currency,
        "unofficial_currency_code": None,
        "date": day.isoformat(),
        "name": line.text,
        "original_description": line.text,
        "merchant_name": None,
        "pending": False,
        "pending_transaction_id": None,
        "personal_finance_category": {"primary": line.category.partition("_")[0], "detailed": line.category, "confidence_level": "HIGH"},
    }
