"""Fees that people pay beside principal and interest: for being late, for reminders and returned debits, and for services."""

from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from core.evidence import kept, settled
from core.ids import Identified
from core.states import Stateful
from markets.models import MarketSetting
from plans.fee_guards import FEES_WITHIN_CAPS, WAIVED_BY_TWO
from plans.models.plans import Installment
from plans.rules.fees import FeeKind
from plans.states import FEE, FeeStatus


class Fee(Stateful, Identified):
    """A fee that was decided for an installment; minor units. A late fee is decided once for each stage, even if nothing is left of it.

    `wanted_minor` is the fee of the agreement. `credit_minor` was paid by credits of the person (`plans.FeeCredit`), beside
    `amount_minor`, and counts in caps as if it were charged. `ruled` has the rule that lowered or left it (`rules`), to how much
    (`minor`), and why (`reason`); empty if none held. `cap` names the cap that cut it then. `caps` are the market's setting with the caps
    in force, and `caps_of_state` that of the person's state. `stage` is the place of a late fee's stage in the terms of its plan, or the
    number of another fee. `on` is the day that was closed, or of the service, where the person lives. `charge_id` is the debit that was
    given back.
    """

    PREFIX = "fee"
    KINDS = [
        (FeeKind.LATE.value, _("Late fee")),
        (FeeKind.REMINDER.value, _("Reminder fee")),
        (FeeKind.RETURNED.value, _("Fee for a returned debit")),
        (FeeKind.RESCHEDULE.value, _("Fee for a moved date")),
        (FeeKind.SERVICE.value, _("Service fee")),
    ]
    installment = models.ForeignKey(Installment, on_delete=models.PROTECT, related_name="fees", db_index=False)
    kind = models.CharField(max_length=10, choices=KINDS)
    stage = models.PositiveSmallIntegerField()
    on = models.DateField()
    wanted_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0)
    credit_minor = models.BigIntegerField(default=0, db_default=0)
    cap = models.CharField(max_length=40, blank=True)
    caps = models.ForeignKey(MarketSetting, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    caps_of_state = models.ForeignKey(MarketSetting, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    ruled = models.JSONField(default=dict, db_default={})
    status = FEE.field()
    charge_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    # Why it was waived or withdrawn, by whom and when; a fee that is charged has none.
    end_reason = models.CharField(max_length=500, blank=True)
    ended_by = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        permissions = [("waive_fees", "Can waive fees of people")]
        constraints = [
            FEE.constraint("fee_status_known"),
            models.UniqueConstraint(fields=["installment", "kind", "stage", "on"], name="fee_once_a_day"),
            models.UniqueConstraint(fields=["installment", "stage"], condition=Q(kind=FeeKind.LATE.value), name="fee_of_stage_once"),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0, amount_minor__lte=F("wanted_minor"), paid_minor__gte=0, paid_minor__lte=F("amount_minor")),
                name="fee_paid_within",
            ),
            models.CheckConstraint(
                condition=Q(credit_minor__gte=0, wanted_minor__gte=F("amount_minor") + F("credit_minor")), name="fee_credit_used_within"
            ),
            models.CheckConstraint(
                condition=Q(ruled={}) | Q(amount_minor__lte=Cast(KeyTextTransform("minor", "ruled"), models.BigIntegerField())),
                name="fee_within_rule",
            ),
            models.CheckConstraint(condition=Q(amount_minor=0) | Q(caps__isnull=False), name="fee_has_caps"),
            models.CheckConstraint(condition=Q(status=FeeStatus.CHARGED.value) | Q(paid_minor=0), name="fee_ended_is_not_paid"),
        ]
        triggers = [
            *kept(changing=["paid_minor", "status", "end_reason", "ended_by", "ended_at"]),
            *FEE.triggers(),
            settled("ended_stays", f"OLD.status <> '{FeeStatus.CHARGED}'"),
            FEES_WITHIN_CAPS,
            WAIVED_BY_TWO,
        ]

    @property
    def open_minor(self) -> int:
        """What is still owed of it."""
        return self.amount_minor - self.paid_minor if self.status == FeeStatus.CHARGED else 0

    @FEE.transition
    def waive(self) -> None:
        """An operator lets it go; what was paid of it goes back."""

    @FEE.transition
    def withdraw(self) -> None:
        """It should not have been charged: a payment counts from an earlier day."""


class FeePayment(models.Model):
    """What a charge pays of a fee; the undone part pays nothing any more, and the returned part went back to the charge's method."""

    id = models.BigAutoField(primary_key=True)
    fee = models.ForeignKey(Fee, on_delete=models.PROTECT, related_name="payments", db_index=False)
    charge_id = models.UUIDField(db_index=True)
    amount_minor = models.BigIntegerField()
    undone_minor = models.BigIntegerField(default=0)
    returned_minor = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fee", "charge_id"], name="fee_payment_once"),
            models.CheckConstraint(
                condition=Q(undone_minor__gte=0, returned_minor__gte=0, amount_minor__gte=F("undone_minor") + F("returned_minor")),
                name="fee_payment_within",
            ),
        ]
        triggers = kept(changing=["amount_minor", "undone_minor", "returned_minor"])

    @property
    def standing_minor(self) -> int:
        """What it still pays."""
        return self.amount_minor - self.undone_minor - self.returned_minor
