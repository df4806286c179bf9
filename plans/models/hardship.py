"""Relief that people in hardship chose."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.evidence import kept
from core.ids import Identified
from plans.models.plans import Plan
from plans.rules.hardship import LONGER, MONTH, PAUSE, SMALLER, UNKNOWN


class Hardship(Identified):
    """Relief that a person in hardship chose for a plan: a pause of some days, or so many smaller payments without further interest.

    `reason` and `lasts` are their answers, in words that tell nothing of their health; `can_pay`: they can pay something meanwhile.
    """

    PREFIX = "hds"
    KINDS = [(PAUSE, _("A pause")), (SMALLER, _("Smaller payments"))]
    REASONS = [("income", _("Less income")), ("costs", _("Higher costs")), ("life", _("A change in life")), ("other", _("Something else"))]
    LASTS = [(MONTH, _("About a month")), (LONGER, _("Longer")), (UNKNOWN, _("Not known"))]
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="hardships")
    kind = models.CharField(max_length=10, choices=KINDS)
    days = models.PositiveSmallIntegerField(default=0)
    count = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=10, choices=REASONS)
    lasts = models.CharField(max_length=10, choices=LASTS)
    can_pay = models.BooleanField()
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        triggers = kept()
