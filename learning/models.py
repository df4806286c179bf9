"""Versions of models, and their roles."""

from django.db import models
from django.db.models import Q

from core.evidence import Numbered, kept, numbered
from core.ids import Identified


class Family(models.TextChoices):
    """The subject of a model: credit or fraud risk."""

    CREDIT = "credit"
    FRAUD = "fraud"


class Kind(models.TextChoices):
    """Which of the two models of a version."""

    SCORECARD = "scorecard"
    BOOSTED = "boosted"


class Role(models.TextChoices):
    """The champion decides; the challenger decides a share of cases; the shadow's scores are only recorded."""

    CHAMPION = "champion"
    CHALLENGER = "challenger"
    SHADOW = "shadow"


class ModelVersion(Identified):
    """The result of one training: a scorecard and a boosted model; never changed.

    `stored` has the trained estimators in skops format (never pickle), `flat` the gzipped JSON that scores without scikit-learn; the
    digests are SHA-256 of these bytes. `lineage` names the file, rows, columns and target, `card` the purpose, the method and the figures,
    `code` the version of the training code. A version with `usable` False may be evaluated but never promoted, because the licence of its
    data forbids it.
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
    """A change of a role; the newest change of a family and role is in force. Without a version, the role is empty.

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


class WatchedDay(Identified):
    """What the daily watch found of one model of a version that has a role: drift, and how cases that ended fit its probabilities.

    `recent` and `ended` are as `learning.watching` returns them, empty if training kept nothing to compare with. `alarms` lie beyond the
    bounds that operators set, each `[what, column, value]`; while `is_open`, they wait on the work list for a person to see them.
    """

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="watched")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    day = models.DateField()
    recent = models.JSONField(default=dict)
    ended = models.JSONField(default=dict)
    alarms = models.JSONField(default=list)
    is_open = models.BooleanField(default=False)
    seen_by = models.CharField(max_length=80, blank=True)
    seen_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "kind", "day"], name="model_watched_once_a_day")]
        indexes = [models.Index(fields=["at"], name="model_alarm_open", condition=Q(is_open=True))]
        triggers = kept(changing=["is_open", "seen_by", "seen_at"])

    def __str__(self) -> str:
        return f"{self.version_id} {self.kind} {self.day}"


class Outcome(models.TextChoices):
    """How a monthly training ended: still running, too few cases, no better than the champion, suggested to people, or failed."""

    BEGUN = "begun"
    FEW = "few"
    NO_BETTER = "no_better"
    SUGGESTED = "suggested"
    FAILED = "failed"


class Suggestion(Identified):
    """A training that the machine began by itself on the platform's own cases; it only suggests, two people promote.

    `found` has the new models' and the champion's figures on the same cases: `cases`, `bad`, `new` by model, `champion`, `old`. While
    `is_open`, it waits on the work list for a person to propose the version, or to let it be.
    """

    family = models.CharField(max_length=10, choices=Family.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.BEGUN)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, related_name="suggestions")
    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True)
    found = models.JSONField(default=dict)
    is_open = models.BooleanField(default=False)
    closed_by = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["family", "-at"], name="suggestion_newest")]
        triggers = kept(changing=["outcome", "version", "kind", "found", "is_open", "closed_by", "ended_at", "closed_at"])

    def __str__(self) -> str:
        return f"{self.family} {self.outcome}"
