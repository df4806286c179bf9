"""The laboratory's worker: one training makes one version, however it is disturbed; bad tables come back with what is wrong."""

import base64
import gzip
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
import zlib
from datetime import timedelta

import pytest

from core.clock import wall
from core.tasks import run_timer
from learning.errors import BadTable
from learning.lab.errors import NotNow, Stopped, TableChanged
from learning.lab.services import preparing as services
from learning.lab.services import working
from learning.models import ModelVersion, TablePart, Training
from learning.queries import get_version
from learning.services import promote_model
from learning.states import TrainingStatus
from reports import laboratory
from reports.folders import PREFIX, clean_folders, folder_of_cases
from tests.cast import NOW
from tests.learning.conftest import few_trees, of_cases, rows_of_cases

__all__ = ["few_trees", "of_cases"]
TIMER = "reports.laboratory.run_trainings"
WHO = str(uuid.uuid4())


def text_of(columns) -> bytes:
    return "\n".join([",".join(columns), *(",".join(row) for row in zip(*columns.values(), strict=True))]).encode()


def prepared(columns=None, *, family="credit", chunks=None, **chosen) -> Training:
    """A training with a table, and what a person chose."""
    body = text_of(columns or rows_of_cases(300))
    made = services.begin_with_file(family=family, file="cases.csv", chunks=chunks or [body[:1000], body[1000:]], actor=WHO, at=NOW)
    told = {"name": "first", "target": "bad", "positive": "", "ways": {}} | chosen
    services.save_choices(key=made.pk, table=made.sha256, **told, at=NOW)
    return Training.objects.get(pk=made.pk)


def asked(*args, **chosen) -> Training:
    made = prepared(*args, **chosen)
    return services.ask_for_training(key=made.pk, table=made.sha256, actor=WHO, at=NOW)


def seen(training) -> Training:
    return Training.objects.get(pk=training.pk)


@pytest.fixture
def here(db, monkeypatch):
    """Have trainings done in this process, which sees what a test wrote."""
    monkeypatch.setattr(laboratory, "launch", lambda one: laboratory.carry_out_training(key=one.pk, claim=one.claim, at=NOW))


def test_a_table_is_learned_from_once_and_deleted(here, caplog):
    training = asked(positive="1", ways={"late": "up", "noise": "drop"})
    assert "income" not in TablePart.objects.get(training=training).__class__.objects.values_list("content", flat=True)[0]
    for _twice in range(2):
        run_timer(TIMER)
    found, version = seen(training), ModelVersion.objects.get()
    assert (found.status, found.version, found.percent, found.claim) == (TrainingStatus.TRAINED, version, 100, None)
    assert TablePart.objects.count() == 0
    assert (version.lineage["file"], version.lineage["sha256"], version.made_by) == ("cases.csv", training.sha256, WHO)
    assert set(version.lineage["columns"]) == {"income", "amount", "late", "job"}
    assert set(version.card["reports"]) == {"scorecard", "boosted"}
    assert found.found == {"why": "no_champion"}
    assert "freelance" not in caplog.text


def test_the_champion_is_measured_on_the_same_rows_or_it_is_said_what_it_lacks(here, of_cases):
    first = asked()
    run_timer(TIMER)
    own = get_version("credit", "first")
    told = {"name": "first", "version": 1, "kind": "boosted", "role": "champion", "share": 100, "reason": "x"}
    promote_model(family="credit", **told, actor="a", approved_by="b", at=NOW)
    second = asked(rows_of_cases(300, seed=2), ways={"income": "drop"})
    without = {name: cells for name, cells in rows_of_cases(300, seed=3).items() if name != "income"}
    third = asked(without)
    for _each in range(2):
        run_timer(TIMER)
    found = seen(second)
    assert (seen(first).version, found.version.version) == (own, 2)
    assert (found.found["champion"], found.found["kind"], found.found["rows"]) == ("first 1", "boosted", 300)
    assert 0.6 < found.found["figures"]["auc"] < 1
    assert {"roc", "calibration", "gain"} < set(found.found)
    assert seen(third).found == {"champion": "first 1", "kind": "boosted", "why": "lacking", "columns": ["income"], "number": 1}


def test_our_own_cases_are_learned_from_with_their_known_directions(here, monkeypatch):
    columns = {name: cells for name, cells in rows_of_cases(300).items() if name != "sex"}
    rows = [list(columns), *([*row[:-1], int(row[-1])] for row in zip(*columns.values(), strict=True))]
    source = laboratory.SOURCES["credit"]
    monkeypatch.setitem(laboratory.SOURCES, "credit", type(source)(lambda **_how: iter(rows), source.recent, {"late": 1}))
    names, ways = laboratory.own_columns("credit", NOW)
    assert (names, ways) == ([name for name in columns if name != "bad"], {"late": "up"})
    made = services.begin_with_cases(family="credit", columns=names, target="bad", ways=ways, actor=WHO, at=NOW)
    services.save_choices(key=made.pk, table=made.sha256, name="own", target="bad", positive="", ways=ways, at=NOW)
    services.ask_for_training(key=made.pk, table=made.sha256, actor=WHO, at=NOW)
    run_timer(TIMER)
    assert seen(made).version.lineage["file"].startswith("credit-cases-")
    monkeypatch.setitem(laboratory.SOURCES, "credit", type(source)(lambda **_how: iter(rows[:1]), source.recent, {}))
    again = services.begin_with_cases(family="credit", columns=names, target="bad", ways={}, actor=WHO, at=NOW)
    services.save_choices(key=again.pk, table="", name="own", target="bad", positive="", ways={}, at=NOW)
    services.ask_for_training(key=again.pk, table=again.sha256, actor=WHO, at=NOW)
    run_timer(TIMER)
    assert (seen(again).status, seen(again).fault["code"]) == (TrainingStatus.DRAFT, "no_cases")


def test_what_only_the_whole_table_shows_comes_back_with_the_column_and_can_be_mended(here, monkeypatch):
    monkeypatch.setattr("learning.lab.tables.LOOKED_AT", 40)
    monkeypatch.setattr("learning.lab.tables.LEAST_LOOKED_AT", 40)
    cases = rows_of_cases(300)
    training = asked({**cases, "told": cases["bad"]})
    assert training.fault == {}
    run_timer(TIMER)
    back = seen(training)
    assert (back.status, back.fault) == (TrainingStatus.DRAFT, {"code": "leak", "columns": ["told"], "shares": [1.0]})
    assert (back.name, back.target, TablePart.objects.filter(training=back).count()) == ("first", "bad", 1)
    services.save_choices(key=back.pk, table=back.sha256, name="first", target="bad", positive="", ways={"told": "drop"}, at=NOW)
    services.ask_for_training(key=back.pk, table=back.sha256, actor=WHO, at=NOW)
    run_timer(TIMER)
    assert seen(training).status == TrainingStatus.TRAINED


def test_a_stored_table_that_is_not_the_one_that_was_put_there_is_refused(here):
    training = asked()
    part = TablePart.objects.get(training=training)
    other = text_of(rows_of_cases(300)).replace(b"fixed", b"none ")
    part.content = base64.b64encode(zlib.compress(other)).decode()
    part.save()
    run_timer(TIMER)
    assert (seen(training).status, seen(training).fault) == (TrainingStatus.DRAFT, {"code": "swapped"})
    with pytest.raises(TableChanged):
        services.ask_for_training(key=training.pk, table=hashlib.sha256(other).hexdigest(), actor=WHO, at=NOW)


def test_a_gzip_bomb_or_a_cut_file_is_found_when_it_is_uploaded(here, monkeypatch):
    monkeypatch.setattr("learning.lab.tables.LOOKED_AT", 40)
    monkeypatch.setattr("learning.lab.tables.LEAST_LOOKED_AT", 40)
    body = text_of(rows_of_cases(300))
    for file, code in ((gzip.compress(body + b"1,2,3,1,a,b,0\n" * 200_000), "too_large"), (gzip.compress(body)[:-9], "unreadable")):
        monkeypatch.setattr("learning.tables.RATIO_FROM", 1 << 20)
        with pytest.raises(BadTable) as caught:
            services.begin_with_file(family="credit", file="b.csv.gz", chunks=[file], actor=WHO, at=NOW)
        assert (caught.value.code, Training.objects.count(), TablePart.objects.count()) == (code, 0, 0)


def test_folders_of_own_cases_go_with_their_process_or_at_the_next_start(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, others = tmp_path / f"{PREFIX}{gone.pid}-abc", tmp_path / f"{PREFIX}{os.getppid()}-abc"
    for folder in (left, others):
        folder.mkdir()
        (folder / "credit-cases.csv.gz").write_text("cases")
    with folder_of_cases() as mine:
        assert clean_folders() == 1
        assert sorted(tmp_path.iterdir()) == sorted([mine, others])
        assert clean_folders(pid=os.getpid()) == 1
    assert list(tmp_path.iterdir()) == [others]


def test_two_clicks_are_one_training_and_one_runs_at_a_time(here, monkeypatch):
    started = []
    monkeypatch.setattr(laboratory, "launch", started.append)
    one, two = asked(), asked(name="second")
    with pytest.raises(NotNow):
        services.ask_for_training(key=one.pk, table=one.sha256, actor=WHO, at=NOW)
    for _times in range(3):
        run_timer(TIMER)
    assert ([each.pk for each in started], seen(two).status) == ([one.pk], TrainingStatus.WAITING)


def test_a_training_that_was_given_up_or_taken_over_makes_no_version(here, monkeypatch):
    training = asked()

    def canceled(*_args, **_how):
        services.cancel_training(key=training.pk, actor=WHO, at=NOW)
        return {"why": "no_champion"}

    monkeypatch.setattr(laboratory, "compare_with_champion", canceled)
    run_timer(TIMER)
    found = seen(training)
    assert (found.status, found.ended_by, TablePart.objects.count(), ModelVersion.objects.count()) == (TrainingStatus.CANCELED, WHO, 0, 0)
    with pytest.raises(NotNow):
        services.cancel_training(key=training.pk, actor=WHO, at=NOW)
    with pytest.raises(Stopped):
        working.finish_training(key=training.pk, claim=uuid.uuid4(), measured={}, found={}, at=NOW)


def test_a_silent_process_is_followed_by_another_and_after_three_by_a_clear_word(here, monkeypatch):
    started = []
    monkeypatch.setattr(laboratory, "launch", started.append)
    training = asked()
    for times in range(1, 4):
        run_timer(TIMER)
        assert (len(started), seen(training).tries) == (times, times)
        run_timer(TIMER)
        assert len(started) == times
        Training.objects.filter(pk=training.pk).update(beat_at=wall() - timedelta(minutes=3))
    run_timer(TIMER)
    found = seen(training)
    assert (found.status, found.fault, len({one.claim for one in started})) == (TrainingStatus.FAILED, {"code": "broke_off"}, 3)
    assert not working.beat(key=training.pk, claim=started[0].claim, at=wall())
    again = services.ask_for_training(key=training.pk, table=training.sha256, actor=WHO, at=NOW)
    assert (again.status, again.tries, again.fault) == (TrainingStatus.WAITING, 0, {})


@pytest.mark.parametrize(("error", "code"), [(MemoryError(), "memory"), (RuntimeError("Anna Smith"), "program")])
def test_what_breaks_off_says_so_and_no_cell_is_logged(here, monkeypatch, caplog, error, code):
    def broken(*_args, **_how):
        raise error

    monkeypatch.setattr(laboratory, "prepare_by", broken)
    training = asked()
    run_timer(TIMER)
    assert (seen(training).status, seen(training).fault) == (TrainingStatus.FAILED, {"code": code})
    assert ("Anna" in caplog.text, str(training.pk) in caplog.text) == (False, True)


@pytest.mark.parametrize(
    ("disturbed", "status", "code"),
    [
        ("worker gone", TrainingStatus.WAITING, None),
        ("too long", TrainingStatus.FAILED, "time"),
        ("given up", TrainingStatus.CANCELED, None),
    ],
)
def test_a_process_ends_itself_when_it_must(here, monkeypatch, disturbed, status, code):
    monkeypatch.setattr(laboratory, "launch", lambda _training: None)
    training = asked()
    run_timer(TIMER)
    claim = seen(training).claim
    if disturbed == "given up":
        services.cancel_training(key=training.pk, actor=WHO, at=NOW)
    parent = -1 if disturbed == "worker gone" else os.getppid()
    longest = timedelta(0) if disturbed == "too long" else timedelta(hours=1)
    monkeypatch.setattr(laboratory.os, "_exit", sys.exit)
    with pytest.raises(SystemExit):
        laboratory.stay_within(key=training.pk, claim=claim, longest=longest, parent=parent, every_s=0.001, at=NOW)
    assert (seen(training).status, seen(training).fault.get("code")) == (status, code)


@pytest.mark.django_db(transaction=True)
def test_a_killed_process_is_noticed_at_once_and_the_training_ends_in_one_version(process_env, monkeypatch):
    monkeypatch.setattr(laboratory.os, "environ", {**os.environ, **process_env})
    training = asked(chunks=[gzip.compress(text_of(rows_of_cases(300)))])
    run_timer(TIMER)
    (process,) = laboratory._processes.values()
    end = time.monotonic() + 60
    while not seen(training).step and time.monotonic() < end:
        time.sleep(0.1)
    assert seen(training).status == TrainingStatus.RUNNING
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    while seen(training).status != TrainingStatus.TRAINED and time.monotonic() < end:
        run_timer(TIMER)
        time.sleep(0.5)
    found = seen(training)
    assert (found.status, found.tries, ModelVersion.objects.count(), TablePart.objects.count()) == (TrainingStatus.TRAINED, 2, 1, 0)
