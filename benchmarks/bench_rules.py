"""Rules: 100 operators' rules on one case, compared with the same 100 conditions as Python code in the same run.

The case is that of an order; times are processor times. The figure is how many times longer the rules take than the native conditions,
which would need a release for every change; the detail gives the absolute time. Both are run alternately, and the median round counts.
"""

import statistics
import time
from collections.abc import Callable
from datetime import date

from benchmarks.harness import Figure, run
from controls.rules.cel import Language
from controls.rules.facts import Fact, FactType, facts_by_name
from controls.rules.reading import read_set
from controls.rules.sets import Outcome, Place, Terms

RULES, ROUNDS, CALLS = 100, 15, 200
FACTS = facts_by_name(
    [
        Fact("amount", FactType.AMOUNT, "", "", 1),
        Fact("pieces", FactType.WHOLE, "", "", 1),
        Fact("used", FactType.SHARE, "", "", 0.5),
        Fact("days", FactType.WHOLE, "", "", 1),
        Fact("categories", FactType.TEXTS, "", "", ["a"]),
        Fact("thin", FactType.YES, "", "", True),
    ]
)
KEPT = {"amount": 249_900, "pieces": 3, "used": 0.25, "days": 40, "categories": ["phones", "cables"], "thin": False}
PLACE = Place("kvart", "US", "mer_1", (), date(2026, 11, 28))


def measure() -> list[Figure]:
    """Run both alternately; return how many times longer the rules take."""
    terms = Terms(FACTS, {"hold": Outcome("Hold", grave=1)}, {"odd": "Unusual"})
    conditions = [_condition(number) for number in range(RULES)]
    then, scope = {"outcome": "hold", "reason": "odd"}, {"market": "US"}
    kept = [{"id": f"r{number}", "name": "Rule", "when": when, "then": then, "scope": scope} for number, when in enumerate(conditions)]
    rules = read_set({"rules": kept}, terms, Language(FACTS))
    native = [eval(f"lambda amount, pieces, used, days, categories, thin: {_python(when)}") for when in conditions]

    def ask() -> int:
        return len(rules.ask(KEPT, PLACE, exponent=2).findings)

    def natively() -> int:
        values = KEPT | {"amount": KEPT["amount"] / 100}  # type: ignore[operator]
        return sum(1 for condition in native if condition(**values))

    if ask() != natively():
        raise RuntimeError("the rules and the native conditions say different things")
    pairs = [(_seconds(ask), _seconds(natively)) for _round in range(ROUNDS)]
    ours, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    detail = f"{RULES} rules on one case in {ours * 1000:.2f} ms (aim: 1 ms), natively {theirs * 1000:.3f} ms"
    return [Figure("rules_against_native", ratio, 40.0, 20.0, "lower", detail)]


def _condition(number: int) -> str:
    large = f"amount > {300 + number}.0 && pieces >= {number % 7}"
    return f"{large} || ('phones' in categories && used > 0.{number % 10}) || thin && days < {number}"


def _python(when: str) -> str:
    return when.replace("&&", "and").replace("||", "or")


def _seconds(act: Callable[[], int]) -> float:
    start = time.thread_time()
    for _call in range(CALLS):
        act()
    return (time.thread_time() - start) / CALLS


if __name__ == "__main__":
    run(measure)
