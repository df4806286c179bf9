"""A segment of sales, from which a rule about it is begun: a market, a shop, or what a fact says of the purchase or the person."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.utils.http import urlencode

from controls.rule_kinds import RuleKind
from controls.rules.choices import Operator
from operations.ruling.places import is_known
from operations.ruling.typed import Typed

LONGEST = 60


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment; empty texts mean all. `fact` is the name of a fact that `value` is."""

    market: str = ""
    merchant: str = ""
    fact: str = ""
    value: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Segment":
        """Return the segment that an address or a form names; unknown places count as none."""
        given = {name: str(asked.get(name, ""))[:LONGEST] for name in ("market", "merchant", "fact", "value")}
        known = {name: given[name] if given[name] and is_known(name, given[name]) else "" for name in ("market", "merchant")}
        return cls(**(given | known))

    @property
    def query(self) -> str:
        """Its part of an address."""
        return urlencode({name: value for name, value in asdict(self).items() if value})

    def fits(self, kind: RuleKind) -> bool:
        """Return whether rules of a kind can be about it."""
        return not self.fact or self.fact in kind.terms.facts

    def begin(self, kind: RuleKind, typed: Typed) -> None:
        """Write the segment into an empty form of a rule: its places, and its fact as the first condition."""
        typed.head |= {name: value for name, value in (("market", self.market), ("merchant", self.merchant)) if value}
        if self.fact in kind.terms.facts:
            typed.tests[0] = {"fact": self.fact, "operator": Operator.IS.value, "value": self.value}
