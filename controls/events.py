"""Events of proposals, whose ids are public ids, and of the audit log."""

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeProposed(Event):
    """Somebody proposed a change, and another person must decide."""

    NAME: ClassVar[str] = "controls.change_proposed"
    proposal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalExpired(Event):
    """Nobody decided a proposal in time, so nothing changed."""

    NAME: ClassVar[str] = "controls.proposal_expired"
    proposal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAnchored(Event):
    """A day (UTC, real time) of the audit log is over: number and link (hex) of its last seal, and how many rows were sealed."""

    NAME: ClassVar[str] = "controls.day_anchored"
    day: str
    number: int
    link: str
    sealed: int
