"""All facts about a held order that an approver needs, on one screen."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from accounts.models import IdentityCheck, User
from accounts.queries import birth_date_of
from accounts.rules import age_on
from checkout.labels import LabelWords, describe_labels
from checkout.models import Order, OrderReview
from checkout.neighbors import Linked, linked_to
from checkout.queries import referred_to
from checkout.quoting import amount_of
from checkout.rules import BY_RULE, SOURCE_ASKS
from checkout.similar import Similar, similar_to
from checkout.states import REVIEW_OPEN
from checkout.texts import cause_text
from controls.telling import tell_kept
from core.clock import local_date
from core.moments import amount_words, day_words, percent_words
from core.readable import words
from core.sentences import one_stop
from core.unreadable import Unreadable
from credit.queries import find_spending
from credit.reasons import sentences
from fraud.desk.services import MAY_LABEL
from fraud.queries import find_assessment_of_order
from fraud.telling import AssessmentWords, describe_assessment
from merchants.models import Merchant
from plans.models import Installment
from plans.queries import find_deposit
from plans.states import InstallmentStatus
from plans.texts import DEPOSITS, product_name

SHOWN = 8
FEW = 200
MOST = 20
"""The largest number of shops or operators that one search matches."""
QUOTES = ("", "“", "„", "»", "”")
SEE = ("accounts.view_person", "checkout.prepare_review", "checkout.decide_review")
"""An operator with any of these permissions may see who ordered."""


@dataclass(frozen=True, slots=True)
class History:
    """A person's purchases and payments so far."""

    orders: int
    paid_installments: int
    late_installments: int
    limit: str
    used: str


@dataclass(frozen=True, slots=True)
class Person:
    """The buyer: full details for operators who may see them, for others only the account's id."""

    name: str
    born: str = ""
    home: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """The agreed cost of the plan for the consumer."""

    total: str
    interest: str
    service: str
    apr: str


@dataclass(frozen=True, slots=True)
class DepositWords:
    """The deposit of the order: its amount, its state, what is lent beside it, and the rule that asked for it, if one did."""

    amount: str
    state: str
    lent: str
    rule: str


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause that holds the order, and its answer, if any; a rule also has its condition in words and its page."""

    reason: str
    rule: str
    answer: str = ""
    words: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """A held order as an approver sees it; `can_prepare`, `can_decide` and `can_label` say what the operator may do.

    `sees`: whether they may see the buyer, and with it free text and documents.
    """

    review: OrderReview
    order: Order
    product: str
    items: Sequence[Mapping[str, Any]] | Unreadable
    amount: str
    order_limit: str
    deposit: DepositWords | None
    causes: list[Cause]
    reasons: list[str]
    person: Person
    history: History
    cost: Cost
    others: list[tuple[Order, str, str]]
    check: IdentityCheck | None
    installments: list[tuple[date, str]]
    assessed: AssessmentWords | None
    similar: list[Similar]
    label: LabelWords | None
    linked: Linked | None
    can_prepare: bool
    can_decide: bool
    can_label: bool
    why_not: str
    sees: bool


def may_see_reviews(user: User) -> bool:
    """Return whether an operator's role includes work on held orders."""
    return any(user.has_perm(f"checkout.{may}") for may in ("view_orderreview", "prepare_review", "decide_review"))


def may_see_buyers(user: User) -> bool:
    """Return whether an operator may see who placed an order."""
    return any(user.has_perm(may) for may in SEE)


def search_reviews(reviews: QuerySet[OrderReview], term: str, *, sees: bool) -> QuerySet[OrderReview]:
    """Return the reviews that match a term: an operator's e-mail address, a shop's reference, a shop, or else words of the reasons.

    The reasons are searched only if the operator may read them (`sees`).

    All of these match from their beginning. The kind of the term is determined first, so that each search uses an index.
    """
    if "@" in term:
        people = list(User.objects.filter(email__startswith=term.lower()).values_list("id", flat=True)[:MOST])
        return reviews.filter(Q(approved_by__in=people) | Q(rejected_by__in=people))
    # Orders alone first: without a match the join would be read through to its end.
    if Order.objects.filter(referred_to(term, "merchant_reference")).exists():
        referred = reviews.filter(referred_to(term, "order__merchant_reference"))
        if referred.order_by().exists():
            return referred
    shops = list(Merchant.objects.filter(name__startswith=term).values_list("id", flat=True)[:MOST])
    if shops:
        return reviews.filter(merchant__in=shops)
    return saying(reviews, term) if sees else reviews.none()


def saying(reviews: QuerySet[OrderReview], term: str) -> QuerySet[OrderReview]:
    """Return the reviews whose reasons contain all words of a term; a word matches from its beginning.

    If there are few matches, the index of words finds them; if there are many, a scan of the newest rows does. PostgreSQL cannot estimate
    the number of matches of a word's beginning, so the code chooses. In a database of the locale C an opening quotation mark is a part of
    its word.
    """
    words = " & ".join(f"({' | '.join(f'{quote}{word}:*' for quote in QUOTES)})" for word in re.findall(r"\w+", term))
    if not words:
        return reviews.none()
    said = SearchVector("decision_reason", "rule", config="simple")
    found = reviews.annotate(said=said).filter(said=SearchQuery(words, config="simple", search_type="raw"))
    few = list(found.order_by().values_list("id", flat=True)[: FEW + 1])
    return reviews.filter(id__in=few) if len(few) <= FEW else found


def get_desk(review: OrderReview, user: User) -> Desk:
    """Return the desk of a held order for an operator; the number of queries does not depend on the consumer's history."""
    order = review.order
    others = Order.objects.filter(consumer=order.consumer).exclude(id=order.id).select_related("merchant").order_by("-id")[:SHOWN]
    open_review = review.status in REVIEW_OPEN
    agreed = order.plan.agreed["installments"]
    return Desk(
        review=review,
        order=order,
        product=product_name(order.plan.product),
        items=order.checkout.items,
        amount=_money(order, order.amount_minor),
        order_limit=_money(order, order.decision.order_limit_minor),
        deposit=_deposit(order),
        causes=[_cause(review, cause) for cause in review.causes],
        reasons=sentences(order.decision.reasons),
        person=_person(order) if may_see_buyers(user) else Person(order.consumer.public_id),
        history=_history(order),
        cost=_cost(order),
        others=[(other, words(other.status), _money(other, other.amount_minor)) for other in others],
        check=IdentityCheck.objects.filter(consumer=order.consumer).order_by("-id").first(),
        installments=[(date.fromisoformat(row["due_date"]), _money(order, amount_of(row))) for row in agreed],
        assessed=_assessed(order),
        similar=similar_to(review),
        label=next((one for one in describe_labels([order.consumer_id]) if one.order == order.pk), None),
        linked=linked_to(order.consumer) if user.has_perm("accounts.view_person") else None,
        can_prepare=open_review and user.has_perm("checkout.prepare_review"),
        can_decide=open_review and user.has_perm("checkout.decide_review") and review.prepared_by_id not in {None, user.pk},
        can_label=user.has_perm(MAY_LABEL),
        why_not=_why_not(review, user) if open_review else "",
        sees=may_see_buyers(user),
    )


def _assessed(order: Order) -> AssessmentWords | None:
    found = find_assessment_of_order(order.public_id)
    return describe_assessment(found, order.currency) if found else None


def _cause(review: OrderReview, cause: dict[str, Any]) -> Cause:
    reason = str(dict(OrderReview.REASONS)[cause["reason"]])
    if cause["reason"] == BY_RULE:
        return _by_rule(reason, cause)
    reviewed = cause["reason"] == SOURCE_ASKS and review.source_reviewed_at
    answer = ""
    if reviewed:
        approved = review.source_review == "approve"
        said = (
            gettext("The bureau's own people approved it on %(day)s.")
            if approved
            else gettext("The bureau's own people declined it on %(day)s.")
        )
        answer = one_stop(said % {"day": day_words(reviewed)})
    return Cause(reason, cause_text(cause), answer)


def _by_rule(reason: str, cause: dict[str, Any]) -> Cause:
    told = tell_kept(cause["facts"])
    return Cause(reason, told.name, words=told.words, link=told.link)


def _money(order: Order, minor: int) -> str:
    return amount_words(minor, order.currency)


def _person(order: Order) -> Person:
    consumer, home = order.consumer, order.consumer.address
    if isinstance(home, Unreadable):
        home = {"city": home}
    market = consumer.market
    codes = (home.get("postal_code", ""), home.get("city", ""))
    place = f"{codes[1]}, {home['region']} {codes[0]}" if "region" in home else " ".join(codes).strip()
    return Person(
        name=str(consumer.name or gettext("The person")),
        born=_born(order),
        home=", ".join(filter(None, (home.get("line1"), home.get("line2"), place, str(market)))),
        email=str(consumer.email or gettext("None")),
        phone=str(consumer.phone or gettext("None")),
    )


def _born(order: Order) -> str:
    if isinstance(order.consumer.birth_date, Unreadable):
        return order.consumer.birth_date
    if not order.consumer.birth_date:
        return gettext("Not given")
    born, ordered = birth_date_of(order.consumer), local_date(order.created_at, order.consumer.time_zone)
    return gettext("%(day)s (%(age)s years old)") % {"day": day_words(born), "age": age_on(born, ordered)}


def _cost(order: Order) -> Cost:
    agreed = order.plan.agreed
    interest = sum(row["interest_minor"] for row in agreed["installments"])
    service = _money(order, agreed["service_minor"]) if agreed.get("service_minor") else ""
    return Cost(_money(order, agreed["total_minor"]), _money(order, interest), service, percent_words(agreed["apr_bps"]))


def _deposit(order: Order) -> DepositWords | None:
    deposit = find_deposit(order.plan_id) if order.plan.deposit_minor else None
    if deposit is None:
        return None
    asked = order.checkout.ruled.get("deposit")
    return DepositWords(
        amount=_money(order, deposit.amount_minor),
        state=str(DEPOSITS[deposit.state]),
        lent=_money(order, order.amount_minor - deposit.amount_minor),
        rule=tell_kept(asked).name if asked else "",
    )


def _why_not(review: OrderReview, user: User) -> str:
    if review.prepared_by_id is None:
        return gettext("Somebody has to prepare this order first. Then another person decides.")
    if review.prepared_by_id == user.pk:
        return gettext("You prepared this order, so another person has to decide.")
    return "" if user.has_perm("checkout.decide_review") else gettext("You may not decide on held orders.")


def _history(order: Order) -> History:
    found = find_spending(order.consumer, order.currency, local_date(order.created_at, order.consumer.time_zone))
    installments = Installment.objects.filter(plan__consumer=order.consumer)
    return History(
        orders=Order.objects.filter(consumer=order.consumer).count(),
        paid_installments=installments.filter(status=InstallmentStatus.PAID).count(),
        late_installments=installments.filter(status=InstallmentStatus.OVERDUE).count(),
        limit=_money(order, found.line.limit_minor if found else 0),
        used=_money(order, found.exposure_minor if found else 0),
    )
