"""Events of the fraud app."""

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseAssessed(Event):
    """An attempt to buy was assessed, whatever came of it; `sighting` names the row of what was seen."""

    NAME: ClassVar[str] = "fraud.purchase_assessed"
    sighting: str
