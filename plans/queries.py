"""Reads of products, quotes and plans."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, cast

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.queries import ACCOUNTS, account_ids
from core.arrays import plain_array
from core.clock import local_date
from core.compiled import prepared
from core.db import rows
from core.errors import Conflict, NotFound
from core.money import Money
from core.sentences import Sentence, status_word
from core.states import words
from payments.models import Charge
from plans.fees import terms_in
from plans.models import ChargeOff, DebtSale, Deposit, Installment, Plan, PlanChange, Product, Receipt
from plans.rules.apr import Dated, Law, display_apr_bps, legal_apr
from plans.rules.endings import Ending, endings_of
from plans.rules.fees import NO_FEES, Caps, FeeTerms, most_of_order
from plans.rules.installments import InstallmentState
from plans.rules.interest import early_quote
from plans.rules.schedule import ScheduledInstallment, build_schedule, deposit_of
from plans.rules.scopes import Where, left_standing
from plans.rules.service import service_fee
from plans.rules.small import Coming, Taking, takings_of
from plans.rules.terms import EVERYBODY
from plans.states import PLAN_OPEN, PLAN_OWED, InstallmentStatus

AGREEMENT_YEARS = 7
"""Years for which an agreement and its payments are kept after the last payment: the longest period in our markets' bookkeeping laws, that
of Sweden (Bokföringslagen (1999:1078), 7:2)."""
_SINCE = f"%(at)s - interval '{AGREEMENT_YEARS} years'"
KEPT = f"""EXISTS (
    SELECT 1 FROM plans_plan p WHERE p.consumer_id = c.id AND (
        p.status IN ({words(PLAN_OPEN)}) OR p.created_at > {_SINCE}
        OR EXISTS (SELECT 1 FROM plans_chargeoff o WHERE o.plan_id = p.id AND coalesce(o.closed_at, o.proposed_at) > {_SINCE})
        OR EXISTS (
            SELECT 1 FROM plans_installment i WHERE i.plan_id = p.id AND (i.due_date > ({_SINCE})::date OR i.paid_at > {_SINCE}))))"""  # noqa: S608
"""SQL: whether a plan of a consumer `c` must be kept (`accounts.erasure`)."""

Scope = Literal["next", "all"] | Collection[int]
"""The installments of an early payment: the next open one, all open ones, or those with these numbers."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A plan as shown before consent: every date, every amount, the total and the legal APR.

    `deposit_minor` is the first installment if it is a deposit, which is not lent; else 0. `fees` are for who pays late alone, and no
    part of the total. `service_minor` is the service fee, which the first payment after a deposit asks.
    """

    product: Product
    currency: str
    principal_minor: int
    installments: tuple[ScheduledInstallment, ...]
    start: date
    deposit_minor: int = 0
    fees: FeeTerms = NO_FEES
    service_minor: int = 0

    @property
    def apr_bps(self) -> int:
        """The legal APR of what is lent, without the deposit; calculated when it is asked for. NoRateError."""
        lent = self.installments[1:] if self.deposit_minor else self.installments
        if not self.cost_minor or not lent:
            return 0
        law = cast("Law", self.product.market.law)
        return _shown_apr(law, self.start, self.financed_minor, tuple((row.due_date, row.amount_minor) for row in lent))

    @property
    def financed_minor(self) -> int:
        """The amount of the credit: the price without the deposit."""
        return self.principal_minor - self.deposit_minor

    @property
    def interest_minor(self) -> int:
        """All interest, in minor units."""
        return sum(row.interest_minor for row in self.installments)

    @property
    def cost_minor(self) -> int:
        """The cost of the credit: all interest and the service fee, in minor units."""
        return self.interest_minor + self.service_minor

    @property
    def total_minor(self) -> int:
        """The total of all payments, in minor units."""
        return self.principal_minor + self.cost_minor

    def most_fees(self, caps: Caps) -> int | None:
        """The most that its fees may come to in all, in minor units, or None if no cap on an order binds."""
        return most_of_order(caps, self.principal_minor, self.interest_minor)

    @property
    def first_now(self) -> bool:
        """Whether the first installment is charged when the shop ships."""
        return self.product.first == "now" or self.deposit_minor > 0

    def as_json(self) -> dict[str, Any]:
        """Return the schedule in the form stored with the plan."""
        shown = {"apr_bps": self.apr_bps, "total_minor": self.total_minor, "installments": [_row(row) for row in self.installments]}
        deposit = {"deposit_minor": self.deposit_minor} if self.deposit_minor else {}
        deposit |= {"service_minor": self.service_minor} if self.service_minor else {}
        fees = self.fees.as_json()
        return shown | deposit | ({"fees": fees} if fees else {})


@lru_cache(maxsize=1_000)
def _shown_apr(law: Law, start: date, lent_minor: int, payments: tuple[Dated, ...]) -> int:
    return display_apr_bps(law, legal_apr(law, start, lent_minor, payments))


def _row(row: ScheduledInstallment) -> dict[str, Any]:
    return {
        "number": row.number,
        "due_date": row.due_date.isoformat(),
        "principal_minor": row.principal_minor,
        "interest_minor": row.interest_minor,
        **({"fee_minor": row.fee_minor} if row.fee_minor else {}),
    }


@prepared
def list_products(market_code: str, at: datetime) -> QuerySet[Product]:
    """Return the products that were on offer in a market at a moment, in their order."""
    begun = Q(offered_since__isnull=True) | Q(offered_since__lte=at)
    offered = begun & (Q(active=True) | Q(offered_until__gt=at))
    return Product.objects.filter(offered, market_id=market_code).select_related("market").order_by("position", "id")


def list_versions(market_code: str, code: str) -> list[Product]:
    """Return all versions of a product, newest first."""
    return list(Product.objects.filter(market_id=market_code, code=code).select_related("market").order_by("-version"))


def lock_versions(market_code: str, code: str) -> list[Product]:
    """Return all versions of a product, newest first, locked until the transaction ends."""
    found = Product.objects.filter(market_id=market_code, code=code).order_by("-version")
    return list(found.select_for_update())


def make_quote(product: Product, amount: Money, start: date, *, least_deposit_minor: int = 0) -> Quote:
    """Return a product's quote for an amount that starts on a date, with the market's fees for who pays late; arithmetic alone.

    At least `least_deposit_minor` is paid as a deposit.
    """
    deposit = deposit_of(product.terms, amount.minor, least_deposit_minor)
    rows = build_schedule(product.terms, amount.minor, start, deposit_minor=deposit)
    service = 0
    if product.service_minor or product.service_bps:
        service = service_fee(product.service_minor, product.service_bps, product.service_most_minor, amount.minor - deposit)
        rows = tuple(replace(row, fee_minor=service) if place == (deposit > 0) else row for place, row in enumerate(rows))
    return Quote(product, amount.currency, amount.minor, rows, start, deposit, terms_in(product.market_id, start), service)


def list_quotes(
    *,
    market_code: str,
    amount: Money,
    start: date,
    at: datetime,
    where: Where,
    product_code: str = "",
    least_deposit_minor: int = 0,
    by_rule: Collection[str] = (),
) -> list[Quote]:
    """Return a market's quotes for an amount and a purchase, in the order of its products; empty for a foreign currency.

    Where products stand for others, `winning` says which are offered; else `product_code` leaves only that product's quote.

    Due dates are counted from `start`; product versions are those on offer at `at`. `by_rule` are the codes of products that a rule
    offers, of those that nobody is offered otherwise. With a deposit, what is left to lend must reach the product's smallest amount.
    """
    fitting = [
        product
        for product in list_products(market_code, at)
        if is_for(product, by_rule)
        and product.scope.fits(where)
        and product.market.currency == amount.currency
        and spans(product, amount.minor, least_deposit_minor)
    ]
    if product_code and not any(product.stands_for for product in fitting):
        fitting = [product for product in fitting if product.code == product_code]
    return [make_quote(product, amount, start, least_deposit_minor=least_deposit_minor) for product in fitting]


def winning(quotes: Sequence[Quote], product_code: str = "") -> list[Quote]:
    """Return the quotes of those products that no other stands for; only that of `product_code` if given."""
    left = left_standing([quote.product for quote in quotes])
    return [quote for quote in quotes if quote.product in left and product_code in {"", quote.product.code}]


def is_for(product: Product, by_rule: Collection[str]) -> bool:
    """Return whether a product is offered to everybody, or is one of those that a rule offers, by code."""
    return product.audience == EVERYBODY or product.code in by_rule


def spans(product: Product, amount_minor: int, least_deposit_minor: int) -> bool:
    """Return whether a price is within a product's amounts: the smallest is of what is lent beside a deposit."""
    return product.minimum_minor <= amount_minor - least_deposit_minor and amount_minor <= product.maximum_minor


def get_plan(plan_id: uuid.UUID) -> Plan:
    """Return a plan with its product; NotFound."""
    plan = Plan.objects.select_related("product__market", "payment_method").filter(id=plan_id).first()
    if plan is None:
        raise NotFound("There is no such plan.")
    return plan


def find_plan_of(reference: str) -> Plan | None:
    """Return the plan that pays an order (`reference` is the order's public id), or None."""
    return Plan.objects.filter(reference=reference).first()


def lock_plan(plan_id: uuid.UUID) -> Plan:
    """Return a plan with its product, locked until the transaction ends; NotFound."""
    found = lock_plans([plan_id])
    if not found:
        raise NotFound("There is no such plan.")
    return found[0]


def lock_plans(plan_ids: Collection[uuid.UUID]) -> list[Plan]:
    """Return plans, locked in the order of their keys to avoid deadlocks.

    Leaves out the encrypted agreements, so that money still moves after a person's data is erased.
    """
    found = Plan.objects.filter(id__in=plan_ids).select_related("product__market").defer("agreement", "agreement_before").order_by("id")
    return list(found.select_for_update(of=("self",)))


def lock_free_plans(plan_ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Lock those of some plans that nobody else holds, in the order of their keys, and return their keys; one query."""
    # Keys are not made anew of the texts that come back: that would take longer than the locks.
    known = {str(key): key for key in plan_ids}
    return [known[key] for (key,) in rows(_FREE, [plain_array(known)])]


_FREE = "SELECT id::text FROM plans_plan WHERE id = ANY(%s::uuid[]) ORDER BY plans_plan.id FOR NO KEY UPDATE SKIP LOCKED"


def list_installments(plan_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Installment]]:
    """Return the installments of plans, by number; one query for all plans."""
    found: dict[uuid.UUID, list[Installment]] = {plan_id: [] for plan_id in plan_ids}
    for row in Installment.objects.filter(plan_id__in=list(found)).order_by("plan_id", "number"):
        found[row.plan_id].append(row)
    return found


def installments_of(plan: Plan) -> list[Installment]:
    """Return one plan's installments, by number."""
    return list(Installment.objects.filter(plan=plan).order_by("number"))


def by_date(rows: Iterable[Installment]) -> list[Installment]:
    """Return a plan's installments of all shipments in display order: by date, then by number."""
    return sorted(rows, key=lambda row: (row.due_date, row.number))


def places_of(rows: Iterable[Installment]) -> dict[int, int]:
    """Map the number of each of a plan's installments to its place in the order of `by_date`: the first is 1."""
    return {row.number: place for place, row in enumerate(by_date(rows), 1)}


def list_takings(plan: Plan, rows: Iterable[Installment], *, least: int) -> list[Taking]:
    """Return the future charges that take a plan's open installments, by day; `least` is the smallest charge, in minor units.

    Installments in none of them will be waived. Leaves out installments with a charge under way. A failed installment counts on the day of
    its next attempt.
    """
    opened = [row for row in rows if row.status in Installment.OPEN and row.charge_id is None]
    return takings_of([Coming(row.number, _tried_on(plan, row), row.open_minor, row.carried_at is not None) for row in opened], least=least)


def _tried_on(plan: Plan, row: Installment) -> date:
    if row.attempts and row.next_attempt_at is not None:
        return max(row.due_date, local_date(row.next_attempt_at, plan.time_zone))
    return row.due_date


def is_long_late(plan: Plan, rows: Iterable[Installment], *, days: int, at: datetime) -> bool:
    """Return whether a plan has an installment that is overdue for at least `days` days in the plan's time zone."""
    last = local_date(at, plan.time_zone) - timedelta(days=days)
    return any(row.status == InstallmentStatus.OVERDUE and row.due_date <= last for row in rows)


def list_charge_offs(plan_id: uuid.UUID) -> list[ChargeOff]:
    """Return all charge-offs of a plan, the newest first."""
    return list(ChargeOff.objects.filter(plan_id=plan_id).order_by("-id"))


def find_change(plan: Plan, kind: str, reference: str) -> PlanChange | None:
    """Return the version of a plan's schedule made by a capture, refund or charge (`reference`), or None if it changed nothing."""
    return PlanChange.objects.filter(plan=plan, kind=kind, reference=reference).first()


def list_endings(plan_id: uuid.UUID, rows: Sequence[Installment]) -> dict[int, Ending]:
    """Return why installments ended without being paid as agreed, such as by a refund, by number; one query, or none if none did."""
    if not any(row.status in {InstallmentStatus.CANCELED, InstallmentStatus.PAID} for row in rows):
        return {}
    versions = PlanChange.objects.filter(
        plan_id=plan_id, kind__in=("withdrawal", "waived", "smaller", "re_aged", "reamortized", "restructured", "refund")
    ).order_by("id")
    return endings_of(versions, {row.number: row.part for row in rows})


def awaits_first_charge(plan: Plan) -> bool:
    """Return whether a plan's first installment is still to be charged on its own; that charge draws on the card's hold."""
    return Installment.objects.filter(plan=plan, number=1, status__in=Installment.OPEN, carried_at=None).exists()


def find_deposit(plan_id: uuid.UUID) -> Deposit | None:
    """Return a plan's deposit, with its hold and the hold's card; None if the plan has none."""
    return Deposit.objects.select_related("authorization__payment_method").filter(plan_id=plan_id).first()


def find_deposits(plan_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Deposit]:
    """Return the deposits of plans, with their holds and the holds' cards, by plan; one query, none without plans."""
    found = Deposit.objects.select_related("authorization__payment_method").filter(plan_id__in=plan_ids)
    return {one.plan_id: one for one in found} if plan_ids else {}


def secures_deposit(method_id: uuid.UUID) -> bool:
    """Return whether a card holds a deposit that is not paid, or a charge of one to it is under way."""
    wanted = Deposit.objects.filter(ended_at=None, paid_minor__lt=F("amount_minor"), plan__status__in=PLAN_OPEN)
    held = Q(authorization__payment_method=method_id) & (Q(charge_id__isnull=False) | Q(last_failure=""))
    return wanted.filter(held | Q(charge_id__in=Charge.objects.filter(payment_method=method_id).values("id"))).exists()


# An installment too small to be charged had to wait for the next payment, so it does not count as paid late.
_REPAYMENTS = f"""
    SELECT count(*) FILTER (WHERE i.status = '{InstallmentStatus.PAID}'),
        count(*) FILTER (WHERE i.status = '{InstallmentStatus.PAID}' AND i.carried_at IS NULL
            AND timezone(p.time_zone, i.paid_at)::date > i.due_date + 1),
        count(*) FILTER (WHERE i.status = '{InstallmentStatus.OVERDUE}')
    FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id
    WHERE p.consumer_id IN ({ACCOUNTS} AND (%(brand)s = '' OR brand_id = %(brand)s))"""  # noqa: S608  (states)


def repayment_counts(holder_id: uuid.UUID, *, brand: str | None = None) -> tuple[int, int, int]:
    """Return how many installments a person paid on time, paid late, and has overdue now, in all their accounts; one query.

    `holder_id` is the key of the person's first account; `brand` limits the count to accounts with one brand.
    """
    ((paid, late, overdue),) = rows(_REPAYMENTS, {"holder": holder_id, "brand": brand or ""})
    return paid - late, late, overdue


def list_overdue(holder_id: uuid.UUID, *, brand: str | None = None) -> list[Plan]:
    """Return the plans of a person with an installment overdue, also those given up or sold, in any account or in those with one brand.

    `holder_id` is the key of the person's first account. One query.
    """
    late = Installment.objects.filter(plan=OuterRef("pk"), status=InstallmentStatus.OVERDUE)
    return list(Plan.objects.filter(Exists(late), consumer__in=account_ids(holder_id, brand=brand)).order_by("id"))


def state_of(row: Installment) -> InstallmentState:
    """Return an installment as input of the rules."""
    return InstallmentState(
        number=row.number,
        due_date=row.due_date,
        principal_minor=row.principal_minor,
        interest_minor=row.interest_minor,
        paid_principal_minor=row.paid_principal_minor,
        paid_interest_minor=row.paid_interest_minor,
        refunded_minor=row.refunded_minor,
    )


def parts_of(rows: Iterable[Installment]) -> dict[int, list[Installment]]:
    """Return installments by their part (capture); interest accrues in each part separately."""
    parts: dict[int, list[Installment]] = {}
    for row in rows:
        parts.setdefault(row.part, []).append(row)
    return parts


@dataclass(frozen=True, slots=True)
class EarlyQuote:
    """An early payment as of a day: its installments, its amount, and the interest that it saves, in minor units.

    `interest` has the new interest of every installment that changes, by number.
    """

    numbers: tuple[int, ...]
    amount_minor: int
    rebate_minor: int
    interest: dict[int, int]


def quote_early(plan: Plan, rows: Sequence[Installment], *, scope: Scope, day: date, smallest: int = 1) -> EarlyQuote:
    """Return the price of paying installments early on a day: the `next` open one, `all` open ones, or those of the given numbers.

    Every scope includes installments that were too small to be charged and wait for the next payment. `next` takes as many installments
    as it needs to reach the `smallest` amount that can be charged, in minor units. If nothing is open, the quote has no numbers.
    """
    opened = by_date(row for row in rows if row.status in Installment.OPEN)
    chosen = _chosen(opened, scope)
    quote = _quote(plan, rows, chosen, day)
    while scope == "next" and quote.amount_minor < smallest and len(chosen) < len(opened):
        chosen = [*chosen, next(row for row in opened if row not in chosen)]
        quote = _quote(plan, rows, chosen, day)
    return quote


def _quote(plan: Plan, rows: Sequence[Installment], chosen: Sequence[Installment], day: date) -> EarlyQuote:
    amount, rebate, interest = 0, 0, {}
    for part, members in parts_of(rows).items():
        mine = {row.number for row in chosen if row.part == part}
        if not mine:
            continue
        if plan.repay_by is not None:
            # Its interest ended when the consumer withdrew.
            amount += sum(row.open_minor for row in members if row.number in mine)
            continue
        amount += sum(row.open_fees_minor for row in members if row.number in mine)
        states = [state_of(row) for row in members]
        if not any(state.open_minor for state in states if state.number in mine):
            # Only fees are open.
            continue
        quote = early_quote(states, at=day, terms=plan.terms, start=members[0].start_date, numbers=mine)
        amount += quote.amount_minor
        rebate += quote.rebate_minor
        interest.update({item.number: item.interest_minor for item in quote.installments})
    return EarlyQuote(tuple(row.number for row in chosen), amount, rebate, interest)


def _chosen(opened: Sequence[Installment], scope: Scope) -> list[Installment]:
    """Return the open installments in a scope, and the small ones that wait for any of them."""
    if scope == "all":
        return list(opened)
    carried = {row.number for row in opened if row.carried_at is not None}
    named = {row.number for row in opened[:1]} if scope == "next" else {row.number for row in opened if row.number in scope}
    return [row for row in opened if row.number in named | carried] if named else []


def find_receipt(bank_reference: str) -> Receipt | None:
    """Return the receipt with a bank's reference, with its plan; None if there is none, or if it was undone."""
    return Receipt.objects.filter(bank_reference=bank_reference, undone_at=None).select_related("plan").first()


def list_receipts(plan_id: uuid.UUID) -> list[Receipt]:
    """Return the money that people sent to our bank account for a plan, with its charges, oldest first."""
    return list(Receipt.objects.filter(plan_id=plan_id).select_related("charge", "proposal", "undone_by").order_by("id"))


def find_receipt_of(plan_id: uuid.UUID, key: object) -> Receipt | None:
    """Return the receipt with a key, with its charge; None if there is none or if it is of another plan."""
    try:
        return Receipt.objects.filter(plan_id=plan_id, id=uuid.UUID(str(key))).select_related("charge").first()
    except ValueError:
        return None


def lock_owed(plan_id: uuid.UUID, *, bank_reference: str) -> Plan:
    """Lock a plan to record money from the bank; Conflict if nothing is owed on it, or if the reference is recorded already."""
    plan = lock_plan(plan_id)
    if plan.status not in PLAN_OWED:
        raise Conflict(Sentence("This plan is %(status)s.", status=status_word(plan.status)), code="plans.not_owed")
    if same := find_receipt(bank_reference):
        told = {"reference": bank_reference, "plan": same.plan.public_id}
        raise Conflict(Sentence("The bank's %(reference)s is recorded already, for plan %(plan)s.", **told), code="plans.recorded_already")
    return plan


def lock_sale(key: uuid.UUID) -> DebtSale:
    """Lock a sale of debts and return it; NotFound."""
    found = DebtSale.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound("There is no such sale.")
    return found
