"""How much reminding a late person needs, as a model judged when they became late."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer
from collection.segments import ARM_CHOICES, NEED_CHOICES
from core.evidence import kept
from core.ids import Identified


class LateNeed(Identified):
    """How much reminding a person needs who is late without a break since a day (`since`), as judged once by the end of `day`.

    `arm` says by what their steps go: the table of the market, or a model. `model` is the model that told `risk_bps`, the probability in
    basis points that they do not pay what is late within two weeks; in the arm of the table it only stands here, to compare.
    """

    PREFIX = "ndj"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="late_needs", db_index=False)
    since = models.DateField()
    day = models.DateField()
    at = models.DateTimeField()
    arm = models.CharField(max_length=10, choices=ARM_CHOICES)
    need = models.CharField(max_length=5, choices=NEED_CHOICES)
    risk_bps = models.PositiveIntegerField()
    model = models.CharField(max_length=90)

    class Meta:
        verbose_name = _("need of a late person")
        verbose_name_plural = _("needs of late people")
        constraints = [
            models.UniqueConstraint(fields=["consumer", "since"], name="late_need_once"),
            models.CheckConstraint(condition=Q(arm__in=[key for key, _title in ARM_CHOICES]), name="late_need_arm_known"),
            models.CheckConstraint(condition=Q(need__in=[key for key, _title in NEED_CHOICES]), name="late_need_known"),
            models.CheckConstraint(condition=Q(risk_bps__lte=10_000), name="late_need_risk_in_bps"),
        ]
        indexes = [models.Index(fields=["day", "arm"], name="late_need_by_day")]
        triggers = kept()
