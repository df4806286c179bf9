"""Disputes of charges at cardholders' banks."""

from django.db import models

from core.evidence import kept, settled
from core.ids import Identified
from core.money import Money
from core.states import Stateful
from payments.models.charges import Charge
from payments.states import DISPUTE, DisputeStatus


class Dispute(Stateful, Identified):
    """A charge that the cardholder disputes at their bank: taken back until the bank decides who keeps the money.

    While a dispute is open or lost, nothing more is charged for the same purpose, unless an operator has allowed it (`waived_at`). `turns`
    counts the recorded changes, so that an answer older than this row is never recorded.
    """

    PREFIX = "dsp"
    gateway = models.CharField(max_length=20)
    gateway_ref = models.CharField(max_length=120)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="disputes")
    reference = models.CharField(max_length=60, db_index=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=60, blank=True)
    status = DISPUTE.field()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    waived_at = models.DateTimeField(null=True)
    turns = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gateway", "gateway_ref"], name="dispute_once"),
            DISPUTE.constraint("dispute_status_known"),
        ]
        indexes = [models.Index(fields=["-opened_at"], name="dispute_newest")]
        triggers = [
            *kept(fixed=["gateway", "gateway_ref", "charge", "reference", "amount_minor", "currency", "opened_at"]),
            *DISPUTE.triggers(),
            settled("decided_stays", f"OLD.status <> '{DisputeStatus.OPEN}' AND OLD.status = NEW.status", changing=["waived_at", "turns"]),
        ]

    def __str__(self) -> str:
        return f"{Money(self.amount_minor, self.currency).text()}, {self.status}"

    @DISPUTE.transition
    def win(self) -> None:
        """The bank decided for us: the charge stands."""

    @DISPUTE.transition
    def lose(self) -> None:
        """The bank decided for the cardholder: the charge is taken back for good."""
