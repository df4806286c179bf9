"""What the credit app asks of its data sources."""

from dataclasses import dataclass, field, fields
from typing import Protocol

from credit.rules import Bureau

MOST_FACTORS = 5
LONGEST_FACTOR = 200


class SourceUnavailable(Exception):
    """The source does not answer: the inquiry may have been made or not."""


@dataclass(frozen=True, slots=True)
class Agency:
    """Who a data source is, as a notice of refusal has to name it (15 U.S.C. 1681m(a)), and from what to what its scores go."""

    identifier: str
    name: str
    address: str
    phone: str
    lowest_score: int
    highest_score: int


@dataclass(frozen=True, slots=True)
class Subject:
    """Who the report is to be about; personal data, kept in memory only."""

    name: str = field(repr=False)
    birth_date: str = field(repr=False)
    email: str = field(repr=False)
    country: str
    currency: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a source knows, reduced to what scoring needs; SourceUnavailable where something of it is no number or no yes or no.

    `factors` are the source's own words for what cost most of its score, the first of them most: a notice of refusal repeats them
    (15 U.S.C. 1681m(a)(2)(B), 1681g(f)(1)(C): at most four, and a fifth where inquiries are one). They count for nothing here.
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
    """A credit bureau or another source of what a person owes and earns."""

    name: str
    agency: Agency

    def report(self, subject: Subject, *, reference: str) -> Report:
        """Make an inquiry; SourceUnavailable."""

    def find(self, *, reference: str) -> Report | None:
        """Return the report of an inquiry that was made under a reference, or None; SourceUnavailable."""

    def review(self, *, provider_ref: str) -> str:
        """Return `approve` or `decline` as the source's people decided, or an empty text; SourceUnavailable."""
