"""The interface of the credit app's data sources."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Protocol, TypeVar

from core.provider_calls import KEYS_REFUSED
from core.remote import Refused, Unknown
from credit.gateways.terms import Terms
from credit.rules import Bureau

MOST_FACTORS = 5
LONGEST_FACTOR = 200
T = TypeVar("T")
OUTCOMES = frozenset({"approve", "decline"})
"""The decisions that a source's staff can make."""


FILES = {
    "frozen": "file_frozen",
    "none": "file_missing",
    "deceased": "file_deceased",
    "no_income": "income_unknown",
    "unscored": "file_thin",
}
"""Why an answer is no report that could be scored, with the reason code of a decision without one (`credit.reasons`)."""


class SourceUnavailable(Exception):
    """The source did not answer; the inquiry may or may not have been made."""

    outcome = "failed"
    is_down = True
    """Whether it tells of the source, and not of the person or the request; such failures are counted (`credit.skipping`)."""


class SourceLate(SourceUnavailable):
    """The source did not answer in the time that it has; its answer may still come."""

    outcome = "late"


class SourceSkipped(SourceUnavailable):
    """The source failed several times in a row, and is not asked for a while."""

    outcome = "skipped"
    is_down = False


class SourceRefused(SourceUnavailable):
    """The source refused the request, for instance because the key is wrong, which it then does for everybody."""

    outcome = "refused"

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.is_down = status in KEYS_REFUSED


def asked_of(call: Callable[[], T]) -> T:
    """Return a source's answer; SourceUnavailable for a missing or unreadable one, which says nothing about the person."""
    try:
        return call()
    except Refused as error:
        raise SourceRefused(str(error.status), status=error.status) from error
    except Unknown as error:
        raise SourceUnavailable("no answer that can be read") from error
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise SourceUnavailable("an answer that cannot be read") from error


@dataclass(frozen=True, slots=True)
class Agency:
    """A data source, with what a notice of refusal must say about it (15 U.S.C. 1681m(a)), and the range of its scores."""

    identifier: str
    name: str
    address: str
    phone: str
    lowest_score: int
    highest_score: int


@dataclass(frozen=True, slots=True)
class Subject:
    """The person whose report is requested; personal data, kept in memory only. `check` is the kind of check (`credit.checks`)."""

    name: str = field(repr=False)
    birth_date: str = field(repr=False)
    email: str = field(repr=False)
    country: str
    currency: str
    address: Mapping[str, str] = field(default_factory=dict, repr=False)
    check: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A source's report, reduced to the fields that scoring needs; SourceUnavailable for a field of a wrong type.

    `factors` are the source's own words for the factors that lowered its score, the strongest first. A notice of refusal repeats them (15
    U.S.C. 1681m(a)(2)(B), 1681g(f)(1)(C): at most four, and a fifth if inquiries are one). Our scoring ignores them.
    Without a `bureau`, `file` says why there is nothing to score, by `FILES`.
    """

    provider_ref: str
    bureau: Bureau | None
    factors: tuple[str, ...] = ()
    file: str = ""

    def __post_init__(self) -> None:
        if (self.bureau is None) != (self.file in FILES):
            raise SourceUnavailable("a report without a file")
        wrong = [one.name for one in fields(Bureau) if self.bureau and type(getattr(self.bureau, one.name)) is not one.type]
        if wrong:
            raise SourceUnavailable(f"a report without {', '.join(wrong)}")
        if len(self.factors) > MOST_FACTORS or not all(type(one) is str and 0 < len(one) <= LONGEST_FACTOR for one in self.factors):
            raise SourceUnavailable("a report with factors of its score that are none")

    @property
    def kept(self) -> dict[str, Any]:
        """What an inquiry stores of the answer; nothing in it identifies the person."""
        if self.bureau is None:
            return {"file": self.file}
        return asdict(self.bureau) | {"factors": list(self.factors)}


@dataclass(frozen=True, slots=True)
class Asked:
    """A source that was asked for a decision, and what came of it, as the decision stores it.

    `outcome` is `report`, a key of `FILES`, `late`, `failed` or `refused`; `kept` for a recent report that was at hand, `old` for an older
    one, and `skipped` for a source that was not asked, with its last failure as `why` (`credit.skipping`). `age_days` is the age of the
    report, and `cost_minor` what this answer cost; `took_ms` is how long it was waited for.
    """

    source: str
    outcome: str
    age_days: int = 0
    took_ms: int = 0
    cost_minor: int = 0
    cost_currency: str = ""
    why: str = ""


class DataSource(Protocol):
    """A credit bureau or another source of a person's debts and income, by an account whose code is its `name`."""

    name: str
    agency: Agency
    terms: Terms

    def report(self, subject: Subject, *, reference: str) -> Report:
        """Make an inquiry; SourceUnavailable."""

    def find(self, *, reference: str) -> Report | None:
        """Return the report of an inquiry made with a reference, or None; SourceUnavailable."""

    def review(self, *, provider_ref: str) -> str:
        """Return the decision of the source's staff, `approve` or `decline`; empty before they decide. SourceUnavailable."""
