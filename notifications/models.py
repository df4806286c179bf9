"""Messages to people: what is to be said to whom, by which channel, and whether it went out."""

from django.db import models
from django.db.models import Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import Consumer, User
from core.ids import Identified


class Message(FSMModelMixin, Identified):
    """One message. Its text is made from kind and context when it is sent; the context holds no personal data.

    `claimed_until` and `next_at` are wall time. The inbox shows messages of channel `inbox`, which need no sending.
    """

    PREFIX = "msg"
    CHANNELS = [("email", "E-mail"), ("sms", "SMS"), ("inbox", "Inbox")]
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, null=True, related_name="messages")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="messages")
    channel = models.CharField(max_length=5, choices=CHANNELS)
    kind = models.CharField(max_length=40)
    context = models.JSONField(default=dict)
    dedupe = models.CharField(max_length=120, unique=True)
    status = FSMField(default="queued", protected=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    error = models.CharField(max_length=200, blank=True)
    read_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(consumer__isnull=False) ^ Q(user__isnull=False), name="message_to_one")]
        indexes = [
            models.Index(fields=["next_at"], name="message_waiting", condition=Q(status="queued")),
            models.Index(fields=["consumer", "-id"], name="message_inbox", condition=Q(channel="inbox")),
        ]

    @transition(field=status, source="queued", target="sent")
    def send(self) -> None:
        """The channel took it."""

    @transition(field=status, source="queued", target="failed")
    def fail(self) -> None:
        """The channel refused it for good."""
