"""The frozen facts from which documents are written."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from core.formats import day_text, money_text, percent_text
from plans.rules.fees import NO_FEES, Caps, FeeTerms

When = Literal["day", "now", "ships", "waived"]
"""When a payment is taken: on its day, at once, when the shop ships, or never, since it is too small."""
SheetKind = Literal["", "standard", "key", "lending"]
"""The sheet that a market's law wants before consent: none, the European standard form, the British key information, Regulation Z's."""


@dataclass(frozen=True, slots=True)
class Lender:
    """The lender: brand name, legal company, postal and e-mail addresses, and the brand's color as `#rrggbb`, or "".

    `register_number` is the company's; `supervision` names the supervisor if it is not the market's usual one.
    """

    name: str
    legal_name: str
    address: str
    email: str
    color: str = ""
    register_number: str = ""
    supervision: str = ""


@dataclass(frozen=True, slots=True)
class Borrower:
    """The borrower; `address` is on one line, in the format of its country."""

    number: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop that sells the goods."""

    name: str
    legal_name: str


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the basket; the amount is the line's total, in minor units."""

    quantity: int
    name: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment as it was quoted, in minor units."""

    number: int
    due_date: date
    amount_minor: int
    interest_minor: int
    when: When


@dataclass(frozen=True, slots=True)
class Law:
    """What the law asks for where the consumer lives. `withdrawal_days` is 0 where there is no right to withdraw."""

    market: str
    withdrawal_days: int
    sheet: SheetKind


@dataclass(frozen=True, slots=True)
class Pricing:
    """What a risk-based pricing notice tells: the bureau, until when its report is free, and its score with range, day and key factors.

    `score` is None where what decided did not look at one; then there is nothing to tell of it.
    """

    bureau: str
    address: str
    phone: str
    free_days: int
    score: int | None
    lowest: int
    highest: int
    on: date
    factors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts in the documents of one purchase; amounts in minor units, `day` is the date where the consumer lives.

    `deposit_minor` is the first payment if it is a deposit: part of the price, and not of the credit. `is_personal`: only people to whom a
    rule offers the plan can choose it, which the law wants them told (Directive (EU) 2023/2225, Article 13). `by_people`: people approved a
    purchase in spite of a refusal, so that nothing calls the decision automated.
    `service_minor` is the service fee, which the first payment after a deposit includes.
    `fees` are charged of who pays late, within `fee_caps`.
    `pricing` is there if a risk-based pricing notice is due (15 U.S.C. 1681m(h)).
    """

    day: date
    locale: str
    law: Law
    lender: Lender
    borrower: Borrower
    shop: Shop
    order: str
    checkout: str
    items: tuple[Item, ...]
    currency: str
    principal_minor: int
    interest_minor: int
    apr_bps: int
    rate_bps: int
    refund_rule: str
    payments: tuple[Payment, ...]
    ships_later: bool
    authorization_days: int
    smallest_minor: int
    deposit_minor: int = 0
    is_personal: bool = False
    by_people: bool = False
    pricing: Pricing | None = None
    service_minor: int = 0
    fees: FeeTerms = NO_FEES
    fee_caps: Caps = field(default_factory=dict)

    @property
    def financed_minor(self) -> int:
        """The amount of the credit."""
        return self.principal_minor - self.deposit_minor

    @property
    def total_minor(self) -> int:
        """The total of all payments."""
        return self.principal_minor + self.interest_minor + self.service_minor

    @property
    def last_day(self) -> date:
        """The day of the last payment."""
        return max(one.due_date for one in self.payments)

    def money(self, minor: int) -> str:
        """Format an amount for the reader's locale."""
        return money_text(minor, self.currency, self.locale)

    def date(self, day: date, style: str = "full") -> str:
        """Format a date for the reader's locale, with the year."""
        return day_text(day, self.locale, style)

    def percent(self, bps: int) -> str:
        """Format a rate for the reader's locale."""
        return percent_text(bps, self.locale)
