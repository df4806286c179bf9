"""Events of proposals; ids are public ids."""

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
    """Nobody decided a proposal in time, so that nothing changed."""

    NAME: ClassVar[str] = "controls.proposal_expired"
    proposal: str
