"""What Experian, Equifax and TransUnion have in common: a token for an hour, one question, and a report reduced to what scoring needs."""

import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.providers import Account, Setting
from core.remote import Remote
from credit.gateways.base import Agency, Report, SourceUnavailable, Subject, asked_of
from credit.gateways.terms import TERMS, terms_of
from credit.rules import Bureau

EARLY_S = 30
"""A token counts as expired so many seconds before it is."""
EXPIRED = 401
CENTS, MONTHS = 100, 12
RECENT_MONTHS, INQUIRY_DAYS = 24, 183
FEW_TRADES = 2
"""A file with fewer accounts than this is thin."""
MOST_TEXTS = 5
NOT_TOLD = frozenset({None, "", "UNKNOWN", "N/A", "NA"})


def settings_of(default_base: str, *more: Setting) -> tuple[Setting, ...]:
    """Return the settings of an account with an agency: its address, which only a sandbox may change, what it adds, and its terms."""
    base = Setting(name="api_base", label=_("Address"), form=r"https?://\S+", default=default_base, stand_in=True)
    return (base, *more, *TERMS)


@dataclass(frozen=True, slots=True)
class Trade:
    """One account of a credit file; amounts in whole dollars, and `late_months` counts late months of the last 24."""

    is_open: bool
    is_revolving: bool
    balance: int
    limit: int
    monthly: int
    opened: date | None
    late_months: int


@dataclass(frozen=True, slots=True)
class File:
    """A credit file as an agency's adapter read it; `income` is the estimated income of a year in whole dollars, None without one."""

    ref: str
    on: date
    score: int | None
    factors: tuple[str, ...]
    trades: tuple[Trade, ...]
    inquiries: tuple[date, ...]
    alert: bool
    income: int | None


class AgencyBureau(ABC):
    """One account with an agency. It keeps no reports to look up and has no people who review: an open inquiry is asked again."""

    agency: Agency
    factor_texts: Mapping[str, str] = {}

    def __init__(self, account: Account) -> None:
        self.name, self.terms, self._values = account.code, terms_of(account), account.values
        self._remote = Remote(account.values["api_base"], "", account=account.code)
        self._lock, self._token, self._until = threading.Lock(), "", 0.0

    def health(self) -> None:
        """Get a token, which costs nothing and asks about nobody; SourceUnavailable."""
        asked_of(lambda: self._authorization(renew=True))

    def find(self, *, reference: str) -> Report | None:
        """Return None: the agency has no reports to look up."""
        return None

    def review(self, *, provider_ref: str) -> str:
        """Return an empty text: nobody at the agency decides."""
        return ""

    def report(self, subject: Subject, *, reference: str) -> Report:
        """Make an inquiry; SourceUnavailable."""
        return asked_of(lambda: self._report(self._asked(subject, reference), reference))

    @abstractmethod
    def _request_token(self) -> tuple[str, float]:
        """Return a new token, and the seconds for which it is valid."""

    @abstractmethod
    def _request(self, subject: Subject, reference: str) -> tuple[str, dict[str, Any], dict[str, str]]:
        """Return the path, the body and the headers of an inquiry."""

    @abstractmethod
    def _read(self, answer: Mapping[str, Any], reference: str) -> File | str:
        """Return the file in an answer, or why there is none that could be scored (`base.FILES`); TypeError, LookupError, ValueError."""

    def _report(self, answer: Mapping[str, Any], reference: str) -> Report:
        file = self._read(answer, reference)
        if isinstance(file, str):
            return Report(reference, None, file=file)
        if file.score is None or file.income is None:
            return Report(file.ref, None, file="unscored" if file.score is None else "no_income")
        if not self.agency.lowest_score <= file.score <= self.agency.highest_score:
            raise SourceUnavailable("a report with a score outside the agency's range")
        return Report(file.ref, _reduced(file, file.score, file.income), file.factors[:MOST_TEXTS])

    def _asked(self, subject: Subject, reference: str) -> Mapping[str, Any]:
        """Make an inquiry, once more with a new token if the agency says that this one has expired."""
        path, body, headers = self._request(subject, reference)
        status, answer = self._remote.send("POST", path, body=body, headers=headers | self._authorization(), accept=(EXPIRED,))
        if status != EXPIRED:
            return answer
        return self._remote.send("POST", path, body=body, headers=headers | self._authorization(renew=True))[1]

    def _authorization(self, *, renew: bool = False) -> dict[str, str]:
        """Return the header with a token that is still valid."""
        with self._lock:
            if renew or time.monotonic() >= self._until:
                self._token, seconds = self._request_token()
                self._until = time.monotonic() + seconds - EARLY_S
            return {"Authorization": f"Bearer {self._token}"}

    def _factor(self, code: str, description: str | None) -> str:
        """Return the agency's words for a factor of its score, or its code where it gives none."""
        return (description or self.factor_texts.get(code) or f"Factor {code} of the score, which the agency explains").strip()[:200]


def token_in(answer: Mapping[str, Any]) -> tuple[str, float]:
    """Return the token of an OAuth answer (RFC 6749, 5.1) and the seconds for which it is valid; TypeError, ValueError, KeyError."""
    token = answer["access_token"]
    if not isinstance(token, str) or not token:
        raise TypeError("no token")
    return token, float(answer.get("expires_in") or 0)


def _reduced(file: File, score: int, income: int) -> Bureau:
    """Return what scoring needs of a file."""
    is_open = [trade for trade in file.trades if trade.is_open]
    cards = [trade for trade in is_open if trade.is_revolving and trade.limit > 0]
    limits = sum(card.limit for card in cards)
    opened = [trade.opened for trade in file.trades if trade.opened]
    return Bureau(
        score=score,
        thin=len(file.trades) < FEW_TRADES,
        delinquencies_24m=sum(trade.late_months for trade in file.trades),
        open_accounts=len(is_open),
        utilization_pct=sum(card.balance for card in cards) * 100 // limits if limits else 0,
        inquiries_6m=sum((file.on - day).days <= INQUIRY_DAYS for day in file.inquiries),
        oldest_account_months=_months(min(opened), file.on) if opened else 0,
        fraud_alert=file.alert,
        manual_review=False,
        disposable_income_minor=income * CENTS // MONTHS - sum(trade.monthly for trade in is_open) * CENTS,
    )


def _months(since: date, on: date) -> int:
    return max(0, (on.year - since.year) * MONTHS + on.month - since.month)


def whole(value: object) -> int:
    """Return a whole number that an agency wrote as a number or a text, 0 where it told none; TypeError, ValueError."""
    if isinstance(value, bool) or not isinstance(value, (str, int, type(None))):
        raise TypeError("a number is something else")
    if isinstance(value, str):
        value = value.strip()
    return 0 if value in NOT_TOLD or value is None else int(value)


def month_first(text: object) -> date | None:
    """Return a day written as MMDDYYYY or MMYYYY; a day that is not known (00) is the first; None where none is told."""
    if text in NOT_TOLD:
        return None
    if not isinstance(text, str) or not re.fullmatch(r"\d{6}(\d\d)?", text):
        raise TypeError("a day is something else")
    return date(int(text[-4:]), int(text[:2]), max(1, int(text[2:4])) if len(text) == len("MMDDYYYY") else 1)


def day_of(found: date | None) -> date:
    """Return the day of a report; TypeError where it told none."""
    if found is None:
        raise TypeError("a report without its day")
    return found


def late_in(history: Iterable[str], late: str) -> int:
    """Return how many of the first 24 months of a payment history, the newest first, have a code that means late."""
    return sum(code in late for code in list(history)[:RECENT_MONTHS] if code.strip())


def list_in(value: object) -> list[Any]:
    """Return what may be a list, one object or nothing as a list; TypeError for anything else."""
    if value is None:
        return []
    if not isinstance(value, (list, dict)):
        raise TypeError("a list is something else")
    return value if isinstance(value, list) else [value]


def names_of(subject: Subject) -> tuple[str, str]:
    """Return a person's first names and last name."""
    first, _space, last = subject.name.strip().rpartition(" ")
    return first or last, last
