"""Pure rules of orders: do the lines add up, is the order held, how much of the fee comes back, how long is it valid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.money import Money

SESSION_HOURS = 48
MAX_CAPTURES = 200
MAX_REFUNDS = 200
MAX_AUTHORIZED_DAYS = 180
SAFE_HOURS = 24
WARN_HOURS = (24 * 7, 24)

ROUNDING = "Rounding"
_REFERRED = {"manual_review": "the bureau's file has to be reviewed by hand"}
"""Why a decision asks for a person, in the words of the back office."""


class ItemsDoNotAddUp(ValueError):
    """The lines and the total differ by more than rounding; `field` names what is off."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def reconcile_items(items: Sequence[Mapping[str, Any]], amount_minor: int) -> list[dict[str, Any]]:
    """Return the lines with a rounding line where they miss the total by at most one minor unit a line.

    Each line's amount may differ from quantity times unit amount by one minor unit. Raises ItemsDoNotAddUp beyond that.
    No lines at all are accepted.
    """
    lines = [dict(item) for item in items]
    for index, line in enumerate(lines):
        if abs(line["quantity"] * line["unit_amount"] - line["amount"]) > 1:
            expected = line["quantity"] * line["unit_amount"]
            raise ItemsDoNotAddUp(f"items[{index}].amount", f"quantity x unit_amount is {expected}, not {line['amount']}")
    gap = amount_minor - sum(line["amount"] for line in lines) if lines else 0
    if abs(gap) > len(lines):
        raise ItemsDoNotAddUp("items", f"the lines add up to {amount_minor - gap}, the amount is {amount_minor}")
    if gap:
        lines.append({"name": ROUNDING, "quantity": 1, "unit_amount": gap, "amount": gap})
    return lines


@dataclass(frozen=True, slots=True)
class BasketRules:
    """What in a basket makes a person look at it: kinds of goods that are sold on easily, and many of one thing."""

    held_categories: frozenset[str] = frozenset({"gift_card", "prepaid_card", "bullion"})
    max_quantity: int = 9


def hold_reason(
    *,
    outcome: str,
    reasons: Sequence[str],
    amount: Money,
    order_limit_minor: int,
    items: Sequence[Mapping[str, Any]],
    basket: BasketRules = BasketRules(),
) -> tuple[str, str] | None:
    """Return why an order is held (reason code, the rule in words), or None where every rule holds."""
    if "fraud_alert" in reasons:
        return "fraud_alert", "The bureau's file carries a fraud alert"
    if outcome == "refer":
        return "referred", f"The credit decision asks for a person: {_why_referred(reasons)}"
    if amount.minor > order_limit_minor:
        return "order_limit", f"{amount.text()} is above the person's order limit of {Money(order_limit_minor, amount.currency).text()}"
    for item in items:
        if item.get("category") in basket.held_categories:
            return "basket", f"Easily resold goods in the basket: {item['category']}"
        if item["quantity"] > basket.max_quantity:
            return "basket", f"{item['quantity']} of one item, more than {basket.max_quantity}"
    return None


def _why_referred(reasons: Sequence[str]) -> str:
    return ", ".join(_REFERRED.get(code, code.replace("_", " ")) for code in reasons) or "no reason given"


def fee_back(*, fee_minor: int, already_minor: int, captured_minor: int, refunded_minor: int) -> int:
    """Return what of the merchant's fee comes back when `refunded_minor` of `captured_minor` is refunded in all.

    In proportion, rounded half up on the total so far, so that a full refund returns exactly the whole fee.
    """
    return (2 * fee_minor * refunded_minor + captured_minor) // (2 * captured_minor) - already_minor


def renewed_expiry(*, authorized_at: datetime, at: datetime, days: int) -> datetime:
    """Return when an authorization that is renewed now runs out; never later than 180 days after it was given."""
    return min(at + timedelta(days=days), authorized_at + timedelta(days=MAX_AUTHORIZED_DAYS))


def ship_safe_until(expires_at: datetime) -> datetime:
    """Return until when a shop can send and still capture with time to spare."""
    return expires_at - timedelta(hours=SAFE_HOURS)
