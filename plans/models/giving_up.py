"""Plans that were given up, and money that people send for plans."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from controls.models import Proposal
from core.evidence import kept, settled
from core.ids import Identified
from core.states import Stateful
from plans.guards import AGREED_BY_TWO, BY_DAY, RECORDED_BY_TWO, UNDONE_BY_TWO
from plans.models.plans import Plan
from plans.states import CHARGE_OFF, ChargeOffStatus


class ChargeOff(Stateful, Identified):
    """A plan that was given up as lost, by the proposal of one operator that another approved (`collection.proposals`), or by its days.

    For the reason `by_day`, without a proposal, the close of the day did it on which it was late for the days set for its market.

    The amounts are what was open of the plan, in minor units; the interest was never earned, and is no loss. `note` is the proposal's
    reason. Rows of the time before proposals name none, and some of them were withdrawn. A row is never changed, and never deleted.
    """

    PREFIX = "cof"
    CAUSES = [
        ("uncollectible", _("Cannot be collected")),
        ("deceased", _("The person has died")),
        ("insolvent", _("The person is insolvent")),
        ("fraud", _("Fraud")),
        ("uneconomic", _("Costs more than it brings")),
    ]
    REASONS = [*CAUSES, (BY_DAY, _("Late for very long"))]
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="charge_offs")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    reason = models.CharField(max_length=20, choices=REASONS)
    note = models.CharField(max_length=500)
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    status = CHARGE_OFF.field()
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    closed_by = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = "charge-off", "charge-offs"
        permissions = [("propose_chargeoff", "Can propose to give plans up"), ("confirm_chargeoff", "Can confirm that plans are given up")]
        constraints = [
            CHARGE_OFF.constraint("charge_off_status_known"),
            models.CheckConstraint(condition=Q(principal_minor__gte=0, interest_minor__gte=0), name="charge_off_not_negative"),
            models.CheckConstraint(
                condition=~Q(status=ChargeOffStatus.CONFIRMED) | (~Q(closed_by="") & ~Q(closed_by=F("proposed_by"))),
                name="charge_off_by_two",
            ),
        ]
        triggers = [*kept(), *CHARGE_OFF.triggers(), AGREED_BY_TWO]

    def __str__(self) -> str:
        return f"{self.public_id}, {self.status}"

    @property
    def amount_minor(self) -> int:
        """The open amount of the plan, interest included."""
        return self.principal_minor + self.interest_minor


class Receipt(Identified):
    """Money that a person sent to our bank account for a plan, recorded by two operators (`collection.proposals`).

    `charge` books it. `bank_reference` is what the bank calls it, without spaces at its ends: it counts once. A wrong receipt is undone by
    another proposal and never changed; then the same money may be recorded where it belongs.
    """

    PREFIX = "rcp"
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="receipts")
    charge = models.OneToOneField("payments.Charge", on_delete=models.PROTECT, related_name="+")
    bank_reference = models.CharField(max_length=60)
    received_on = models.DateField()
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, db_index=False, related_name="+")
    recorded_at = models.DateTimeField()
    undone_by = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bank_reference"], condition=Q(undone_at=None), name="receipt_counts_once"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="receipt_undone_by_proposal",
            ),
        ]
        triggers = [
            *kept(changing=["undone_by", "undone_at"]),
            settled("undone_stays", "OLD.undone_at IS NOT NULL"),
            RECORDED_BY_TWO,
            UNDONE_BY_TWO,
        ]

    def __str__(self) -> str:
        return f"{self.public_id}, {self.bank_reference}"
