"""People for whom collecting stands still: they died, are insolvent, or have a breathing space by law."""

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
    (`proposal`). So it is in a breathing space, of which `reference` names the notice, and which ends by itself after its last day
    (`until`; None while the treatment of a crisis goes on).
    """

    PREFIX = "sts"
    DECEASED, INSOLVENT = "deceased", "insolvent"
    BREATHING, CRISIS, ADVICE = "breathing", "crisis", "advice"
    KINDS = [
        (DECEASED, _("Deceased")),
        (INSOLVENT, _("Insolvent")),
        (BREATHING, _("Breathing space")),
        (CRISIS, _("Breathing space in a mental health crisis")),
        (ADVICE, _("Makes a plan with a debt adviser")),
    ]
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="standstills", db_index=False)
    person = models.UUIDField()
    kind = models.CharField(max_length=10, choices=KINDS)
    reference = models.CharField(max_length=60, blank=True, default="", db_default="")
    until = models.DateField(null=True)
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
            models.UniqueConstraint(
                fields=["consumer"], condition=Q(ended_at=None, kind__in=["deceased", "insolvent"]), name="standstill_for_good_now"
            ),
            models.UniqueConstraint(
                fields=["consumer"], condition=Q(ended_at=None, kind__in=["breathing", "crisis"]), name="standstill_of_law_now"
            ),
            models.UniqueConstraint(fields=["consumer"], condition=Q(ended_at=None, kind="advice"), name="standstill_advice_now"),
            models.CheckConstraint(
                condition=Q(kind__in=["deceased", "insolvent"], until=None, reference="")
                | (Q(kind__in=["breathing", "advice"], until__isnull=False) & ~Q(reference=""))
                | (Q(kind="crisis") & ~Q(reference="")),
                name="standstill_kind_fits",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, proposal=None)
                | (Q(ended_at__isnull=False) & (Q(proposal__isnull=False) | Q(until__isnull=False))),
                name="standstill_ends_by_two_or_its_day",
            ),
        ]
        indexes = [
            models.Index(fields=["consumer", "-id"], name="standstill_of_consumer"),
            models.Index(fields=["until"], name="standstill_ending", condition=Q(ended_at=None, until__isnull=False)),
        ]
        triggers = [
            *kept(changing=["ended_at", "proposal", "until"]),
            settled("ended_stays", "OLD.ended_at IS NOT NULL"),
            settled("until_stays", "OLD.until IS NOT NULL AND OLD.until IS DISTINCT FROM NEW.until"),
            MOVES_ON_BY_TWO,
        ]
