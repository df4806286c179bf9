"""Messages to people: what is to be said to whom, by which channel, and whether it went out."""

from django.db import models
from django.db.models import Q

from accounts.models import Consumer, User
from core.crypto import EncryptedJSONField
from core.evidence import kept
from core.ids import Identified
from core.states import Stateful
from notifications.states import MESSAGE, MessageStatus


class Message(Stateful, Identified):
    """One message. Its text is made from kind and facts when it is sent and wherever it is shown: `notifications.facts` says their form.

    `facts` are what was true when it was queued, and never change; those of messages from before are read anew each time from what
    `context` names, which holds ids and amounts, no personal data.

    `not_before` is the product's time and keeps quiet hours; `next_at` is the wall's, for claims and for tries after a
    failure. The inbox shows messages of channel `inbox`, which need no sending.
    """

    PREFIX = "msg"
    CHANNELS = [("email", "E-mail"), ("sms", "SMS"), ("inbox", "Inbox")]
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, null=True, related_name="messages")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="messages")
    channel = models.CharField(max_length=5, choices=CHANNELS)
    kind = models.CharField(max_length=40)
    context = models.JSONField(default=dict)
    facts = EncryptedJSONField(blank=True)
    dedupe = models.CharField(max_length=120, unique=True)
    status = MESSAGE.field()
    tries = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    next_at = models.DateTimeField()
    error = models.CharField(max_length=200, blank=True)
    read_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(consumer__isnull=False) ^ Q(user__isnull=False), name="message_to_one"),
            MESSAGE.constraint("message_status_known"),
        ]
        indexes = [
            models.Index(fields=["not_before"], name="message_waiting", condition=Q(status=MessageStatus.QUEUED)),
            models.Index(fields=["consumer", "-id"], name="message_inbox", condition=Q(channel="inbox")),
            models.Index(fields=["consumer"], name="message_unread", condition=Q(channel="inbox", read_at=None)),
        ]
        triggers = [
            *kept(fixed=["consumer", "user", "channel", "kind", "context", "facts", "dedupe", "at"]),
            *MESSAGE.triggers(),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}"

    @MESSAGE.transition
    def send(self) -> None:
        """The channel took it."""

    @MESSAGE.transition
    def fail(self) -> None:
        """The channel refused it for good."""

    @MESSAGE.transition
    def drop(self) -> None:
        """When it could have gone out it was no longer true."""
