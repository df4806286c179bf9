"""The daily watch of models: what drifts, what no longer fits, and the alarm that a person sees."""

from datetime import timedelta

import numpy as np
import pytest
from django.urls import reverse

from core.db import rows
from learning import queries
from learning.errors import Damaged
from learning.flat import Flat, Scorer, probabilities
from learning.models import Family, ModelVersion, RoleChange, WatchedDay
from learning.queries import WATCH_DUE
from learning.recipe import Recipe, as_features
from learning.reporting.watched import alarm_words
from learning.reporting.whole import bases_of
from learning.services import QUIET, note_watched, see_alarms
from learning.watching import Bounds, alarms_of, compare_recent, measure_ended, table_of
from reports import retraining, watching
from reports.retraining import Source
from tests.cast import NOW
from tests.credit.models import give, make_model
from tests.operators import make_boss, make_operator
from tests.portals.reading import text_of

pytestmark = pytest.mark.django_db
HOURS = [[hour % 24, "day" if 8 <= hour % 24 < 20 else "night"] for hour in range(480)]
NAMES = ["hour", "when"]


def scorer() -> Scorer:
    """A model of the hour alone: night is risky, 50 % bad at night and 12 % by day."""
    hour = {"knots": [7.5, 19.5], "y": [0.0, -2.0, 0.0, 0.0], "x0": [0.0] * 3, "slope": [0.0] * 3}
    when = {"knots": [], "y": [0.0, 0.0], "x0": [0.0], "slope": [0.0]}
    recipe = Recipe(["hour"], {"when": {"day": -0.5, "night": 0.5}}, [])
    return Scorer(recipe, {"boosted": Flat({"base": 0.0, "parts": [hour, when], "pairs": []})}, {"hour": 12.0, "when": "day"})


def base():
    one, table = scorer(), table_of(NAMES, HOURS)
    return bases_of(table, {"boosted": watched_probabilities(one, table)}, one.facts)


def watched_probabilities(one, table):
    return probabilities(one.models["boosted"].scores(as_features(one.recipe, table)))


def ended(bad_at_night: int, bad_by_day: int):
    """Cases of 20 days, with so many bad ones of each ten."""
    y = [int(number % 10 < (bad_by_day if when == "day" else bad_at_night)) for number, (_hour, when) in enumerate(HOURS)]
    return table_of(NAMES, HOURS), np.array(y, dtype=float)


def test_the_same_cases_have_not_drifted_and_others_have():
    same = compare_recent(scorer(), "boosted", base(), table_of(NAMES, HOURS))
    assert (same["cases"], same["psi"], same["inputs"]) == (480, 0, [["hour", 0], ["when", 0]])
    nights = compare_recent(scorer(), "boosted", base(), table_of(NAMES, [row for row in HOURS if row[1] == "night"]))
    assert nights["mean"] == 0.5
    assert [name for name, _psi in nights["inputs"]] == ["when", "hour"]
    assert min(nights["psi"], *(psi for _name, psi in nights["inputs"])) > 0.25
    assert compare_recent(scorer(), "boosted", base(), table_of(NAMES, []))["cases"] == 0


def test_alarms_name_what_is_beyond_the_bounds_and_few_cases_raise_none():
    nights = compare_recent(scorer(), "boosted", base(), table_of(NAMES, [row for row in HOURS if row[1] == "night"]))
    good, wrong = measure_ended(scorer(), "boosted", *ended(5, 1)), measure_ended(scorer(), "boosted", *ended(1, 5))
    bounds, trained = Bounds(0.25, 0.05, 0.05, 200), {"auc": good["auc"]}
    same = compare_recent(scorer(), "boosted", base(), table_of(NAMES, HOURS))
    assert alarms_of(same, good, trained, bounds) == []
    assert [one[:2] for one in alarms_of(nights, wrong, trained, bounds)] == [
        ["score", ""],
        ["input", "when"],
        ["input", "hour"],
        ["auc", ""],
        ["calibration", ""],
    ]
    assert alarms_of(nights, wrong, trained, Bounds(0.25, 0.05, 0.05, 1_000)) == []
    assert measure_ended(scorer(), "boosted", *ended(0, 0)) == {}


@pytest.fixture
def champion(monkeypatch):
    """A champion of credit, and cases of nights only."""
    kept = {"stored": b"", "stored_digest": "x", "flat": b"", "flat_digest": "x", "code": "x", "made_by": "x", "made_at": NOW}
    card = {"figures": {"boosted": {"auc": 0.7}}, "bases": base()}
    version = ModelVersion.objects.create(family="credit", name="own", version=1, lineage={}, card=card, **kept)
    held = {"family": "credit", "role": "champion", "version": version, "kind": "boosted", "reason": "x", "at": NOW}
    RoleChange.objects.create(proposed_by="a", approved_by="b", **held)
    monkeypatch.setattr(watching, "scorer_of", lambda _key: scorer())
    nights = [row for row in HOURS if row[1] == "night"] * 2
    over = [[*NAMES, "bad"], *([*row, int(row[0] % 2 == 0)] for row in HOURS)]
    source = Source(lambda **_how: iter(over), lambda **_how: iter([NAMES, *nights]), {})
    monkeypatch.setitem(retraining.SOURCES, Family.CREDIT, source)
    return version


def due(at) -> bool:
    return bool(rows(f"SELECT {WATCH_DUE}", {"at": at})[0][0])


def test_a_working_model_is_watched_once_a_day(champion):
    assert due(NOW)
    assert (watching.watch_models(at=NOW), watching.watch_models(at=NOW), due(NOW)) == (1, 0, False)
    day = WatchedDay.objects.get()
    assert (day.version, day.kind, day.is_open, day.recent["cases"], day.ended["bad"]) == (champion, "boosted", True, 480, 240)
    assert ["score", ""] in [one[:2] for one in day.alarms]
    later = NOW + timedelta(days=1)
    assert (due(later), watching.watch_models(at=later)) == (True, 1)
    # The newer alarm takes the place of the older one.
    assert list(queries.open_alarms().values_list("day", flat=True)) == [later.date()]


def test_what_was_seen_is_quiet_for_a_week_unless_something_joins_it(champion):
    def note(days: float, *alarms):
        at = NOW + timedelta(days=days)
        told = {"recent": {}, "ended": {}, "alarms": [list(one) for one in alarms], "at": at}
        return note_watched(version=champion, kind="boosted", day=at.date(), **told).is_open

    score, auc = ("score", "", 0.3), ("auc", "", 0.6)
    assert (note(0, score), note(1)) == (True, False)
    assert see_alarms(version=champion, actor="anna", at=NOW) == 0
    assert note(2, score)
    assert see_alarms(version=champion, actor="anna", at=NOW + timedelta(days=2)) == 1
    assert (note(3, score), note(4, score, auc)) == (False, True)
    assert note(3 + QUIET.days, score)


def test_an_alarm_waits_on_the_work_list_until_somebody_has_seen_it(champion, client):
    watching.watch_models(at=NOW)
    client.force_login(make_operator("sam@kvart.example", may=["view_consumerrequest"]))
    page, first = reverse("admin:learning_modelversion_change", args=[champion.pk]), reverse("admin:index")
    assert ("The score has drifted" in text_of(client.get(first)), client.get(page).status_code) == (False, 403)
    assert client.post(page, {"once": "a"}).status_code == 403
    boss = make_boss()
    client.force_login(boss)
    assert "The score has drifted (PSI" in text_of(client.get(first))
    shown = text_of(client.get(page))
    for word in ("Drift by day", "How cases ended, by day", "The column when has drifted", "I have seen it"):
        assert word in shown, word
    client.post(page, {"once": "k"})
    day = WatchedDay.objects.get()
    assert (day.is_open, day.seen_by) == (False, str(boss.pk))
    assert "I have seen it" not in text_of(client.get(page))
    assert "The score has drifted" not in text_of(client.get(first))


def test_a_model_that_cannot_be_used_raises_an_alarm_and_the_others_are_watched(champion, monkeypatch):
    other = give(make_model("other"), "shadow").version

    def damaged(key):
        if key == other.pk:
            raise Damaged("the flat model is not what was written")
        return scorer()

    monkeypatch.setattr(watching, "scorer_of", damaged)
    assert watching.watch_models(at=NOW) == 2
    day = WatchedDay.objects.get(version=other)
    assert (day.alarms, day.is_open) == ([["unused", "", 1]], True)
    assert "decides nothing" in alarm_words(day.alarms[0])
