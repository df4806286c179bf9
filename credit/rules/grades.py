"""Grades: the share of a month's income that an application may carry, by points or by the probability that a model gives; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PPM = 1_000_000
GRADES_1: tuple[tuple[int, str, int], ...] = ((720, "A", 50), (600, "B", 40), (430, "C", 25))
"""Rows of (lowest points, grade, limit in percent of one month's disposable income)."""
RISK_GRADES: tuple[tuple[int, str, int], ...] = ((20_000, "A", 50), (50_000, "B", 40), (100_000, "C", 25))
"""Rows of (highest probability of a bad end in millionths, grade, limit in percent of one month's disposable income)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one model said of an application.

    `model` is the public id of its version, `version` its name and number, `kind` which of the version's two models; `ppm` the probability
    of a bad end in millionths. `reasons` are the facts that raise it most, each with its part of the log odds.
    """

    model: str
    version: str
    kind: str
    ppm: int
    reasons: Sequence[Sequence[Any]] = ()


@dataclass(frozen=True, slots=True)
class Risk:
    """What the models that have a role said, by role; the probability of the role `decides` counts, or the points if it is empty.

    `factors` are the reason codes of the deciding model, ranked, at most four. `unread` are facts at which that model does not look.
    `amount_minor` is the amount that the models were told, and `still_used_minor` what that purchase still uses of the limit, which they
    are not told again. `known_only`: no factor is a fact that nobody knew; false in what was stored before that. `failed` are the roles
    whose model could not be asked, with why (`credit.scoring`).
    """

    decides: str = ""
    said: Mapping[str, Said] | None = None
    factors: Sequence[str] = ()
    unread: Sequence[str] = ()
    amount_minor: int = 0
    failed: Mapping[str, str] | None = None
    still_used_minor: int = 0
    known_only: bool = False

    @property
    def deciding(self) -> Said | None:
        """What the model said that decides; None if the points do."""
        return (self.said or {}).get(self.decides)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> "Risk | None":
        """Return what `Inputs.as_json` stored; None for nothing."""
        if stored is None:
            return None
        said = {role: Said(**one) for role, one in (stored["said"] or {}).items()}
        return cls(**{**stored, "said": said, "factors": tuple(stored["factors"])})


@dataclass(frozen=True, slots=True)
class Grade:
    """The grade of an application by a version of the rules about grades, or by the built-in table (version 0).

    `share_bps` is the share of a month's disposable income that the limit may be; 0 refuses. `refers`: a person has to look at it.
    `reason` is the reason code of a rule that refuses, empty for what counts most against the person. `rules` are in the form of
    `controls.rule_kinds.kept_rule`, `place` is where the rules were asked: `brand`, `market`, `groups` and `on`.
    """

    name: str
    share_bps: int
    refers: bool = False
    reason: str = ""
    version: int = 0
    rules: Sequence[Mapping[str, Any]] = ()
    place: Mapping[str, Any] | None = None


def built_in(points: int, ppm: int | None) -> Grade:
    """Return the grade by the built-in tables: by the probability if there is one, or by the points."""
    if ppm is None:
        found = next(((name, share) for lowest, name, share in GRADES_1 if points >= lowest), ("", 0))
    else:
        found = next(((name, share) for highest, name, share in RISK_GRADES if ppm <= highest), ("", 0))
    return Grade(found[0], found[1] * 100)
