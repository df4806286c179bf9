"""What the credit bureaus know of a person: one file for each, the same at every bureau, changed by the person's persona.

Every bureau of the sandbox tells it in its own protocol. A file can also be told for a name and a day of birth (`tell`).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any

from sandbox.known_people import Person
from sandbox.message import refuse
from sandbox.money import DECIMALS
from sandbox.personas import draw
from sandbox.world import Persona, World

EXCELLENT = {
    "file": "thick",
    "score": 842,
    "delinquencies_24m": 0,
    "open_accounts": 6,
    "utilization_pct": 8,
    "inquiries_6m": 0,
    "oldest_account_months": 168,
}
TERRIBLE = {
    "file": "thick",
    "score": 382,
    "delinquencies_24m": 7,
    "open_accounts": 11,
    "utilization_pct": 97,
    "inquiries_6m": 9,
    "oldest_account_months": 34,
}
THIN = {
    "file": "thin",
    "score": 610,
    "delinquencies_24m": 0,
    "open_accounts": 1,
    "utilization_pct": 35,
    "inquiries_6m": 2,
    "oldest_account_months": 5,
}
REMARKS = {
    "file": "thick",
    "score": 604,
    "delinquencies_24m": 3,
    "open_accounts": 7,
    "utilization_pct": 61,
    "inquiries_6m": 3,
    "oldest_account_months": 96,
}
FILES = {"decline": TERRIBLE, "approve": EXCELLENT, "well_off": EXCELLENT, "fraud_hold": EXCELLENT, "thin": THIN, "remarks": REMARKS}
"""The files of personas, the first that a person has counts."""
UNSCORED = {"frozen": "frozen", "deceased": "deceased", "no_file": "none", "no_score": "unscored", "no_income": "no_income"}
"""Personas whose file has nothing to score, with what the sandbox's own bureau calls it."""
PERSONAS = (
    Persona("approve", "An excellent credit file"),
    Persona("well_off", "An excellent credit file and a high income"),
    Persona("decline", "A very bad credit file"),
    Persona("thin", "A thin credit file"),
    Persona("remarks", "Late payments and high balances on the credit file"),
    Persona("refer", "A person must decide; at agencies an alert on the file"),
    Persona("refer_approve_05", "Approved five minutes later"),
    Persona("refer_decline_05", "Declined five minutes later"),
    Persona("fraud_hold", "A fraud alert on the file"),
    Persona("frozen", "The person has frozen the file"),
    Persona("deceased", "The file is that of somebody who died"),
    Persona("no_file", "No bureau knows the person"),
    Persona("no_score", "Too little on the file for a score"),
    Persona("no_income", "No bureau knows an income"),
    Persona("slow_bureau", "Every bureau answers after five seconds"),
    Persona("failing_bureau", "Every bureau answers with an error"),
)
APPROVED_INCOME = {
    "USD": 300_000,
    "EUR": 300_000,
    "GBP": 250_000,
    "CHF": 400_000,
    "CAD": 400_000,
    "AUD": 450_000,
    "NZD": 450_000,
    "PLN": 900_000,
    "DKK": 2_000_000,
    "SEK": 3_000_000,
    "NOK": 3_000_000,
    "JPY": 400_000,
}
"""What somebody with a good income has left of a month, in minor units: about as much in each country, in round numbers."""
OTHER_INCOME = 3_000
"""The same in whole units of any other currency."""
WELL_OFF = 3
"""Who is well off has so many times as much."""
DECLINED_PART = 75
"""Who is declined has this part of it."""
LIMIT, LOAN = 5_000, 3_000
"""A card's limit and what is left of a loan, in whole dollars."""
LEAST_MONTHLY, STEP = 30, 250
"""Each account costs at least so much a month; with this step, an income of a year is a whole number of thousands."""
FACTORS = {
    "07": ("late_payments", "You have too many delinquent or derogatory accounts"),
    "32": ("balances", "Balances on bankcard or revolving accounts too high compared to credit limits"),
    "12": ("history", "The date that you opened your oldest account is too recent"),
    "06": ("accounts", "You have too many accounts that were opened recently"),
    "85": ("inquiries", "You have too many inquiries on your credit report"),
    "14": ("", "Lack of sufficient credit history"),
}
"""Factors of a score by VantageScore's codes: what the sandbox's own bureau calls them, and their words."""
WORDS = {
    "late_payments": "Late payments in the last 24 months",
    "balances": "Balances are high compared with credit limits",
    "history": "Credit history is short",
    "accounts": "Number of open accounts",
    "inquiries": "Number of recent inquiries",
}


@dataclass(frozen=True, slots=True)
class Trade:
    """An account of a file, in whole dollars; `late` months of the last 24 are late, the newest first; `opened` is a year and a month."""

    open: bool = True
    revolving: bool = True
    balance: int = 500
    limit: int = 5_000
    monthly: int = 50
    opened: tuple[int, int] = (2016, 11)
    late: int = 0


@dataclass(frozen=True, slots=True)
class CreditFile:
    """What agencies know of a person; `income` in thousands of dollars a year.

    `file` is `frozen`, `deceased` or `none` for one that they do not tell, and `alert` is `fraud` or `active_duty`.
    """

    file: str = ""
    score: int | None = 742
    income: int | None = 60
    alert: str = ""
    trades: tuple[Trade, ...] = (Trade(), Trade(revolving=False, limit=0, monthly=250, balance=9_000), Trade(open=False, monthly=99))
    inquiries: tuple[date, ...] = (date(2026, 10, 1), date(2026, 1, 1))
    factors: tuple[str, ...] = ("32", "14")


def summary_of(person: Person) -> dict[str, Any]:
    """What a file says in few numbers, as the sandbox's own bureau tells it; it depends on the person alone."""
    for persona, file in FILES.items():
        if persona in person.parts:
            return dict(file)
    score = draw(person.seed, "score", 640, 820)
    return {
        "file": "thick",
        "score": score,
        "delinquencies_24m": 1 if score < 660 and draw(person.seed, "late", 0, 2) == 0 else 0,
        "open_accounts": draw(person.seed, "accounts", 2, 9),
        "utilization_pct": max(2, min(60, (830 - score) // 4 + draw(person.seed, "utilization", -5, 10))),
        "inquiries_6m": draw(person.seed, "inquiries", 0, 2),
        "oldest_account_months": draw(person.seed, "oldest", 24, 220),
    }


def factors_of(summary: Mapping[str, Any]) -> list[str]:
    """The codes of the four factors that lowered a score most; the number of inquiries is always added if it lowered the score."""
    found = {
        "07": summary["delinquencies_24m"] > 0,
        "32": summary["utilization_pct"] > 30,
        "12": summary["oldest_account_months"] < 36,
        "06": not 2 <= summary["open_accounts"] <= 10,
        "85": summary["inquiries_6m"] > 1,
    }
    return [code for code, counts in found.items() if counts]


def disposable_of(person: Person, currency: str) -> int:
    """What a person has left of a month, in minor units."""
    good = APPROVED_INCOME.get(currency) or OTHER_INCOME * 10 ** DECIMALS.get(currency, 2)
    if "well_off" in person.parts:
        return WELL_OFF * good
    if "approve" in person.parts:
        return good
    if "decline" in person.parts:
        return good // DECLINED_PART
    return draw(person.seed, "income", good // 2, good * 4 // 3)


def file_of(world: World, person: Person, on: date) -> CreditFile:
    """The file of a person as agencies know it on a day: the one that was told for them, otherwise that of their persona."""
    told = world.store.one("SELECT body FROM told_files WHERE name = ? AND born = ?", person.name, person.born)
    return _read(json.loads(told["body"])) if told else drawn(person, on)


def drawn(person: Person, on: date) -> CreditFile:
    """The file of a person by their persona."""
    unscored = next((file for persona, file in UNSCORED.items() if persona in person.parts), "")
    if unscored == "none":
        return CreditFile(file="none", score=None, income=None, trades=(), inquiries=(), factors=())
    summary = summary_of(person)
    left = disposable_of(person, "USD") // 100
    monthly = -(left + LEAST_MONTHLY * summary["open_accounts"]) // STEP * -STEP - left
    refers = any(part == "refer" or part.startswith("refer_") for part in person.parts)
    return CreditFile(
        file=unscored if unscored in {"frozen", "deceased"} else "",
        score=None if unscored == "unscored" else summary["score"],
        income=None if unscored == "no_income" else (left + monthly) * 12 // 1_000,
        alert="fraud" if refers or "fraud_hold" in person.parts else "",
        trades=_trades(summary, monthly, on),
        inquiries=tuple(on - timedelta(days=15 * number) for number in range(1, summary["inquiries_6m"] + 1)),
        factors=tuple(factors_of(summary)),
    )


def _trades(summary: Mapping[str, Any], monthly: int, on: date) -> tuple[Trade, ...]:
    """Accounts that add up to a summary and to what they cost a month: cards and loans in turn, the oldest first."""
    count, oldest = summary["open_accounts"], summary["oldest_account_months"]
    found = []
    for number in range(count):
        months = on.year * 12 + on.month - 1 - oldest * (count - number) // count
        is_card = number % 2 == 0
        found.append(
            Trade(
                revolving=is_card,
                balance=LIMIT * summary["utilization_pct"] // 100 if is_card else LOAN,
                limit=LIMIT if is_card else 0,
                monthly=monthly - LEAST_MONTHLY * (count - 1) if number == 0 else LEAST_MONTHLY,
                opened=(months // 12, months % 12 + 1),
                late=summary["delinquencies_24m"] if number == 0 else 0,
            )
        )
    return tuple(found)


def tell(world: World, name: str, born: str, file: CreditFile) -> None:
    """Tell the file of who has a name and a day of birth, in place of the persona's."""
    person = Person.of(name, born)
    sql = "INSERT INTO told_files (name, born, body) VALUES (?, ?, ?) ON CONFLICT (name, born) DO UPDATE SET body = excluded.body"
    world.store.run(sql, [person.name, person.born, json.dumps(asdict(file), default=str)])


def told_in(body: Mapping[str, Any]) -> CreditFile:
    """The file in a request; 400 for one that cannot be read."""
    try:
        return _read(body)
    except (TypeError, ValueError, KeyError, AttributeError):
        refuse(400, "invalid_request", "file must be a credit file.", field="file")


def _read(body: Mapping[str, Any]) -> CreditFile:
    known = {one.name for one in fields(CreditFile)}
    if not set(body) <= known:
        raise ValueError("a field of no file")
    more: dict[str, Any] = {}
    if "trades" in body:
        more["trades"] = tuple(Trade(**{**one, **({"opened": tuple(one["opened"])} if "opened" in one else {})}) for one in body["trades"])
    if "inquiries" in body:
        more["inquiries"] = tuple(date.fromisoformat(day) for day in body["inquiries"])
    if "factors" in body:
        more["factors"] = tuple(map(str, body["factors"]))
    return CreditFile(**{**body, **more})
