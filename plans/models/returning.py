"""Goods that a person has sent back to a shop, and the payments that wait for it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.evidence import kept, settled
from core.ids import Identified
from plans.models.plans import Plan
from plans.rules import returns


class GoodsReturn(Identified):
    """A person said that they have sent the goods of a plan back, once a plan: payments wait to the end of `until`.

    With `amount_minor` only goods of that price: so much of the last payments waits. `dates` are those of each payment that waits, before
    and during it, by number. `ended_by` says what ended it, and `denial` why the shop takes
    nothing back.
    """

    PREFIX = "rtn"
    ENDS = [
        (returns.REFUND, _("Refunded")),
        (returns.DENIED, _("The shop takes nothing back")),
        (returns.KEPT, _("The person keeps the goods")),
        (returns.TIME, _("The shop did not answer in time")),
    ]
    DENIALS = [
        (returns.MISSING, _("Nothing has arrived")),
        (returns.CONDITION, _("It was used or damaged")),
        (returns.LATE, _("It was sent back too late")),
        (returns.EXCLUDED, _("It cannot be sent back")),
    ]
    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="goods_return")
    tracking = models.CharField(max_length=40, blank=True)
    amount_minor = models.BigIntegerField(null=True)
    until = models.DateField()
    dates = models.JSONField()
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=10, choices=ENDS, blank=True)
    denial = models.CharField(max_length=10, choices=DENIALS, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("return under way"), _("returns under way")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by="") | (Q(ended_at__gte=F("at")) & ~Q(ended_by="")),
                name="goods_return_ends_by_something",
            ),
            models.CheckConstraint(
                condition=Q(denial="") & ~Q(ended_by=returns.DENIED) | ~Q(denial="") & Q(ended_by=returns.DENIED),
                name="goods_return_denied_with_reason",
            ),
            models.CheckConstraint(condition=Q(amount_minor=None) | Q(amount_minor__gt=0), name="goods_return_of_something"),
        ]
        indexes = [models.Index(fields=["until"], name="goods_return_open", condition=Q(ended_at=None))]
        triggers = [*kept(changing=["ended_at", "ended_by", "denial"]), settled("ended_stays", "OLD.ended_at IS NOT NULL")]
