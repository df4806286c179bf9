"""Messages to people: kind, facts, recipient, channel and status."""

from django.db import models
from django.db.models import Q

from accounts.models import Consumer, User
from core.crypto import EncryptedJSONField
from core.evidence import kept
from core.ids import Identified
from core.states import Stateful
from notifications.states import MESSAGE, MessageStatus


class Message(Stateful, Identified):
    """One message. Its text is made from kind and facts whenever it is sent or shown; `notifications.facts` defines the form of facts.

    `facts` are from the time of queueing, and never change. Messages older than the column have none: their facts are read each time from
    the rows that `context` names, which holds ids and amounts, no personal data.

    A message about the audit log goes to neither a consumer nor a user: its facts hold the address, which the settings name.

    `patient` messages are sent after all others. `not_before` is product time and respects quiet hours; `next_at` is wall time, for claims
    and for retries. The inbox shows messages of channel `inbox`, which need no sending.
    """

    PREFIX = "msg"
    CHANNELS = [("email", "E-mail"), ("sms", "SMS"), ("inbox", "Inbox")]
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, null=True, related_name="messages")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="messages")
    channel = models.CharField(max_length=5, choices=CHANNELS)
    kind = models.CharField(max_length=40)
    context = models.JSONField(default=dict)
    facts = EncryptedJSONField(blank=True, person="consumer_id")
    dedupe = models.CharField(max_length=120, unique=True)
    status = MESSAGE.field()
    tries = models.PositiveSmallIntegerField(default=0)
    patient = models.BooleanField(default=False, db_default=False)
    not_before = models.DateTimeField()
    next_at = models.DateTimeField()
    error = models.CharField(max_length=200, blank=True)
    read_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(consumer__isnull=False) ^ Q(user__isnull=False)) | Q(consumer=None, user=None, kind="day_anchored"),
                name="message_to_one",
            ),
            MESSAGE.constraint("message_status_known"),
        ]
        indexes = [
            models.Index(fields=["patient", "not_before"], name="message_queue", condition=Q(status=MessageStatus.QUEUED)),
            models.Index(fields=["consumer", "-id"], name="message_inbox", condition=Q(channel="inbox")),
            models.Index(fields=["consumer"], name="message_unread", condition=Q(channel="inbox", read_at=None)),
            models.Index(fields=["at"], name="message_unsent", condition=Q(status=MessageStatus.FAILED)),
        ]
        permissions = [("resend_message", "Can send messages to people once more")]
        triggers = [
            *kept(fixed=["consumer", "user", "channel", "kind", "context", "facts", "dedupe", "at"]),
            *MESSAGE.triggers(),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}"

    @MESSAGE.transition
    def send(self) -> None:
        """The channel accepted the message."""

    @MESSAGE.transition
    def fail(self) -> None:
        """The channel refused the message for good."""

    @MESSAGE.transition
    def drop(self) -> None:
        """The message was outdated before it could be sent."""
