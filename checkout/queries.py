"""Reads of checkouts and orders. Objects of other merchants and other people count as not found."""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.models import Block, Consumer, ScreeningMatch, User
from accounts.queries import account_ids
from accounts.states import MATCH_STOPS
from checkout.models import Capture, Checkout, Order, OrderChange, OrderReview, Refund
from checkout.rules import WARN_HOURS, BasketRules
from checkout.settable import HELD_URGENT, HELD_VERY_URGENT, REFUND_ALONE, SAME_HOURS
from checkout.states import ORDER_OPEN, REVIEW_OPEN, CheckoutStatus, OrderStatus
from core.acting import is_operator
from core.adjusting import value_of
from core.compiled import compiled, prepared
from core.crypto import lookup_hashes
from core.db import rows
from core.errors import NotFound
from core.ids import parse_id, public_id
from core.money import exponent
from core.states import words
from core.unreadable import listing
from credit.models import Approval, Decision
from merchants.models import Merchant
from payments.models import PaymentMethod
from plans.states import INSTALLMENT_OPEN, InstallmentStatus, PlanStatus

_NO_CHECKOUT = "There is no such checkout."
_NO_ORDER = "There is no such order."
KEPT = f"EXISTS (SELECT 1 FROM checkout_checkout k WHERE k.consumer_id = c.id AND k.status = '{CheckoutStatus.OPEN}')"  # noqa: S608
"""SQL: whether a consumer `c` has an open checkout (`accounts.erasure`)."""
CHECKOUTS_OVER = f"EXISTS (SELECT 1 FROM checkout_checkout WHERE status = '{CheckoutStatus.OPEN}' AND expires_at <= %(at)s)"  # noqa: S608
_OPEN_ORDERS = f"SELECT 1 FROM checkout_order WHERE status IN ({words(ORDER_OPEN)})"  # noqa: S608
ORDERS_OVER = f"EXISTS ({_OPEN_ORDERS} AND expires_at <= %(at)s)"
ORDERS_ENDING = f"""EXISTS ({_OPEN_ORDERS} AND expires_at > %(at)s AND (
    warned_at IS NULL AND expires_at <= %(at)s + interval '{WARN_HOURS[0]} hours'
    OR warned_at < expires_at - interval '{WARN_HOURS[1]} hours' AND expires_at <= %(at)s + interval '{WARN_HOURS[1]} hours'))"""
"""SQL: whether a checkout or an order has expired, or is about to."""


def urgent_percents() -> tuple[int, int]:
    """Return the percentages of a held order's time after which it is urgent and very urgent."""
    return value_of(HELD_URGENT), value_of(HELD_VERY_URGENT)


def reviews_urgent() -> str:
    """Return the SQL condition that a held order is more urgent than its stored urgency."""
    parts = " OR ".join(
        f"r.urgency < {number} AND (%(at)s - r.created_at) * 100 >= (o.expires_at - r.created_at) * {percent}"
        for number, percent in enumerate(urgent_percents(), start=1)
    )
    return f"""EXISTS (
        SELECT 1 FROM checkout_orderreview r JOIN checkout_order o ON o.id = r.order_id
        WHERE r.status IN ({words(REVIEW_OPEN)}) AND o.expires_at > %(at)s AND ({parts}))"""  # noqa: S608


LIVE = Q(status__in=Order.OPEN) | Q(status=OrderStatus.CAPTURED, refunded_minor__lt=F("captured_minor"))
"""A live order: one that did not end without a capture and is not fully refunded."""
_USED_BY_CONSENT = (
    *(
        "merchant",
        "consumer",
        "decision",
        "withheld",
        "ruled",
        "deposit_minor",
        "amount_minor",
        "currency",
        "merchant_reference",
        "items",
        "items_before",
        "capture",
        "status",
        "created_at",
        "expires_at",
    ),
    *(
        "merchant__name",
        "merchant__brand",
        "merchant__market",
        "merchant__currency",
        "merchant__authorization_days",
        "merchant__fee_bps",
        "merchant__fee_fixed_minor",
        "merchant__category",
        "merchant__created_at",
    ),
    *("merchant__held_categories", "merchant__max_quantity", "merchant__suspended_at"),
    *("decision__outcome", "decision__reasons", "decision__order_limit_minor", "decision__limit_minor", "decision__score"),
    "decision__inputs",
)


def begins_with(field: str, starts: Iterable[str]) -> Q:
    """Return the condition that a field begins with one of several texts; each uses the field's index."""
    return reduce(or_, (Q(**{f"{field}__startswith": start}) for start in starts), Q(pk__in=[]))


def referred_to(term: str, field: str) -> Q:
    """Return the condition that a shop's reference begins with the term; used by every list.

    A leading # is optional in the term and in the stored reference. The index of references is case-sensitive, so the condition tries the
    term as typed, in lower case, in upper case, and capitalized.
    """
    bare = term.removeprefix("#")
    cases = {bare, bare.lower(), bare.upper(), bare.capitalize()} if bare else set()
    return begins_with(field, sorted(cases | {f"#{case}" for case in cases}))


@prepared
def _checkouts(checkout_id: uuid.UUID) -> QuerySet[Checkout]:
    return Checkout.objects.select_related("merchant__market", "consumer__market", "decision").filter(id=checkout_id)


def get_checkout(checkout_id: uuid.UUID) -> Checkout:
    """Return a checkout with its merchant, consumer and decision; NotFound."""
    found = _checkouts.first(checkout_id)
    if found is None:
        raise NotFound(_NO_CHECKOUT)
    return found


def find_open_checkout(public_id: str, consumer: Consumer, at: datetime) -> Checkout | None:
    """Return a consumer's own open checkout with its merchant and decision, or None; one query for a well-formed id."""
    try:
        key = parse_id(Checkout.PREFIX, public_id)
    except NotFound:
        return None
    found = Checkout.objects.select_related("merchant", "decision").filter(id=key, consumer=consumer, status=CheckoutStatus.OPEN)
    return found.filter(expires_at__gt=at).first()


def find_checkout_approved(approval: Approval, at: datetime) -> Checkout | None:
    """Return the account's open checkout with which a purchase that people approved goes on, with its merchant; None without one.

    That of the refusal; a decision that was made again, because somebody asked about their limit, names none, and the newest one counts
    that is of up to the amount.
    """
    named = find_open_checkout(approval.decision.reference, approval.consumer, at)
    if named is not None or approval.decision.reference.startswith(f"{Checkout.PREFIX}_"):
        return named
    found = Checkout.objects.filter(consumer=approval.consumer, status=CheckoutStatus.OPEN, expires_at__gt=at, currency=approval.currency)
    return found.filter(amount_minor__lte=approval.amount_minor).select_related("merchant").order_by("-id").first()


def shop_approved(approval: Approval, found: Checkout | None) -> Merchant | None:
    """Return the shop of a purchase that people approved, with what `find_checkout_approved` found; None without one.

    Its checkout may have ended.
    """
    return found.merchant if found else find_shop_of(approval.decision.reference)


def list_refused_open(consumer: Consumer, currency: str, most_minor: int, at: datetime) -> list[Checkout]:
    """Return the open checkouts that were refused, of up to an amount, of all accounts of a person with the consumer's brand.

    The newest first, each with its consumer and its merchant.
    """
    mine = account_ids(consumer.holder_id, brand=consumer.brand_id)
    found = Checkout.objects.filter(consumer__in=mine, status=CheckoutStatus.OPEN, expires_at__gt=at, currency=currency)
    refused = found.filter(decision__outcome="decline", amount_minor__lte=most_minor).order_by("-id")
    return list(refused.select_related("consumer", "merchant"))


def is_own(decision: Decision, user: User) -> bool:
    """Return whether a credit decision is about an operator's own purchase, by their confirmed e-mail address."""
    return decision.consumer.email_hash in lookup_hashes(user.email)


def find_shop_of(reference: str) -> Merchant | None:
    """Return the shop whose checkout a credit decision was about; None without a checkout."""
    try:
        key = parse_id(Checkout.PREFIX, reference)
    except NotFound:
        return None
    return Merchant.objects.filter(id__in=Checkout.objects.filter(id=key).values("merchant")).first()


def access_checkout(checkout_id: uuid.UUID, merchant: Merchant) -> Checkout:
    """Return a merchant's own checkout with its order, if any; NotFound."""
    found = Checkout.objects.select_related("order", "merchant", "consumer", "decision").filter(id=checkout_id, merchant=merchant).first()
    if found is None:
        raise NotFound(_NO_CHECKOUT)
    found.merchant = merchant
    return found


def lock_checkout(checkout_id: uuid.UUID, merchant: Merchant | None = None) -> Checkout:
    """Return a checkout locked until the transaction ends, of any or of one merchant; NotFound."""
    found = lock_checkout_by_key.first(checkout_id)
    if found is not None and _is_torn(found):
        found = lock_checkout_by_key.first(checkout_id)
    if found is None or merchant not in {None, found.merchant}:
        raise NotFound(_NO_CHECKOUT)
    return found


def _is_torn(checkout: Checkout) -> bool:
    """Return whether a checkout changed while its lock was waited for: what it is joined with was read before that."""
    return (checkout.decision is None) != (checkout.decision_id is None) or (checkout.consumer is None) != (checkout.consumer_id is None)


@prepared
def lock_checkout_by_key(checkout_id: uuid.UUID) -> QuerySet[Checkout]:
    """Find a checkout with what it is decided by, locked until the transaction ends."""
    joined = Checkout.objects.select_related("merchant__market", "consumer__market", "decision")
    return joined.filter(id=checkout_id).select_for_update(of=("self",))


def lock_seen(seen: Checkout) -> Checkout:
    """Return a checkout that was read just before, locked until the transaction ends; NotFound.

    It is read again with its merchant. Its person and the market stay as they were read, unless another person has taken it over.
    """
    found = lock_alone.first(seen.pk)
    if found is None:
        raise NotFound(_NO_CHECKOUT)
    if found.consumer_id == seen.consumer_id:
        found.consumer = seen.consumer
    found.merchant.market = seen.merchant.market
    return found


@prepared
def lock_alone(checkout_id: uuid.UUID) -> QuerySet[Checkout]:
    """Find a checkout with its merchant, locked until the transaction ends."""
    return Checkout.objects.select_related("merchant").filter(id=checkout_id).select_for_update(of=("self",))


class _PersonLocked(Func):
    """Takes the lock of `accounts.queries.lock_person` inside a statement, which saves a round trip; always true."""

    template = "(coalesce(pg_advisory_xact_lock(hashtextextended('person:' || (%(expressions)s)::text, 0))::text, '') = '')"
    output_field = BooleanField()


_HOLDER = Subquery(Consumer.objects.filter(id=OuterRef("consumer_id")).values(holder=Coalesce("person_id", "id")))

_BLOCKED = Exists(
    Block.objects.filter(lifted_at=None)
    .annotate(holder=Coalesce("consumer__person_id", "consumer_id"))
    .filter(holder=Subquery(Consumer.objects.filter(id=OuterRef(OuterRef("consumer_id"))).values(holder=Coalesce("person_id", "id"))))
)
"""Whether operators blocked the person of a checkout; such rows are few, and have their own index."""


_IS_CHECKED = Exists(
    ScreeningMatch.objects.filter(status__in=[one.value for one in MATCH_STOPS])
    .annotate(holder=Coalesce("consumer__person_id", "consumer_id"))
    .filter(holder=Subquery(Consumer.objects.filter(id=OuterRef(OuterRef("consumer_id"))).values(holder=Coalesce("person_id", "id"))))
)
"""Whether a check of the person of a checkout is open, or ended against them; such rows are few, and have their own index."""


@compiled
def lock_consented(checkout_id: uuid.UUID, method_id: uuid.UUID) -> QuerySet[Checkout]:
    """Find a checkout with its merchant and decision, locked until the transaction ends; only the columns that consent uses are read.

    The checkout's person is locked first.

    Its `is_checked` says whether a check of the person is open. None if the chosen card can no longer be charged, or the person is blocked.
    """
    joined = Checkout.objects.select_related("merchant", "decision").only(*_USED_BY_CONSENT)
    usable = Q(_PersonLocked(_HOLDER)) & Exists(PaymentMethod.objects.filter(id=method_id, removed_at=None, blocked_at=None))
    return joined.annotate(is_checked=_IS_CHECKED).filter(usable, ~_BLOCKED, id=checkout_id).select_for_update(of=("self",))


def basket_rules(merchant: Merchant) -> BasketRules:
    """Return the basket rules in a shop's terms, which hold orders."""
    return BasketRules(frozenset(merchant.held_categories), merchant.max_quantity)


def losses_of(order_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return for each order the principal of its plan that is overdue, or was open at its charge-off, in minor units; one query."""
    late = Q(plan__installments__status=InstallmentStatus.OVERDUE)
    given_up = Q(plan__status=PlanStatus.CHARGED_OFF, plan__installments__status__in=INSTALLMENT_OPEN)
    owed = Sum(F("plan__installments__principal_minor") - F("plan__installments__paid_principal_minor"))
    return dict(Order.objects.filter(late | given_up, id__in=order_ids).annotate(owed=owed).values_list("id", "owed"))


def orders_by_approval(decision_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Return the orders that people's approvals of refused decisions let pass, each with the key of that decision; two queries.

    An order belongs to the approval by whose amount its own decision passed, in any account of the person.
    """
    found = Approval.objects.filter(decision__in=decision_ids).annotate(holder=Coalesce("consumer__person", "consumer"))
    granted: dict[tuple[uuid.UUID, str, int], list[Approval]] = {}
    for one in found:
        granted.setdefault((one.holder, one.currency, one.granted_minor), []).append(one)
    holders = {holder for holder, _currency, _minor in granted}
    orders = Order.objects.filter(Q(consumer__in=holders) | Q(consumer__person__in=holders)).annotate(
        holder=Coalesce("consumer__person", "consumer"), granted=F("decision__inputs__granted_minor"), on=F("decision__at")
    )
    return {
        key: one.decision_id
        for key, holder, currency, minor, on in orders.values_list("id", "holder", "currency", "granted", "on")
        for one in granted.get((holder, currency, minor), ())
        if one.at <= on < one.until
    }


_LIVE = f"""
    SELECT wanted.reference, found.prefix, found.id
    FROM unnest(%(references)s::text[]) AS wanted(reference) CROSS JOIN LATERAL (
        (SELECT 'ord' AS prefix, id FROM checkout_order
         WHERE merchant_id = %(merchant)s AND merchant_reference = wanted.reference
            AND (status IN ({words(ORDER_OPEN)})
                OR status = '{OrderStatus.CAPTURED}' AND refunded_minor < captured_minor)
         ORDER BY id DESC LIMIT %(most)s)
        UNION ALL
        (SELECT 'chk', id FROM checkout_checkout
         WHERE merchant_id = %(merchant)s AND merchant_reference = wanted.reference AND status = '{CheckoutStatus.OPEN}'
         ORDER BY id DESC LIMIT %(most)s)) AS found"""  # noqa: S608
MOST_SHOWN = 10


def live_by_reference(merchant_id: uuid.UUID, references: Iterable[str]) -> dict[str, list[str]]:
    """Return the ids of a merchant's live sales by its references: orders not ended or fully refunded, then open checkouts.

    The newest ten of each kind; one statement for any number of references.
    """
    wanted = sorted({reference for reference in references if reference})
    found: dict[str, list[str]] = {}
    if wanted:
        for reference, prefix, key in rows(_LIVE, {"merchant": merchant_id, "references": wanted, "most": MOST_SHOWN}):
            found.setdefault(reference, []).append(public_id(prefix, key))
    return found


def same_reference(merchant_id: uuid.UUID, reference: str, *own: str) -> list[str]:
    """Return the ids of the other live sales under a merchant's reference; `own` are the ids to leave out."""
    return [other for other in live_by_reference(merchant_id, [reference]).get(reference, []) if other not in own]


def find_bought(*, consumer_id: uuid.UUID, merchant_id: uuid.UUID, reference: str, besides: uuid.UUID) -> Order | None:
    """Return a person's newest live order under a shop's reference, other than that of the checkout `besides`, or None."""
    mine = Order.objects.filter(LIVE, consumer=consumer_id, merchant=merchant_id, merchant_reference=reference)
    return mine.exclude(checkout=besides).order_by("-id").first() if reference else None


def find_order_of(checkout: Checkout) -> Order | None:
    """Return the order of a checkout, if any."""
    return Order.objects.select_related("plan__product", "plan__payment_method", "merchant").filter(checkout=checkout).first()


def access_order(order_id: uuid.UUID, merchant: Merchant) -> Order:
    """Return a merchant's own order with its plan; NotFound."""
    related = ("plan__product", "plan__payment_method", "plan__goods_return", "consumer")
    found = Order.objects.select_related(*related).filter(id=order_id, merchant=merchant).first()
    if found is None:
        raise NotFound(_NO_ORDER)
    found.merchant = merchant
    return found


def access_purchase(order_id: uuid.UUID, consumer: Consumer) -> Order:
    """Return a consumer's own order with its plan and merchant; NotFound."""
    related = ("plan__product__market", "plan__payment_method", "merchant", "checkout")
    found = Order.objects.select_related(*related).filter(id=order_id, consumer=consumer).first()
    if found is None:
        raise NotFound(_NO_ORDER)
    return found


def lock_order(order_id: uuid.UUID, merchant: Merchant | None = None) -> Order:
    """Return an order with its merchant, locked until the transaction ends; NotFound if it is not the merchant's."""
    mine = Order.objects.filter(id=order_id) if merchant is None else Order.objects.filter(id=order_id, merchant=merchant)
    found = mine.select_related("merchant").select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound(_NO_ORDER)
    return found


def needs_deposit(order_id: uuid.UUID, merchant: Merchant) -> bool:
    """Return whether a deposit has to be paid before a shop's order can be captured; False for an order that is not the shop's."""
    mine = Order.objects.filter(id=order_id, merchant=merchant, deposit_minor__gt=0)
    return mine.filter(plan__deposit__paid_minor__lt=F("plan__deposit__amount_minor")).exists()


def find_order_of_plan(plan_id: uuid.UUID) -> Order | None:
    """Return the order that a plan pays, with its merchant and its consumer, if there is one."""
    return Order.objects.select_related("merchant", "consumer").filter(plan_id=plan_id).first()


def lock_order_of_plan(plan_id: uuid.UUID) -> Order:
    """Return the order that a plan pays, with its merchant, locked until the transaction ends; NotFound."""
    found = Order.objects.filter(plan_id=plan_id).values_list("id", flat=True).first()
    if found is None:
        raise NotFound(_NO_ORDER)
    return lock_order(found)


def list_plans_to_ship(plan_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of some plans of whose order the shop may still ship some; one query."""
    return set(Order.objects.filter(plan_id__in=plan_ids, status__in=ORDER_OPEN).values_list("plan_id", flat=True))


def captures_of(order: Order) -> list[Capture]:
    """Return an order's captures, oldest first."""
    return list(Capture.objects.filter(order=order).order_by("part"))


def refunds_of(order: Order) -> list[Refund]:
    """Return an order's refunds, oldest first; if the person is erased, the reasons are placeholders."""
    with listing():
        return list(Refund.objects.filter(order=order).order_by("id"))


def changes_of(order: Order) -> list[OrderChange]:
    """Return the changes of an order other than captures and refunds, oldest first."""
    return list(OrderChange.objects.filter(order=order).order_by("id"))


def checkouts_of(merchant: Merchant) -> QuerySet[Checkout]:
    """Return a merchant's checkouts with their orders, unordered."""
    return Checkout.objects.filter(merchant=merchant).select_related("order", "merchant")


def orders_of(merchant: Merchant) -> QuerySet[Order]:
    """Return a merchant's orders with their plans, unordered."""
    return Order.objects.filter(merchant=merchant).select_related("plan__product", "plan__goods_return")


def captures_by_order(order_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Capture]]:
    """Return the captures of orders, oldest first; one query for all orders."""
    found: dict[uuid.UUID, list[Capture]] = {}
    for capture in Capture.objects.filter(order_id__in=list(order_ids)).order_by("order_id", "part"):
        found.setdefault(capture.order_id, []).append(capture)
    return found


def refunds_by_order(order_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Refund]]:
    """Return the refunds of orders, oldest first; one query for all orders."""
    found: dict[uuid.UUID, list[Refund]] = {}
    for refund in Refund.objects.filter(order_id__in=list(order_ids)).order_by("order_id", "id"):
        found.setdefault(refund.order_id, []).append(refund)
    return found


def same_within() -> timedelta:
    """Return within how long a call that is the same as another may be its repetition."""
    return timedelta(hours=value_of(SAME_HOURS))


def find_same_capture(capture: Capture) -> Capture | None:
    """Return the newest other capture of the same amount within the time set for repetitions."""
    same = Capture.objects.filter(order=capture.order_id, amount_minor=capture.amount_minor, at__gt=capture.at - same_within())
    return same.exclude(id=capture.id).order_by("-part").first()


def is_refunded_alone(order: Order, amount_minor: int, actor: str) -> bool:
    """Return whether an actor may refund `amount_minor` more of an order without a second person.

    The limit is for operators, whose actor is their key; all that they have refunded of the order counts. It does not apply to shops, nor
    to refunds that two people agreed on.
    """
    if not is_operator(actor):
        return True
    limit = REFUND_ALONE.get(order.currency)
    most = value_of(limit) * 10 ** exponent(order.currency) if limit else 0
    before = Refund.objects.filter(order=order, actor=actor).aggregate(whole=Sum("amount_minor"))["whole"] or 0
    return before + amount_minor <= most


def find_same_refund(refund: Refund) -> Refund | None:
    """Return the newest other refund of the same amount, capture and reason within the time set for repetitions."""
    with listing():
        return _find_same_refund(refund)


def _find_same_refund(refund: Refund) -> Refund | None:
    same = Refund.objects.filter(order=refund.order_id, amount_minor=refund.amount_minor, at__gt=refund.at - same_within())
    others = same.filter(capture=refund.capture_id).exclude(id=refund.id).order_by("-id")
    return next((other for other in others if other.reason == refund.reason), None)


def is_delayed(order: Order) -> bool:
    """Return whether half of a held order's time has passed without a decision."""
    return OrderReview.objects.filter(order=order, status__in=REVIEW_OPEN, urgency__gt=0).exists()


def lock_review(review_id: uuid.UUID) -> OrderReview:
    """Return a held order's review, locked together with its order (order first); NotFound."""
    order_id = OrderReview.objects.filter(id=review_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise NotFound("There is no such held order.")
    lock_order(order_id)
    return (
        OrderReview.objects.select_related("order__merchant", "order__plan", "prepared_by")
        .select_for_update(of=("self",))
        .get(id=review_id)
    )
