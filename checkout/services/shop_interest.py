"""Interest that shops pay for their customers: taken with a capture, earned over its time, given back with refunds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from checkout.models import Capture, Order, Refund, ShopInterest
from checkout.services.items import record_for_shop
from checkout.subsidies.queries import INTEREST_DUE_ROWS, lock_shop_interest
from core.clock import local_date
from core.db import rows, unit
from core.ids import public_id
from ledger import shop_paid as ledger
from ledger.shop_paid import ShopPaidPosting
from plans.models import Plan, PlanChange
from plans.rules.schedule import build_schedule
from plans.rules.shop_interest import Step, earned_by, given_back, steps_of, without

CHUNK = 500


def shop_interest_of(plan: Plan, amount_minor: int, deposit_minor: int, at: datetime) -> list[Step]:
    """Return what the shop pays for the payments of a capture, by the day on which it is earned; empty unless the product says so.

    A deposit is paid at once, so nothing is paid for it; nor for what a person who withdrew pays in one, within days.
    """
    rate, start = plan.product.shop_rate_bps, local_date(at, plan.time_zone)
    if not rate or plan.repay_by is not None:
        return []
    payments = build_schedule(plan.terms, amount_minor, start, deposit_minor=deposit_minor)
    return steps_of([(row.due_date, row.principal_minor) for row in payments], start, rate)


def take_shop_interest(*, order: Order, capture: Capture, plan: Plan, steps: Sequence[Step], at: datetime) -> None:
    """Take from the shop the interest of a new capture, in the transaction of the capture; no query where there is none."""
    if not steps:
        return
    ShopInterest.objects.create(
        capture=capture,
        rate_bps=plan.product.shop_rate_bps,
        paid_minor=capture.shop_interest_minor,
        steps=[[day.isoformat(), minor] for day, minor in steps],
        next_on=steps[0][0],
    )
    record_for_shop(order, kind="interest", source=f"{capture.public_id}:interest", gross_minor=-capture.shop_interest_minor, at=at)
    ledger.shop_interest_paid([_posting(order, capture.public_id, capture.shop_interest_minor, at)])


@dataclass(frozen=True, slots=True)
class InterestBack:
    """What goes back to a shop of a capture's interest: `taken` steps are over by then, and earn `earned_minor` that was not told yet.

    `to_come` are the steps that are left then.
    """

    row: ShopInterest
    taken: int
    earned_minor: int
    back_minor: int
    to_come: list[Step]


def weigh_interest_back(
    *, plan: Plan, shares: Iterable[tuple[Capture, int]], cuts: Sequence[tuple[int, int, int]], at: datetime
) -> list[InterestBack]:
    """Return what goes back to the shop when so much of its captures is refunded; writes nothing, and locks what it read.

    It is what the time to come of the payments that shrink would have cost (`cuts`: part, number and minor units), and never more than is
    not earned. The time until now is earned first, whether the timer has told it or not. No query unless the product says that the shop
    pays.
    """
    if not plan.product.shop_rate_bps:
        return []
    asked = {capture.pk: (capture, minor) for capture, minor in shares}
    day, found = local_date(at, plan.time_zone), []
    for row in lock_shop_interest(asked):
        capture, minor = asked[row.pk]
        taken, earned = earned_by(row.plan_of_steps(), row.left_minor, row.taken, day)
        mine = {number: cut for part, number, cut in _summed(cuts) if part == capture.part}
        found.append(_weigh(plan, capture, row, minor, mine, taken, earned))
    return found


def _summed(cuts: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    sums: dict[tuple[int, int], int] = {}
    for part, number, minor in cuts:
        sums[part, number] = sums.get((part, number), 0) + minor
    return [(part, number, minor) for (part, number), minor in sums.items()]


def _weigh(
    plan: Plan, capture: Capture, row: ShopInterest, minor: int, cuts: Mapping[int, int], taken: int, earned_minor: int
) -> InterestBack:
    """Return what goes back of one capture: all that is left with all of it, else what the dates that it was sold with would have cost."""
    left, held, steps = row.left_minor - earned_minor, capture.amount_minor - capture.refunded_minor, row.plan_of_steps()
    if minor == held or not left:
        return InterestBack(row, taken, earned_minor, left, [])
    told = PlanChange.objects.filter(plan=plan, reference=capture.public_id).order_by("id").values_list("after", flat=True)[0]
    dates = {one["number"]: date.fromisoformat(one["due_date"]) for one in told}
    payments = [(dates.get(number, steps[-1][0]), cut) for number, cut in cuts.items()]
    start, after = local_date(capture.at, plan.time_zone), steps[taken - 1][0] if taken else None
    gone = steps_of([*payments, *((day, 0) for day, _minor in steps[taken:])], start, row.rate_bps, after)
    back = min(left, sum(cost for _day, cost in gone))
    # Of what the lender let go before, no payment says what it would have cost.
    rest = minor - sum(cuts.values())
    back += given_back(left - back, rest, held - minor + rest) if rest else 0
    to_come = steps[taken:] if back < left else []
    return InterestBack(row, taken, earned_minor, back, without(to_come, gone) or to_come[-1:])


def give_interest_back(*, order: Order, refund: Refund, backs: Iterable[InterestBack], at: datetime) -> None:
    """Give back to the shop what `weigh_interest_back` said, in the transaction of the refund."""
    for one in backs:
        _earn(order, one.row, one.taken, one.earned_minor, at)
        one.row.returned_minor += one.back_minor
        one.row.steps = [*one.row.steps[: one.taken], *([day.isoformat(), minor] for day, minor in one.to_come)]
        _save(one.row)
    if refund.shop_interest_minor:
        record_for_shop(order, kind="interest", source=f"{refund.public_id}:interest", gross_minor=refund.shop_interest_minor, at=at)
        ledger.shop_interest_back([_posting(order, refund.public_id, refund.shop_interest_minor, at)])


def earn_shop_interest(*, at: datetime) -> int:
    """Earn the interest of shops whose time has passed; return of how many captures. Run by a timer.

    Safe to repeat and to run beside itself: a row is locked, and its days count once however late they are told.
    """
    done = 0
    while earned := _earn_chunk(at):
        done += earned
    return done


def _earn_chunk(at: datetime) -> int:
    claim = f"{INTEREST_DUE_ROWS.format('s.capture_id')} ORDER BY 1 LIMIT {CHUNK} FOR UPDATE OF s SKIP LOCKED"
    with unit():
        keys = [key for (key,) in rows(claim, {"at": at})]
        due = ShopInterest.objects.select_related("capture__order__plan", "capture__order__merchant").filter(pk__in=keys)
        for row in due.order_by("capture_id"):
            order = row.capture.order
            taken, earned = earned_by(row.plan_of_steps(), row.left_minor, row.taken, local_date(at, order.plan.time_zone))
            _earn(order, row, taken, earned, at)
            _save(row)
    return len(keys)


def _earn(order: Order, row: ShopInterest, taken: int, earned_minor: int, at: datetime) -> None:
    row.taken = taken
    row.earned_minor += earned_minor
    if earned_minor:
        source = f"{public_id(Capture.PREFIX, row.pk)}:{taken}"
        ledger.shop_interest_earned([_posting(order, source, earned_minor, at)])


def _save(row: ShopInterest) -> None:
    row.next_on = date.fromisoformat(row.steps[row.taken][0]) if row.left_minor else None
    row.save(update_fields=["earned_minor", "returned_minor", "steps", "taken", "next_on"])


def _posting(order: Order, source: str, minor: int, at: datetime) -> ShopPaidPosting:
    plan = public_id(Plan.PREFIX, order.plan_id)
    return ShopPaidPosting(source, plan, order.merchant.public_id, order.currency, minor, at)
