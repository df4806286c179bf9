"""Agencies that collect debts that were given up, and which agency has what."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.evidence import kept, settled
from core.ids import Identified
from plans.models import Plan


class Agency(Identified):
    """A contract with an agency that collects debts that were given up, for a share of what it brings (`rate_bps`).

    It takes debts of one market, given up for `least_days`, between two amounts in minor units. People hear `notice_days` before an
    agency gets their debt, with `contact`: how they reach it. A contract that was stopped stays stopped; what it has, it keeps until it is
    recalled.
    """

    PREFIX = "agy"
    name = models.CharField(max_length=120)
    contact = models.CharField(max_length=300)
    market = models.ForeignKey("markets.Market", on_delete=models.PROTECT, related_name="+", db_index=False)
    rate_bps = models.PositiveIntegerField()
    notice_days = models.PositiveIntegerField()
    least_days = models.PositiveIntegerField()
    least_minor = models.BigIntegerField()
    most_minor = models.BigIntegerField()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    stopped_by = models.CharField(max_length=80, blank=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("agency"), _("agencies")
        permissions = [("manage_agency", "Can make contracts with agencies, and place and recall debts")]
        constraints = [
            models.CheckConstraint(
                condition=Q(rate_bps__lte=10_000, least_minor__gt=0, most_minor__gte=F("least_minor")), name="agency_terms"
            )
        ]
        triggers = [*kept(changing=["stopped_by", "stopped_at"]), settled("stopped_stays", "OLD.stopped_at IS NOT NULL")]

    def __str__(self) -> str:
        return self.name


class Placement(Identified):
    """A plan that an agency collects: told to the person at once, in the agency's file from `placed_on`, until it is recalled.

    `ruled` is the rule that chose the agency, as `controls.rule_kinds.kept_rule`; empty for none.
    """

    PREFIX = "plc"
    BY_HAND, PAID, SOLD, STILL = "by_hand", "paid", "sold", "standstill"
    COMPLAINT, DISPUTE, HARDSHIP, CONDUCT, AREA = "complaint", "dispute", "hardship", "conduct", "area"
    CAUSES = [
        (BY_HAND, _("An operator recalled it")),
        (PAID, _("It is paid")),
        (SOLD, _("It was sold")),
        (STILL, _("Collecting stands still for the person")),
        (COMPLAINT, _("A complaint waits for its answer")),
        (DISPUTE, _("A bank looks into a payment")),
        (HARDSHIP, _("The person has relief")),
        (CONDUCT, _("The agency broke the code")),
        (AREA, _("The person lives in a disaster area")),
    ]
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="placements")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="placements", db_index=False)
    face_minor = models.BigIntegerField()
    placed_by = models.CharField(max_length=80)
    told_at = models.DateTimeField()
    placed_on = models.DateField()
    ruled = models.JSONField(default=dict)
    recall_cause = models.CharField(max_length=12, choices=CAUSES, blank=True)
    recalled_by = models.CharField(max_length=80, blank=True)
    recalled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan"], condition=Q(recalled_at=None), name="placement_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(recalled_at=None, recall_cause="") | Q(recalled_at__isnull=False), name="placement_recalled_whole"
            ),
        ]
        indexes = [models.Index(fields=["plan", "-id"], name="placement_of_plan")]
        triggers = [
            *kept(changing=["recall_cause", "recalled_by", "recalled_at"]),
            settled("recalled_stays", "OLD.recalled_at IS NOT NULL"),
        ]


class Release(Identified):
    """An operator lets a debt that was recalled by hand be placed again by the close of day, and says why; the row stays."""

    PREFIX = "rls"
    placement = models.OneToOneField(Placement, on_delete=models.PROTECT, related_name="release")
    reason = models.CharField(max_length=500)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("debt to be placed again"), _("debts to be placed again")
        triggers = kept()


class AgencyKey(Identified):
    """A key by which an agency's programs call us, stored as its keyed hash only; shown in full once, when it is made."""

    PREFIX = "agk"
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="keys", db_index=False)
    hint = models.CharField(max_length=30)
    key_hash = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    revoked_by = models.CharField(max_length=80, blank=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by="") | (Q(revoked_at__isnull=False) & ~Q(revoked_by="")),
                name="agency_key_revoked_whole",
            )
        ]
        indexes = [models.Index(fields=["agency", "-id"], name="agency_key_of")]
        triggers = [
            *kept(fixed=["agency", "hint", "made_by", "made_at"]),
            settled("revoked_stays", "OLD.revoked_at IS NOT NULL"),
        ]
