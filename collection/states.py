"""The states of what collecting keeps."""

from enum import StrEnum

from core.states import Machine


class PromiseStatus(StrEnum):
    """Status of a promise to pay: waiting for its day, kept, kept in part, broken, or fallen away because nothing was late any more."""

    WAITING = "waiting"
    KEPT = "kept_in_full"
    PART_KEPT = "part_kept"
    BROKEN = "broken"
    FELL_AWAY = "fell_away"


PROMISE = Machine(
    PromiseStatus,
    initial=[PromiseStatus.WAITING],
    transitions={
        "keep": ([PromiseStatus.WAITING], PromiseStatus.KEPT),
        "keep_partly": ([PromiseStatus.WAITING], PromiseStatus.PART_KEPT),
        "break_it": ([PromiseStatus.WAITING], PromiseStatus.BROKEN),
        "fall_away": ([PromiseStatus.WAITING], PromiseStatus.FELL_AWAY),
    },
)
PROMISE_DECIDED = (PromiseStatus.KEPT, PromiseStatus.PART_KEPT, PromiseStatus.BROKEN)
"""Promises that count in the rate of kept ones."""


class SettlementStatus(StrEnum):
    """Status of an offer to settle a plan for less: offered, accepted, settled; broken, expired or fallen away; reopened by the bank."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    SETTLED = "settled"
    BROKEN = "broken"
    EXPIRED = "expired"
    FELL_AWAY = "fell_away"
    REOPENED = "reopened"


SETTLEMENT_LIVE = (SettlementStatus.OFFERED, SettlementStatus.ACCEPTED)
"""Settlements that the person may accept or pay."""
SETTLEMENT = Machine(
    SettlementStatus,
    initial=[SettlementStatus.OFFERED],
    transitions={
        "accept": ([SettlementStatus.OFFERED], SettlementStatus.ACCEPTED),
        "settle": ([SettlementStatus.ACCEPTED, SettlementStatus.REOPENED], SettlementStatus.SETTLED),
        "break_it": ([SettlementStatus.ACCEPTED], SettlementStatus.BROKEN),
        "expire": ([SettlementStatus.OFFERED], SettlementStatus.EXPIRED),
        "fall_away": (SETTLEMENT_LIVE, SettlementStatus.FELL_AWAY),
        "reopen": ([SettlementStatus.SETTLED], SettlementStatus.REOPENED),
    },
)


class CaseStatus(StrEnum):
    """Status of a case of the desk: open while something of the person is late, then closed for good."""

    OPEN = "open"
    CLOSED = "closed"


CASE = Machine(
    CaseStatus,
    initial=[CaseStatus.OPEN],
    transitions={"close": ([CaseStatus.OPEN], CaseStatus.CLOSED)},
)
