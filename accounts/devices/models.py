"""Browsers in which consumers signed in."""

from django.db import models

from accounts.models.people import Consumer
from core.crypto import EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified


class Device(Identified):
    """A browser in which a consumer signed in, known by a cookie of its own; `token_hash` is the cookie's SHA-256.

    `name` says browser and system, `address` the internet address of the last sign-in. Once signed out it has `ended_at`, and signing in
    there again makes another device.
    """

    PREFIX = "dev"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="devices", db_index=False)
    token_hash = models.CharField(max_length=64)
    name = models.CharField(max_length=60, blank=True)
    address = EncryptedTextField(blank=True, person="consumer_id")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consumer", "token_hash"], name="device_once")]
        indexes = [models.Index(fields=["consumer", "-last_at"], name="device_of_consumer")]
        triggers = [
            *kept(changing=["name", "address", "last_at", "ended_at"]),
            settled("signed_out_stays", "OLD.ended_at IS NOT NULL"),
        ]

    def __str__(self) -> str:
        return self.public_id
