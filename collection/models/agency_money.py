"""Money between agencies and us: the terms of a contract by day, commissions, and what agencies send to our bank account."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from collection.agency_guards import REMITTED_BY_TWO
from collection.models.agencies import Agency, Placement
from controls.models import Proposal
from core.evidence import kept, settled
from core.ids import Identified
from plans.models import AgencyPayment


class AgencyTerms(Identified):
    """Terms of a contract from a day on, until newer ones: the agency's share, and how it is counted and kept.

    `counts_direct` gives the share also of what people pay to us while the agency has their debt; with `remits_net` the agency keeps its
    share of what it sends us.
    """

    PREFIX = "agt"
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="terms", db_index=False)
    valid_from = models.DateField()
    rate_bps = models.PositiveIntegerField()
    counts_direct = models.BooleanField()
    remits_net = models.BooleanField()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "valid_from"], name="agency_terms_once_a_day"),
            models.CheckConstraint(condition=Q(rate_bps__lte=10_000), name="agency_terms_share"),
        ]
        triggers = kept()


class Commission(Identified):
    """What a payment gives its agency, in minor units, or, below zero, what taking it back takes from it; `source` is its cause, once.

    `base_minor` is what of the payment counts. All rows of a charge together are the share of what counts of it now.
    """

    PREFIX = "cms"
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="commissions")
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="+", db_index=False)
    charge = models.ForeignKey("payments.Charge", on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=60, unique=True)
    rate_bps = models.PositiveIntegerField()
    base_minor = models.BigIntegerField()
    commission_minor = models.BigIntegerField()
    direct = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        triggers = kept()


class Remittance(Identified):
    """Money that an agency sent to our bank account, with its list; below zero, its share that we sent it.

    It counts once two operators agreed (`entered_at`), and once by what the bank calls it. `net` says that the agency kept its share of
    what it lists; `kept_minor` is that share, of the lines that match.
    """

    PREFIX = "rmt"
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="remittances")
    amount_minor = models.BigIntegerField()
    net = models.BooleanField()
    kept_minor = models.BigIntegerField(default=0)
    bank_reference = models.CharField(max_length=60)
    received_on = models.DateField()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    entered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("money of an agency"), _("money of agencies")
        permissions = [("confirm_agencymoney", "Can decide on money of agencies")]
        constraints = [
            models.UniqueConstraint(fields=["bank_reference"], condition=Q(entered_at__isnull=False), name="remittance_counts_once"),
            models.CheckConstraint(condition=~Q(amount_minor=0) & ~Q(bank_reference=""), name="remittance_named"),
        ]
        triggers = [
            *kept(changing=["proposal", "entered_at", "kept_minor"]),
            settled("entered_stays", "OLD.entered_at IS NOT NULL"),
            REMITTED_BY_TWO,
        ]

    def __str__(self) -> str:
        return f"{self.public_id}, {self.agency.name}"


class RemittanceLine(Identified):
    """A payment for which an agency sends money: what it calls it, its amount, and, of a net list, the share that it kept.

    Once entered, `payment` is the reported payment that it settles; otherwise `flaw` says why none is, and `off_minor` by how much.
    """

    PREFIX = "rml"
    UNKNOWN, BACK, AGAIN, AMOUNT, SHARE = "unknown", "given_back", "again", "amount", "share"
    FLAWS = [
        (UNKNOWN, _("No such payment was reported")),
        (BACK, _("It was given back to the person")),
        (AGAIN, _("Money came for it already")),
        (AMOUNT, _("Another amount was reported")),
        (SHARE, _("Its share is another one")),
    ]
    remittance = models.ForeignKey(Remittance, on_delete=models.PROTECT, related_name="lines", db_index=False)
    number = models.PositiveIntegerField()
    reference = models.CharField(max_length=60)
    amount_minor = models.BigIntegerField()
    share_minor = models.BigIntegerField(default=0)
    payment = models.OneToOneField(AgencyPayment, on_delete=models.PROTECT, null=True, related_name="remitted")
    flaw = models.CharField(max_length=12, choices=FLAWS, blank=True)
    off_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["remittance", "number"], name="remittance_line_once"),
            models.CheckConstraint(condition=Q(payment=None) | Q(flaw=""), name="remittance_line_settles_or_not"),
        ]
        triggers = [
            *kept(changing=["payment", "flaw", "off_minor"]),
            settled("settled_stays", "OLD.payment_id IS NOT NULL"),
        ]
