"""Payment methods."""

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform

from accounts.models import Consumer
from core.ids import Identified
from fraud.hashing import hash_of


class MethodKind(models.TextChoices):
    """The kinds of payment methods."""

    CARD = "card", "Card"
    BANK_DEBIT = "bank_debit", "Bank account"
    WALLET = "wallet", "Wallet"
    TRANSFER = "transfer", "Bank transfer"


MANDATE_STANDS = Q(kind=MethodKind.BANK_DEBIT, removed_at__isnull=False, ended_at=None)
"""Bank accounts that were removed here, but still have a mandate at their gateway."""


class PaymentMethod(Identified):
    """A consumer's way to pay: a token at a gateway. Card and account numbers never reach the platform.

    `shown` is what people recognize it by. A card: `brand`, `last4`, `exp_month`, `exp_year`; a bank account: `bank`, `last4`, `mandate`,
    `scheme`; a wallet: `name`, `hint`. A transfer, which people make themselves, has nothing to show and is never charged.
    """

    PREFIX = "pm"
    KINDS = MethodKind
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="payment_methods")
    gateway = models.CharField(max_length=20)
    token = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=MethodKind.choices, default=MethodKind.CARD, db_default=MethodKind.CARD)
    shown = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=32, blank=True, default="", db_default="")
    """The keyed hash (`fraud.hashing`) of the gateway's name for the card's number; empty if the gateway gave none."""
    position = models.PositiveSmallIntegerField(default=0)
    removed_at = models.DateTimeField(null=True)
    blocked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    """When the gateway ended the mandate of a bank account that was removed."""
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gateway", "token"], name="payment_method_token_once"),
            models.CheckConstraint(condition=Q(kind__in=MethodKind.values), name="payment_method_kind_known"),
        ]
        indexes = [
            models.Index(fields=["consumer", "position", "-id"], name="payment_method_order"),
            models.Index(fields=["removed_at"], name="payment_method_to_end", condition=MANDATE_STANDS),
            models.Index(KeyTextTransform("last4", "shown"), "id", name="payment_method_last4"),
        ]

    def __str__(self) -> str:
        return " ".join(str(self.shown[name]) for name in ("brand", "bank", "name", "last4", "hint") if self.shown.get(name))

    @property
    def last4(self) -> str:
        """The last digits of a card or an account; empty where it has none."""
        return str(self.shown.get("last4", ""))

    @property
    def known_as(self) -> str:
        """The keyed hash by which fraud detection knows it: of the card's number, the same for all who add it; without one, of this row."""
        return self.fingerprint or hash_of("card", f"{self.gateway}:{self.token}")

    @property
    def is_usable(self) -> bool:
        """Whether it can be charged: not removed, and not refused for good."""
        return self.removed_at is None and self.blocked_at is None
