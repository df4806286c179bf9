"""Products, plans and their installments, what changed them, and what pays them."""

from plans.models.areas import AreaPause, DisasterArea
from plans.models.collected import AgencyPayment
from plans.models.credits import FeeCredit, FeeCreditUse
from plans.models.deposits import Deposit, DepositPayment
from plans.models.fees import Fee, FeePayment
from plans.models.forgiving import Forgiven
from plans.models.giving_up import ChargeOff, Receipt
from plans.models.hardship import Hardship
from plans.models.plans import (
    Allocation,
    FreePayment,
    Installment,
    Plan,
    PlanChange,
)
from plans.models.products import Product
from plans.models.relief import Budget, ReliefOffer, ReliefPaper
from plans.models.returning import GoodsReturn
from plans.models.rewards import Reward
from plans.models.sales import BuyerPayment, DebtSale, SoldPlan
from plans.models.standing import Standstill

__all__ = [
    "AgencyPayment",
    "Allocation",
    "AreaPause",
    "Budget",
    "BuyerPayment",
    "ChargeOff",
    "DebtSale",
    "Deposit",
    "DepositPayment",
    "DisasterArea",
    "Fee",
    "FeeCredit",
    "FeeCreditUse",
    "FeePayment",
    "Forgiven",
    "FreePayment",
    "GoodsReturn",
    "Hardship",
    "Installment",
    "Plan",
    "PlanChange",
    "Product",
    "Receipt",
    "ReliefOffer",
    "ReliefPaper",
    "Reward",
    "SoldPlan",
    "Standstill",
]
