"""An installment as it stands: what is owed and what has been paid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class InstallmentState:
    """One installment of a running plan, in minor units; principal and interest are the current totals, paid part included.

    `refunded_minor` is the paid principal that has been given back.
    """

    number: int
    due_date: date
    principal_minor: int
    interest_minor: int = 0
    paid_principal_minor: int = 0
    paid_interest_minor: int = 0
    refunded_minor: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.paid_principal_minor <= self.principal_minor and 0 <= self.paid_interest_minor <= self.interest_minor):
            raise ValueError(f"paid more than due: {self}")
        if not 0 <= self.refunded_minor <= self.paid_principal_minor:
            raise ValueError(f"given back more than paid: {self}")

    @property
    def amount_minor(self) -> int:
        return self.principal_minor + self.interest_minor

    @property
    def open_principal_minor(self) -> int:
        return self.principal_minor - self.paid_principal_minor

    @property
    def open_interest_minor(self) -> int:
        return self.interest_minor - self.paid_interest_minor

    @property
    def open_minor(self) -> int:
        return self.open_principal_minor + self.open_interest_minor


def in_order(installments: Iterable[InstallmentState]) -> tuple[InstallmentState, ...]:
    """Return installments by due date, then number; ValueError if a number occurs twice."""
    ordered = tuple(sorted(installments, key=lambda item: (item.due_date, item.number)))
    if len({item.number for item in ordered}) != len(ordered):
        raise ValueError("an installment number occurs twice")
    return ordered
