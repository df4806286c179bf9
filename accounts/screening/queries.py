"""Reads of screening: what stands against a person, whether they must be screened again, and what waits for officers."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models.people import Consumer
from accounts.queries import account_ids
from accounts.screening.models import Screened, ScreeningList, ScreeningMatch
from accounts.states import MATCH_STOPS, Identity, MatchStatus
from core import providers
from core.clock import local_date
from core.db import rows, wait_lock
from core.errors import NotFound
from core.prepared import Statement
from core.providers import Capability
from core.remembered import Remembered
from core.states import words
from markets.queries import find_screening, list_screening

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When somebody was screened whose details have changed since: never."""
_STANDING = Statement(
    "accounts_standing",
    f"""
    SELECT bool_or(b.id IS NOT NULL), bool_or(m.status = '{MatchStatus.OPEN}'), bool_or(m.status = '{MatchStatus.CONFIRMED}'),
        max(s.screened_at), max(s.screening::text)
    FROM accounts_consumer c
    LEFT JOIN accounts_block b ON b.consumer_id = c.id AND b.lifted_at IS NULL
    LEFT JOIN accounts_screeningmatch m ON m.consumer_id = c.id AND m.status IN ({words(MATCH_STOPS)})
    LEFT JOIN accounts_screened s ON s.consumer_id = c.id AND c.id = %s
    WHERE c.id = %s OR c.person_id = %s""",  # noqa: S608
)
_versions = Remembered(lambda: {one.provider: one.seen_at for one in ScreeningList.objects.order_by("seen_at")}, seconds=60)


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands against a person's purchases: a block, an open match, a confirmed one; and when the account was screened last.

    `screened_at` is None before it was screened after sign-up; `screening` is the last question that was answered.
    """

    is_blocked: bool = False
    is_open: bool = False
    is_confirmed: bool = False
    screened_at: datetime | None = None
    screening: uuid.UUID | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether nothing may be approved for the person, because of a match with a list."""
        return self.is_open or self.is_confirmed


def standing_of(consumer: Consumer) -> Standing:
    """Return what stands against a person's purchases; one statement, prepared once a session."""
    found = _STANDING.rows(consumer.pk, consumer.holder_id, consumer.holder_id)
    blocked, is_open, confirmed, screened_at, screening = found[0]
    return Standing(bool(blocked), bool(is_open), bool(confirmed), screened_at, uuid.UUID(screening) if screening else None)


def forget_versions() -> None:
    """Forget which versions of lists this process knows."""
    _versions.forget()


def changed_at(market_code: str, brand: str | None) -> datetime | None:
    """Return when lists changed last of the company that screens a market's people for a brand; None if never; from the cache."""
    seen = _versions()
    found = providers.choose(Capability.SCREENING, market=market_code, brand=brand) if seen else []
    return seen.get(found[0].code) if found else None


def age_days(consumer: Consumer, standing: Standing, at: datetime) -> int:
    """Return how many days ago a person was screened last; at sign-up, if never since."""
    return max(0, (at - (standing.screened_at or consumer.created_at)).days)


@dataclass(frozen=True, slots=True)
class Policy:
    """How often a market's people are screened, in days: before a decision, and how much longer a clear answer counts while none comes."""

    decision_days: int
    late_days: int


def policy_of(consumer: Consumer, at: datetime) -> Policy | None:
    """Return how often a person is screened, by their market's setting; None where nothing asks for it; no query."""
    row = find_screening(consumer.market_id, local_date(at, consumer.time_zone))
    return None if row is None else Policy(row.value["decision_days"], row.value["late_days"])


def is_due(consumer: Consumer, standing: Standing, policy: Policy, at: datetime) -> bool:
    """Return whether a person is screened before a decision: by the market's setting, or since lists changed; no query."""
    last = standing.screened_at or consumer.created_at
    if last <= at - timedelta(days=policy.decision_days):
        return True
    seen = _versions()
    # Whose lists they are is looked up only if some changed since.
    if not seen or max(seen.values()) <= last:
        return False
    changed = changed_at(consumer.market_id, consumer.brand_id)
    return changed is not None and last < changed <= at


_DUE = f"""
    FROM accounts_consumer c
    JOIN (VALUES {{cutoffs}}) AS law (market, before) ON law.market = c.market_id
    LEFT JOIN accounts_screened s ON s.consumer_id = c.id
    WHERE c.identity = '{Identity.VERIFIED}' AND coalesce(s.screened_at, c.created_at) < law.before
        AND (s.claimed_until IS NULL OR s.claimed_until <= %(wall)s)
        AND NOT EXISTS (
            SELECT FROM unnest(%(markets)s::text[], %(brands)s::text[]) AS silent (market, brand)
            WHERE silent.market = c.market_id AND silent.brand = coalesce(c.brand_id, ''))
        AND c.email_hash IS DISTINCT FROM 'erased:' || replace(c.id::text, '-', '')
    ORDER BY coalesce(s.screened_at, c.created_at) LIMIT %(most)s FOR NO KEY UPDATE OF c SKIP LOCKED"""  # noqa: S608


def claim_due(at: datetime, wall: datetime, most: int, *, without: Collection[tuple[str, str]] = ()) -> list[uuid.UUID]:
    """Return the keys of accounts that workers screen now, the longest unscreened first, locked until the transaction ends.

    They are due by their market's setting, or since lists changed; nobody where a market has no setting. `without` are places, as market
    and brand, whose people are left out.
    """
    listed = []
    for row in list_screening(at.date()):
        last, changed = at - timedelta(days=row.value["days"]), changed_at(row.market_id, "")
        before = max(last, changed) if changed is not None and changed <= at else last
        listed.append(f"('{row.market_id}', '{before.isoformat()}'::timestamptz)")
    sql = "SELECT c.id" + _DUE.replace("{cutoffs}", ", ".join(listed))
    told = {"wall": wall, "most": most, "markets": [market for market, _brand in without], "brands": [brand for _market, brand in without]}
    return [key for (key,) in rows(sql, told)] if listed else []


def lock_people(keys: Collection[uuid.UUID]) -> list[Consumer]:
    """Return accounts, locked in the order of their keys until the transaction ends."""
    return list(Consumer.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))


def lock_screening(holder_id: uuid.UUID) -> None:
    """Let nothing be approved for a person until the transaction ends, and wait for approvals under way (`accounts.screening.guards`)."""
    wait_lock(f"screening:{holder_id}")


def lock_match(match_id: uuid.UUID) -> ScreeningMatch:
    """Return a possible match, locked until the transaction ends; NotFound. Nothing is approved for the person meanwhile."""
    found = ScreeningMatch.objects.select_related("consumer").filter(id=match_id).first()
    if found is None:
        raise NotFound("There is no such match.")
    lock_screening(found.consumer.holder_id)
    return ScreeningMatch.objects.select_related("consumer").select_for_update(of=("self",)).get(id=match_id)


def count_open() -> int:
    """Return how many possible matches wait for officers."""
    return ScreeningMatch.objects.filter(status=MatchStatus.OPEN).count()


def find_screened(consumer: Consumer) -> Screened | None:
    """Return when an account was screened last, or None if only at sign-up."""
    return Screened.objects.filter(consumer=consumer).first()


def list_others(match: ScreeningMatch, most: int = 20) -> list[Any]:
    """Return further matches of all accounts of the same person, newest first."""
    return list(
        ScreeningMatch.objects.filter(consumer__in=account_ids(match.consumer.holder_id)).exclude(pk=match.pk).order_by("-id")[:most]
    )
