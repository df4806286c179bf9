"""Models learned anew from the platform's own cases, and how the new one compares with the champion on the same cases."""

import csv
import gzip
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from checkout.cases import list_cases as list_credit_cases
from collection import needs
from controls.services import Reading, note_reading
from core.adjusting import value_of
from credit.cases import FALLING, RISING
from credit.cases import list_recent as list_credit_decisions
from fraud.cases import list_cases as list_fraud_cases
from fraud.cases import list_recent as list_attempts
from learning.errors import BadTable
from learning.flat import probabilities
from learning.labels import Labelled, prepare
from learning.metrics import figures
from learning.models import Family, ModelVersion, Outcome, Role
from learning.queries import list_roles, scorer_of
from learning.recipe import as_features
from learning.services import begin_suggestion, end_suggestion, keep_version
from learning.settable import RETRAIN_DAYS
from learning.tables import read_table
from reports.folders import clean_folders, folder_of_cases

log = logging.getLogger("bnpl.reports")
BAD = "bad"
NAME = "own"
YEARS = timedelta(days=3 * 365)
"""Older cases are not learned from: shops, people and rules were others then."""
MOST_CASES = 200_000
LEAST_BAD = 100
"""With fewer bad cases nothing is learned without a person asking for it."""
LEAST_ASKED = 20
"""With fewer bad or good cases nothing is learned at all: figures of so few say nothing."""
LEAST_GAIN = 0.005
"""A new version is suggested if its AUC is higher than the champion's by at least this."""
FIGURES = ("auc", "ks", "brier", "ece")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a family's cases come from, and how the risk may move with a fact: 1 only up, -1 only down.

    `cases(at=, since=)` yields those that ended, `recent(at=, since=)` all that were decided, ended or not.
    """

    cases: Callable[..., Iterator[list[Any]]]
    recent: Callable[..., Iterator[list[Any]]]
    told: Mapping[str, int]


SOURCES: dict[str, Source] = {
    Family.CREDIT: Source(list_credit_cases, list_credit_decisions, {**dict.fromkeys(RISING, 1), **dict.fromkeys(FALLING, -1)}),
    Family.FRAUD: Source(list_fraud_cases, list_attempts, {}),
    Family.REMINDER: Source(needs.list_cases, needs.list_recent, {**dict.fromkeys(needs.RISING, 1), **dict.fromkeys(needs.FALLING, -1)}),
}


@dataclass(frozen=True, slots=True)
class Retrained:
    """A new version, its figures in cross-validation by model, and the champion's on the same cases; empty without a champion."""

    version: ModelVersion
    cases: int
    bad: int
    new: dict[str, dict[str, float]]
    champion: str
    old: dict[str, float]

    @property
    def best(self) -> str:
        """Which of the new version's models sorts best."""
        return max(self.new, key=lambda kind: self.new[kind]["auc"])

    @property
    def gain(self) -> float:
        """By how much the better of the new models sorts better than the champion (AUC); than chance, if there is no champion."""
        return self.new[self.best]["auc"] - self.old.get("auc", 0.5)


def write_cases(*, family: str, path: Path, at: datetime, since: datetime | None = None, most: int = MOST_CASES) -> tuple[int, int]:
    """Write the cases of a family as a gzipped CSV table, noted in the audit log; return how many there are, and how many are bad."""
    note_reading(reading=Reading.CASES_EXPORTED, about=[family], at=at)
    whole = bad = 0
    with gzip.open(path, "wt", encoding="utf-8", newline="") as out:
        rows = SOURCES[family].cases(at=at, since=since)
        csv.writer(out).writerow(next(rows))
        for row in islice(rows, most):
            csv.writer(out).writerow(row)
            whole += 1
            bad += row[-1] == 1
    return whole, bad


def retrain(
    *, family: str, at: datetime, name: str = NAME, actor: str, least: int = LEAST_ASKED, say: Callable[[str], None] = lambda _text: None
) -> Retrained:
    """Learn a new version from the family's own cases of the last years, and measure the champion on the same ones.

    Nothing is promoted. BadTable if the cases cannot be learned from, such as fewer than `least` that went bad, or well.
    """
    clean_folders()
    with folder_of_cases() as folder:
        path = folder / f"{family}-cases-{at:%Y-%m-%d}.csv.gz"
        whole, bad = write_cases(family=family, path=path, at=at, since=at - YEARS)
        if min(bad, whole - bad) < least:
            ended = f"{whole:,} {family} cases have ended, {bad:,} of them badly" if whole else f"no {family} case has ended yet"
            raise BadTable("too_few", f"{ended}: at least {least:,} bad and {least:,} good ones are needed to learn from")
        say(f"{whole:,} cases, {bad:,} of them bad")
        table = read_table(path)
        data = prepare(table, BAD, "", [])
    told = {name: sign for name, sign in SOURCES[family].told.items() if name in data.table.columns}
    # What trains is loaded here only: pages and workers that score do without.
    from learning.training import train

    trained = train(data, told=told, say=lambda progress: say(str(progress)))
    kept: dict[str, Any] = {"target": BAD, "positive": "", "source": path.name, "actor": actor, "at": at}
    version = keep_version(family=family, name=name, data=data, trained=trained, **kept)
    champion, old = _champion(family, data)
    new = {kind: {one: found[one] for one in FIGURES} for kind, found in trained.figures.items()}
    return Retrained(version, whole, bad, new, champion, old)


def suggest_models(*, at: datetime) -> int:
    """Learn each family anew once in a while, and suggest what is better than the champion to people; return how many began.

    Run by a timer. Promotes and proposes nothing: an operator proposes a suggested version, and another one decides.
    """
    begun = 0
    for family in SOURCES:
        suggestion = begin_suggestion(family=family, apart=timedelta(days=value_of(RETRAIN_DAYS)), at=at)
        if suggestion is None:
            continue
        begun += 1
        try:
            new = retrain(family=family, at=at, actor="timer", least=LEAST_BAD)
        except BadTable as error:
            end_suggestion(suggestion=suggestion, outcome=Outcome.FEW, found={"why": str(error)}, at=at)
        except Exception:
            # The other family is learned all the same, and this one again in its turn.
            log.exception("a model of %s was not learned anew", family)
            end_suggestion(suggestion=suggestion, outcome=Outcome.FAILED, at=at)
        else:
            outcome = Outcome.SUGGESTED if new.gain >= LEAST_GAIN else Outcome.NO_BETTER
            found = {"cases": new.cases, "bad": new.bad, "new": new.new, "champion": new.champion, "old": new.old}
            end_suggestion(suggestion=suggestion, outcome=outcome, version=new.version, kind=new.best, found=found, at=at)
    return begun


def _champion(family: str, data: Labelled) -> tuple[str, dict[str, float]]:
    """Return the champion's name and its figures on the cases; columns that it knows and they lack are unknown to it."""
    change = list_roles(family).get(Role.CHAMPION)
    if change is None or change.version_id is None:
        return "", {}
    scorer = scorer_of(change.version_id)
    p = probabilities(scorer.models[change.kind].scores(as_features(scorer.recipe, data.table)))
    found = figures(data.y, p)
    return str(change.version), {one: found[one] for one in FIGURES}
