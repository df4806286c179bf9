"""Events of the credit app."""

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralResolved(Event):
    """The staff of a data source have reviewed a referred decision: `approve` or `decline`."""

    NAME: ClassVar[str] = "credit.referral_resolved"
    decision: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationDeclined(Event):
    """A person was refused credit for an amount; `reference` is what it was for, the decision has the reasons."""

    NAME: ClassVar[str] = "credit.application_declined"
    consumer: str
    decision: str
    reference: str
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitLowered(Event):
    """A consumer's limit fell, without a refusal; `notice` is the daily review or the decision by which, which has the main reasons."""

    NAME: ClassVar[str] = "credit.limit_lowered"
    consumer: str
    notice: str
    currency: str
    before_minor: int
    after_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitChanged(Event):
    """A consumer's limit changed; not published for the first limit."""

    NAME: ClassVar[str] = "credit.limit_changed"
    consumer: str
    currency: str
    before_minor: int
    after_minor: int
