"""What a register of payment remarks or debtors does to a decision; pure.

A market's dated settings say which registers are asked (`markets.catalog`, `register.first` and the like). Everything that counts is kept
in the decision's inputs, so that a replay needs neither the setting nor the register.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

REFUSE, REFER, REDUCE = "refuse", "refer", "reduce"
REMARK, REVIEWED, SILENT = "payment_remark", "remark_review", "register_silent"
"""The reasons of a refusal or a lower limit, of a review for a remark, and of a review since a register did not answer."""
ANSWERED = frozenset({"report", "kept", "old"})
WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Registered:
    """What one register told of a person for a decision, and what the market's setting makes of it.

    `outcome` is that of `credit.gateways.base.Asked`; also `missing` without an account that reaches the register, and `not_told` if the
    person was not told that it is asked. `remarks` is their number, `owed_minor` what they say is owed in all, in the decision's currency,
    and `newest_on` the day of the newest (ISO), empty if none is given. Remarks count if at least `least_minor` is owed.
    """

    code: str
    name: str
    address: str
    law: str
    outcome: str
    hit: str
    silent: str
    share_bps: int
    least_minor: int = 0
    remarks: int = 0
    owed_minor: int = 0
    newest_on: str = ""
    age_days: int = 0

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return what a decision stored."""
        return cls(**stored)

    @property
    def is_answered(self) -> bool:
        """Whether the register told something of the person."""
        return self.outcome in ANSWERED

    @property
    def is_hit(self) -> bool:
        """Whether it has remarks that count."""
        return self.is_answered and self.remarks > 0 and self.owed_minor >= self.least_minor

    @property
    def does(self) -> str:
        """What it does to the decision: `refuse`, `refer`, `reduce`, or nothing."""
        if self.is_hit:
            return self.hit
        return "" if self.is_answered or self.silent == "go_on" else self.silent


def refuses(registers: Iterable[Registered]) -> bool:
    """Return whether a remark refuses by itself."""
    return any(one.does == REFUSE for one in registers)


def share_of_limit(registers: Iterable[Registered]) -> int:
    """Return the share of a computed limit that the registers leave, in basis points: the smallest counts."""
    return min((one.share_bps for one in registers if one.does == REDUCE), default=WHOLE)


def looks_of(registers: Iterable[Registered]) -> tuple[str, ...]:
    """Return the reasons for which registers have a person look at a purchase, each once."""
    found = (REVIEWED if one.is_hit else SILENT for one in registers if one.does == REFER)
    return tuple(dict.fromkeys(found))


def lowered_for(registers: Iterable[Registered]) -> str:
    """Return the reason of a limit that registers lower: a remark, or else that one did not answer."""
    return REMARK if any(one.does == REDUCE and one.is_hit for one in registers) else SILENT


def facts_of_registers(registers: Iterable[Registered]) -> dict[str, Any]:
    """Return the facts for rules: unknown where no register told anything."""
    told = [one for one in registers if one.is_answered]
    return {
        "remarks": sum(one.remarks for one in told) if told else None,
        "remarks_owed": sum(one.owed_minor for one in told) if told else None,
    }
