"""Refunds paid to bank accounts by hand."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Consumer
from core.crypto import EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified
from core.states import Stateful, words
from payments.models.refunds import Refund
from payments.states import TRANSFER, TRANSFER_OVER, TRANSFER_PAYS, TransferStatus


class Transfer(Stateful, Identified):
    """A refund that cannot reach a card, paid to a bank account by hand: one operator sends it, another confirms it.

    Holder and account are encrypted with the `consumer`'s data key. `bank_reference` is the bank's identifier of the payment. A rejected
    transfer was not paid, and a new one may follow.
    """

    PREFIX = "trf"
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="transfers")
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    holder = EncryptedTextField(person="consumer_id")
    account = EncryptedTextField(person="consumer_id")
    status = TRANSFER.field()
    wanted_by = models.CharField(max_length=80)
    bank_reference = models.CharField(max_length=60, blank=True)
    sent_by = models.CharField(max_length=80, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TRANSFER.constraint("transfer_status_known"),
            models.UniqueConstraint(fields=["refund"], condition=~Q(status=TransferStatus.REJECTED), name="transfer_one_a_refund"),
            models.CheckConstraint(condition=~Q(status=TransferStatus.CONFIRMED) | ~Q(sent_by=F("closed_by")), name="transfer_by_two"),
        ]
        triggers = [
            *kept(fixed=["refund", "consumer", "holder", "account", "wanted_by", "created_at"]),
            *TRANSFER.triggers(),
            settled("closed_stays", f"OLD.status = NEW.status AND OLD.status IN ({words(TRANSFER_OVER)})"),
            settled("sent_stays", f"OLD.status IN ({words(TRANSFER_PAYS)})", fixed=["bank_reference", "sent_by", "sent_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.public_id}, {self.status}"

    @TRANSFER.transition
    def send(self) -> None:
        """An operator paid it at the bank."""

    @TRANSFER.transition
    def confirm(self) -> None:
        """Another operator has confirmed that it was paid."""

    @TRANSFER.transition
    def reject(self) -> None:
        """It was not paid after all, or the person wants another account."""

    @TRANSFER.transition
    def come_back(self) -> None:
        """The bank that had got it sent it back days later."""
