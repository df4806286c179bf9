"""What the assessment of fraud says of a purchase, as a decision of credit uses and stores it; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

ALLOW, STEP_UP, HOLD, BLOCK = SAYS = ("allow", "step_up", "hold", "block")
"""What it says: go on, ask the person for another code, let people look, or refuse."""
ANOTHER_CODE, SAFETY_LOOK, NOT_SAFE = "another_code", "safety_look", "not_safe"
"""The reason codes of a decision for the last three."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """The assessment of a purchase (its public id), what it says (of SAYS), and the version of the rules that say it.

    `rules` are the rules that decided it, in the form of `controls.rule_kinds.kept_rule`; empty if it is allowed.
    """

    assessment: str
    says: str
    version: int
    rules: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> Self | None:
        """Return what was stored; None for decisions from before, and where nothing was assessed."""
        return cls(**stored) if stored else None
