"""The interface of the credit app's data sources."""

from dataclasses import dataclass, field, fields
from typing import Protocol

from credit.rules import Bureau

MOST_FACTORS = 5
LONGEST_FACTOR = 200
OUTCOMES = frozenset({"approve", "decline"})
"""The decisions that a source's staff can make."""


class SourceUnavailable(Exception):
    """The source did not answer; the inquiry may or may not have been made."""


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
    """The person whose report is requested; personal data, kept in memory only."""

    name: str = field(repr=False)
    birth_date: str = field(repr=False)
    email: str = field(repr=False)
    country: str
    currency: str


@dataclass(frozen=True, slots=True)
class Report:
    """A source's report, reduced to the fields that scoring needs; SourceUnavailable for a field of a wrong type.

    `factors` are the source's own words for the factors that lowered its score, the strongest first. A notice of refusal repeats them (15
    U.S.C. 1681m(a)(2)(B), 1681g(f)(1)(C): at most four, and a fifth if inquiries are one). Our scoring ignores them.
    """

    provider_ref: str
    bureau: Bureau
    factors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        wrong = [one.name for one in fields(Bureau) if type(getattr(self.bureau, one.name)) is not one.type]
        if wrong:
            raise SourceUnavailable(f"a report without {', '.join(wrong)}")
        if len(self.factors) > MOST_FACTORS or not all(type(one) is str and 0 < len(one) <= LONGEST_FACTOR for one in self.factors):
            raise SourceUnavailable("a report with factors of its score that are none")


class DataSource(Protocol):
    """A credit bureau or another source of a person's debts and income."""

    name: str
    agency: Agency

    def report(self, subject: Subject, *, reference: str) -> Report:
        """Make an inquiry; SourceUnavailable."""

    def find(self, *, reference: str) -> Report | None:
        """Return the report of an inquiry made with a reference, or None; SourceUnavailable."""

    def review(self, *, provider_ref: str) -> str:
        """Return the decision of the source's staff, `approve` or `decline`; empty before they decide. SourceUnavailable."""
