"""The demo's models of credit and of fraud: learned from made-up cases, since they decide before it has a history of its own."""

import csv
import math
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

from credit.cases import FACTS, FALLING, RISING
from credit.scoring import roles_of_credit
from fraud.scoring import roles_of_fraud
from learning.labels import prepare
from learning.measuring import measure_version
from learning.models import Family, Kind, ModelVersion, Role
from learning.services import keep_measured, promote_model
from learning.tables import read_table

NAME, BAD = "demo", "bad"
CASES = 2_000
"""Enough for bins that hold, and few enough to learn from in seconds."""
ATTEMPTS = 900
Learning = Mapping[Family, Future[dict[str, Any]]]
"""By family, what is learned of it."""
SIGNS = {
    **dict.fromkeys(("account_days", "bought_before"), -1),
    **dict.fromkeys(("times_usual", "resold_pieces", "disposable", "declined_1d", "person_1d"), 1),
    **dict.fromkeys(("address_people_30d", "card_people_30d", "device_people_30d", "network_people_30d"), 1),
}
"""The signals that the demo's model of fraud looks at, and how its risk may move with each: 1 only up, -1 only down."""


@contextmanager
def learning_models() -> Iterator[Learning]:
    """Learn a version of each family from made-up cases, beside what the block does: in processes that read and write no database."""
    # What trains is loaded here only, and once: the processes that are forked have it.
    import learning.storing
    import learning.training  # noqa: F401

    told = {**dict.fromkeys(RISING, 1), **dict.fromkeys(FALLING, -1)}
    learned = {Family.CREDIT: (list(made_up_cases(CASES)), told), Family.FRAUD: (list(made_up_attempts(ATTEMPTS)), SIGNS)}
    with ProcessPoolExecutor(len(learned), get_context("fork")) as pool:
        yield {family: pool.submit(_learn, family, rows, signs) for family, (rows, signs) in learned.items()}


def make_models(learning: Learning, *, proposer: str, approver: str, at: datetime) -> list[ModelVersion]:
    """Keep what was learned: of each family its scorecard decides from now on, and its challenger is asked beside it.

    `proposer` and `approver` are the keys of the operators who gave the roles.
    """
    made = [_promote(family, one.result(), proposer, approver, at) for family, one in learning.items()]
    roles_of_credit.forget()
    roles_of_fraud.forget()
    return made


def _learn(family: Family, rows: list[list[Any]], told: Mapping[str, int]) -> dict[str, Any]:
    """Return what a version of a family says of a training on some rows."""
    from learning.training import train

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made-up-cases.csv"
        with path.open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows(rows)
        data = prepare(read_table(path), BAD, "", [])
    signs = {name: sign for name, sign in told.items() if name in data.table.columns}
    return measure_version(family, data, train(data, told=signs), target=BAD, positive="", source=path.name)


def _promote(family: Family, measured: dict[str, Any], proposer: str, approver: str, at: datetime) -> ModelVersion:
    version = keep_measured(family=family, name=NAME, measured=measured, actor=proposer, at=at)
    roles: dict[str, Any] = {"family": family, "name": NAME, "version": version.version, "share": 100, "at": at}
    roles |= {"actor": proposer, "approved_by": approver}
    promote_model(kind=Kind.SCORECARD, role=Role.CHAMPION, reason="The demo's first model", **roles)
    promote_model(kind=Kind.BOOSTED, role=Role.SHADOW, reason="Watched beside the champion", **roles)
    return version


def made_up_cases(count: int, seed: int = 11) -> Iterator[list[Any]]:
    """Yield a row of column names, then rows of facts and of how each case ended; the same for the same seed."""
    yield [*FACTS, BAD]
    draw = Random(seed)  # noqa: S311  (a simulation, not a secret)
    for _ in range(count):
        facts = _facts(draw)
        yield [*("" if facts[name] is None else facts[name] for name in FACTS), int(draw.random() < _risk(facts))]


def _facts(draw: Random) -> dict[str, Any]:
    """Return the facts of a case, spread as bureaus and the sandbox tell them; a bank was shown by one person in four."""
    low, high = draw.choices([(350, 560), (560, 640), (640, 820), (820, 850)], [6, 12, 62, 20])[0]
    score = draw.randrange(low, high)
    weak = (850 - score) / 500
    bank = draw.random() < 0.25
    return {
        "bureau_score": score,
        "thin_file": int(draw.random() < 0.05 + 0.2 * weak),
        "delinquencies_24m": min(9, int(draw.expovariate(1) * 7 * max(0, weak - 0.25))),
        "open_accounts": draw.randrange(1, 12),
        "utilization_pct": min(100, max(0, round(draw.gauss(10 + 90 * weak, 12)))),
        "inquiries_6m": min(9, int(draw.expovariate(1) * (0.4 + 5 * weak))),
        "oldest_account_months": max(2, round(draw.gauss(170 - 160 * weak, 45))),
        "fraud_alert": int(draw.random() < 0.01),
        "amount_to_income": round(min(1.5, draw.lognormvariate(-2.2, 0.8)), 4),
        "used_to_income": round(max(0.0, draw.gauss(0.1, 0.2)), 4),
        "paid_on_time": min(24, int(draw.expovariate(0.25))),
        "paid_late": int(draw.random() < 0.03 + 0.2 * weak),
        "gambling_share": round(max(0.0, draw.gauss(0, 0.04)), 4) if bank else None,
        "lenders_to_income": round(max(0.0, draw.gauss(0.05, 0.1)), 4) if bank else None,
        "below_zero_30d": max(0, round(draw.gauss(12 * weak, 3))) if bank else None,
        "lowest_to_income": round(draw.gauss(0.3 - weak, 0.3), 4) if bank else None,
        "returned_90d": int(draw.random() < 0.5 * weak) if bank else None,
        "steady_income": round(min(1.0, max(0.0, draw.gauss(0.95 - 0.3 * weak, 0.1))), 4) if bank else None,
    }


def _risk(facts: dict[str, Any]) -> float:
    """Return the probability that a made-up case ends badly: some tenths of a percent with the best file, most with the worst."""
    odds = -5.9 + 0.012 * (850 - facts["bureau_score"]) + 0.35 * facts["delinquencies_24m"] + 0.012 * facts["utilization_pct"]
    odds += 0.12 * facts["inquiries_6m"] + 0.6 * facts["amount_to_income"] + 0.5 * facts["used_to_income"] + 0.9 * facts["paid_late"]
    odds += -0.05 * facts["paid_on_time"] + 6 * (facts["gambling_share"] or 0) + 0.05 * (facts["below_zero_30d"] or 0)
    return 1 / (1 + math.exp(-odds))


def made_up_attempts(count: int, seed: int = 12) -> Iterator[list[Any]]:
    """Yield a row of the names of some signals, then rows of their values and of whether it was fraud; the same for the same seed."""
    draw = Random(seed)  # noqa: S311  (a simulation, not a secret)
    yield [*SIGNS, BAD]
    for number in range(count):
        is_fraud = number % 12 == 0
        signals = _signals(draw, is_fraud=is_fraud)
        yield [*("" if signals[name] is None else signals[name] for name in SIGNS), int(is_fraud)]


def _signals(draw: Random, *, is_fraud: bool) -> dict[str, Any]:
    """Return the signals of an attempt; one in five of fraud looks like an honest one, and one in twenty-five of those like fraud."""
    odd = draw.random() < (0.8 if is_fraud else 0.04)
    known = draw.random() < 0.7

    def some(often: float, seldom: float) -> int:
        return int(draw.expovariate(1) * (often if odd else seldom))

    return {
        "account_days": some(4, 300),
        "bought_before": some(0.4, 3),
        "times_usual": round(draw.lognormvariate(0.9 if odd else 0, 0.5), 2) if draw.random() < 0.6 else None,
        "resold_pieces": some(1.5, 0.25),
        "disposable": int(draw.random() < (0.2 if odd else 0.01)),
        "declined_1d": some(1.2, 0.1),
        "person_1d": 1 + some(1.5, 0.2),
        "address_people_30d": 1 + some(3, 0.3),
        "card_people_30d": 1 + some(0.9, 0.03) if draw.random() < 0.5 else None,
        "device_people_30d": 1 + some(2.5, 0.1) if known else None,
        "network_people_30d": 1 + some(3, 0.5) if known else None,
    }
