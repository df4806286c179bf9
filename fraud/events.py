"""Events of the fraud app."""

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseAssessed(Event):
    """An attempt to buy was assessed, with any verdict; `sighting` is the key of its sighting."""

    NAME: ClassVar[str] = "fraud.purchase_assessed"
    sighting: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInNoted(Event):
    """A sign-in of a consumer was kept; `act` is the public id of the kept act."""

    NAME: ClassVar[str] = "fraud.sign_in_noted"
    act: str
