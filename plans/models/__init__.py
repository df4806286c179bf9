"""Products, plans and their installments, what changed them, and what pays them."""

from plans.models.deposits import Deposit, DepositPayment
from plans.models.fees import Fee, FeePayment
from plans.models.hardship import Hardship
from plans.models.plans import (
    Allocation,
    ChargeOff,
    FreePayment,
    Installment,
    Plan,
    PlanChange,
    Product,
    Receipt,
)

__all__ = [
    "Allocation",
    "ChargeOff",
    "Deposit",
    "DepositPayment",
    "Fee",
    "FeePayment",
    "FreePayment",
    "Hardship",
    "Installment",
    "Plan",
    "PlanChange",
    "Product",
    "Receipt",
]
