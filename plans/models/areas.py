"""Areas that a disaster hit, and the plans that are paused for it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from controls.models import Proposal
from core.evidence import kept, settled
from core.ids import Identified
from markets.models import Market
from plans.models.plans import Plan


class DisasterArea(Identified):
    """An area of a market in which payments are paused from `at` to the end of `until`, agreed on by two people.

    `codes` are beginnings and ranges of postal codes (`plans.rules.areas`). `text` is what people there read. `walked` is the last plan
    that the worker has looked at; `done_at` is set once it has looked at all.
    """

    PREFIX = "dar"
    CAUSES = [
        ("flood", _("A flood")),
        ("storm", _("A storm")),
        ("fire", _("A fire")),
        ("earthquake", _("An earthquake")),
        ("other", _("Something else")),
    ]
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=120)
    cause = models.CharField(max_length=10, choices=CAUSES)
    codes = models.JSONField()
    text = models.CharField(max_length=300)
    until = models.DateField()
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    walked = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("disaster area"), _("disaster areas")
        indexes = [
            models.Index(fields=["id"], name="disaster_area_to_walk", condition=Q(done_at=None)),
            models.Index(fields=["until"], name="disaster_area_until"),
        ]
        triggers = [*kept(changing=["walked", "done_at"]), settled("done_stays", "OLD.done_at IS NOT NULL")]

    def __str__(self) -> str:
        return f"{self.name}, {self.market_id}"


class AreaPause(Identified):
    """A pause of a plan because its person lives in an area: `days`, and the dates of each payment before and after, by number.

    A plan has several for an area where later shipments followed. `ended_at`: the person wanted to go on as before.
    """

    PREFIX = "dap"
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="area_pauses", db_index=False)
    area = models.ForeignKey(DisasterArea, on_delete=models.PROTECT, related_name="pauses")
    days = models.PositiveSmallIntegerField()
    dates = models.JSONField()
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("pause of a plan in a disaster area"), _("pauses of plans in disaster areas")
        constraints = [models.CheckConstraint(condition=Q(ended_at=None) | Q(ended_at__gte=F("at")), name="area_pause_ends_later")]
        indexes = [models.Index(fields=["plan", "area"], name="area_pause_of_plan")]
        triggers = [*kept(changing=["ended_at"]), settled("ended_stays", "OLD.ended_at IS NOT NULL")]
