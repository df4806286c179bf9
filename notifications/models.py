"""Messages to people: kind, facts, recipient, channel and status; and the notices of refusals, kept as they were sent."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer, User
from collection.models import LateNotice
from core.crypto import EncryptedJSONField
from core.evidence import kept, settled
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


class Notice(Identified):
    """A notice that a law asks for, exactly as it was sent: of a refusal, a counter-offer, a rejected order or a lower limit.

    `kind` is that of its message, and `subject` the public id of what it is about: the decision, the order, or what lowered the limit; each
    has one notice. `paper` has the text, its language and the lender's names; page, letter and PDF show it and nothing newer. `seal` is the
    SHA-256 of the text. `versions` say by which words (`text`), which dated settings of the market (`law`, first days by key) and which
    change of the brand (`brand`, its number) it was written. `by_people`: people decided, and not a computer. `decided_at` is when it was
    decided, `at` when the notice was written, and `keep_until` until when it is kept at least, by the market's `records.keep_months`.
    """

    PREFIX = "ntc"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=40)
    paper = EncryptedJSONField(person="consumer_id")
    seal = models.CharField(max_length=64)
    versions = models.JSONField()
    by_people = models.BooleanField()
    decided_at = models.DateTimeField()
    at = models.DateTimeField()
    keep_until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="notice_once")]
        indexes = [
            models.Index(fields=["consumer", "-id"], name="notice_of_consumer"),
            models.Index(fields=["keep_until"], name="notice_to_forget"),
        ]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.kind} about {self.subject}"


class PaperLetter(Identified):
    """A notice that the law demands of who is late, to be printed and posted, as no message brought it or only paper counts (no `why`).

    It waits until an operator prints it with others (`batch`), and is posted by an operator, which makes the notice told; or it is left
    (`left`: why), since it is no longer true, a later one takes its place, or an operator cannot post it. Its text is the kept notice.
    """

    PREFIX = "ltr"
    late_notice = models.OneToOneField(LateNotice, on_delete=models.PROTECT, related_name="paper_letter")
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="paper_letters", db_index=False)
    why = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    batch = models.UUIDField(null=True)
    printed_by = models.CharField(max_length=80, blank=True)
    printed_at = models.DateTimeField(null=True)
    posted_by = models.CharField(max_length=80, blank=True)
    posted_at = models.DateTimeField(null=True)
    left = models.CharField(max_length=200, blank=True)
    left_by = models.CharField(max_length=80, blank=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("letter on paper"), _("letters on paper")
        permissions = [("post_letter", "Can print and post letters on paper")]
        constraints = [
            models.CheckConstraint(
                condition=Q(posted_at=None) | Q(batch__isnull=False, printed_at__isnull=False, left_at=None),
                name="paper_letter_printed_first",
            )
        ]
        indexes = [
            models.Index(fields=["id"], name="paper_letter_waits", condition=Q(posted_at=None, left_at=None)),
            models.Index(fields=["batch"], name="paper_letter_of_batch", condition=Q(batch__isnull=False)),
            models.Index(fields=["consumer", "-id"], name="paper_letter_of_person"),
        ]
        triggers = [
            *kept(fixed=["late_notice", "consumer", "why", "at"]),
            settled("posted_stays", "OLD.posted_at IS NOT NULL"),
            settled("left_stays", "OLD.left_at IS NOT NULL"),
        ]

    def __str__(self) -> str:
        return self.public_id
