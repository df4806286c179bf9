"""Total cost of a plan."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from plans.rules.apr import Law, display_apr_bps, legal_apr


class Due(Protocol):
    """Anything due on a date: a scheduled or a running installment."""

    @property
    def due_date(self) -> date: ...
    @property
    def principal_minor(self) -> int: ...
    @property
    def interest_minor(self) -> int: ...


@dataclass(frozen=True, slots=True)
class TotalCost:
    """Disclosure figures of a plan; minor units, APR in basis points as the law shows it."""

    amount_financed_minor: int
    finance_charge_minor: int
    total_payable_minor: int
    apr_bps: int


def finance_charge(installments: Iterable[Due], fees_minor: int = 0) -> int:
    """Return the cost of credit in minor units: all interest, and the fees that are a condition of the credit (12 CFR 1026.4)."""
    return sum(item.interest_minor for item in installments) + fees_minor


def total_cost(law: Law, start: date, installments: Sequence[Due], fees_minor: int = 0) -> TotalCost:
    """Return amount financed, finance charge, total payable and legal APR of a schedule that starts on `start`.

    `fees_minor` are fees of the credit itself, paid on the start date beside the installments. A schedule that charges nothing has an APR
    of 0. NoRateError if the fees use up the whole credit.
    """
    principal = sum(item.principal_minor for item in installments)
    charge = finance_charge(installments, fees_minor)
    payments = [(item.due_date, item.principal_minor + item.interest_minor) for item in installments]
    if fees_minor:
        payments.append((start, fees_minor))
    apr_bps = display_apr_bps(law, legal_apr(law, start, principal, payments)) if charge else 0
    return TotalCost(principal, charge, principal + charge, apr_bps)
