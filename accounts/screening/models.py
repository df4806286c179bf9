"""Questions to a company that screens people against lists, when each person was screened last, and possible matches."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Consumer, User
from accounts.states import MATCH, MATCH_STOPS, ListKind, MatchStatus
from core.crypto import EncryptedJSONField, EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified
from core.states import Stateful

KINDS = [(ListKind.SANCTIONS.value, _("Sanctions list")), (ListKind.PEP.value, _("Politically exposed person"))]


class Screening(Identified):
    """One question about one person or many, written before it is sent; `answered_at` is null until it is answered.

    `list_version` is what the company calls the lists that it compared with, `matches` how many entries it named, `cost_minor` what the
    answer cost in minor units of `cost_currency`, and `took_ms` how long it took in real time.
    """

    PREFIX = "scr"
    market = models.CharField(max_length=2)
    brand = models.CharField(max_length=40, blank=True)
    provider = models.CharField(max_length=20)
    consumers = ArrayField(models.UUIDField())
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    provider_ref = models.CharField(max_length=80, blank=True)
    list_version = models.CharField(max_length=80, blank=True)
    matches = models.PositiveIntegerField(default=0)
    cost_minor = models.BigIntegerField(null=True)
    cost_currency = models.CharField(max_length=3, blank=True)
    took_ms = models.IntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["asked_at"], name="screening_age"), models.Index(fields=["answered_at"], name="screening_answered")]
        triggers = [
            *kept(changing=["answered_at", "provider_ref", "list_version", "matches", "cost_minor", "cost_currency", "took_ms"]),
            settled("answered_once", "OLD.answered_at IS NOT NULL"),
        ]

    def __str__(self) -> str:
        return f"{self.public_id}, {len(self.consumers)} people"


class Screened(models.Model):
    """When an account was screened last; without a row the identity check at sign-up counts, as of the account's first day.

    `settled_at` is when it was last certain that nothing stands against the person: a clear answer, or an officer's decision.
    `claimed_until` is a worker's lease, in wall time. `screening` is the key of the last question that was answered; it is no foreign key,
    because questions are deleted by their age.
    """

    consumer = models.OneToOneField(Consumer, on_delete=models.PROTECT, primary_key=True, related_name="screened")
    screened_at = models.DateTimeField()
    settled_at = models.DateTimeField()
    screening = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["screened_at"], name="screened_oldest")]

    def __str__(self) -> str:
        return f"{self.consumer_id} on {self.screened_at:%Y-%m-%d}"


class ScreeningMatch(Stateful, Identified):
    """An entry of a list that may be a person, and what officers decided; kept after the person's data key is destroyed, as the law asks.

    `fingerprint` is a keyed hash of the entry as the list has it and of the person's details: the same one is not asked about again.
    `told` are the entry's own words. Where two people decide, `recommended` and `note` are what the first of them found.
    """

    PREFIX = "scm"
    RECOMMENDED = [(one.value, one.value) for one in (MatchStatus.CLEARED, MatchStatus.ACCEPTED, MatchStatus.CONFIRMED)]
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=KINDS)
    list_name = models.CharField(max_length=80)
    provider = models.CharField(max_length=20)
    screening = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=64)
    told = EncryptedJSONField()
    status = MATCH.field()
    recommended = models.CharField(max_length=10, blank=True, choices=RECOMMENDED)
    recommended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    recommended_at = models.DateTimeField(null=True)
    note = EncryptedTextField(blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    decision = EncryptedTextField(blank=True)
    raised_at = models.DateTimeField()

    class Meta:
        verbose_name = _("possible match with a list")
        verbose_name_plural = _("possible matches with lists")
        constraints = [
            MATCH.constraint("screening_match_status_known"),
            models.UniqueConstraint(fields=["consumer", "fingerprint"], name="screening_match_once"),
            models.CheckConstraint(
                condition=Q(status=MatchStatus.OPEN.value, decided_by=None, decided_at=None)
                | Q(~Q(status=MatchStatus.OPEN.value), decided_by__isnull=False, decided_at__isnull=False),
                name="screening_match_decided_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(status=MatchStatus.OPEN.value)
                | Q(kind=ListKind.PEP.value)
                | (Q(recommended_by__isnull=False) & ~Q(recommended_by=F("decided_by"))),
                name="screening_match_two_people",
            ),
        ]
        indexes = [
            models.Index(fields=["consumer"], name="screening_match_stops", condition=Q(status__in=[one.value for one in MATCH_STOPS])),
            models.Index(fields=["status", "-id"], name="screening_match_by_status"),
            models.Index(fields=["raised_at"], name="screening_match_age"),
        ]
        triggers = [
            *kept(fixed=["consumer", "kind", "list_name", "provider", "screening", "fingerprint", "told", "raised_at"]),
            *MATCH.triggers(),
        ]

    def __str__(self) -> str:
        return f"{self.public_id}, {self.status}"

    @MATCH.transition
    def clear(self) -> None:
        """It is somebody else, or the entry is gone from the list."""

    @MATCH.transition
    def accept(self) -> None:
        """It is a politically exposed person, with whom the lender does business after enhanced checks."""

    @MATCH.transition
    def confirm(self) -> None:
        """It is the person on the list: nothing is approved."""


class ScreeningList(models.Model):
    """A version of a company's lists, and when it was first seen: everybody screened before is screened again."""

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(max_length=20)
    version = models.CharField(max_length=80)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "version"], name="screening_list_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.version}"
