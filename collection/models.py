"""What collecting keeps of its own: the days that were closed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.evidence import kept, settled


class ClosedDay(models.Model):
    """The close of one day of a time zone: which steps are done, and how far the step under way has come.

    `done` maps each finished step to what it did to how many plans. `step` is the one under way, `after` the last plan that it passed,
    `count` what it did so far, and `left` the plans that somebody else held when it came by: they are tried again before the step ends.
    `fault` is the error that stopped it last, since `stuck_at`; empty while it goes on.
    """

    id = models.BigAutoField(primary_key=True)
    zone = models.CharField(max_length=40)
    day = models.DateField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    done = models.JSONField(default=dict)
    step = models.CharField(max_length=40, blank=True)
    after = models.UUIDField(null=True)
    count = models.PositiveIntegerField(default=0)
    left = models.JSONField(default=list)
    fault = models.CharField(max_length=200, blank=True)
    stuck_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("closed day")
        verbose_name_plural = _("closed days")
        constraints = [models.UniqueConstraint(fields=["zone", "day"], name="closed_day_once")]
        indexes = [models.Index(fields=["zone"], name="closed_day_open", condition=Q(closed_at=None))]
        triggers = [*kept(fixed=["zone", "day", "opened_at"]), settled("closed_stays", "OLD.closed_at IS NOT NULL")]

    def __str__(self) -> str:
        return f"{self.zone} {self.day}"
