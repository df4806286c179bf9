"""Screen people against lists: ask, keep the answers once, and let officers decide about possible matches."""

import json
import logging
import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from accounts import gateways
from accounts.errors import AnotherOfficer
from accounts.gateways.base import ProviderUnavailable
from accounts.gateways.screening import MOST_PEOPLE, Answer, Entry, ScreeningProvider, Subject
from accounts.models import Consumer, Screened, Screening, ScreeningList, ScreeningMatch, User
from accounts.queries import account_ids, may_be_one_person
from accounts.screening import queries
from accounts.states import Identity, ListKind, MatchStatus
from core import providers
from core.clock import wall
from core.crypto import lookup_hashes
from core.db import execute, unit
from core.errors import Conflict, Invalid, require
from core.providers import Capability
from core.sentences import Sentence

log = logging.getLogger("bnpl.accounts")
MAY_HANDLE = "fraud.handle_laundering"
"""The right of the money laundering desk, which alone sees matches."""
LEASE, ROUNDS = timedelta(seconds=120), 20
LEAST_REASON, LONGEST_REASON = 10, 4_000
_CLAIM = """
    INSERT INTO accounts_screened (consumer_id, screened_at, settled_at, claimed_until)
    SELECT c.id, c.created_at, c.created_at, %s FROM accounts_consumer c WHERE c.id = ANY(%s)
    ON CONFLICT (consumer_id) DO UPDATE SET claimed_until = excluded.claimed_until"""
_AGAIN = """
    INSERT INTO accounts_screened (consumer_id, screened_at, settled_at)
    SELECT c.id, %s, c.created_at FROM accounts_consumer c WHERE c.id = %s
    ON CONFLICT (consumer_id) DO UPDATE SET claimed_until = NULL, screened_at = excluded.screened_at"""
_KEEP = """
    INSERT INTO accounts_screened (consumer_id, screened_at, settled_at, screening)
    SELECT key, %s, %s, %s FROM unnest(%s::uuid[]) AS u (key) ORDER BY key
    ON CONFLICT (consumer_id) DO UPDATE SET claimed_until = NULL, screening = excluded.screening,
        screened_at = greatest(accounts_screened.screened_at, excluded.screened_at),
        settled_at = greatest(accounts_screened.settled_at, excluded.settled_at)"""


def subject_of(consumer: Consumer) -> Subject:
    """Return a person as they are sent to be screened."""
    address = {name: str(value) for name, value in (consumer.address or {}).items()}
    return Subject(str(consumer.pk), consumer.name, consumer.birth_date, consumer.market_id, address, consumer.email)


def open_screening(*, people: Sequence[Consumer], provider: ScreeningProvider, at: datetime) -> Screening:
    """Record a question about people of one market and brand before it is sent; return it."""
    first = people[0]
    made = Screening(market=first.market_id, brand=first.brand_id or "", provider=provider.name, asked_at=at)
    made.consumers = [one.pk for one in people]
    made.save(force_insert=True)
    return made


def keep_answer(
    *, screening: Screening, people: Sequence[Consumer], answer: Answer, provider: ScreeningProvider, at: datetime, took_ms: int
) -> None:
    """Store the answer to a question, once: when each person was screened, and a possible match for each entry that is not known.

    `people` are those asked about, as they were then; those whose details have changed since count as not screened. Nothing is approved for
    a person between the storing of a match and an officer's decision.
    """
    with unit():
        same = _lock_unchanged(people)
        found = {one: answer.found[str(one.pk)] for one in same if answer.found[str(one.pk)]}
        for holder_id in sorted({one.holder_id for one in found}):
            queries.lock_screening(holder_id)
        answered_at = max(at, screening.asked_at)
        told = {
            "answered_at": answered_at,
            "provider_ref": answer.provider_ref,
            "list_version": answer.list_version,
            "matches": sum(len(entries) for entries in answer.found.values()),
            "cost_minor": provider.price_minor * len(people),
            "cost_currency": provider.price_currency,
            "took_ms": took_ms,
        }
        if not Screening.objects.filter(pk=screening.pk, answered_at=None).update(**told):
            return
        execute(_KEEP, [answered_at, answered_at, screening.pk, [one.pk for one in same]])
        for consumer, entries in found.items():
            _raise_matches(consumer, entries, provider.name, screening.public_id, answered_at)


def _lock_unchanged(people: Sequence[Consumer]) -> list[Consumer]:
    """Lock some people, and return those whose details are still as they were asked about.

    Whoever changes details meanwhile waits, and lets the person be screened again after this answer was stored.
    """
    asked = {one.pk: subject_of(one) for one in people}
    return [one for one in queries.lock_people(asked) if asked[one.pk] == subject_of(one)]


def _raise_matches(consumer: Consumer, entries: Collection[Entry], provider: str, screening: str, at: datetime) -> None:
    """Store a possible match for each entry that no account of the person has had with these details."""
    for entry in entries:
        # The keyed hash may have been made with an older look-up key.
        prints = lookup_hashes(_print_of(consumer, entry))
        if ScreeningMatch.objects.filter(consumer__in=account_ids(consumer.holder_id), fingerprint__in=prints).exists():
            continue
        ScreeningMatch.objects.create(
            consumer=consumer,
            kind=entry.kind,
            list_name=entry.list_name,
            provider=provider,
            screening=screening,
            fingerprint=prints[0],
            told=asdict(entry),
            raised_at=at,
        )


def _print_of(consumer: Consumer, entry: Entry) -> str:
    details = [consumer.name, consumer.birth_date, consumer.market_id]
    return "screening:" + json.dumps([entry.kind, entry.list_name, entry.entry, entry.updated, *details])


def note_identity(*, consumer: Consumer, evidence: Mapping[str, Any], reference: str, provider: str, at: datetime) -> None:
    """Store what an identity check told of lists, in the caller's transaction: a possible match for each kind that it names."""
    hits = [kind for kind, name in ((ListKind.SANCTIONS, "sanctions_hit"), (ListKind.PEP, "pep_hit")) if evidence.get(name)]
    if hits:
        queries.lock_screening(consumer.holder_id)
    for kind in hits:
        entry = Entry(kind, reference, "", "identity check", "", "", "", 0)
        _raise_matches(consumer, [entry], provider, reference, at)


def screen_again(*, consumer: Consumer) -> None:
    """Let a person be screened anew because their details changed, in the caller's transaction.

    Who is not checked yet is screened with the details of then, as a part of the check.
    """
    if consumer.identity in {Identity.UNKNOWN, Identity.REJECTED}:
        Screened.objects.filter(consumer=consumer).update(screened_at=queries.NEVER, claimed_until=None)
    else:
        execute(_AGAIN, [queries.NEVER, consumer.pk])


def screen_due(*, at: datetime) -> int:
    """Screen everybody whose last screening is older than their market's setting, or than the newest lists; a timer.

    Return how many were screened. Each question is about at most 200 people of one market and brand. A company that does not answer is not
    asked again in this run, and others' people go on.
    """
    done, silent = 0, set[tuple[str, str]]()
    for _ in range(ROUNDS):
        groups: dict[tuple[str, str], list[Consumer]] = {}
        for one in _claim(at, silent):
            groups.setdefault((one.market_id, one.brand_id or ""), []).append(one)
        if not groups:
            break
        for place, people in groups.items():
            screened = _try_to_screen(people, at)
            done += screened
            if not screened:
                silent.add(place)
    return done


def _claim(at: datetime, silent: Collection[tuple[str, str]]) -> list[Consumer]:
    if not providers.in_use(Capability.SCREENING):
        return []
    with unit():
        keys = queries.claim_due(at, wall(), MOST_PEOPLE, without=silent)
        if keys:
            execute(_CLAIM, [wall() + LEASE, keys])
    return list(Consumer.objects.filter(pk__in=keys).order_by("id"))


def _try_to_screen(people: Sequence[Consumer], at: datetime) -> int:
    try:
        return _screen(people, at)
    except Exception:
        # No company may stop the screening of others' people; these are asked about again when the lease has run out.
        log.exception("people of %s cannot be screened", people[0].market_id)
        return 0


def _screen(people: Sequence[Consumer], at: datetime) -> int:
    """Ask about claimed people of one market and brand; return how many were answered about. Without an answer the lease runs out."""
    provider = gateways.find_screening(market=people[0].market_id, brand=people[0].brand_id)
    if provider is None:
        return 0
    screening, began = open_screening(people=people, provider=provider, at=at), time.monotonic()
    try:
        answer = provider.screen([subject_of(one) for one in people], reference=screening.public_id)
    except ProviderUnavailable as error:
        log.warning("%s does not screen: %s", provider.name, error)
        return 0
    took_ms = round((time.monotonic() - began) * 1000)
    keep_answer(screening=screening, people=people, answer=answer, provider=provider, at=at, took_ms=took_ms)
    return len(people)


def look_at_lists(*, at: datetime) -> int:
    """Note the version of each company's lists, if it is new: everybody is screened again then; a timer. Return how many are new."""
    new = 0
    for account in providers.in_use(Capability.SCREENING):
        try:
            new += _look_at(providers.connect(account.code), at)
        except Exception:
            # No company may stop the look at the lists of the others.
            log.exception("the version of the lists of %s cannot be noted", account.code)
    if new:
        queries.forget_versions()
    return new


def _look_at(provider: ScreeningProvider, at: datetime) -> bool:
    """Note the version of a company's lists; return whether it is new."""
    try:
        version = provider.version()
    except ProviderUnavailable as error:
        log.warning("%s does not tell the version of its lists: %s", provider.name, error)
        return False
    return ScreeningList.objects.get_or_create(provider=provider.name, version=version, defaults={"seen_at": at})[1]


def decide_match(*, match_id: uuid.UUID, outcome: str, reason: str, user: User, at: datetime) -> ScreeningMatch:
    """Decide that a possible match is somebody else (`cleared`), the person (`confirmed`), or, if politically exposed, `accepted`.

    Matches with sanctions lists take two officers who come to the same result: the first one's is stored as a recommendation. A confirmed
    match can be cleared again in the same way. The desk decides by `fraud.laundering.services.decide_match`. Forbidden for anybody but
    officers; Invalid without a reason or with another outcome; Conflict if it is decided; AnotherOfficer if the same one decides twice.
    """
    require(user, MAY_HANDLE)
    told = reason.strip()
    if not LEAST_REASON <= len(told) <= LONGEST_REASON:
        wrong = Sentence("between %(least)s and %(most)s characters", least=LEAST_REASON, most=LONGEST_REASON)
        raise Invalid("Say why.", fields={"reason": wrong})
    with unit():
        match = queries.lock_match(match_id)
        undoes = match.status == MatchStatus.CONFIRMED and outcome == MatchStatus.CLEARED
        if match.status != MatchStatus.OPEN and not undoes:
            raise Conflict("This match is decided already.", code="screening.decided")
        allowed = {MatchStatus.CLEARED, MatchStatus.CONFIRMED} | ({MatchStatus.ACCEPTED} if match.kind == ListKind.PEP else set())
        if outcome not in allowed:
            raise Invalid("Choose what you found.", fields={"outcome": Sentence("is no result of this match")})
        if (match.kind == ListKind.SANCTIONS or undoes) and not _is_second(match, outcome, user, at):
            match.recommended, match.recommended_by, match.recommended_at, match.note = outcome, user, at, told
            match.save(update_fields=["recommended", "recommended_by", "recommended_at", "note"])
            return match
        _end(match, outcome, told, user, at)
    return match


def _is_second(match: ScreeningMatch, outcome: str, user: User, at: datetime) -> bool:
    """Return whether an officer confirms what another one recommended; False if theirs is the new recommendation."""
    first = match.recommended_by
    if match.recommended != outcome or first is None:
        if match.decided_by_id == user.pk:
            raise AnotherOfficer("You decided this match; another officer has to begin.")
        return False
    if first.pk == user.pk or may_be_one_person(str(first.pk), str(user.pk), at=at):
        raise AnotherOfficer("You recommended this; another officer has to decide.")
    return True


def _end(match: ScreeningMatch, outcome: str, reason: str, user: User, at: datetime) -> None:
    acts = {MatchStatus.CLEARED: match.clear, MatchStatus.ACCEPTED: match.accept, MatchStatus.CONFIRMED: match.confirm}
    acts[MatchStatus(outcome)]()
    match.decided_by, match.decided_at, match.decision = user, at, reason
    match.save(update_fields=["status", "decided_by", "decided_at", "decision"])
    row = {"screened_at": match.raised_at, "settled_at": at}
    made = Screened.objects.get_or_create(consumer=match.consumer, defaults=row)[1]
    if not made:
        Screened.objects.filter(consumer=match.consumer).update(settled_at=at)
