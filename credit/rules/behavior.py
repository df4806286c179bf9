"""What rules let the account of a late person do, as a decision knows it; pure.

It counts only while something is overdue, so that it ends with the payment, whenever rules are asked again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

OVERDUE = "overdue_with_us"
"""The reason that is given where a late person may not buy, or where only the part of the limit that is left to them refuses."""
WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Behavior:
    """Whether a late person may buy (`buys`), and with which part of the limit, in basis points (`factor_bps`; None for all of it).

    `rules` are the rules that say so, in the form of `controls.rule_kinds.kept_rule`.
    """

    buys: bool = False
    factor_bps: int | None = None
    rules: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> Self | None:
        """Return what an account or a decision stores of it; None without anything."""
        return cls(bool(stored.get("buys")), stored.get("factor_bps"), tuple(stored.get("rules", ()))) if stored else None

    def applied(self, limit_minor: int) -> int:
        """Return a limit with the part that is left of it, before it is rounded."""
        return limit_minor if self.factor_bps is None else limit_minor * self.factor_bps // WHOLE
