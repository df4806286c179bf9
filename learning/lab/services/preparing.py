"""Prepare trainings, ask for them and give them up: what people do. What workers do is in `learning.lab.services.working`."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from core.adjusting import value_of
from core.db import unit
from core.sentences import Sentence
from learning.errors import BadTable
from learning.lab.checking import Checked, check_choices
from learning.lab.errors import NotNow, TableChanged
from learning.lab.queries import has_table, lock_training
from learning.lab.tables import StoredTable, columns_of, look_at, write_parts
from learning.models import TablePart, TableSource, Training
from learning.settable import MOST_TABLE_MB
from learning.states import TRAINING_ENDED, TRAINING_WRITTEN
from learning.tables import measure

MB = 1 << 20
CHOICES = ["name", "target", "positive", "ways"]
_NOT_NOW = Sentence("This training runs, or has ended: look at what it says now.")


def begin_with_file(*, family: str, file: str, chunks: Iterable[bytes], actor: str, at: datetime) -> Training:
    """Prepare a training with an uploaded table; BadTable if it cannot be read, and then nothing is kept."""
    with unit():
        made = Training(family=family, source=TableSource.FILE, made_by=actor, made_at=at)
        made.save(force_insert=True)
        _put(made, file, chunks, actor, at)
    return made


def begin_with_cases(*, family: str, columns: Sequence[str], target: str, ways: dict[str, str], actor: str, at: datetime) -> Training:
    """Prepare a training on our own cases, which are read when it begins; `columns` are theirs, `ways` how they are used."""
    told = [{"name": name, "kind": "", "words": []} for name in columns]
    with unit():
        made = Training(family=family, source=TableSource.OWN, columns=told, target=target, ways=ways, made_by=actor, made_at=at)
        made.save(force_insert=True)
    return made


def put_table(*, key: uuid.UUID, file: str, chunks: Iterable[bytes], actor: str, at: datetime) -> Training:
    """Put another table in the place of a training's; the choices stay. BadTable, and NotNow while it runs or after it ended."""
    with unit():
        training = _lock_written(key)
        TablePart.objects.filter(training=training).delete()
        _put(training, file, chunks, actor, at)
    return training


def save_choices(*, key: uuid.UUID, table: str, name: str, target: str, positive: str, ways: dict[str, str], at: datetime) -> Checked:
    """Save what a person chose, check it, and keep what is wrong with it; NotNow while it runs or after it ended.

    `table` is the SHA-256 of the table whose columns they saw, empty for our own cases; TableChanged if another one is there by now.
    """
    with unit():
        training = _lock_seen(key, table)
        training.name, training.target, training.positive, training.ways = name, target, positive, ways
        found = check_choices(training, target=target, positive=positive, ways=ways) if target else Checked()
        training.fault = found.fault
        training.save(update_fields=[*CHOICES, "fault"])
    return found


def ask_for_training(*, key: uuid.UUID, table: str, actor: str, at: datetime) -> Training:
    """Hand a prepared training to the workers; BadTable if its table is no longer there, NotNow if it was asked for already.

    `table` and TableChanged as in `save_choices`: nobody else's table is learned from by this request.
    """
    with unit():
        training = _lock_seen(key, table)
        if training.source == TableSource.FILE and not has_table(training):
            raise BadTable("gone", "the table was deleted: upload it again")
        training.ask()
        training.asked_by, training.asked_at, training.tries, training.fault = actor, at, 0, {}
        training.step, training.percent, training.number, training.rounds = "", 0, 0, 0
        fields = ["status", "asked_by", "asked_at", "tries", "fault", "step", "percent", "number", "rounds"]
        training.save(update_fields=fields)
    return training


def cancel_training(*, key: uuid.UUID, actor: str, at: datetime) -> Training:
    """Give a training up, and delete its table; a process that works on it ends by itself. NotNow if it has ended."""
    with unit():
        training = lock_training(key)
        if training.status in TRAINING_ENDED:
            raise NotNow(_NOT_NOW)
        training.cancel()
        training.claim, training.ended_by, training.ended_at = None, actor, at
        training.save(update_fields=["status", "claim", "ended_by", "ended_at"])
        TablePart.objects.filter(training=training).delete()
    return training


def _lock_written(key: uuid.UUID) -> Training:
    training = lock_training(key)
    if training.status not in TRAINING_WRITTEN:
        raise NotNow(_NOT_NOW)
    return training


def _lock_seen(key: uuid.UUID, table: str) -> Training:
    training = _lock_written(key)
    if training.sha256 != table:
        raise TableChanged(training.put_by)
    return training


def _put(training: Training, file: str, chunks: Iterable[bytes], actor: str, at: datetime) -> None:
    write_parts(training, chunks, most=value_of(MOST_TABLE_MB) * MB, at=at)
    look = look_at(StoredTable(training))
    if not look.is_whole:
        measure(StoredTable(training))
    columns: list[dict[str, Any]] = columns_of(look.table)
    training.file, training.columns, training.fault, training.put_by = file[:100], columns, {}, actor
    training.save(update_fields=["file", "size", "sha256", "columns", "fault", "put_by"])
