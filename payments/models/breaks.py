"""Problems with money that a person has to look into."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.evidence import kept, settled
from core.ids import Identified
from core.states import Stateful
from payments.states import BREAK, BreakStatus


class Break(Stateful, Identified):
    """A problem with money at a gateway that a person has to look into; on the work list until somebody closes it.

    `subject` is the movement's public id, `reference` what the movement was for. A movement has at most one break of a kind and `number`;
    the number rises if the problem can come again, as with a dispute that is lost after it was won.
    """

    PREFIX = "brk"
    KINDS = [
        ("answer_differs", _("The gateway moved another amount")),
        ("refund_failed", _("A refund did not reach the card")),
        ("payout_failed", _("A payout did not reach the shop")),
        ("charge_reversed", _("A payment was taken back by the bank")),
        ("pull_late", _("A bank debit has not ended")),
        ("unanswered", _("The gateway has not answered")),
        ("contradicted", _("The gateway says otherwise than two people")),
        ("dispute", _("A payment is disputed at the bank")),
        ("dispute_lost", _("The bank decided for the cardholder")),
    ]
    kind = models.CharField(max_length=20, choices=KINDS)
    number = models.PositiveSmallIntegerField(default=0, db_default=0)
    subject = models.CharField(max_length=40)
    reference = models.CharField(max_length=60)
    gateway = models.CharField(max_length=20)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    detail = models.JSONField(default=dict)
    status = BREAK.field()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject", "number"], name="break_once"),
            BREAK.constraint("break_status_known"),
        ]
        indexes = [models.Index(fields=["-id"], name="break_open", condition=Q(status=BreakStatus.OPEN))]
        triggers = [
            *kept(fixed=["kind", "number", "subject", "reference", "gateway", "amount_minor", "currency", "detail", "opened_at"]),
            *BREAK.triggers(),
            settled("closed_stays", f"OLD.status = '{BreakStatus.CLOSED}'"),
        ]
        permissions = [("handle_break", "Can close breaks and send refunds again")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"

    @BREAK.transition
    def close(self) -> None:
        """Mark that somebody has looked into it, or that it has settled by itself."""
