"""Attempts to use a card, counted so that guessing cards is limited."""

from django.db import models
from django.db.models import Q

from accounts.models import Consumer


class CardTry(models.Model):
    """A try of a card by a person who was present: declined, or still pending. Nothing of the card is stored.

    `key` identifies what the card was tried for; the hashes stand for the person's network and browser.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=160, unique=True)
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, db_index=False)
    network_hash = models.CharField(max_length=64, blank=True)
    device_hash = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = "declined card", "declined cards"
        indexes = [
            models.Index(fields=["consumer", "-at"], name="card_try_recent"),
            models.Index(fields=["network_hash", "-at"], name="card_try_network", condition=~Q(network_hash="")),
            models.Index(fields=["device_hash", "-at"], name="card_try_device", condition=~Q(device_hash="")),
            models.Index(fields=["at"], name="card_try_age"),
        ]

    def __str__(self) -> str:
        return self.key
