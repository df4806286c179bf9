"""Money that people paid to an agency, which collects a plan for us."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.evidence import kept, settled
from core.ids import Identified
from plans.models.plans import Plan


class AgencyPayment(Identified):
    """Money that a person paid to the agency that had their plan, as the agency reported it (`reported_by`); `charge` books it.

    `agency` is the public id of the contract, and `reference` what the agency calls the payment: it counts once, also after the agency
    said that it was taken back (`undone_at`).
    """

    PREFIX = "agp"
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="agency_payments")
    charge = models.OneToOneField("payments.Charge", on_delete=models.PROTECT, related_name="+")
    agency = models.CharField(max_length=40)
    reference = models.CharField(max_length=60)
    paid_on = models.DateField()
    reported_by = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("payment to an agency"), _("payments to agencies")
        constraints = [
            models.UniqueConstraint(fields=["agency", "reference"], name="agency_payment_counts_once"),
            models.CheckConstraint(condition=~Q(agency="") & ~Q(reference=""), name="agency_payment_named"),
        ]
        triggers = [*kept(changing=["undone_at"]), settled("undone_stays", "OLD.undone_at IS NOT NULL")]

    def __str__(self) -> str:
        return f"{self.public_id}, {self.reference}"
