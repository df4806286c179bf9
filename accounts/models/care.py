"""How operators look after consumers: finding them by name, the log of who looked at whom, notes and blocks."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.people import Consumer, User
from core.crypto import EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified


class NamePart(models.Model):
    """The keyed hash of a consumer's name, or of its beginning (at least three letters), with which operators find them.

    `part` is the first half of the hash (`accounts.rules.name_parts`). The rows change with the name, and are deleted when the person is
    erased.
    """

    id = models.BigAutoField(primary_key=True)
    part = models.UUIDField()
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="name_parts")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["part", "consumer"], name="name_part_once")]

    def __str__(self) -> str:
        return f"{self.consumer_id}"


class Look(Identified):
    """An operator's look at personal data: who looked at whom, on which page, when and from where.

    A search has one row without a consumer, and one for each consumer that it showed; both have the hash of its words (`purpose_hash`).
    """

    PREFIX = "lok"
    PAGES = [
        ("find", _("Search")),
        ("person", _("Person")),
        ("timeline", _("Timeline")),
        ("looks", _("Who looked")),
        ("order", _("Order")),
        ("plan", _("Plan")),
        ("charge", _("Charge")),
        ("refund", pgettext_lazy("noun", "Refund")),
        ("dispute", _("Dispute")),
        ("checkout", _("Checkout")),
        ("decision", _("Decision")),
        ("held_order", _("Held order")),
        ("fraud_case", _("Fraud case")),
        ("request", _("Request")),
        ("charge_off", _("Charge-off")),
        ("break", _("Money that needs a person")),
        ("work_list", _("Work list")),
        ("identity", _("Identity pictures")),
    ]
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="looks", db_index=False)
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, null=True, related_name="looks", db_index=False)
    page = models.CharField(max_length=12, choices=PAGES)
    purpose_hash = models.CharField(max_length=64, blank=True)
    address = models.CharField("from", max_length=45, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["consumer", "-id"], name="look_at_consumer", condition=Q(consumer__isnull=False)),
            models.Index(fields=["user", "-at"], name="look_of_user"),
            models.Index(fields=["at"], name="look_age"),
        ]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.page} by {self.user_id}"


class Note(Identified):
    """An operator's note about a consumer, for other operators. `once` is the key of the form that it came from."""

    PREFIX = "nte"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="notes", db_index=False)
    text = EncryptedTextField(person="consumer_id")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    once = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["consumer", "-id"], name="note_newest")]
        triggers = kept()

    def __str__(self) -> str:
        return self.public_id


class Block(Identified):
    """An operator's stop of a consumer's new purchases, until it is lifted; earlier purchases are not affected.

    It counts for all accounts of the person. The reason is for operators: neither the person nor a shop sees it.
    """

    PREFIX = "blk"
    REASONS = [
        ("stolen_identity", _("Somebody else may be using the identity")),
        ("fraud", _("Suspicion of fraud")),
        ("own_wish", _("The person wishes it")),
        ("guardian", _("A guardian or court decides for the person")),
        ("deceased", _("The person has died")),
        ("other", _("Another reason, see the note")),
    ]
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="blocks", db_index=False)
    reason = models.CharField(max_length=16, choices=REASONS)
    note = EncryptedTextField(blank=True, person="consumer_id")
    blocked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    blocked_at = models.DateTimeField()
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    lifted_at = models.DateTimeField(null=True)
    lifted_note = EncryptedTextField(blank=True, person="consumer_id")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consumer"], name="block_one", condition=Q(lifted_at__isnull=True)),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__gte=F("blocked_at"), lifted_by__isnull=False, lifted_at__isnull=False),
                name="block_lifted_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["consumer", "-id"], name="block_newest")]
        triggers = [
            *kept(fixed=["consumer", "reason", "note", "blocked_by", "blocked_at"]),
            settled("lifted_stays", "OLD.lifted_at IS NOT NULL"),
        ]

    def __str__(self) -> str:
        return self.public_id
