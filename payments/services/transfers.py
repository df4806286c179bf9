"""Refunds that cannot reach a card, paid to bank accounts by hand: one operator sends the transfer, another confirms it."""

import uuid
from datetime import datetime

from accounts.queries import may_be_one_person
from core.db import unit
from core.errors import Conflict, Invalid
from core.outbox import append
from core.sentences import Sentence
from ledger import turns
from payments.models import Refund, Transfer, Turn
from payments.queries import find_transfer, is_unpaid, lock_refund, lock_refund_of, lock_transfer, request_of
from payments.services.breaks import close_breaks_about
from payments.services.refunds import arrived, cover_loss, note_turn, owe_transferred
from payments.states import TransferStatus
from payments.texts import TRANSFERRED

SHORTEST_ACCOUNT, LONGEST_ACCOUNT = 5, 40
BY_TWO = "payments.transfer_by_two"


def want_transfer(*, refund_id: uuid.UUID, holder: str, account: str, actor: str, at: datetime) -> Transfer:
    """Record the bank account to which a failed refund must be paid; replaces a transfer that nobody has sent yet.

    Invalid for an impossible account; Conflict if nothing is owed or the money is under way.
    """
    account, holder = " ".join(account.split()).upper(), " ".join(holder.split())
    faults: dict[str, str] = {} if holder else {"holder": Sentence("enter the name of the account's holder")}
    if not SHORTEST_ACCOUNT <= len(account) <= LONGEST_ACCOUNT or not any(mark.isdigit() for mark in account):
        faults["account"] = Sentence("enter the number of a bank account, such as an IBAN")
    if faults:
        raise Invalid("Look at what is marked.", code="payments.account_invalid", fields=faults)
    with unit():
        refund = lock_refund(refund_id)
        if not is_unpaid(refund.id):
            raise Conflict("This refund is not owed any more, or is on its way.", code="payments.refund_not_owed")
        before = find_transfer(refund.id)
        if before is not None:
            _close(before, "reject", actor, at)
        person = refund.charge.payment_method.consumer_id
        return Transfer.objects.create(refund=refund, consumer_id=person, holder=holder, account=account, wanted_by=actor, created_at=at)


def send_transfer(*, transfer_id: uuid.UUID, bank_reference: str, actor: str, at: datetime) -> Transfer:
    """Record that an operator paid a transfer at the bank, with the bank's reference; it waits until another operator confirms it.

    Invalid without a reference; Conflict if the transfer is no longer wanted.
    """
    if not bank_reference.strip():
        raise Invalid(
            "Write down what the bank calls the payment.", fields={"bank_reference": Sentence("write down what the bank calls it")}
        )
    with unit():
        # Lock the refund first: a bank's payment of the same money is recorded under that lock.
        lock_refund_of(transfer_id)
        transfer = lock_transfer(transfer_id)
        if transfer.status != TransferStatus.WANTED or not is_unpaid(transfer.refund_id):
            raise Conflict("This is sent, or not wanted any more.", code="payments.transfer_not_wanted")
        transfer.send()
        transfer.bank_reference, transfer.sent_by, transfer.sent_at = bank_reference.strip()[:60], actor, at
        transfer.save(update_fields=["status", "bank_reference", "sent_by", "sent_at"])
        turns.transfers_sent([_posting(transfer, at)])
    return transfer


def confirm_transfer(*, transfer_id: uuid.UUID, actor: str, at: datetime) -> Transfer:
    """Record that another operator saw the transfer paid: the refund is settled, and the person is told.

    Conflict if it was not sent, or if the sender is the same operator or an account that the same person may control.
    """
    with unit():
        transfer = lock_transfer(transfer_id)
        if transfer.status != TransferStatus.SENT:
            raise Conflict("This was not sent, or is confirmed already.", code="payments.transfer_not_sent")
        if may_be_one_person(transfer.sent_by, actor, at=at):
            raise Conflict("Somebody else confirms it, whose account and yours no one person made or changed lately.", code=BY_TWO)
        _close(transfer, "confirm", actor, at)
        refund: Refund = transfer.refund
        note_turn(refund, Turn.TRANSFERRED, at)
        turns.transfers_confirmed([_posting(transfer, at)])
        note = f"{TRANSFERRED}{transfer.bank_reference}"
        close_breaks_about(subjects=[refund.public_id], note=note, actor=actor, at=at, kinds=["refund_failed"])
        append(arrived(refund, by="transfer"), at=at)
    return transfer


def reject_transfer(*, transfer_id: uuid.UUID, actor: str, at: datetime) -> Transfer:
    """Reject a transfer that was not paid after all: the refund is owed as before, unless a bank has paid it meanwhile.

    Conflict if it is already confirmed or rejected.
    """
    with unit():
        refund = lock_refund_of(transfer_id)
        transfer = lock_transfer(transfer_id)
        if transfer.status not in (TransferStatus.WANTED, TransferStatus.SENT):
            raise Conflict("This is confirmed, or given up already.", code="payments.transfer_closed")
        sent = transfer.status == TransferStatus.SENT
        _close(transfer, "reject", actor, at)
        if sent:
            turns.transfers_rejected([_posting(transfer, at)])
            cover_loss(request_of(refund), at)
    return transfer


def return_transfer(*, transfer_id: uuid.UUID, actor: str, at: datetime) -> Transfer:
    """Record that a confirmed transfer came back to our bank: the refund is owed again, and its person is asked for another way.

    Conflict if it is not confirmed, or came back already.
    """
    with unit():
        refund = lock_refund_of(transfer_id)
        transfer = lock_transfer(transfer_id)
        if transfer.status != TransferStatus.CONFIRMED:
            raise Conflict("This was not confirmed, or came back already.", code="payments.transfer_not_confirmed")
        _close(transfer, "come_back", actor, at)
        turns.transfers_returned([_posting(transfer, at)])
        owe_transferred(refund, at)
    return transfer


def _close(transfer: Transfer, how: str, actor: str, at: datetime) -> None:
    getattr(transfer, how)()
    transfer.closed_by, transfer.closed_at = actor, at
    transfer.save(update_fields=["status", "closed_by", "closed_at"])


def _posting(transfer: Transfer, at: datetime) -> turns.TransferPosting:
    refund = transfer.refund
    return turns.TransferPosting(transfer.public_id, refund.reference, refund.currency, refund.amount_minor, at)
