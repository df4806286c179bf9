"""Events of collecting."""

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseMade(Event):
    """Somebody promised to pay an amount of a late plan on a day; `made_by` is the person or an operator."""

    NAME: ClassVar[str] = "collection.promise_made"
    plan: str
    reference: str
    promise: str
    amount_minor: int
    currency: str
    pay_on: str
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseDecided(Event):
    """The close of a day found a promise kept, kept in part, broken, or fallen away (`outcome`)."""

    NAME: ClassVar[str] = "collection.promise_decided"
    plan: str
    reference: str
    promise: str
    amount_minor: int
    paid_minor: int
    currency: str
    pay_on: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonReminded(Event):
    """A step of reminding a late person was taken; its letter follows."""

    NAME: ClassVar[str] = "collection.person_reminded"
    reminder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LatenessMoved(Event):
    """A close of day found a person in another bucket of days past due than that for which rules about accounts were asked last."""

    NAME: ClassVar[str] = "collection.lateness_moved"
    consumer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LateNoticeIssued(Event):
    """A notice that the law demands while a plan is late was issued; its letter follows."""

    NAME: ClassVar[str] = "collection.late_notice_issued"
    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtPlaced(Event):
    """An agency collects a plan from a day on (`placed_on`); `contact` says how it is reached.

    Interest and fees are parts of the amount, not known where it is not `itemized`, as in older events.
    """

    NAME: ClassVar[str] = "collection.debt_placed"
    plan: str
    reference: str
    placement: str
    amount_minor: int
    agency: str
    contact: str
    placed_on: str
    interest_minor: int = 0
    fees_minor: int = 0
    itemized: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtRecalled(Event):
    """An operator took a plan back from its agency."""

    NAME: ClassVar[str] = "collection.debt_recalled"
    plan: str
    reference: str
    placement: str
    agency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintOpened(Event):
    """A complaint of a person waits for its answer; until then nobody asks them to pay."""

    NAME: ClassVar[str] = "collection.complaint_opened"
    consumer: str
    complaint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementOffered(Event):
    """A person may pay an amount instead of all that is open of a plan, if they accept it until a day; the rest falls away then."""

    NAME: ClassVar[str] = "collection.settlement_offered"
    plan: str
    reference: str
    settlement: str
    amount_minor: int
    forgiven_minor: int
    currency: str
    until: str
    purchases: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementAccepted(Event):
    """A person accepted a settlement; its first part is paid by a day (`until`)."""

    NAME: ClassVar[str] = "collection.settlement_accepted"
    plan: str
    reference: str
    settlement: str
    amount_minor: int
    currency: str
    until: str
    purchases: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementPaid(Event):
    """All of a settlement is paid: the rest of the plan fell away."""

    NAME: ClassVar[str] = "collection.settlement_paid"
    plan: str
    reference: str
    settlement: str
    amount_minor: int
    forgiven_minor: int
    currency: str
    purchases: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementBroken(Event):
    """A part of a settlement was not paid by its day: the plan is owed as before, less what was paid."""

    NAME: ClassVar[str] = "collection.settlement_missed"
    plan: str
    reference: str
    settlement: str
    amount_minor: int
    paid_minor: int
    currency: str
    purchases: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLetterSent(Event):
    """An operator sent a late person a letter by template; its message follows."""

    NAME: ClassVar[str] = "collection.case_letter_made"
    letter: str
    consumer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayLinkSent(Event):
    """A person asked on a call for a link to pay what is late of a plan; its message follows by the channel that they chose."""

    NAME: ClassVar[str] = "collection.pay_link_made"
    plan: str
    reference: str
    link: str
    channel: str
    amount_minor: int
    currency: str
