"""The values seen at each attempt to buy: the source of the counters."""

from django.db import models
from django.db.models import Q

from accounts.models import Consumer
from core.ids import Identified

KEYS = ("person_key", "email", "phone", "name", "device", "browser", "card", "address", "network", "same", "twin")
"""The columns with keyed hashes of values, each counted separately; empty if the value is unknown or not significant."""


def _key() -> "models.CharField[str, str]":
    return models.CharField(max_length=32, blank=True, default="")


class Sighting(Identified):
    """An attempt to buy, with keyed hashes of the seen values, which cannot be reversed.

    `subject` is the checkout's public id, `merchant` the shop's; several attempts at one checkout have a row each and count once. `browser`
    is the fingerprint of a browser at one address, `same` a basket of one person, `twin` a basket at one address. Rows are deleted after
    `BNPL_KEEP_SIGHTINGS_DAYS`, and with the person.
    """

    PREFIX = "sgt"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="+", db_index=False)
    subject = models.CharField(max_length=40)
    merchant = models.CharField(max_length=40)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    verdict = models.CharField(max_length=8)
    person_key = _key()
    email = _key()
    phone = _key()
    name = _key()
    device = _key()
    browser = _key()
    card = _key()
    address = _key()
    network = _key()
    same = _key()
    twin = _key()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            *[models.Index(fields=[key, "-at"], name=f"sighting_{key}", condition=~Q(**{key: ""})) for key in KEYS],
            models.Index(fields=["merchant", "-at"], name="sighting_merchant"),
            models.Index(fields=["consumer"], name="sighting_consumer"),
            models.Index(fields=["at"], name="sighting_age"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}, {self.verdict}"
