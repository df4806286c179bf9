"""The states of plans and installments, and the transitions between them."""

from enum import StrEnum

from core.states import Machine


class PlanStatus(StrEnum):
    """Status of a plan: nothing captured yet, being paid, nothing open any more, canceled, or charged off."""

    PENDING = "pending"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELED = "canceled"
    CHARGED_OFF = "charged_off"


PLAN_OPEN = (PlanStatus.PENDING, PlanStatus.ACTIVE)
"""Plans that are being paid or will be."""
PLAN_OWED = (PlanStatus.ACTIVE, PlanStatus.CHARGED_OFF)
"""Plans on which something is owed, whether workers charge it or not."""

PLAN = Machine(
    PlanStatus,
    initial=[PlanStatus.PENDING],
    transitions={
        "activate": ([PlanStatus.PENDING, PlanStatus.ACTIVE, PlanStatus.COMPLETED], PlanStatus.ACTIVE),
        "complete": ([PlanStatus.ACTIVE, PlanStatus.CHARGED_OFF], PlanStatus.COMPLETED),
        "cancel": ([PlanStatus.PENDING], PlanStatus.CANCELED),
        "charge_off": ([PlanStatus.ACTIVE], PlanStatus.CHARGED_OFF),
    },
)


class ChargeOffStatus(StrEnum):
    """Status of a charge-off: two operators agreed; or, of the time before proposals, it was withdrawn."""

    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


CHARGE_OFF = Machine(ChargeOffStatus, initial=[ChargeOffStatus.CONFIRMED], transitions={})


class InstallmentStatus(StrEnum):
    """Status of an installment: to be paid, paid in part, paid, late, or canceled by a refund."""

    SCHEDULED = "scheduled"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    OVERDUE = "overdue"
    CANCELED = "canceled"


INSTALLMENT_OPEN = (InstallmentStatus.SCHEDULED, InstallmentStatus.PARTIALLY_PAID, InstallmentStatus.OVERDUE)
"""Installments on which something is owed."""
INSTALLMENT_IN_TIME = (InstallmentStatus.SCHEDULED, InstallmentStatus.PARTIALLY_PAID)
"""Installments on which something is owed, and which are not late."""

INSTALLMENT = Machine(
    InstallmentStatus,
    initial=[InstallmentStatus.SCHEDULED],
    transitions={
        "settle": (INSTALLMENT_OPEN, InstallmentStatus.PAID),
        "settle_partly": (INSTALLMENT_IN_TIME, InstallmentStatus.PARTIALLY_PAID),
        "become_overdue": (INSTALLMENT_IN_TIME, InstallmentStatus.OVERDUE),
        "postpone": ([InstallmentStatus.SCHEDULED, InstallmentStatus.OVERDUE], InstallmentStatus.SCHEDULED),
        "postpone_partly": ([InstallmentStatus.PARTIALLY_PAID, InstallmentStatus.OVERDUE], InstallmentStatus.PARTIALLY_PAID),
        "cancel": (INSTALLMENT_OPEN, InstallmentStatus.CANCELED),
        "reopen": (
            [InstallmentStatus.PAID, InstallmentStatus.PARTIALLY_PAID, InstallmentStatus.CANCELED],
            InstallmentStatus.SCHEDULED,
        ),
        "reopen_partly": ([InstallmentStatus.PAID], InstallmentStatus.PARTIALLY_PAID),
        "reopen_late": ([InstallmentStatus.PAID, InstallmentStatus.CANCELED, *INSTALLMENT_IN_TIME], InstallmentStatus.OVERDUE),
    },
)


class FeeStatus(StrEnum):
    """Status of a fee: charged (paid or not), forgiven by an operator, or withdrawn since it should not have been charged."""

    CHARGED = "charged"
    FORGIVEN = "forgiven"
    WITHDRAWN = "withdrawn"


FEE = Machine(
    FeeStatus,
    initial=[FeeStatus.CHARGED],
    transitions={
        "waive": ([FeeStatus.CHARGED], FeeStatus.FORGIVEN),
        "withdraw": ([FeeStatus.CHARGED], FeeStatus.WITHDRAWN),
    },
)
