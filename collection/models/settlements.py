"""Settlements: what a late person pays instead of all that is open of a plan, or of several by one offer."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer
from collection.settling_guards import AGREED, AGREED_JOINTLY, WHOLE
from collection.states import SETTLEMENT, SETTLEMENT_LIVE, SettlementStatus
from controls.models import Proposal
from core.evidence import kept
from core.ids import Identified
from core.states import Stateful
from plans.models import Plan


class JointSettlement(Identified):
    """One offer to take an amount as full payment of several late plans of a person in one currency: each has its part, a `Settlement`.

    `shares` are, in the order of the plans' keys, the key, what was open then and what is paid of it: the amount is divided by what was
    open. `parts` are pairs of a day and an amount of all plans together. The parts are accepted, paid and broken as one; `due_at` is when
    the next of its days is over, None once it ended.
    """

    PREFIX = "jst"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="joint_settlements", db_index=False)
    currency = models.CharField(max_length=3)
    shares = models.JSONField()
    open_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    parts = models.JSONField()
    until = models.DateField()
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("settlement of several debts")
        verbose_name_plural = _("settlements of several debts")
        indexes = [
            models.Index(fields=["consumer", "-id"], name="joint_settlement_of_consumer"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="joint_settlement_due"),
            models.Index(fields=["made_at"], name="joint_settlement_made"),
        ]
        triggers = [*kept(changing=["due_at"]), AGREED_JOINTLY, WHOLE]


class Settlement(Stateful, Identified):
    """An offer to take an amount as full payment of a late plan: accepted by the person until `until`, paid in parts by their days.

    `parts` are pairs of a day and an amount in minor units. `open_minor` is what was open then, `owed_minor` of it without fees. `stage` is
    how late it was (a key of `markets.queries.SETTLEMENTS`); `proposal` is the one on which two people agreed, where one may not alone.
    What is paid of the plan since `made_at` counts (`paid_minor`, as of when it was decided). `accepted_by` is the person, or the operator
    whom they told on the phone. Once all is paid, the rest falls away (`plans.Forgiven`). With `joint` it is the part of one plan in an
    offer over several, on which the authority is measured.
    """

    PREFIX = "stl"
    STAGES = [
        ("late", _("Late by up to 90 days")),
        ("long_late", _("Late for longer than 90 days")),
        ("charged_off", _("Given up")),
    ]
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="settlements", db_index=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="settlements", db_index=False)
    joint = models.ForeignKey(JointSettlement, on_delete=models.PROTECT, null=True, db_index=False, related_name="members")
    stage = models.CharField(max_length=12, choices=STAGES)
    open_minor = models.BigIntegerField()
    owed_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    parts = models.JSONField()
    until = models.DateField()
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    status = SETTLEMENT.field()
    accepted_by = models.CharField(max_length=80, blank=True)
    accepted_at = models.DateTimeField(null=True)
    paid_minor = models.BigIntegerField(default=0)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("settlement of a debt")
        verbose_name_plural = _("settlements of debts")
        permissions = [("approve_settlement", "Can approve settlements for less than one operator may agree on")]
        constraints = [
            SETTLEMENT.constraint("settlement_status_known"),
            models.UniqueConstraint(fields=["plan"], condition=Q(status__in=SETTLEMENT_LIVE), name="settlement_one_live"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, amount_minor__lt=F("open_minor"), owed_minor__lte=F("open_minor")),
                name="settlement_for_less",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[SettlementStatus.ACCEPTED, SettlementStatus.SETTLED]) | Q(accepted_at__isnull=False),
                name="settlement_accepted_before",
            ),
        ]
        indexes = [
            models.Index(fields=["plan", "-id"], name="settlement_of_plan"),
            models.Index(fields=["consumer", "-id"], name="settlement_of_consumer"),
            models.Index(fields=["made_at"], name="settlement_made"),
            models.Index(fields=["joint"], condition=Q(joint__isnull=False), name="settlement_of_joint"),
        ]
        triggers = [
            *kept(changing=["status", "accepted_by", "accepted_at", "paid_minor", "decided_at"]),
            *SETTLEMENT.triggers(),
            AGREED,
        ]

    @property
    def currency(self) -> str:
        """The plan's currency."""
        return self.plan.currency

    @property
    def forgiven_minor(self) -> int:
        """What falls away of what was open then."""
        return self.open_minor - self.amount_minor

    @SETTLEMENT.transition
    def accept(self) -> None:
        """The person accepts it."""

    @SETTLEMENT.transition
    def settle(self) -> None:
        """All of it is paid: the rest of the plan fell away."""

    @SETTLEMENT.transition
    def break_it(self) -> None:
        """A part was not paid by its day: the plan is owed as before, less what was paid."""

    @SETTLEMENT.transition
    def expire(self) -> None:
        """Nobody accepted it in time."""

    @SETTLEMENT.transition
    def fall_away(self) -> None:
        """Another offer took its place, an operator took it back, or nothing is owed any more."""

    @SETTLEMENT.transition
    def reopen(self) -> None:
        """The bank took a payment back: the rest is owed again."""
