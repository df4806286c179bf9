"""Pure rules of orders: whether lines add up, whether the order is held, the fee returned by a refund, and the expiry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from core.money import Money
from core.sentences import Sentence, marked

SESSION_HOURS = 48
MAX_CAPTURES = 200
MAX_REFUNDS = 200
MAX_AUTHORIZED_DAYS = 180
SAFE_HOURS = 24
_MONTH = timedelta(days=28)
"""The shortest month, so that a payment on each first of a month is one payment a month in every month."""
WARN_HOURS = (24 * 7, 24)

ROUNDING = "Rounding"
UNNAMED = "Item"


class ItemsDoNotAddUp(ValueError):
    """The lines and the total differ by more than rounding; `faults` has the errors by field (`items[0].amount`)."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {fault}" for field, fault in faults.items()))
        self.faults = dict(faults)


def reconcile_items(items: Sequence[Mapping[str, Any]], amount_minor: int) -> list[dict[str, Any]]:
    """Return the lines, plus a rounding line if they differ from the total by no more than rounding.

    Lines may be negative (discounts, vouchers, gift cards). The tolerance is half a minor unit for each unit sold, and at least one minor
    unit; a line's amount may differ by as much from quantity times unit amount. Earlier rounding lines of ours (`rounding`) are replaced.
    An empty list is accepted. ItemsDoNotAddUp names every difference.
    """
    lines = [{"name": UNNAMED, **item} for item in items if not item.get("rounding")]
    for line in lines:
        line.pop("rounding", None)
    faults = {f"items[{index}].amount": fault for index, line in enumerate(lines) if (fault := _line_fault(line))}
    total = sum(line["amount"] for line in lines)
    gap, allowed = amount_minor - total, _rounding(sum(line["quantity"] for line in lines if line["amount"] > 0))
    if lines and abs(gap) > allowed:
        faults["items"] = _sum_fault(total, gap, amount_minor, allowed)
    if faults:
        raise ItemsDoNotAddUp(faults)
    if lines and gap:
        lines.append({"name": ROUNDING, "quantity": 1, "unit_amount": gap, "amount": gap, "rounding": True})
    return lines


def _sum_fault(total: int, gap: int, amount_minor: int, allowed: int) -> str:
    facts = {"total": total, "gap": abs(gap), "amount": amount_minor, "allowed": allowed}
    if gap > 0:
        return Sentence(
            "the lines add up to %(total)s, %(gap)s less than the amount of %(amount)s; at most %(allowed)s is rounding", **facts
        )
    return Sentence("the lines add up to %(total)s, %(gap)s more than the amount of %(amount)s; at most %(allowed)s is rounding", **facts)


def _rounding(units: int) -> int:
    """Return the tolerance in minor units for a number of units of goods: half a minor unit each, and at least one."""
    return max(units // 2, 1)


def _line_fault(line: Mapping[str, Any]) -> str:
    expected = line["quantity"] * line["unit_amount"]
    off, allowed = line["amount"] - expected, _rounding(line["quantity"])
    if abs(off) <= allowed:
        return ""
    facts = {"expected": expected, "amount": line["amount"], "off": abs(off), "allowed": allowed}
    if off > 0:
        return Sentence("quantity x unit_amount is %(expected)s, %(amount)s is %(off)s more; at most %(allowed)s is rounding", **facts)
    return Sentence("quantity x unit_amount is %(expected)s, %(amount)s is %(off)s less; at most %(allowed)s is rounding", **facts)


@dataclass(frozen=True, slots=True)
class BasketRules:
    """When a basket needs a review by a person: kinds of goods that are easily resold, and many pieces of one item.

    They come from the shop's terms.
    """

    held_categories: frozenset[str]
    max_quantity: int


SOURCE_ASKS = "referred"
"""The only reason that the data source's own review can answer: a fraud alert on a person's file must be examined by the lender (15 U.S.C.
1681c-1(h)), and amounts and baskets are the platform's own rules."""


HELD_FOR = {
    "being_checked": marked("A check of the person has not ended yet"),
    "fraud_alert": marked("The bureau's file carries a fraud alert"),
    "referred": marked("The credit decision asks for a person: %(why)s"),
    "figures_differ": marked("What the person declares of income and costs is far from the bureau's figure"),
    "income_not_verified": marked("Income and costs have to be verified for this amount"),
    "figures_raised": marked("After a refusal the person declared figures that leave more"),
    "figures_elsewhere": marked("After another brand refused them, the person declared figures that leave more"),
    "remark_review": marked("A register of payment remarks has a remark about the person"),
    "register_silent": marked("A register of payment remarks did not answer in time"),
    "order_limit": marked("%(amount)s is above the person's order limit of %(limit)s"),
    "resold": marked("Easily resold goods in the basket: %(category)s"),
    "many": marked("%(quantity)s of one item, more than %(most)s"),
    "rule": marked("Rule “%(rule)s” (version %(version)s)"),
}
"""The built-in rules that hold an order, as the back office names them."""
BY_RULE = "rule"
"""The reason and the code of a cause that comes from an operators' rule."""
FIGURES = ("figures_differ", "income_not_verified", "figures_raised", "figures_elsewhere")
"""The reason codes about declared income and costs, which only people can clear; each is the code of a cause, whose reason is `figures`."""
REGISTERS = ("remark_review", "register_silent")
"""The reason codes about registers of payment remarks, for people alone too; the reason is `register`."""
CHECKS, BEING_CHECKED, SAFETY_LOOK = "checks", "being_checked", "safety_look"
"""The reason and the code of the cause that no operator who decides about orders can answer (`checkout.services.checks`)."""
REFERRED = {
    "manual_review": marked("the bureau's file has to be reviewed by hand"),
    "person_decides": marked("a rule about grades has a person look at it"),
    "not_asked": marked("the person was not told that a bureau is asked, so none was"),
    "source_silent": marked("no bureau answered in time"),
    "file_missing": marked("no bureau has a file of the person"),
    "file_thin": marked("no bureau knows enough of the person to give a score"),
    "file_deceased": marked("the bureau says that the person is dead"),
    "income_unknown": marked("no bureau knows an income of the person"),
}
"""Why a decision needs a review by a person, by reason code."""


class Cause(NamedTuple):
    """Why an order is held: the code of the reason, the rule's code in `HELD_FOR`, and its facts as JSON values.

    Amounts are `{"minor", "currency"}`.
    """

    reason: str
    code: str
    facts: dict[str, Any]

    @property
    def rule(self) -> str:
        """The rule in English, by which operators find held orders."""
        facts = {name: Money(**fact).text() if isinstance(fact, dict) else fact for name, fact in self.facts.items()}
        if self.code == "referred":
            facts["why"] = ", ".join(REFERRED.get(code, code.replace("_", " ")) for code in self.facts["reasons"]) or "no reason given"
        return HELD_FOR[self.code] % facts

    @property
    def key(self) -> str:
        """The key shared by all orders held for this cause: the code or, for an operators' rule, its kind and id."""
        return f"{self.facts['set']}:{self.facts['id']}" if self.code == BY_RULE else self.code


def review_reasons(
    *,
    outcome: str,
    reasons: Sequence[str],
    amount: Money,
    order_limit_minor: int,
    items: Sequence[Mapping[str, Any]],
    basket: BasketRules,
    is_checked: bool = False,
    by_fraud: Sequence[Mapping[str, Any]] = (),
) -> list[Cause]:
    """Return all causes that hold an order, most serious first; empty if none does.

    `is_checked`: a check of the person is open. `by_fraud` are the rules about fraud for which the decision has people look.
    """
    found = [Cause(CHECKS, BEING_CHECKED, {})] if is_checked or BEING_CHECKED in reasons else []
    if "fraud_alert" in reasons:
        found.append(Cause("fraud_alert", "fraud_alert", {}))
    found += [Cause(BY_RULE, BY_RULE, dict(rule)) for rule in by_fraud]
    found += [Cause("figures", code, {}) for code in reasons if code in FIGURES]
    found += [Cause("register", code, {}) for code in reasons if code in REGISTERS and outcome == "refer"]
    asked = [code for code in reasons if code not in {BEING_CHECKED, "fraud_alert", SAFETY_LOOK, *FIGURES, *REGISTERS}]
    if outcome == "refer" and (asked or not found):
        found.append(Cause(SOURCE_ASKS, "referred", {"reasons": asked}))
    if amount.minor > order_limit_minor:
        limit = {"minor": order_limit_minor, "currency": amount.currency}
        found.append(Cause("order_limit", "order_limit", {"amount": {"minor": amount.minor, "currency": amount.currency}, "limit": limit}))
    unusual = next(filter(None, (_unusual(item, basket) for item in items)), None)
    return [*found, unusual] if unusual else found


def _unusual(item: Mapping[str, Any], basket: BasketRules) -> Cause | None:
    """Return what is unusual about a line of goods; negative lines (such as a gift card used to pay) are ignored."""
    if item["amount"] < 0:
        return None
    if item.get("category") in basket.held_categories:
        return Cause("basket", "resold", {"category": item["category"]})
    if item["quantity"] > basket.max_quantity:
        return Cause("basket", "many", {"quantity": item["quantity"], "most": basket.max_quantity})
    return None


MOST_URGENT = 2
"""The highest urgency of a held order."""


def urgency(*, created_at: datetime, expires_at: datetime, at: datetime, percents: tuple[int, int] = (50, 80)) -> int:
    """Return the urgency of a held order: 0 at first, then 1 and 2 after these percentages of its time."""
    whole, passed = expires_at - created_at, at - created_at
    return sum(passed * 100 >= whole * percent for percent in percents)


def fee_back(*, fee_minor: int, already_minor: int, captured_minor: int, refunded_minor: int) -> int:
    """Return how much more of the merchant's fee is returned when `refunded_minor` of `captured_minor` is refunded in total.

    Proportional, and rounded half up on the total so far, so that a full refund returns exactly the whole fee.
    """
    return (2 * fee_minor * refunded_minor + captured_minor) // (2 * captured_minor) - already_minor


def most_in_a_month(payments: Sequence[tuple[date, int]]) -> int:
    """Return the most that falls due within any four weeks; `payments` are days with amounts in minor units, 0 for none."""
    return max((sum(minor for day, minor in payments if first <= day < first + _MONTH) for first, _minor in payments), default=0)


def renewed_expiry(*, authorized_at: datetime, at: datetime, days: int) -> datetime:
    """Return when an authorization that is renewed now expires; never later than 180 days after it was given."""
    return min(at + timedelta(days=days), authorized_at + timedelta(days=MAX_AUTHORIZED_DAYS))


def ship_safe_until(expires_at: datetime) -> datetime:
    """Return the latest time to ship an order and still capture with time to spare."""
    return expires_at - timedelta(hours=SAFE_HOURS)
