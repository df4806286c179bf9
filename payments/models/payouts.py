"""Payouts to shops."""

from django.db import models
from django.db.models import Q

from core.evidence import kept
from payments.guards import ANSWERED, ASKED
from payments.models.movements import Movement, by_day
from payments.states import MOVEMENT_OPEN, MOVEMENT_UNDONE, OUTGOING


class Payout(Movement):
    """Money sent to a merchant's bank account, once for each `reference`; `owner` is the merchant to whom the ledger owes it."""

    PREFIX = "pay"
    owner = models.CharField(max_length=60)
    destination = models.CharField(max_length=120)
    routed = models.JSONField(default=dict, db_default={})
    """The rule that chose its gateway, in the form of `controls.rule_kinds.kept_rule`; empty if no rule did."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payout_positive"),
            models.UniqueConstraint(fields=["reference"], name="payout_once"),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="payout_unsettled", condition=Q(status__in=MOVEMENT_OPEN)),
            models.Index(fields=["owner"], name="payout_undone", condition=Q(status__in=MOVEMENT_UNDONE)),
            by_day("payout_day"),
        ]
        triggers = [*kept(fixed=[*ASKED, "owner", "destination", "routed"]), *OUTGOING.triggers(), *ANSWERED]

    @OUTGOING.transition
    def confirm(self) -> None:
        """Two people closed it as not made, and later its gateway says that it was made."""
