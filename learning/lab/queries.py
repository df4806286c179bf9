"""Reads of trainings."""

import uuid

from django.db.models import Q, QuerySet

from core.states import words
from learning.models import TablePart, Training
from learning.states import TRAINING_OPEN, TrainingStatus

TRAININGS_WAIT = f"EXISTS (SELECT 1 FROM learning_training WHERE status IN ({words(TRAINING_OPEN)}))"  # noqa: S608  (ours)
"""SQL: whether a training waits for a worker, or one may have to be taken from a process that is gone."""
LISTED = ("columns", "found", "ways")
"""The columns of a training that a list does not show."""


def lock_training(key: uuid.UUID) -> Training:
    """Return a training, locked until the transaction ends."""
    return Training.objects.select_for_update(of=("self",)).get(pk=key)


def list_trainings() -> QuerySet[Training]:
    """Return all trainings with their versions, the newest first, without what lists do not show."""
    found = Training.objects.select_related("version").defer(*LISTED)
    return found.defer("version__stored", "version__flat", "version__card", "version__lineage", *LISTED).order_by("-id")


def find_running() -> Training | None:
    """Return the training that runs: there is at most one."""
    return Training.objects.filter(status=TrainingStatus.RUNNING).first()


def waiting_before(training: Training) -> int:
    """Return how many trainings a worker does before a waiting one, with that which runs."""
    earlier = Q(asked_at__lt=training.asked_at) | Q(asked_at=training.asked_at, pk__lt=training.pk)
    return Training.objects.filter(Q(status=TrainingStatus.RUNNING) | Q(earlier, status=TrainingStatus.WAITING)).count()


def has_table(training: Training) -> bool:
    """Return whether the uploaded table is still there."""
    return TablePart.objects.filter(training=training).exists()
