"""What screening against lists does to a decision; pure. It says only whether a check is open, never why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

OPEN = "being_checked"
"""The reason for which a purchase waits: also where a company did not answer, so that it tells nothing of the person."""

WAITS = "waits"
"""The outcome while a check is open: the same for a match, and for a company that does not answer."""


@dataclass(frozen=True, slots=True)
class Screened:
    """The last screening of a person when a decision was made: its key, its age, and what came of asking anew.

    `outcome` is `kept` for one that is recent enough, `report` for a new one, or why there is none (`credit.gateways.base.Asked`, or
    `missing` without an account), where an earlier one counts on. `is_open`: nothing may be approved before it ends; then neither key, age
    nor outcome say more (`WAITS`).
    """

    outcome: str
    key: str = ""
    age_days: int = 0
    is_open: bool = False

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> Self | None:
        """Return what a decision stored, or None for decisions from before."""
        return cls(**stored) if stored else None
