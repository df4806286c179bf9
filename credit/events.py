"""What the credit app tells."""

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralResolved(Event):
    """The people of a data source have reviewed a referred decision: `approve` or `decline`."""

    NAME: ClassVar[str] = "credit.referral_resolved"
    decision: str
    outcome: str
