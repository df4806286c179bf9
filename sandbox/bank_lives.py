"""The lives of the pretended bank's customers: what comes in and goes out, day by day, always the same.

Every provider of open banking tells them in its own protocol; `category` is Plaid's word.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.message import Answer

DAYS = 200
CURRENCIES = {
    "US": "USD", "CA": "CAD", "GB": "GBP", "AU": "AUD", "NZ": "NZD", "DK": "DKK", "SE": "SEK", "NO": "NOK", "PL": "PLN", "CH": "CHF",
}  # fmt: skip
"""The currency of a country's accounts; elsewhere the euro."""
LARGE = {"DKK": 8, "SEK": 10, "NOK": 10}
BALANCE, OVERDRAWN = 1_450, -240
SLOW_S = 15.0
"""Longer than anybody waits."""


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
    "slow": (SALARY, RENT, PHONE, FOOD),
    "failing": (SALARY, RENT, PHONE, FOOD),
    "another": (SALARY, RENT, PHONE, FOOD),
    "none": (Line("THANKS", 60, "TRANSFER_IN_OTHER_TRANSFER_IN", every=11), FOOD),
}  # fmt: skip


HOLDERS = {"another": "PAT OTHERWISE"}
"""Who holds the account of a life, as the bank writes the name; the bank names nobody for the others, since it does not know who asks."""


def currency_of(country: str) -> str:
    """The currency of a country's accounts."""
    return CURRENCIES.get(country, "EUR")


def factor_of(country: str) -> int:
    """How many units of a country's money one unit of a small currency is."""
    return LARGE.get(currency_of(country), 1)


def balance_of(country: str, life: str) -> int:
    """What the account of a life has, in whole units of the country's money."""
    return (OVERDRAWN if life == "overdrawn" else BALANCE) * factor_of(country)


def movements(life: str, today: date) -> list[tuple[date, Line]]:
    """The movements of the last months, the oldest first."""
    days = (today - timedelta(days=back) for back in range(DAYS, 0, -1))
    return list(_due(life, days, today))


def troubled(life: str, answer: Answer) -> Answer:
    """What a bank answers about movements: late or with an error for who chose that."""
    if life == "failing":
        return Answer(500, b'{"error": "internal error"}')
    answer.delay_s = SLOW_S if life == "slow" else answer.delay_s
    return answer


def _due(life: str, days: Iterator[date], today: date) -> Iterator[tuple[date, Line]]:
    for day in days:
        for line in LIVES[life]:
            is_due = day.toordinal() % line.every == 0 if line.every else day.day == line.day
            if is_due and (today - day).days > line.ended:
                yield day, line
