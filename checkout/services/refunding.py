"""Refunds: the plan is reduced by the product's rule, and money that was paid goes back to the cards that paid it."""

import uuid
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from checkout import rules
from checkout.errors import AmountTooLarge, TwoPeople, WrongState
from checkout.events import OrderRefunded
from checkout.models import Capture, Order, Refund
from checkout.queries import captures_of, is_refunded_alone, lock_order
from checkout.services.depositing import let_go_of_hold
from checkout.services.items import record_for_shop
from checkout.services.shop_interest import InterestBack, give_interest_back, weigh_interest_back
from core.characters import visible
from core.db import unit
from core.errors import Invalid, NotFound
from core.ids import parse_id, public_id, uuid7
from core.outbox import append
from core.sentences import Sentence
from core.subject_keys import is_destroyed, subject_of
from ledger import postings
from merchants.models import Merchant
from payments.queries import lock_disputes_of
from plans import services as plans
from plans.models import Plan
from plans.queries import lock_plan
from plans.rules.refunds import RefundRule
from plans.states import INSTALLMENT_OPEN, InstallmentStatus


@dataclass(frozen=True, slots=True)
class RefundPreview:
    """The effect of a refund, made or planned: the schedule before and after, the amounts to cards, the amount still refundable."""

    refund: Refund
    refundable_minor: int
    before: list[dict[str, Any]]
    after: list[dict[str, Any]]

    def rows(self) -> list["PreviewRow"]:
        """Return each payment before and after the refund by date, for pages; `before` and `after` have the form of the API."""
        after = {row["number"]: row for row in self.after}
        found = [_preview_row(row, after[row["number"]]) for row in self.before]
        return sorted(found, key=lambda row: (row.due_date, row.number))


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A payment of a plan before and after a refund; amounts in minor units of the plan's currency."""

    number: int
    due_date: date
    before_minor: int
    after_minor: int
    paid_minor: int
    status: InstallmentStatus
    is_changed: bool


def _preview_row(before: dict[str, Any], after: dict[str, Any]) -> PreviewRow:
    return PreviewRow(
        number=before["number"],
        due_date=date.fromisoformat(before["due_date"]),
        before_minor=before["amount_minor"],
        after_minor=after["amount_minor"],
        paid_minor=before["paid_minor"],
        status=InstallmentStatus(after["status"]),
        is_changed=(before["amount_minor"], before["status"]) != (after["amount_minor"], after["status"]),
    )


def refund_order(
    *,
    order_id: uuid.UUID,
    merchant: Merchant,
    amount_minor: int,
    reason: str,
    actor: str,
    at: datetime,
    capture_id: str = "",
    rule: RefundRule | None = None,
    dry_run: bool = False,
) -> RefundPreview:
    """Refund part of the captured amount (minor units), of one capture if `capture_id` is given; a dry run books nothing.

    The plan is reduced by `rule`, or by its product's rule. AmountTooLarge above the refundable amount; WrongState if nothing was captured;
    TwoPeople if an operator (`actor` is their key) refunds more than one may alone.
    """
    with unit():
        order = lock_order(order_id, merchant)
        shares = _shares(order, amount_minor, capture_id)
        # Payments first, then the plan: the same sequence as code that records payments taken back by a bank.
        lock_disputes_of(public_id(Plan.PREFIX, order.plan_id))
        plan = lock_plan(order.plan_id)
        refund = Refund(
            id=uuid7(),
            merchant=order.merchant,
            order=order,
            consumer_id=order.consumer_id,
            capture=shares[0][0] if capture_id else None,
            amount_minor=amount_minor,
            reason=_kept(visible(reason), order),
            fee_minor=_fee_back(order, amount_minor),
            actor=actor,
            at=at,
        )
        outcome = plans.refund_plan(
            plan=plan,
            parts=[(capture.part, minor) for capture, minor in shares],
            reference=refund.public_id,
            rule=rule,
            actor=actor,
            at=at,
            dry_run=dry_run,
        )
        backs = weigh_interest_back(plan=plan, shares=shares, cuts=outcome.cuts, at=at)
        refund.shop_interest_minor = sum(one.back_minor for one in backs)
        refund.outcome = {"back": [asdict(item) for item in outcome.back], "canceled_minor": outcome.canceled_minor}
        if outcome.waived_minor:
            refund.outcome["waived_minor"] = outcome.waived_minor
        if outcome.kept_minor:
            refund.outcome["kept_minor"] = outcome.kept_minor
        if outcome.interest_minor:
            refund.outcome["interest_minor"] = outcome.interest_minor
        if not dry_run:
            if not is_refunded_alone(order, amount_minor, actor):
                raise TwoPeople("You may not refund so much of an order alone. Propose it, and another person decides.")
            _record(order, refund, shares, outcome, backs, at)
            if not order.deposit_minor and _closes_first(outcome):
                let_go_of_hold(order=order, at=at)
    left = order.refundable_minor - (amount_minor if dry_run else 0)
    return RefundPreview(refund, left, outcome.before, outcome.after)


def _closes_first(outcome: plans.RefundOutcome) -> bool:
    """Return whether a refund took all that was left to charge of a plan's first installment."""
    before, after = ({row["number"]: row["status"] for row in rows} for rows in (outcome.before, outcome.after))
    return before.get(1) in INSTALLMENT_OPEN and after.get(1) not in INSTALLMENT_OPEN


def _shares(order: Order, amount_minor: int, capture_id: str) -> list[tuple[Capture, int]]:
    """Return the captures that the refund takes from, newest first unless one is given."""
    if not order.captured_minor:
        raise WrongState("Nothing of this order was captured, so nothing can be refunded. Void it instead.", code="order.nothing_captured")
    if Refund.objects.filter(order=order).count() >= rules.MAX_REFUNDS:
        raise WrongState("This order was refunded 200 times, which is the most there can be.", code="order.too_many_refunds")
    captures = captures_of(order)[::-1]
    if capture_id:
        captures = _named(captures, capture_id)
    most = min(order.refundable_minor, sum(c.amount_minor - c.refunded_minor for c in captures))
    if amount_minor > most:
        detail = Sentence("%(most)s can still be refunded, not %(amount)s.", most=most, amount=amount_minor)
        raise AmountTooLarge(detail, code="order.refund_too_large", fields={"amount": Sentence("at most %(most)s", most=most)})
    shares, left = [], amount_minor
    for capture in captures:
        take = min(left, capture.amount_minor - capture.refunded_minor)
        if take:
            shares.append((capture, take))
            left -= take
    return shares


def _named(captures: list[Capture], capture_id: str) -> list[Capture]:
    try:
        key = parse_id("cap", capture_id)
    except NotFound:
        key = None
    found = [capture for capture in captures if capture.id == key]
    if not found:
        raise Invalid(
            "This order has no such capture.", code="order.unknown_capture", fields={"capture_id": Sentence("not a capture of this order")}
        )
    return found


def _fee_back(order: Order, amount_minor: int) -> int:
    if not order.merchant.refund_fees:
        return 0
    return rules.fee_back(
        fee_minor=order.fee_minor,
        already_minor=order.fee_refunded_minor,
        captured_minor=order.captured_minor,
        refunded_minor=order.refunded_minor + amount_minor,
    )


def _record(
    order: Order,
    refund: Refund,
    shares: list[tuple[Capture, int]],
    outcome: plans.RefundOutcome,
    backs: list[InterestBack],
    at: datetime,
) -> None:
    refund.save(force_insert=True)
    for capture, minor in shares:
        capture.refunded_minor += minor
        capture.save(update_fields=["refunded_minor"])
    order.refunded_minor += refund.amount_minor
    order.fee_refunded_minor += refund.fee_minor
    order.save(update_fields=["refunded_minor", "fee_refunded_minor"])
    merchant = order.merchant
    record_for_shop(order, kind="refund", source=refund.public_id, gross_minor=-refund.amount_minor, fee_minor=-refund.fee_minor, at=at)
    event = OrderRefunded(order=order.public_id, merchant=merchant.public_id, refund=refund.public_id, amount_minor=refund.amount_minor)
    append(event, at=at)
    posting = postings.RefundPosting(
        refund=refund.public_id,
        plan=outcome.plan,
        merchant=merchant.public_id,
        currency=order.currency,
        canceled_minor=outcome.canceled_minor,
        back_minor=outcome.back_minor,
        waived_minor=outcome.waived_minor,
        interest_minor=outcome.interest_minor,
        fee_minor=refund.fee_minor,
        at=at,
    )
    postings.refunds([posting])
    give_interest_back(order=order, refund=refund, backs=backs, at=at)


def _kept(reason: str, order: Order) -> str:
    """Return a reason to store; empty if the person is erased, since nothing new is written about erased people."""
    return "" if reason and is_destroyed(subject_of(order.consumer_id)) else reason
