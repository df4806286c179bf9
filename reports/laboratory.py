"""The laboratory's worker: starts each training in a process of its own, watches it, and does the training in that process.

A process of its own, because a training may need all the memory that it is given and more, and because the worker has other work meanwhile.
What is logged of a training is its key and the kind of an error, never a cell of its table.
"""

import logging
import os
import subprocess
import sys
import threading
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from core.clock import wall
from learning.errors import BadTable
from learning.lab.checking import fault_of
from learning.lab.comparing import compare_with_champion
from learning.lab.errors import Stopped
from learning.lab.services.working import beat, claim_training, fail_training, finish_training, give_back_lost, refuse_training
from learning.lab.tables import StoredTable
from learning.lab.ways import prepare_by, told_by
from learning.measuring import measure_version
from learning.models import TableSource, Training
from learning.steps import Progress, Step
from learning.tables import FileSource, Source, read_table
from reports.folders import clean_folders, folder_of_cases
from reports.retraining import BAD, SOURCES, YEARS, write_cases

log = logging.getLogger("bnpl.reports")
READ, CHECK, TRAIN, REPORT, COMPARE = 1, 5, 8, 85, 96
"""At how many percent each step begins."""
_processes: dict[uuid.UUID, "subprocess.Popen[bytes]"] = {}
_choosing = threading.Lock()


def own_columns(family: str, at: datetime) -> tuple[list[str], dict[str, str]]:
    """Return the columns of our own cases without the target, and how those are used whose effect on the risk is known."""
    heads = next(iter(SOURCES[family].cases(at=at, since=at)))
    return [name for name in heads if name != BAD], {name: "up" if sign > 0 else "down" for name, sign in SOURCES[family].told.items()}


def run_trainings(*, at: datetime) -> int:
    """Start the training that waits longest, if none runs, and take back one whose process is gone; return how many. Run by a timer."""
    with _choosing:
        gone = {claim for claim, process in _processes.items() if process.poll() is not None}
        done = give_back_lost(gone=gone, now=wall(), at=at)
        for claim in gone:
            del _processes[claim]
        training = claim_training(at=wall())
        if training is not None:
            launch(training)
    return done + (training is not None)


def launch(training: Training) -> None:
    """Start the process of a claimed training."""
    clean_folders()
    command = [sys.executable, "-m", "django", "run_training", str(training.pk), str(training.claim)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bnpl.settings"}
    assert training.claim is not None
    _processes[training.claim] = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )


def carry_out_training(*, key: uuid.UUID, claim: uuid.UUID, at: datetime) -> None:
    """Do a claimed training, in this process; it ends as a version, as refused or as failed, or without a word if the claim is lost."""
    about: dict[str, Any] = {"key": key, "claim": claim, "at": at}
    try:
        training = Training.objects.get(pk=key)
        measured, found = _train(training, claim, at)
        finish_training(**about, measured=measured, found=found)
    except BadTable as error:
        _quietly(refuse_training, **about, fault=fault_of(error))
    except Stopped:
        log.info("training %s: given up, or taken over", key)
    except MemoryError:
        _break_off("memory", "out of memory", **about)
    except Exception as error:  # noqa: BLE001  (whatever it is, the training ends with a word)
        _break_off("program", f"{type(error).__name__} at {_places(error)}", **about)


def _break_off(code: str, why: str, **about: Any) -> None:
    """End a training as failed. The error itself is not logged: its text may hold cells of the table."""
    log.error("training %s failed: %s", about["key"], why)
    _quietly(fail_training, **about, code=code)


def _quietly(end: Any, **about: Any) -> None:
    try:
        end(**about)
    except Stopped:
        log.info("training %s: given up, or taken over", about["key"])


def _places(error: BaseException) -> str:
    """Return where an error was raised, without its text, which may hold cells."""
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(traceback.extract_tb(error.__traceback__)[-6:]))


def _train(training: Training, claim: uuid.UUID, at: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a version says of the training, and the comparison with the champion."""

    def say(progress: Progress) -> None:
        if not beat(key=training.pk, claim=claim, at=wall(), progress=progress):
            raise Stopped

    def of_training(progress: Progress) -> None:
        say(replace(progress, percent=TRAIN + progress.percent * (REPORT - TRAIN) // 100))

    chosen = {"target": training.target, "positive": training.positive}
    with _source_of(training, at) as source:
        say(Progress(Step.READ, READ))
        table = read_table(source)
    say(Progress(Step.CHECK, CHECK))
    data = prepare_by(table, **chosen, ways=training.ways)
    # What trains is loaded here only.
    from learning.training import train

    trained = train(data, told=told_by(training.ways, data), say=of_training)
    say(Progress(Step.REPORT, REPORT))
    measured = measure_version(training.family, data, trained, **chosen, source=source.name)
    say(Progress(Step.COMPARE, COMPARE))
    return measured, compare_with_champion(training.family, table, **chosen, tested=trained.tested)


@contextmanager
def _source_of(training: Training, at: datetime) -> Iterator[Source]:
    if training.source == TableSource.FILE:
        table = StoredTable(training)
        table.check()
        yield table
        return
    with folder_of_cases() as folder:
        path = folder / f"{training.family}-cases-{at:%Y-%m-%d}.csv.gz"
        whole, bad = write_cases(family=training.family, path=path, at=at, since=at - YEARS)
        if not whole:
            raise BadTable("no_cases", f"no {training.family} case has ended yet")
        log.info("training %s: %s cases, %s of them bad", training.pk, whole, bad)
        yield FileSource(path)


def stay_within(*, key: uuid.UUID, claim: uuid.UUID, longest: timedelta, parent: int, every_s: float, at: datetime) -> None:
    """End this process when its training is given up or taken over, takes too long, or when the worker that started it is gone.

    Runs in a thread of its own, and tells meanwhile that the training is alive.
    """
    end, waits = wall() + longest, threading.Event()
    while not waits.wait(every_s):
        if os.getppid() != parent:
            # Another worker need not wait until the silence tells it.
            give_back_lost(gone={claim}, now=wall(), at=at)
            _leave()
        if not beat(key=key, claim=claim, at=wall()):
            _leave()
        if wall() > end:
            _quietly(fail_training, key=key, claim=claim, code="time", at=at)
            _leave()


def _leave() -> None:
    """End this process at once, and leave none of our own cases on the disk."""
    clean_folders(pid=os.getpid())
    os._exit(1)
