"""Versions of models, their roles, and the trainings of the laboratory."""

from django.db import models
from django.db.models import Q

from core.crypto import EncryptedJSONField, EncryptedTextField
from core.evidence import Numbered, kept, numbered
from core.ids import Identified
from core.states import Stateful
from learning.states import TRAINING, TRAINING_OPEN, TrainingStatus


class Family(models.TextChoices):
    """The subject of a model: credit or fraud risk, or who has to be reminded to pay what is late."""

    CREDIT = "credit"
    FRAUD = "fraud"
    REMINDER = "reminder"


class TableSource(models.TextChoices):
    """Where the table of a training comes from: a file that an operator uploads, or our own cases."""

    FILE = "file"
    OWN = "own"


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


class Training(Stateful, Identified):
    """A training that an operator prepares and asks for in the laboratory; a worker does it, and it ends in at most one version.

    `source` is a table that was uploaded, or our own cases. `columns` are those of the table, each with `name`, `kind` and the first few
    of its words; `ways` say by column how it is used, where that is not by itself. `fault` says why the last try was refused or failed,
    as `code` with facts. Both may hold cells of the table, and are encrypted. `put_by` uploaded the table whose digest is `sha256`; whoever
    asks for the training names that digest, and the worker checks it. `claim` is the process that works on it: it tells at
    `beat_at` that it is alive, in real time as `begun_at`, and nobody else may end it. `found` has the comparison with the champion.
    """

    PREFIX = "trn"
    family = models.CharField(max_length=10, choices=Family.choices)
    source = models.CharField(max_length=10, choices=TableSource.choices)
    name = models.CharField(max_length=60, blank=True)
    status = TRAINING.field()
    file = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    put_by = models.CharField(max_length=80, blank=True, db_default="")
    size = models.BigIntegerField(default=0)
    columns = EncryptedJSONField(kind=list, blank=True)
    target = models.CharField(max_length=200, blank=True)
    positive = EncryptedTextField(blank=True)
    ways = models.JSONField(default=dict)
    fault = EncryptedJSONField(blank=True)
    step = models.CharField(max_length=12, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    number = models.PositiveSmallIntegerField(default=0)
    rounds = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    begun_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    version = models.OneToOneField(ModelVersion, on_delete=models.PROTECT, null=True, related_name="training")
    found = models.JSONField(default=dict)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    asked_by = models.CharField(max_length=80, blank=True)
    asked_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TRAINING.constraint("training_status_known"),
            models.UniqueConstraint(fields=["status"], condition=Q(status=TrainingStatus.RUNNING), name="training_one_runs"),
            models.CheckConstraint(
                condition=Q(status=TrainingStatus.TRAINED, version__isnull=False)
                | (~Q(status=TrainingStatus.TRAINED) & Q(version__isnull=True)),
                name="training_ends_in_a_version",
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], name="training_open", condition=Q(status__in=list(TRAINING_OPEN)))]
        triggers = [*TRAINING.triggers(), *kept(fixed=["family", "source", "made_by", "made_at"])]

    def __str__(self) -> str:
        return f"{self.public_id}, {self.status}"

    @TRAINING.transition
    def ask(self) -> None:
        """A person asks for it."""

    @TRAINING.transition
    def begin(self) -> None:
        """A worker begins."""

    @TRAINING.transition
    def wait(self) -> None:
        """The process that worked on it is gone; another one takes it up."""

    @TRAINING.transition
    def refuse(self) -> None:
        """The table cannot be learned from as it is; `fault` says why."""

    @TRAINING.transition
    def finish(self) -> None:
        """It made a version."""

    @TRAINING.transition
    def fail(self) -> None:
        """It broke off; `fault` says why."""

    @TRAINING.transition
    def cancel(self) -> None:
        """A person gave it up."""


class TablePart(Identified):
    """A part of a table that was uploaded for a training, compressed and encrypted; deleted when the training ends, or after some days."""

    training = models.ForeignKey(Training, on_delete=models.PROTECT, related_name="parts")
    number = models.PositiveIntegerField()
    content = EncryptedTextField()
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["training", "number"], name="table_part_once")]
        indexes = [models.Index(fields=["added_at"], name="table_part_by_age")]

    def __str__(self) -> str:
        return f"{self.training_id} {self.number}"
