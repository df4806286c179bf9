"""Plans and their installments."""

from dataclasses import replace
from datetime import date, datetime

from django.db import models
from django.db.models import F, Q

from accounts.models import Consumer
from core.clock import day_begins
from core.crypto import EncryptedJSONField
from core.evidence import kept, settled
from core.ids import Identified
from core.states import Stateful
from markets.models import MarketSetting
from plans.errors import GivenUp, NothingToPay
from plans.guards import ALLOCATED_ANEW, GIVEN_UP_BY_TWO
from plans.models.products import Product
from plans.rearrange_guards import REARRANGED_BY_TWO
from plans.rules.schedule import ProductTerms
from plans.sale_guards import SOLD_AS_LISTED
from plans.states import (
    INSTALLMENT,
    INSTALLMENT_IN_TIME,
    INSTALLMENT_OPEN,
    PLAN,
    InstallmentStatus,
    PlanStatus,
)


class Plan(Stateful, Identified):
    """How a consumer pays for one order (`reference`).

    A plan is pending until the first capture; `agreed` holds the schedule that the consumer accepted. Each capture starts its own part,
    with the product's dates counted from that day: people pay only for shipped goods. `deposit_minor` of the principal is not lent but
    paid when it is captured, as the first installment of each part. `agreement` is the exact text of the agreement; it
    names the goods and is encrypted. `agreement_before` is the text of plans made before the encryption.
    """

    PREFIX = "pln"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="plans")
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    payment_method = models.ForeignKey("payments.PaymentMethod", on_delete=models.PROTECT)
    reference = models.CharField(max_length=60, unique=True)
    currency = models.CharField(max_length=3)
    principal_minor = models.BigIntegerField()
    deposit_minor = models.BigIntegerField(default=0, db_default=0)
    apr_bps = models.PositiveIntegerField()
    time_zone = models.CharField(max_length=40)
    agreed = models.JSONField()
    agreement = EncryptedJSONField(default=dict, blank=True, person="consumer_id", before="agreement_before", db_column="agreement_sealed")
    agreement_before = models.JSONField(default=dict, db_column="agreement")
    status = PLAN.field()
    # When charging was paused: a payment is disputed at the bank, or an operator is looking into the plan.
    stopped_at = models.DateTimeField(null=True)
    # Set when the consumer withdraws from the agreement: the day by which everything owed is repaid.
    repay_by = models.DateField(null=True)
    # The day of a promise to pay that waits: until it is over, nothing late is tried again, and no reminder is due.
    promised_until = models.DateField(null=True)
    # The last day of a settlement that its person accepted: until it ends, workers charge nothing.
    settling_until = models.DateField(null=True)
    # All that was captured, refunds not deducted; caps of fees are shares of it.
    captured_minor = models.BigIntegerField(default=0, db_default=0)
    # Since which day something is late without a break, as of the last closed day.
    late_since = models.DateField(null=True)
    # The yearly rate that the person agreed to later, for what is open and what is shipped later; the product's own without.
    rate_bps = models.PositiveIntegerField(null=True)
    # When interest ended for a person in hardship, for what is shipped later too.
    interest_ended_at = models.DateTimeField(null=True)
    # When it was sold as a debt (`SoldPlan`): the person pays it to the buyer.
    sold_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(principal_minor__gt=0), name="plan_positive"),
            models.CheckConstraint(condition=Q(deposit_minor__gte=0, deposit_minor__lte=F("principal_minor")), name="plan_deposit_within"),
            PLAN.constraint("plan_status_known"),
        ]
        permissions = [("rearrange_plan", "Can lay out the payments of plans anew")]
        indexes = [
            models.Index(fields=["consumer", "-id"], name="plan_of_consumer"),
            models.Index(fields=["time_zone", "id"], name="plan_of_zone"),
            models.Index(fields=["time_zone", "id"], name="plan_late", condition=Q(late_since__isnull=False)),
        ]
        triggers = [
            *kept(
                fixed=[
                    *("consumer", "product", "reference", "currency", "principal_minor", "deposit_minor", "apr_bps", "agreed"),
                    *("agreement", "created_at"),
                ]
            ),
            *PLAN.triggers(),
            GIVEN_UP_BY_TWO,
            SOLD_AS_LISTED,
        ]

    @property
    def terms(self) -> ProductTerms:
        """The product's terms as input of the rules, at the rate agreed to since; without interest once it ended."""
        terms = self.product.terms if self.rate_bps is None else replace(self.product.terms, rate_bps=self.rate_bps)
        return terms if self.interest_ended_at is None else replace(terms, rate_bps=0)

    @property
    def is_charged_off(self) -> bool:
        """Whether it was charged off and something is still owed on it."""
        return bool(self.status == PlanStatus.CHARGED_OFF)

    def refuse_given_up(self) -> None:
        """Raise GivenUp if it was given up."""
        if self.is_charged_off:
            raise GivenUp("This purchase was given up. Nothing of it can be changed.")

    def refuse_sold(self) -> None:
        """Raise NothingToPay if it was sold."""
        if self.sold_at is not None:
            raise NothingToPay("This debt was sold. Pay it to its new owner.", code="plans.sold")

    def first_attempt(self, due_date: date) -> datetime | None:
        """Return when workers first charge an installment due on a day: at midnight in the plan's zone; None if they do not charge it."""
        return None if self.stopped_at or self.settling_until or self.is_charged_off else day_begins(due_date, self.time_zone)

    @PLAN.transition
    def activate(self) -> None:
        """Something was captured."""

    @PLAN.transition
    def complete(self) -> None:
        """Nothing is open any more."""

    @PLAN.transition
    def cancel(self) -> None:
        """The order ended before anything was captured."""

    @PLAN.transition
    def charge_off(self) -> None:
        """Two operators or the close of a day gave it up; the open amount is a loss until it is paid after all."""


class Installment(Stateful, Identified):
    """One payment of a plan: the amounts owed on its due date, paid so far, and refunded.

    `fees_minor` are the fees charged on it (`Fee`), without those that ended. `grace_from` is the day from which grace runs, where it is
    not the due date: its payment was taken back. `start_date` is the day of the capture that started its part: interest runs from then.
    `charge_id` is the charge under way for it, if any: both the claim and the lock against a second charge.
    """

    # No index of its own: the unique constraint below serves as one, as for `Allocation.installment`. This saves two writes per charge.
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="installments", db_index=False)
    number = models.PositiveSmallIntegerField()
    part = models.PositiveSmallIntegerField(default=1)
    start_date = models.DateField()
    due_date = models.DateField()
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField(default=0)
    paid_principal_minor = models.BigIntegerField(default=0)
    paid_interest_minor = models.BigIntegerField(default=0)
    fees_minor = models.BigIntegerField(default=0, db_default=0)
    paid_fees_minor = models.BigIntegerField(default=0, db_default=0)
    grace_from = models.DateField(null=True)
    refunded_minor = models.BigIntegerField(default=0)
    status = INSTALLMENT.field()
    charge_id = models.UUIDField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When workers charge the installment: from the start of its due date, later after a failure; null while the consumer has no card that
    # can be charged. The due run reads only this column, so code that moves a due date must move this too.
    next_attempt_at = models.DateTimeField(null=True)
    # When the installment began to wait for the plan's next payment, because it is due but too small for a charge. While it waits, it is
    # not charged and not late.
    carried_at = models.DateTimeField(null=True)
    last_failure = models.CharField(max_length=60, blank=True)
    # Days on which the plan was stopped while this was late: they do not count as days past due.
    paused_days = models.PositiveSmallIntegerField(default=0, db_default=0)
    reminded_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="installment_number_once"),
            models.CheckConstraint(
                condition=Q(paid_principal_minor__gte=0, paid_interest_minor__gte=0)
                & Q(paid_principal_minor__lte=F("principal_minor"))
                & Q(paid_interest_minor__lte=F("interest_minor"))
                & Q(refunded_minor__gte=0, refunded_minor__lte=F("paid_principal_minor")),
                name="installment_paid_within",
            ),
            models.CheckConstraint(
                condition=~Q(status=InstallmentStatus.PAID)
                | Q(principal_minor=F("paid_principal_minor"), interest_minor=F("paid_interest_minor")),
                name="installment_paid_is_paid",
            ),
            models.CheckConstraint(
                condition=Q(paid_fees_minor__gte=0, paid_fees_minor__lte=F("fees_minor"))
                & (~Q(status=InstallmentStatus.PAID.value) | Q(fees_minor=F("paid_fees_minor"))),
                name="installment_fees_within",
            ),
            INSTALLMENT.constraint("installment_status_known"),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="installment_to_charge",
                condition=Q(status__in=INSTALLMENT_OPEN, charge_id=None, next_attempt_at__isnull=False),
            ),
            models.Index(
                fields=["due_date", "id"],
                name="installment_in_time",
                condition=Q(status__in=INSTALLMENT_IN_TIME, charge_id=None, carried_at=None),
            ),
            models.Index(
                fields=["plan"],
                name="installment_carried",
                condition=Q(status__in=INSTALLMENT_OPEN, charge_id=None, carried_at__isnull=False),
            ),
            models.Index(fields=["due_date", "plan"], name="installment_late", condition=Q(status=InstallmentStatus.OVERDUE)),
            models.Index(fields=["plan", "due_date"], name="installment_late_of_plan", condition=Q(status=InstallmentStatus.OVERDUE)),
            models.Index(fields=["charge_id"], name="installment_charge", condition=Q(charge_id__isnull=False)),
        ]
        triggers = [
            *kept(fixed=["plan", "number", "part"]),
            *INSTALLMENT.triggers(),
            settled(
                "paid_stays",
                f"OLD.status = '{InstallmentStatus.PAID}' AND NEW.status = '{InstallmentStatus.PAID}'",
                fixed=[
                    *("start_date", "due_date", "principal_minor", "interest_minor", "paid_principal_minor", "paid_interest_minor"),
                    "paid_at",
                ],
            ),
        ]

    OPEN = INSTALLMENT_OPEN

    @property
    def currency(self) -> str:
        """The plan's currency."""
        return self.plan.currency

    @property
    def amount_minor(self) -> int:
        """The installment's amount, interest and fees included."""
        return self.principal_minor + self.interest_minor + self.fees_minor

    @property
    def paid_minor(self) -> int:
        """The amount paid on it."""
        return self.paid_principal_minor + self.paid_interest_minor + self.paid_fees_minor

    @property
    def open_minor(self) -> int:
        """The amount still owed on it."""
        return self.amount_minor - self.paid_minor

    def days_late(self, today: date) -> int:
        """Return how many days it is past due, without those on which the plan was stopped; 0 if it is not late."""
        return max(1, (today - self.due_date).days - self.paused_days) if self.is_late(today) else 0

    @property
    def open_fees_minor(self) -> int:
        """The fees still owed on it."""
        return self.fees_minor - self.paid_fees_minor

    def is_late(self, today: date) -> bool:
        """Return whether it is unpaid after its due date; False while a payment is on its way, or while it waits as too small."""
        passed = self.status in self.OPEN and self.due_date < today and self.carried_at is None and self.charge_id is None
        return self.status == InstallmentStatus.OVERDUE or passed

    def keep_paid(self, at: datetime) -> None:
        """Let it ask no more principal and interest than what is paid of it: the rest falls away, or is owed by another installment.

        Its fees stay owed.
        """
        self.principal_minor, self.interest_minor = self.paid_principal_minor, self.paid_interest_minor
        if self.open_minor:
            return
        self.carried_at, self.next_attempt_at = None, None
        if self.paid_minor:
            self.settle()
            self.paid_at = at
        else:
            self.cancel()

    @INSTALLMENT.transition
    def settle(self) -> None:
        """Nothing is owed on it any more, and something was paid."""

    @INSTALLMENT.transition
    def settle_partly(self) -> None:
        """Some of it is paid."""

    @INSTALLMENT.transition
    def become_overdue(self) -> None:
        """Its date has passed and it is not paid."""

    @INSTALLMENT.transition
    def postpone(self) -> None:
        """It has a later date, and is not late any more."""

    @INSTALLMENT.transition
    def postpone_partly(self) -> None:
        """It is paid in part, has a later date, and is not late any more."""

    @INSTALLMENT.transition
    def cancel(self) -> None:
        """A refund, or smaller payments in its place, took all of it."""

    @INSTALLMENT.transition
    def reopen(self) -> None:
        """Its payment was taken back before its due date."""

    @INSTALLMENT.transition
    def reopen_partly(self) -> None:
        """Part of its payment was taken back before its due date."""

    @INSTALLMENT.transition
    def reopen_late(self) -> None:
        """Its payment was taken back after its due date."""


class Allocation(models.Model):
    """The part of an installment that a charge paid; `refunded_minor` of it was refunded later.

    The undone part no longer pays anything, because the bank took the charge back. A free payment may be allocated anew, as if what changed
    had come in time: then its amounts change, and the versions of the schedule say from what to what.
    """

    id = models.BigAutoField(primary_key=True)
    installment = models.ForeignKey(Installment, on_delete=models.PROTECT, related_name="allocations", db_index=False)
    charge_id = models.UUIDField(db_index=True)
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    undone_principal_minor = models.BigIntegerField(default=0, db_default=0)
    undone_interest_minor = models.BigIntegerField(default=0, db_default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["installment", "charge_id"], name="allocation_once"),
            models.CheckConstraint(
                condition=Q(undone_principal_minor__gte=0, undone_interest_minor__gte=0, undone_interest_minor__lte=F("interest_minor"))
                & Q(undone_principal_minor__lte=F("principal_minor") - F("refunded_minor")),
                name="allocation_undone_within",
            ),
        ]
        triggers = [
            *kept(changing=["principal_minor", "interest_minor", "refunded_minor", "undone_principal_minor", "undone_interest_minor"]),
            ALLOCATED_ANEW,
        ]

    @property
    def standing_principal_minor(self) -> int:
        """The principal that it still pays."""
        return self.principal_minor - self.undone_principal_minor - self.refunded_minor


class FreePayment(Identified):
    """One plan's charge in a free payment: an amount that a person chose, whatever installments it pays.

    A free payment over several plans makes one row and one charge a plan; `together` is the same in all. `value_on` is the day as of which
    the amount is allocated; `order` is the market's order of buckets that was in force, or null for the usual order.
    """

    PREFIX = "fpy"
    together = models.UUIDField(db_index=True)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="free_payments")
    charge = models.OneToOneField("payments.Charge", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(MarketSetting, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    value_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        triggers = kept()


class PlanChange(models.Model):
    """One version of a plan's schedule: what changed it, an operator's `reason` if one did, and the installments before and after."""

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=20)
    reference = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    # The text that the person agreed to, where they did.
    agreement = models.TextField(blank=True, default="", db_default="")
    before = models.JSONField()
    after = models.JSONField()
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["plan", "-id"], name="plan_change_newest")]
        triggers = [*kept(), REARRANGED_BY_TWO]

    def sums(self, name: str) -> tuple[int, int]:
        """Return the sums of an amount (such as `interest_minor`) over all installments, before and after the change, in minor units."""
        return sum(row[name] for row in self.before), sum(row[name] for row in self.after)
