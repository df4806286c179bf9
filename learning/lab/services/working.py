"""What workers do with trainings: one claims the next, tells how far it is, and ends it. Whoever lost a claim writes nothing more."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from core.db import try_lock, unit
from learning.lab.errors import Stopped
from learning.lab.queries import find_running, lock_training
from learning.models import ModelVersion, TablePart, Training
from learning.services import keep_measured
from learning.states import TrainingStatus
from learning.steps import Progress

SILENT = timedelta(minutes=2)
"""A process that has not told for so long that it is alive is gone."""
MOST_TRIES = 3
BY = "worker"


def claim_training(*, at: datetime) -> Training | None:
    """Begin the training that has waited longest, if none runs; `at` is real time. Its `claim` is the caller's."""
    with unit():
        if not try_lock("laboratory") or find_running() is not None:
            return None
        waiting = Training.objects.filter(status=TrainingStatus.WAITING).order_by("asked_at", "id")
        training = waiting.select_for_update(skip_locked=True, of=("self",)).first()
        if training is None:
            return None
        training.begin()
        training.claim, training.tries = uuid.uuid4(), training.tries + 1
        training.begun_at = training.beat_at = at
        training.save(update_fields=["status", "claim", "tries", "begun_at", "beat_at"])
    return training


def beat(*, key: uuid.UUID, claim: uuid.UUID, at: datetime, progress: Progress | None = None) -> bool:
    """Tell that a claimed training is worked on, and how far it is; `at` is real time. False if it is no longer the caller's."""
    told: dict[str, Any] = {"beat_at": at}
    if progress is not None:
        told |= {"step": progress.step, "percent": progress.percent, "number": progress.number, "rounds": progress.rounds}
    return bool(Training.objects.filter(pk=key, claim=claim, status=TrainingStatus.RUNNING).update(**told))


def give_back_lost(*, gone: Collection[uuid.UUID], now: datetime, at: datetime) -> int:
    """Have a training whose process is gone taken up again, or end it after `MOST_TRIES`; return how many there were.

    `gone` are claims of processes that the caller knows to have ended; of others the silence tells it.
    """
    with unit():
        found = Training.objects.select_for_update(skip_locked=True, of=("self",)).filter(status=TrainingStatus.RUNNING).first()
        if found is None or (found.claim not in gone and found.beat_at is not None and found.beat_at > now - SILENT):
            return 0
        if found.tries >= MOST_TRIES:
            _fail(found, "broke_off", at)
        else:
            found.wait()
            found.claim = None
            found.save(update_fields=["status", "claim"])
    return 1


def refuse_training(*, key: uuid.UUID, claim: uuid.UUID, fault: dict[str, Any], at: datetime) -> None:
    """Hand a training back to the person who prepared it, with what is wrong with the table; the table is kept meanwhile."""
    with unit():
        training = _lock_claimed(key, claim)
        training.refuse()
        training.claim, training.fault, training.ended_by, training.ended_at = None, fault, BY, at
        training.save(update_fields=["status", "claim", "fault", "ended_by", "ended_at"])


def fail_training(*, key: uuid.UUID, claim: uuid.UUID, code: str, at: datetime) -> None:
    """End a training that broke off: `memory`, `time`, `broke_off` or `program`. It can be asked for again as long as its table is kept."""
    with unit():
        _fail(_lock_claimed(key, claim), code, at)


def finish_training(*, key: uuid.UUID, claim: uuid.UUID, measured: dict[str, Any], found: dict[str, Any], at: datetime) -> ModelVersion:
    """Save the version of a training, and delete the table in the same transaction; Stopped if it is no longer the caller's."""
    with unit():
        training = _lock_claimed(key, claim)
        actor = training.asked_by or training.made_by
        measured["lineage"] |= {"put_by": training.put_by, "asked_by": actor}
        version = keep_measured(family=training.family, name=training.name, measured=measured, actor=actor, at=at)
        training.finish()
        training.claim, training.version, training.found = None, version, found
        training.percent, training.ended_by, training.ended_at = 100, BY, at
        training.save(update_fields=["status", "claim", "version", "found", "percent", "ended_by", "ended_at"])
        TablePart.objects.filter(training=training).delete()
    return version


def _lock_claimed(key: uuid.UUID, claim: uuid.UUID) -> Training:
    training = lock_training(key)
    if training.status != TrainingStatus.RUNNING or training.claim != claim:
        raise Stopped
    return training


def _fail(training: Training, code: str, at: datetime) -> None:
    training.fail()
    training.claim, training.fault, training.ended_by, training.ended_at = None, {"code": code}, BY, at
    training.save(update_fields=["status", "claim", "fault", "ended_by", "ended_at"])
