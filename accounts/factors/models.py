"""Passkeys and their uses; the apps with codes that users have, and their recovery codes."""

from django.db import models
from django.db.models import Q

from accounts.models.people import Consumer, User
from core.crypto import EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified


class Passkey(Identified):
    """The public half of a key that a person's device, or their manager of passwords, made for a host of ours.

    It is a consumer's, or a user's who works for a shop or for the lender. `credential` is the key's id and `public_key` the key in COSE
    form, both as base64url; it is found by `credential_hash` (SHA-256). `sign_count` is how often the device says it was used, and stays 0
    where keys are copied between devices. `device` says in words where it was made. A removed one keeps its row, with `ended_at`.
    """

    PREFIX = "pky"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, null=True, related_name="passkeys", db_index=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="passkeys", db_index=False)
    credential_hash = models.CharField(max_length=64, unique=True)
    credential = EncryptedTextField(person="consumer_id")
    public_key = EncryptedTextField(person="consumer_id")
    sign_count = models.BigIntegerField()
    host = models.CharField(max_length=253)
    device = models.CharField(max_length=60, blank=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(consumer__isnull=False) ^ Q(user__isnull=False), name="passkey_of_one"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")), name="passkey_ended"
            ),
        ]
        indexes = [
            models.Index(fields=["consumer", "id"], name="passkey_of_consumer", condition=Q(consumer__isnull=False)),
            models.Index(fields=["user", "id"], name="passkey_of_user", condition=Q(user__isnull=False)),
        ]
        triggers = [
            *kept(changing=["sign_count", "used_at", "ended_at", "ended_by"]),
            settled("removed_stays", "OLD.ended_at IS NOT NULL"),
        ]

    def __str__(self) -> str:
        return self.public_id


class PasskeyUse(Identified):
    """One use of a passkey; `challenge_hash` (SHA-256) is what it signed, so that the same answer works only once."""

    PREFIX = "pku"
    passkey = models.ForeignKey(Passkey, on_delete=models.PROTECT, related_name="uses")
    challenge_hash = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="passkey_use_age")]
        triggers = [settled("said_stays", "true")]

    def __str__(self) -> str:
        return f"{self.passkey_id} at {self.at}"


class Authenticator(Identified):
    """An app of a user that makes codes of six digits by time (TOTP, RFC 6238), once a code of it has confirmed it (`confirmed_at`).

    `last_step` is the newest half minute of which a code was taken: none of it or before is taken again. `failed` counts wrong codes since
    `failed_from`. Moments are in real time, which a sandbox's clock does not move, since apps go by it. A removed one has `ended_at`.
    """

    PREFIX = "ath"
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="authenticators", db_index=False)
    secret = EncryptedTextField()
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)
    failed = models.PositiveSmallIntegerField(default=0)
    failed_from = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], condition=Q(ended_at=None), name="authenticator_one")]
        triggers = [
            *kept(changing=["confirmed_at", "last_step", "failed", "failed_from", "ended_at"]),
            settled("removed_stays", "OLD.ended_at IS NOT NULL"),
        ]

    def __str__(self) -> str:
        return self.public_id


class RecoveryCode(Identified):
    """A code that was shown once, and opens once in place of the app's; `code_hash` is its SHA-256 with the key of its authenticator."""

    PREFIX = "rcc"
    authenticator = models.ForeignKey(Authenticator, on_delete=models.PROTECT, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        triggers = [*kept(changing=["used_at"]), settled("used_once", "OLD.used_at IS NOT NULL")]

    def __str__(self) -> str:
        return self.public_id
