"""A small vocabulary for tests of rules."""

from datetime import date

from controls.rules.cel import Language
from controls.rules.facts import Fact, FactType, facts_by_name
from controls.rules.sets import Outcome, Place, Terms

FACTS = facts_by_name(
    [
        Fact("amount", FactType.AMOUNT, "the amount", "What is bought, in all.", 50_000),
        Fact("pieces", FactType.WHOLE, "the most pieces of one item", "", 1),
        Fact("used", FactType.SHARE, "the used part of the limit", "", 0.5),
        Fact("country", FactType.TEXT, "the country", "", "DK", choices={"DK": "Denmark", "SE": "Sweden"}),
        Fact("categories", FactType.TEXTS, "the kinds of goods", "", ["phones"]),
        Fact("returning", FactType.YES, "the person bought before", "", True),
        Fact("age", FactType.WHOLE, "the age", "", 30, forbidden={"US": "15 U.S.C. 1691(a)"}),
        Fact("placed", FactType.MOMENT, "the moment", "", "2026-11-27T22:30:00+00:00"),
    ]
)
TERMS = Terms(
    facts=FACTS,
    outcomes={
        "hold": Outcome("Hold", grave=2),
        "block": Outcome("Block", grave=3),
        "limit": Outcome("Limit", value=FactType.SHARE),
        "list": Outcome("List", value=FactType.TEXT, choices={"a": "A", "b": "B"}),
    },
    reasons={"resold": "Easily resold goods", "odd": "Unusual"},
)
LANGUAGE = Language(FACTS)
KEPT = {
    "amount": 5_725,
    "pieces": 3,
    "used": 0.25,
    "country": "DK",
    "categories": ["phones", "cables"],
    "returning": False,
    "age": 40,
    "placed": "2026-11-27T22:30:00+00:00",
}
PLACE = Place("kvart", "DK", "mer_1", ("loyal",), date(2026, 11, 27))


def rule(when="pieces > 2", **more):
    """Return a rule as JSON."""
    return {"id": "r1", "name": "Many pieces", "when": when, "then": {"outcome": "hold", "reason": "odd"}, "scope": {"market": "DK"}} | more
