"""People for whom collecting stands still: they died, or are insolvent."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer
from core.evidence import kept, settled
from core.ids import Identified
from plans.guards import MOVES_ON_BY_TWO


class Standstill(Identified):
    """An account of a person who died or is insolvent: nothing is charged by workers, reminded of, or late with a fee, until it ends.

    One operator notes it (`noted_by`), for all accounts of the person at once; `person` is the key of the first of them. Two end it
    (`proposal`).
    """

    PREFIX = "sts"
    DECEASED, INSOLVENT = "deceased", "insolvent"
    KINDS = [(DECEASED, _("Deceased")), (INSOLVENT, _("Insolvent"))]
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="standstills", db_index=False)
    person = models.UUIDField()
    kind = models.CharField(max_length=10, choices=KINDS)
    noted_by = models.CharField(max_length=80)
    noted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    proposal = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("standstill")
        verbose_name_plural = _("standstills")
        permissions = [
            ("propose_standstill", "Can propose that collecting goes on for a person noted as deceased or insolvent"),
            ("confirm_standstill", "Can decide that collecting goes on for a person noted as deceased or insolvent"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["consumer"], condition=Q(ended_at=None), name="standstill_one_now"),
            models.CheckConstraint(condition=Q(kind__in=["deceased", "insolvent"]), name="standstill_kind_known"),
            models.CheckConstraint(
                condition=Q(ended_at=None, proposal=None) | Q(ended_at__isnull=False, proposal__isnull=False), name="standstill_ends_by_two"
            ),
        ]
        indexes = [models.Index(fields=["consumer", "-id"], name="standstill_of_consumer")]
        triggers = [*kept(changing=["ended_at", "proposal"]), settled("ended_stays", "OLD.ended_at IS NOT NULL"), MOVES_ON_BY_TWO]
