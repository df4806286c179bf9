"""Changes of the contacts by which consumers sign in."""

from django.db import models
from django.db.models import Q

from accounts.models.people import Consumer
from accounts.states import CONTACT, ContactStatus
from core.crypto import EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified
from core.states import Stateful


class ContactChange(Stateful, Identified):
    """A change of a consumer's e-mail address or number, which a code has shown to be theirs; one waits at a time.

    `contact` is the new one, `former` the one that it replaces: empty if none signed in before. It is made at `due_at`, or ended before;
    `ended_by` is who or what did that.
    """

    PREFIX = "ctc"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="contact_changes", db_index=False)
    channel = models.CharField(max_length=5, choices=[("email", "e-mail"), ("sms", "SMS")])
    contact = EncryptedTextField(person="consumer_id")
    former = EncryptedTextField(blank=True, person="consumer_id")
    status = CONTACT.field()
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            CONTACT.constraint("contact_change_status_known"),
            models.UniqueConstraint(fields=["consumer"], condition=Q(status=ContactStatus.WAITING.value), name="contact_change_one_waits"),
            models.CheckConstraint(
                condition=Q(status=ContactStatus.WAITING.value, ended_at=None, ended_by="")
                | (~Q(status=ContactStatus.WAITING.value) & Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="contact_change_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["consumer", "-id"], name="contact_change_newest"),
            models.Index(fields=["due_at"], name="contact_change_due", condition=Q(status=ContactStatus.WAITING.value)),
        ]
        triggers = [
            *kept(changing=["status", "ended_at", "ended_by"]),
            *CONTACT.triggers(),
            settled("ended_stays", "OLD.ended_at IS NOT NULL"),
        ]

    def __str__(self) -> str:
        return f"{self.public_id}, {self.status}"

    @property
    def is_open(self) -> bool:
        """Whether it still waits, and can be undone."""
        return bool(self.status == ContactStatus.WAITING)

    @property
    def is_made(self) -> bool:
        """Whether the new contact signs in."""
        return bool(self.status == ContactStatus.MADE)

    @CONTACT.transition
    def make(self) -> None:
        """The new contact signs in from now on."""

    @CONTACT.transition
    def undo(self) -> None:
        """The person keeps the old contact."""

    @CONTACT.transition
    def drop(self) -> None:
        """It cannot be made any more: another account has the contact by now, or the person was erased."""
