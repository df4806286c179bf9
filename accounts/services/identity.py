"""Identity checks: call the provider once, keep every result, settle checks that stay open."""

import json
import logging
from datetime import datetime, timedelta

from django.db.models import Q

from accounts import gateways, queries
from accounts.errors import DetailsMissing
from accounts.events import IdentitySettled
from accounts.gateways.base import Finding, IdentityProvider, Person, ProviderUnavailable
from accounts.models import Consumer, ConsumerChange, IdentityCheck
from accounts.screening.services import note_identity
from accounts.services.details import note_step
from accounts.services.persons import know_person
from accounts.states import CheckResult, Identity
from core import outbox
from core.clock import wall
from core.crypto import lookup_hashes
from core.db import unit
from core.polling import next_look
from core.sentences import Sentence

log = logging.getLogger("bnpl.accounts")
LEASE = timedelta(seconds=60)
CHUNK = 50


def check_identity(*, consumer: Consumer, at: datetime, actor: str) -> Consumer:
    """Have a consumer's identity checked and return the consumer: `verified`, `rejected` or still `pending`.

    The provider is not called for a consumer who is verified, is being checked, or was rejected with exactly the same details.
    DetailsMissing names the missing details. If the provider does not answer, the check stays pending and a timer settles it.
    """
    intent = _open_check(consumer, at, actor)
    if intent is None:
        return queries.get_consumer(consumer.public_id)
    try:
        finding = _provider_of(intent).check(_person(intent.consumer), reference=intent.reference)
    except ProviderUnavailable:
        log.warning("no answer about identity check %s; it stays pending", intent.reference)
        IdentityCheck.objects.filter(pk=intent.pk).update(claimed_until=None)
        return intent.consumer
    return _record(intent, finding, at=at, actor=actor)


def _open_check(consumer: Consumer, at: datetime, actor: str) -> IdentityCheck | None:
    """Record a pending check before the provider is called; None if no call is needed."""
    provider = gateways.identity_provider(market=consumer.market_id, brand=consumer.brand_id).name
    with unit():
        locked = queries.lock_consumer(consumer.pk)
        if locked.identity in (Identity.VERIFIED, Identity.PENDING):
            return None
        missing = queries.missing_details(locked)
        if missing:
            needed = Sentence("This is needed.")
            raise DetailsMissing("Some details are missing.", fields=dict.fromkeys(missing, needed))
        details = _details_hashes(locked)
        latest = queries.latest_identity_check(locked)
        if latest is not None and locked.identity == Identity.REJECTED and latest.details_hash in details:
            return None
        intent = IdentityCheck(consumer=locked, provider=provider, result=CheckResult.PENDING, details_hash=details[0], at=at)
        intent.reference = intent.public_id
        intent.next_at, intent.claimed_until = next_look(since=at, at=at), wall() + LEASE
        intent.save(force_insert=True)
        _move(locked, Identity.PENDING, at, actor)
    return intent


def _provider_of(intent: IdentityCheck) -> IdentityProvider:
    """Return the provider of an earlier check: another one does not know it, and would check the person again."""
    return gateways.identity_provider_of(intent.provider, market=intent.consumer.market_id, brand=intent.consumer.brand_id)


def _details_hashes(consumer: Consumer) -> list[str]:
    """Return the hashes of a person's details by each look-up key, newest first; earlier checks may hold a hash by an older key."""
    return lookup_hashes(json.dumps([consumer.name, consumer.birth_date, consumer.address, consumer.email], sort_keys=True))


def _person(consumer: Consumer) -> Person:
    return Person(
        name=consumer.name,
        birth_date=queries.birth_date_of(consumer),
        email=consumer.email,
        phone=consumer.phone,
        address=consumer.address,
        country=consumer.market_id,
    )


def _move(consumer: Consumer, identity: Identity, at: datetime, actor: str) -> None:
    """Change the identity state of a locked consumer, and record who did it."""
    before = consumer.identity
    moves = {
        Identity.PENDING: consumer.await_identity,
        Identity.VERIFIED: consumer.verify_identity,
        Identity.REJECTED: consumer.reject_identity,
    }
    moves[identity]()
    consumer.save(update_fields=["identity"])
    ConsumerChange.objects.create(consumer=consumer, subject="identity", change={"from": before, "to": identity}, actor=actor, at=at)


def _record(intent: IdentityCheck, finding: Finding, *, at: datetime, actor: str) -> Consumer:
    """Record the result of a check, once."""
    with unit():
        consumer = queries.lock_consumer(intent.consumer_id)
        still_open = IdentityCheck.objects.filter(pk=intent.pk, next_at__isnull=False)
        if finding.result == CheckResult.PENDING:
            still_open.update(next_at=next_look(since=intent.at, at=at), claimed_until=None)
            return consumer
        if not still_open.update(next_at=None, claimed_until=None):
            return consumer
        IdentityCheck.objects.create(
            consumer=consumer,
            reference=intent.reference,
            provider=intent.provider,
            provider_ref=finding.provider_ref,
            result=finding.result,
            reasons=finding.reasons,
            evidence=finding.evidence,
            details_hash=intent.details_hash,
            at=at,
        )
        note_identity(consumer=consumer, evidence=finding.evidence, reference=intent.reference, provider=intent.provider, at=at)
        identity = Identity.VERIFIED if finding.result == CheckResult.CLEAR else Identity.REJECTED
        _move(consumer, identity, at, actor)
        if identity is Identity.VERIFIED:
            know_person(consumer, at=at, actor=actor)
        note_step(consumer=consumer, step="identity", at=at)
        outbox.append(IdentitySettled(consumer=consumer.public_id, identity=identity, check=intent.reference), at=at)
    return consumer


def poll_identity_checks(*, at: datetime) -> int:
    """Settle the open checks: look each up, or request it again if the provider does not know it; a timer.

    Return how many were settled.
    """
    settled = 0
    while claimed := _claim(at):
        settled += sum(_poll_one(intent, at) for intent in claimed)
    return settled


def _claim(at: datetime) -> list[IdentityCheck]:
    with unit():
        now = wall()
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
        due = IdentityCheck.objects.filter(free, next_at__lte=at).select_related("consumer__market").order_by("next_at")
        claimed = list(due.select_for_update(skip_locked=True, of=("self",))[:CHUNK])
        IdentityCheck.objects.filter(pk__in=[intent.pk for intent in claimed]).update(claimed_until=now + LEASE)
    return claimed


def _poll_one(intent: IdentityCheck, at: datetime) -> bool:
    try:
        provider = _provider_of(intent)
        finding = provider.find(reference=intent.reference) or provider.check(_person(intent.consumer), reference=intent.reference)
        return bool(_record(intent, finding, at=at, actor="timer").identity != Identity.PENDING)
    except Exception:
        # No error may delay the other checks; this check is retried at growing intervals.
        log.exception("identity check %s cannot be settled", intent.reference)
        IdentityCheck.objects.filter(pk=intent.pk).update(next_at=next_look(since=intent.at, at=at), claimed_until=None)
        return False
