"""Why a payment was taken off a plan's schedule, found from the versions of the schedule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from plans.rules.rearranging import RE_AGED, REAMORTIZED, RESTRUCTURED
from plans.states import InstallmentStatus

Kind = Literal["withdrawal", "waived", "smaller", "anew", "refund", ""]
_ANEW: dict[str, Kind] = dict.fromkeys((RE_AGED, REAMORTIZED, RESTRUCTURED), "anew")
_NAMED: dict[str, Kind] = {"waived": "waived", "smaller": "smaller", "refund": "refund", **_ANEW}
ENDS = ("withdrawal", *_NAMED)
"""The kinds of versions that may take a payment off a schedule."""


class Version(Protocol):
    """One change of a schedule: its kind, and the payments before and after it."""

    @property
    def kind(self) -> str: ...
    @property
    def before(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def after(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Ending:
    """Why and when a payment was taken off a schedule.

    The causes: a withdrawal merged it into payment number `into`; it was `waived` as too small to be charged; `smaller`
    payments for a person in hardship replaced it; it was laid out `anew`; a `refund` canceled it.
    `minor` is the amount that was open. An empty kind means unknown.
    """

    kind: Kind = ""
    minor: int = 0
    at: datetime | None = None
    into: int = 0


def endings_of(versions: Iterable[Version], parts: Mapping[int, int]) -> dict[int, Ending]:
    """Return the endings of payments that were taken off a schedule, wholly or in part, by number; `parts` maps number to shipment."""
    found: dict[int, Ending] = {}
    for version in versions:
        before = {row["number"]: row for row in version.before}
        for row in version.after:
            was = before.get(row["number"])
            ended = row["status"] == InstallmentStatus.CANCELED or (
                row["status"] == InstallmentStatus.PAID and version.kind in {"withdrawal", "waived", "smaller", *_ANEW}
            )
            if was is not None and ended and row["status"] != was["status"]:
                found[row["number"]] = _ending(version, was, before, parts)
    return found


def _ending(version: Version, was: Mapping[str, Any], before: Mapping[int, Mapping[str, Any]], parts: Mapping[int, int]) -> Ending:
    if version.kind == "withdrawal":
        grown = [row["number"] for row in version.after if _principal(row) > _principal(before.get(row["number"], row))]
        into = next((number for number in grown if parts.get(number) == parts.get(was["number"])), 0)
        return Ending("withdrawal" if into else "", _open(was), version.at, into)
    return Ending(_NAMED.get(version.kind, ""), _open(was), version.at)


def _open(row: Mapping[str, Any]) -> int:
    return int(row["amount_minor"]) - int(row["paid_minor"])


def _principal(row: Mapping[str, Any]) -> int:
    return int(row["amount_minor"]) - int(row["interest_minor"])
