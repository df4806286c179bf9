"""Checkout sessions and orders: what is bought, held, captured, refunded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer, User
from checkout import rules
from checkout.guards import CAPTURE_REFUNDED, CAPTURES, ORDERS, REFUND, REFUNDED, REVIEWS
from checkout.rules import CHECKS, SOURCE_ASKS, Cause
from checkout.states import (
    CHECKOUT,
    CHECKOUT_ABANDONED,
    ORDER,
    ORDER_CAPTURABLE,
    ORDER_ENDED,
    ORDER_OPEN,
    ORDER_REVIEW,
    REVIEW_OPEN,
    CheckoutStatus,
    OrderReviewStatus,
    OrderStatus,
)
from core.crypto import EncryptedJSONField, EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified
from core.states import Stateful, words
from credit.models import Decision
from merchants.models import Merchant
from payments.models import Authorization
from plans.models import Plan


class Checkout(Stateful, Identified):
    """What a shop wants to sell, waiting for a consumer to agree; open for 48 hours.

    The items, the shop's customer and its metadata are personal data, and are encrypted: with the person's key once a person has signed in.
    `items_before` and `metadata_before` are the unencrypted values of checkouts from before the encryption.
    """

    PREFIX = "chk"
    # The lists' indexes begin with it; an index of its own would only cost writes.
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, db_index=False)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    merchant_reference = models.CharField(max_length=120)
    items = EncryptedJSONField(kind=list, default=list, blank=True, person="consumer_id", before="items_before", db_column="items_sealed")
    items_before = models.JSONField(default=list, db_column="items")
    customer = EncryptedJSONField(blank=True, person="consumer_id")
    urls = models.JSONField()
    capture = models.CharField(max_length=9, choices=[("manual", "manual"), ("automatic", "automatic")])
    metadata = EncryptedJSONField(default=dict, blank=True, person="consumer_id", before="metadata_before", db_column="metadata_sealed")
    metadata_before = models.JSONField(default=dict, db_column="metadata")
    status = CHECKOUT.field()
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, null=True)
    product_code = models.CharField(max_length=20, blank=True)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True)
    withheld = models.JSONField(default=dict, db_default={})
    """The plans that rules leave out of the offer: product code to rule, in the form of `controls.rule_kinds.kept_rule`."""
    ruled = models.JSONField(default=dict, db_default={})
    """What else rules do to the offer (`checkout.services.offering`): each rule as in `withheld`."""
    assessed = models.JSONField(default=dict, db_default={})
    """What the assessment of fraud said for the next credit decision (`checkout.services.assessing`)."""
    deposit_minor = models.BigIntegerField(default=0, db_default=0)
    """What has to be paid as a deposit by the counter-offer that the person accepted; 0 without one."""
    reached = models.CharField(max_length=12, default="opened")
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="checkout_positive"),
            models.CheckConstraint(condition=Q(deposit_minor__gte=0, deposit_minor__lt=F("amount_minor")), name="checkout_deposit_within"),
            CHECKOUT.constraint("checkout_status_known"),
        ]
        indexes = [
            models.Index(fields=["merchant", "-id"], name="checkout_of_merchant"),
            models.Index(fields=["merchant", "merchant_reference", "-id"], name="checkout_by_reference"),
            models.Index(fields=["merchant_reference"], opclasses=["varchar_pattern_ops"], name="checkout_of_any_shop"),
            models.Index(fields=["expires_at"], name="checkout_to_expire", condition=Q(status=CheckoutStatus.OPEN)),
            models.Index(fields=["expires_at"], name="checkout_to_forget", condition=Q(status__in=CHECKOUT_ABANDONED, decision=None)),
        ]
        triggers = [
            *kept(fixed=["merchant", "currency", "created_at"]),
            *CHECKOUT.triggers(),
            # What rules said of a person is emptied when the person is erased.
            settled("completed_stays", f"OLD.status = '{CheckoutStatus.COMPLETED}'", changing=["withheld", "ruled", "assessed"]),
        ]

    @CHECKOUT.transition
    def complete(self) -> None:
        """The consumer agreed, and the order was made."""

    @CHECKOUT.transition
    def expire(self) -> None:
        """The consumer did not complete it in time, or the shop closed it."""

    @CHECKOUT.transition
    def cancel(self) -> None:
        """The consumer went back to the shop."""


class Order(Stateful, Identified):
    """A sale with its authorized, captured and refunded amounts, in minor units of `currency`.

    `deposit_minor` is the part of what may still be captured that is a deposit: it is not lent, so it does not count against the limit.
    """

    PREFIX = "ord"
    checkout = models.OneToOneField(Checkout, on_delete=models.PROTECT, related_name="order")
    # The lists' indexes begin with them; indexes of their own would only cost writes.
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, db_index=False)
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="orders", db_index=False)
    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="order")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT)
    authorization = models.ForeignKey(Authorization, on_delete=models.PROTECT, null=True)
    merchant_reference = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    captured_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    released_minor = models.BigIntegerField(default=0)
    deposit_minor = models.BigIntegerField(default=0, db_default=0)
    fee_minor = models.BigIntegerField(default=0)
    fee_refunded_minor = models.BigIntegerField(default=0)
    status = ORDER.field()
    capture = models.CharField(max_length=9)
    authorized_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        permissions = [("act_for_shop", "Can refund, void and release orders in the shop's place")]
        constraints = [
            models.CheckConstraint(
                condition=Q(captured_minor__gte=0, refunded_minor__gte=0, released_minor__gte=0)
                & Q(refunded_minor__lte=F("captured_minor"))
                & Q(amount_minor__gte=F("captured_minor") + F("released_minor")),
                name="order_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(deposit_minor__gte=0, amount_minor__gte=F("captured_minor") + F("released_minor") + F("deposit_minor")),
                name="order_deposit_within",
            ),
            ORDER.constraint("order_status_known"),
        ]
        indexes = [
            models.Index(fields=["merchant", "-id"], name="order_of_merchant"),
            models.Index(fields=["merchant", "status", "-id"], name="order_of_merchant_status"),
            models.Index(fields=["merchant", "merchant_reference", "-id"], name="order_by_reference"),
            models.Index(fields=["merchant_reference"], opclasses=["varchar_pattern_ops"], name="order_of_any_shop"),
            models.Index(fields=["merchant", "-created_at", "-id"], name="order_of_merchant_day"),
            models.Index(fields=["merchant", "-id"], name="order_refunded", condition=Q(refunded_minor__gt=0)),
            models.Index(fields=["status", "-id"], name="order_by_status", condition=~Q(status=OrderStatus.CAPTURED)),
            models.Index(fields=["consumer", "-id"], name="order_of_consumer"),
            models.Index(
                fields=["expires_at"],
                name="order_to_expire",
                condition=Q(status__in=ORDER_OPEN),
            ),
        ]
        triggers = [
            *kept(
                fixed=[
                    *("checkout", "merchant", "consumer", "plan", "decision", "authorization", "merchant_reference", "currency"),
                    *("amount_minor", "capture", "created_at"),
                ]
            ),
            *ORDER.triggers(),
            *ORDERS,
            *REFUNDED,
            settled("authorized_once", "OLD.authorized_at IS NOT NULL", fixed=["authorized_at"]),
            settled("captured_stays", f"OLD.status = '{OrderStatus.CAPTURED}'", fixed=["captured_minor", "released_minor", "fee_minor"]),
            settled("ended_stays", f"OLD.status IN ({words(ORDER_ENDED)})", fixed=["captured_minor", "fee_minor", "expires_at"]),
        ]

    OPEN = ORDER_OPEN

    @property
    def ship_safe_until(self) -> datetime | None:
        """The latest time to ship and still capture with time to spare; None if nothing may be captured."""
        if self.expires_at is None or self.status not in ORDER_CAPTURABLE:
            return None
        return rules.ship_safe_until(self.expires_at)

    @property
    def remaining_authorized_minor(self) -> int:
        """The amount that may still be captured."""
        return self.amount_minor - self.captured_minor - self.released_minor if self.status in self.OPEN else 0

    @property
    def refundable_minor(self) -> int:
        """The amount that may still be refunded."""
        return self.captured_minor - self.refunded_minor

    @ORDER.transition
    def approve(self) -> None:
        """Its review was approved."""

    @ORDER.transition
    def reject(self) -> None:
        """Its review was rejected."""

    @ORDER.transition
    def capture_partly(self) -> None:
        """Part of it is captured; the rest may follow."""

    @ORDER.transition
    def capture_fully(self) -> None:
        """Nothing is left to capture: all is captured, or the rest was released or expired."""

    @ORDER.transition
    def void(self) -> None:
        """The shop voided the sale before any capture."""

    @ORDER.transition
    def expire(self) -> None:
        """Nothing was captured in time."""


class Capture(Identified):
    """A capture of the shop for goods that it ships: the consumer owes the amount from now on."""

    PREFIX = "cap"
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="captures")
    part = models.PositiveSmallIntegerField()
    amount_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField(default=0)
    fee_minor = models.BigIntegerField()
    # The interest that the shop pays with it for its customer (`ShopInterest`).
    shop_interest_minor = models.BigIntegerField(default=0, db_default=0)
    fee_ruled = models.JSONField(default=dict, db_default={})
    """The fee by the shop's terms (`terms_minor`), and the `rules` that lowered it (`controls.rule_kinds.kept_rule`); empty if none did."""
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "part"], name="capture_part_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="capture_positive"),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0) & Q(refunded_minor__lte=F("amount_minor")), name="capture_refunded_within"
            ),
        ]
        triggers = [*kept(changing=["refunded_minor"]), *CAPTURES, *CAPTURE_REFUNDED]


class Refund(Identified):
    """A refund of the shop. `reason` is free text and may name people, so it is encrypted with the `consumer`'s data key.

    `reason_before` is the unencrypted reason of a refund from before the encryption.
    """

    PREFIX = "ref"
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, db_index=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refunds")
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, null=True)
    amount_minor = models.BigIntegerField()
    reason = EncryptedTextField(blank=True, before="reason_before", db_column="reason_sealed", person="consumer_id")
    reason_before = models.CharField(max_length=200, blank=True, db_column="reason")
    fee_minor = models.BigIntegerField(default=0)
    # What goes back of the interest that the shop paid.
    shop_interest_minor = models.BigIntegerField(default=0, db_default=0)
    outcome = models.JSONField(default=dict)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="checkout_refund_positive")]
        indexes = [models.Index(fields=["merchant", "-id"], name="refund_of_merchant")]
        triggers = [*kept(), *REFUND]


ORDER_CHANGES = [
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("voided", "Voided"),
    ("released", "Rest released"),
    ("expired", "Expired"),
    ("extended", "Extended"),
]


class OrderChange(Identified):
    """A change of an order that has no table of its own: who made it and when; `amount_minor` is the amount that was released by it."""

    PREFIX = "och"
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=8, choices=ORDER_CHANGES)
    amount_minor = models.BigIntegerField(default=0)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[kind for kind, _ in ORDER_CHANGES]), name="order_change_known"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="order_change_positive"),
        ]
        triggers = kept()


class OrderReview(Stateful, Identified):
    """The review of a held order by two people: one prepares, another approves or rejects with a reason.

    `causes` are all causes that hold it, as {reason, rule}, most serious first; `reason` and `rule` are the first unanswered cause.
    `version` counts preparations: a decision names the version that it is based on. `source_review` is the result of the data source's own
    review of the cause that it raised, and `checked` that of a check of the person that held it. `urgency` says how much of its time has
    passed without a decision (`rules.urgency`). `merchant`, `currency` and `amount_minor` copy the order's values, and `held_by` the keys
    of the causes (`rules.Cause.key`), for the filters of lists. They are null in rows written before these columns existed.
    """

    REASONS = [
        ("order_limit", _("Above the consumer's order limit")),
        ("basket", _("A basket rule")),
        ("referred", _("Referred by the credit decision")),
        ("figures", _("Income and costs have to be checked")),
        ("fraud_alert", _("A fraud alert is on the person's file")),
        ("rule", _("A rule of the operators")),
        ("register", _("A register of payment remarks")),
        ("checks", _("A check is still open")),
    ]
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="review")
    reason = models.CharField(max_length=20, choices=REASONS)
    rule = models.CharField(max_length=160)
    causes = models.JSONField(default=list)
    status = ORDER_REVIEW.field()
    version = models.PositiveSmallIntegerField(default=0)
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    prepared_at = models.DateTimeField(null=True, blank=True)
    prepared_note = models.CharField(max_length=500, blank=True)
    recommendation = models.CharField(max_length=8, blank=True, choices=[("approve", _("Approve")), ("reject", _("Reject"))])
    source_review = models.CharField(max_length=8, blank=True, choices=[("approve", _("Approve")), ("decline", _("Decline"))])
    source_reviewed_at = models.DateTimeField(null=True, blank=True)
    checked = models.CharField(max_length=8, blank=True, default="", db_default="", choices=[("clear", "clear"), ("stopped", "stopped")])
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    rejected_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=500, blank=True)
    urgency = models.PositiveSmallIntegerField(default=0, db_default=0)
    # The lists' indexes begin with it; an index of its own would only cost writes.
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("shop"))
    currency = models.CharField(max_length=3, null=True)  # noqa: DJ001  (null: not written)
    amount_minor = models.BigIntegerField(null=True)
    held_by = ArrayField(models.TextField(), null=True)
    created_at = models.DateTimeField(verbose_name=_("held since"))

    class Meta:
        verbose_name = "held order"
        permissions = [("prepare_review", "Can prepare held orders"), ("decide_review", "Can approve or reject held orders")]
        constraints = [
            models.CheckConstraint(
                condition=Q(prepared_by__isnull=True)
                | (
                    (Q(approved_by__isnull=True) | ~Q(approved_by=F("prepared_by")))
                    & (Q(rejected_by__isnull=True) | ~Q(rejected_by=F("prepared_by")))
                ),
                name="review_two_people",
            ),
            ORDER_REVIEW.constraint("review_status_known"),
            models.CheckConstraint(
                condition=~Q(status=OrderReviewStatus.APPROVED)
                | Q(prepared_by__isnull=False, approved_by__isnull=False, rejected_by__isnull=True)
                | Q(approved_by__isnull=True, rejected_by__isnull=True, source_review="approve", reason=SOURCE_ASKS)
                | Q(approved_by__isnull=True, rejected_by__isnull=True, checked="clear", reason=CHECKS),
                name="review_approved_by_whom_or_what",
            ),
            models.CheckConstraint(
                condition=~Q(status=OrderReviewStatus.REJECTED)
                | Q(prepared_by__isnull=False, rejected_by__isnull=False, approved_by__isnull=True)
                | Q(approved_by__isnull=True, rejected_by__isnull=True, source_review="decline")
                | Q(approved_by__isnull=True, rejected_by__isnull=True, checked="stopped"),
                name="review_rejected_by_whom_or_what",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-id"], name="review_by_status"),
            models.Index(fields=["-urgency"], name="review_urgent", condition=Q(urgency__gt=0, status__in=REVIEW_OPEN)),
            models.Index(fields=["-decided_at"], name="review_decided"),
            models.Index(fields=["-created_at"], name="review_by_age"),
            models.Index(fields=["merchant", "-id"], name="review_of_merchant"),
            models.Index(fields=["currency", "amount_minor"], name="review_by_amount"),
            models.Index(fields=["reason", "-id"], name="review_by_reason"),
            GinIndex(fields=["held_by"], name="review_by_rule"),
            GinIndex(SearchVector("decision_reason", "rule", config="simple"), name="review_words"),
        ]
        triggers = [
            *kept(fixed=["order", "causes", "merchant", "currency", "amount_minor", "held_by", "created_at"]),
            *ORDER_REVIEW.triggers(),
            pgtrigger.Protect(
                name="review_decided_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status__in=[OrderReviewStatus.APPROVED, OrderReviewStatus.REJECTED, OrderReviewStatus.CLOSED]),
            ),
            *REVIEWS,
        ]

    def __str__(self) -> str:
        return f"Held order {self.order_id}"

    @classmethod
    def of(cls, order: Order, causes: Sequence[Cause], at: datetime) -> "OrderReview":
        """Return an unsaved review of an order for some causes."""
        kept = [{"reason": one.reason, "rule": one.rule, "code": one.code, "facts": one.facts} for one in causes]
        return cls(
            order=order,
            merchant_id=order.merchant_id,
            currency=order.currency,
            amount_minor=order.amount_minor,
            reason=causes[0].reason,
            rule=causes[0].rule,
            causes=kept,
            held_by=sorted({one.key for one in causes}),
            created_at=at,
        )

    @property
    def is_open(self) -> bool:
        """Whether the review is undecided."""
        return self.status in REVIEW_OPEN

    @property
    def cause(self) -> dict[str, Any]:
        """The cause for which the order is held now."""
        return next((one for one in self.causes if one["rule"] == self.rule), {"rule": self.rule})

    def answer_source(self) -> bool:
        """Remove the data source's own cause from the open causes; return whether no other cause holds the order."""
        return self._go_on()

    def answer_checks(self) -> bool:
        """Remove the check of the person from the open causes, as it ended clear; return whether no other cause holds the order."""
        self.checked = "clear"
        return self._go_on()

    @property
    def waits_for_check(self) -> bool:
        """Whether a check of the person holds the order, so that no operator can approve it."""
        return not self.checked and any(cause["reason"] == CHECKS for cause in self.causes)

    def _go_on(self) -> bool:
        answered = {SOURCE_ASKS} if self.source_review == "approve" else set()
        others = [cause for cause in self.causes if cause["reason"] not in answered | ({CHECKS} if self.checked == "clear" else set())]
        if not others:
            return True
        self.reason, self.rule = others[0]["reason"], others[0]["rule"]
        return False

    @ORDER_REVIEW.transition
    def prepare(self, by: User) -> None:
        """One operator examined the order and recommends a decision."""
        self.prepared_by, self.version = by, self.version + 1

    @ORDER_REVIEW.transition
    def approve(self, by: User) -> None:
        """Another operator approves."""
        self.approved_by = self._another(by)

    @ORDER_REVIEW.transition
    def reject(self, by: User) -> None:
        """Another operator rejects."""
        self.rejected_by = self._another(by)

    @ORDER_REVIEW.transition
    def clear(self) -> None:
        """The data source's own review approves, or a check of the person ended, and no other cause holds the order."""
        if (self.source_review, self.reason) != ("approve", SOURCE_ASKS) and (self.checked, self.reason) != ("clear", CHECKS):
            raise ValueError("only the data source's own question is answered by its review, and a check by its end")

    @ORDER_REVIEW.transition
    def refuse(self) -> None:
        """The data source's own review rejects, or a check of the person ended so."""
        if self.source_review != "decline" and self.checked != "stopped":
            raise ValueError("the data source did not decline")

    @ORDER_REVIEW.transition
    def close(self) -> None:
        """The shop voided the order, or the order expired."""

    def _another(self, by: User) -> User:
        """Return the operator who decides, who must be a person other than the preparer."""
        if not isinstance(by, User) or by.pk is None or self.prepared_by_id in {None, by.pk}:
            raise ValueError("a held order is decided by a person who did not prepare it")
        return by
