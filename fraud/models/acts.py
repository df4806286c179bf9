"""Acts on accounts between purchases: the source of their counters."""

from django.db import models
from django.db.models import Q

from accounts.models import Consumer
from core.crypto import EncryptedTextField
from core.ids import Identified
from fraud.states import ActKind

ACT_KEYS = ("person_key", "device", "network")
"""The columns with keyed hashes under which acts are counted."""


def _key() -> "models.CharField[str, str]":
    return models.CharField(max_length=32, blank=True, default="")


class AccountAct(Identified):
    """An act on an account, or a mistyped code for one: when, by which kind, and keyed hashes of what was seen.

    A code that was mistyped for a contact of nobody has no consumer. `browser` is the fingerprint of a browser at the person's address.
    `from_new`: a sign-in from a device that is new to the person, or another act within a week after such a sign-in; unknown if there is no
    older device to compare with. `network_kind` and `zone_gap_min` (minutes) are as in the signals. The internet address and the time zone
    themselves are sealed with the person's key. Rows are deleted `BNPL_KEEP_SIGHTINGS_DAYS` after the act, and with the person.
    """

    PREFIX = "act"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="+", db_index=False, null=True)
    kind = models.CharField(max_length=8, choices=[(one.value, one.value) for one in ActKind])
    person_key = _key()
    device = _key()
    browser = _key()
    network = _key()
    from_new = models.BooleanField(null=True)
    network_kind = models.CharField(max_length=8, blank=True, default="")
    zone_gap_min = models.PositiveSmallIntegerField(null=True)
    internet = EncryptedTextField(blank=True, person="consumer_id")
    zone = EncryptedTextField(blank=True, person="consumer_id")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[one.value for one in ActKind]), name="act_kind_known"),
            models.CheckConstraint(condition=Q(consumer__isnull=False) | Q(kind=ActKind.CODE_FAILED.value), name="act_of_somebody"),
        ]
        indexes = [
            *[models.Index(fields=[key, "kind", "-at"], name=f"act_{key}", condition=~Q(**{key: ""})) for key in ACT_KEYS],
            models.Index(fields=["person_key", "device", "at"], name="act_first_device", condition=~Q(device="")),
            models.Index(fields=["person_key", "browser", "at"], name="act_first_browser", condition=~Q(browser="")),
            models.Index(fields=["person_key", "kind", "-at"], name="act_from_new", condition=Q(from_new=True)),
            models.Index(fields=["consumer", "-id"], name="act_consumer"),
            models.Index(fields=["at"], name="act_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at}"
