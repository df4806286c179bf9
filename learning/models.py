"""Versions of models, and which of them plays which role."""

from django.db import models
from django.db.models import Q

from core.evidence import Numbered, kept, numbered
from core.ids import Identified


class Family(models.TextChoices):
    """What a model is asked for."""

    CREDIT = "credit"
    FRAUD = "fraud"


class Kind(models.TextChoices):
    """Which of the two models of a version."""

    SCORECARD = "scorecard"
    BOOSTED = "boosted"


class Role(models.TextChoices):
    """Champion decides; challenger decides a share of cases; shadow is only written down."""

    CHAMPION = "champion"
    CHALLENGER = "challenger"
    SHADOW = "shadow"


class ModelVersion(Identified):
    """What one training made: a scorecard and a boosted model, never changed after.

    `stored` is the trained estimators as skops wrote them (never pickle), `flat` the gzipped JSON that scores without scikit-learn; the
    digests are SHA-256 of those bytes. `lineage` says from which file, rows, columns and target, `card` what it is for, how it was made and
    its figures, `code` which training code made it. A version with `usable` False may be measured and never promoted: its data forbid it.
    """

    PREFIX = "mdl"
    family = models.CharField(max_length=10, choices=Family.choices)
    name = models.CharField(max_length=60)
    version = models.IntegerField()
    stored = models.BinaryField()
    stored_digest = models.CharField(max_length=64)
    flat = models.BinaryField()
    flat_digest = models.CharField(max_length=64)
    lineage = models.JSONField()
    card = models.JSONField()
    code = models.CharField(max_length=60)
    usable = models.BooleanField(default=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["family", "name", "version"], name="model_version_once")]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class RoleChange(Numbered, Identified):
    """One change of a role; the newest of a family and role holds. Without a version the role is empty.

    `share` is the percentage of cases that a challenger decides.
    """

    family = models.CharField(max_length=10, choices=Family.choices)
    role = models.CharField(max_length=10, choices=Role.choices)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, related_name="roles")
    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True)
    share = models.IntegerField(default=100)
    reason = models.CharField(max_length=500)
    proposed_by = models.CharField(max_length=80)
    approved_by = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(share__gte=0, share__lte=100), name="role_share_in_percent")]
        indexes = [models.Index(fields=["family", "role", "-number", "-id"], name="role_newest")]
        triggers = [*kept(), numbered()]

    def __str__(self) -> str:
        return f"{self.family} {self.role}"
