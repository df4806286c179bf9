"""What people told of their situation, with their consent, so that they are treated with care."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Consumer
from core.crypto import EncryptedJSONField
from core.evidence import settled
from core.ids import Identified


class SupportFlag(Identified):
    """A person's situation as they told it, and what they need: `told` holds `driver`, `needs` and `note`, encrypted.

    The drivers are those of the FCA's FG21/1. It may be about health: it is kept with the person's explicit consent alone (art. 9 (2) (a)
    GDPR; `Consent` of the kind `support`), counts until `review_on`, and is deleted when they take it back. `recorded_by` is an operator,
    or the person.
    """

    PREFIX = "sfl"
    DRIVERS = [
        ("health", _("Health")),
        ("life", _("A change in life")),
        ("resilience", _("Little to fall back on")),
        ("capability", _("Trouble with money, forms or language")),
    ]
    NO_PHONE, LARGE = "no_phone", "large_print"
    NEEDS = [
        (LARGE, _("Large print")),
        (NO_PHONE, _("No calls")),
        ("third_party", _("Somebody else does the talking")),
        ("plain", _("Plain words")),
        ("time", _("More time")),
    ]
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="support_flags")
    told = EncryptedJSONField(person="consumer_id")
    recorded_by = models.CharField(max_length=80)
    at = models.DateTimeField()
    review_on = models.DateField()

    class Meta:
        verbose_name, verbose_name_plural = _("support flag"), _("support flags")
        indexes = [models.Index(fields=["review_on"], name="support_flag_age")]
        triggers = [settled("told_stays", "true")]
        permissions = [("note_support", "Can see and note what people need for their situation")]

    def __str__(self) -> str:
        return self.public_id
