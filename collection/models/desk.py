"""What the desk of late people keeps of its work: links to pay that were sent on a call, and what was found out about people."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer
from core.crypto import EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified
from plans.models import Plan


class PayLink(Identified):
    """A link to pay what is late of a plan, sent on a call at the person's wish; `opened_at` is when its page was first asked for.

    `charge_id` is the last payment that was made by it.
    """

    PREFIX = "plk"
    SMS, EMAIL = "sms", "email"
    CHANNELS = [(SMS, _("SMS")), (EMAIL, _("E-mail"))]
    call = models.ForeignKey("collection.Call", on_delete=models.PROTECT, related_name="links")
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="pay_links", db_index=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="pay_links", db_index=False)
    channel = models.CharField(max_length=5, choices=CHANNELS)
    late_minor = models.BigIntegerField()
    sent_by = models.CharField(max_length=80)
    sent_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    charge_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("link to pay")
        verbose_name_plural = _("links to pay")
        constraints = [
            models.UniqueConstraint(fields=["call", "plan", "channel"], name="pay_link_once"),
            models.CheckConstraint(condition=Q(channel__in=["sms", "email"]), name="pay_link_channel_known"),
        ]
        indexes = [
            models.Index(fields=["consumer", "-id"], name="pay_link_of_consumer"),
            models.Index(fields=["sent_at"], name="pay_link_sent"),
        ]
        triggers = [*kept(changing=["opened_at", "charge_id"]), settled("opened_stays", "OLD.opened_at IS NOT NULL", fixed=["opened_at"])]


class Trace(Identified):
    """What an operator found out about how to reach a late person, and where: never used to write or call before the person confirms it.

    The person's data key seals what was found. `ended_by` is who noted that the person confirmed it, or that it is wrong.
    """

    PREFIX = "trc"
    OPEN, CONFIRMED, WRONG = "open", "confirmed", "wrong"
    KINDS = [("address", _("Address")), ("phone", _("Phone")), ("email", _("E-mail")), ("employer", _("Employer"))]
    SOURCES = [
        ("register", _("Public register")),
        ("directory", _("Directory")),
        ("returned", _("Returned mail")),
        ("shop", _("The shop")),
        ("third", _("Somebody else")),
        ("other", _("Elsewhere")),
    ]
    STATES = [(OPEN, _("Not confirmed")), (CONFIRMED, _("Confirmed by the person")), (WRONG, _("Wrong"))]
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="traces", db_index=False)
    kind = models.CharField(max_length=10, choices=KINDS)
    source = models.CharField(max_length=10, choices=SOURCES)
    found = EncryptedTextField(person="consumer_id")
    state = models.CharField(max_length=10, choices=STATES, default=OPEN)
    noted_by = models.CharField(max_length=80)
    noted_at = models.DateTimeField()
    ended_by = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("trace of a person")
        verbose_name_plural = _("traces of people")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["address", "phone", "email", "employer"], state__in=["open", "confirmed", "wrong"]),
                name="trace_known",
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at=None, ended_by="") | (~Q(state="open") & Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="trace_ended_by",
            ),
        ]
        indexes = [
            models.Index(fields=["consumer", "-id"], name="trace_of_consumer"),
            models.Index(fields=["noted_at"], name="trace_noted"),
        ]
        triggers = [settled("ended_stays", "OLD.ended_at IS NOT NULL")]
