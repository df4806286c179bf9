"""Events of plans."""

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallmentsPaid(Event):
    """A charge paid installments of a plan, wholly or in part; `excess_minor` of a free payment is more than was owed, and goes back."""

    NAME: ClassVar[str] = "plans.installments_paid"
    plan: str
    reference: str
    installments: list[int]
    amount_minor: int
    currency: str
    charge: str
    excess_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentArrived(Event):
    """A charge that had failed was made after all: it paid what was due (`installments`), and `excess_minor` of it is refunded."""

    NAME: ClassVar[str] = "plans.payment_arrived"
    plan: str
    reference: str
    installments: list[int]
    amount_minor: int
    excess_minor: int
    currency: str
    charge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed(Event):
    """A charge for installments failed; `action` says what comes next: retry, authenticate or replace_method."""

    NAME: ClassVar[str] = "plans.payment_failed"
    plan: str
    reference: str
    installments: list[int]
    charge: str
    failure: str
    action: str
    next_attempt_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReversed(Event):
    """A charge was taken back, and the installments that it had paid are owed again. `failure` says why: `disputed` for a lost dispute."""

    NAME: ClassVar[str] = "plans.payment_reversed"
    plan: str
    reference: str
    installments: list[int]
    amount_minor: int
    currency: str
    charge: str
    failure: str
    source: str
    next_attempt_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReinstated(Event):
    """A reversed charge was reinstated and pays its installments again; `excess_minor`, paid in another way meanwhile, is refunded."""

    NAME: ClassVar[str] = "plans.payment_reinstated"
    plan: str
    reference: str
    installments: list[int]
    amount_minor: int
    excess_minor: int
    currency: str
    charge: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallmentOverdue(Event):
    """An installment's date has passed and it is not paid."""

    NAME: ClassVar[str] = "plans.installment_overdue"
    plan: str
    reference: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentUpcoming(Event):
    """An installment falls due in a few days."""

    NAME: ClassVar[str] = "plans.payment_upcoming"
    plan: str
    reference: str
    number: int
    due_date: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallmentsWaived(Event):
    """The last open amount of a plan is waived, since it is too small to be charged."""

    NAME: ClassVar[str] = "plans.installments_waived"
    plan: str
    reference: str
    installments: list[int]
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStopped(Event):
    """Charging of a plan is paused, since one of its payments is disputed at the bank or an operator is looking into it."""

    NAME: ClassVar[str] = "plans.plan_stopped"
    plan: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeOffConfirmed(Event):
    """A plan that was late for very long was charged off: nothing more is charged automatically, and the open amount stays owed."""

    NAME: ClassVar[str] = "plans.charge_off_confirmed"
    plan: str
    reference: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtTransferred(Event):
    """A plan that was given up was sold to a buyer, to whom the person pays it; `contact` says how the buyer is reached.

    Interest and fees are parts of the amount, not known where it is not `itemized`, as in older events.
    """

    NAME: ClassVar[str] = "plans.debt_transferred"
    plan: str
    reference: str
    sold: str
    amount_minor: int
    buyer: str
    contact: str
    interest_minor: int = 0
    fees_minor: int = 0
    itemized: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtReturned(Event):
    """A sold plan came back to us: the person pays it to us again, or owes nothing more (`let_go`)."""

    NAME: ClassVar[str] = "plans.debt_returned"
    plan: str
    reference: str
    sold: str
    buyer: str
    let_go: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanResumed(Event):
    """A stopped plan goes on; nothing is charged before `first_day`."""

    NAME: ClassVar[str] = "plans.plan_resumed"
    plan: str
    reference: str
    first_day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositPaid(Event):
    """A charge paid the deposit of an order, before anything of it is captured."""

    NAME: ClassVar[str] = "plans.deposit_paid"
    plan: str
    reference: str
    amount_minor: int
    currency: str
    charge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositFailed(Event):
    """A deposit could not be charged; workers try again at `next_attempt_at`, or, if that is empty, only the person can pay it.

    `charge` is the hex of its key, or empty if the card could not even be asked.
    """

    NAME: ClassVar[str] = "plans.deposit_failed"
    plan: str
    reference: str
    amount_minor: int
    currency: str
    charge: str
    failure: str
    attempt: int
    next_attempt_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositReturned(Event):
    """What no capture used of a paid deposit goes back to its card, because nothing more of the order is captured."""

    NAME: ClassVar[str] = "plans.deposit_returned"
    plan: str
    reference: str
    amount_minor: int
    currency: str
    charge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCompleted(Event):
    """Nothing of a plan is open any more; `by` says what closed it.

    That is a payment, a `refund`, a `waiver` of a small rest, or a `settlement` for less.
    """

    NAME: ClassVar[str] = "plans.plan_completed"
    plan: str
    reference: str
    by: str = "payment"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleChanged(Event):
    """The dates of a plan changed, or its payments became smaller; `kind` is that of the version, `cause` what it names."""

    NAME: ClassVar[str] = "plans.schedule_changed"
    plan: str
    reference: str
    kind: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnStarted(Event):
    """A person said that they have sent the goods of a plan back."""

    NAME: ClassVar[str] = "plans.return_started"
    plan: str
    reference: str
    goods_return: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnEnded(Event):
    """A return ended by what `plans.models.GoodsReturn` keeps: a refund, the shop's answer, the person, or its last day."""

    NAME: ClassVar[str] = "plans.return_ended"
    plan: str
    reference: str
    goods_return: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectingStopped(Event):
    """A person died or is insolvent: collecting stands still for their accounts (`consumers`)."""

    NAME: ClassVar[str] = "plans.collecting_stopped"
    consumers: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LatePaymentLapsed(Event):
    """A year has passed since a late payment of a person whose fee status is that of a late payer: it no longer counts."""

    NAME: ClassVar[str] = "plans.late_payment_lapsed"
    plan: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefOffered(Event):
    """An operator offered relief for a plan: a pause of `days`, or `count` smaller payments; the person can accept it until a day."""

    NAME: ClassVar[str] = "plans.relief_offered"
    plan: str
    reference: str
    offer: str
    kind: str
    days: int
    count: int
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeCharged(Event):
    """A fee was charged on an installment: for being late, for a reminder, or for a service.

    A credit of the person paid `credit_minor` of it, beside the amount.
    """

    NAME: ClassVar[str] = "plans.fee_charged"
    plan: str
    reference: str
    fee: str
    number: int
    kind: str
    amount_minor: int
    currency: str
    credit_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeesEnded(Event):
    """Fees of installments were waived or withdrawn (`status`); what was paid of them goes back. `cause` is the first of them."""

    NAME: ClassVar[str] = "plans.fees_ended"
    plan: str
    reference: str
    cause: str
    status: str
    numbers: list[int]
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardEarned(Event):
    """A charge that paid installments early, or from a bank account, earned money back, which goes to its method.

    Or a credit against fees, `credit_minor`, which counts through the day `until`.
    """

    NAME: ClassVar[str] = "plans.reward_earned"
    plan: str
    reference: str
    charge: str
    installments: list[int]
    amount_minor: int
    currency: str
    credit_minor: int = 0
    until: str = ""
