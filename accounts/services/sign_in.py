"""Sign-in with a one-time code, and finding consumers by contacts that a code has confirmed."""

import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from django.db.models import F

from accounts import gateways, queries, rules
from accounts.errors import CodeUsedUp, CodeWrong
from accounts.gateways.base import ProviderUnavailable, TooManyCodes, UnknownDestination
from accounts.models import Consumer, SignInCode
from accounts.services.details import note_step
from accounts.settable import CODES_AN_HOUR_IP, CODES_AN_HOUR_IP_DESTINATION
from brands.models import DEFAULT
from core.adjusting import value_of
from core.crypto import lookup_hash, lookup_hashes
from core.db import try_lock, unit
from core.errors import Invalid, TooMany, Unavailable
from core.sentences import Sentence
from markets.models import Market

PROVIDER_PAUSE_S = 600
CHANNELS = {"email": ("email", "email_hash"), "sms": ("phone", "phone_hash")}


def _normal(channel: str, destination: str, market: Market | None) -> str:
    try:
        return rules.normalize_destination(channel, destination, market.code if market else "")
    except rules.Faulty as fault:
        raise Invalid(str(fault), code="accounts.destination_invalid", fields={"destination": str(fault)}) from None


def send_code(
    *, destination: str, channel: str, at: datetime, ip: str = "", device: str = "", market: Market | None = None, brand: str | None = ""
) -> SignInCode:
    """Send a one-time code by `email` or `sms` as a brand, and return its row, with the destination in canonical form.

    A number without + is read as a number of the market. `ip` and `device` identify the requester; limits apply to the requester, never to
    the owner of the destination. Invalid names `destination`. TooMany, by limits that are settings: this browser had a code sent there
    moments ago and still has tries, or had too many unused codes sent there within an hour, or its network requested far too many.
    Unavailable if the provider is unavailable.
    """
    to = _normal(channel, destination, market)
    code = _note_sending(channel, to, ip, device, at)
    try:
        code.provider, code.provider_ref = _send(code, brand, market.code if market else "", at)
    except TooManyCodes:
        raise TooMany("Too many codes were sent. Wait ten minutes and try again.", retry_after_s=PROVIDER_PAUSE_S) from None
    except UnknownDestination:
        sentence = Sentence("No code can be sent there.")
        raise Invalid(sentence, code="accounts.destination_invalid", fields={"destination": sentence}) from None
    except ProviderUnavailable:
        # A failed sending does not count against the requester: they may send again at once.
        SignInCode.objects.filter(pk=code.pk).delete()
        raise Unavailable("The code could not be sent. Try again in a moment.") from None
    SignInCode.objects.filter(pk=code.pk).update(provider=code.provider, provider_ref=code.provider_ref)
    return code


def _send(code: SignInCode, brand: str | None, market: str, at: datetime) -> tuple[str, str]:
    """Send a code with the first account that answers; return the account and the provider's id. ProviderUnavailable if none answers."""
    *others, last = gateways.verifiers(brand, market)
    for account in others:
        with suppress(ProviderUnavailable):
            return account, _send_by(account, code, at)
    return last, _send_by(last, code, at)


def _send_by(account: str, code: SignInCode, at: datetime) -> str:
    """Send a usable code: cancel codes that were tried or sent too often first, because the provider sends a pending code again."""
    provider, since = gateways.verifier(account), at - rules.CODE_VALID
    _cancel(account, queries.spent_codes(code.destination_hash, since=since))
    try:
        return provider.send(channel=code.channel, to=code.destination)
    except TooManyCodes:
        # Others may have used up all sendings of the pending code: the owner gets a new one.
        _cancel(account, queries.pending_codes(code.destination_hash, since=since))
        return provider.send(channel=code.channel, to=code.destination)


def _cancel(account: str, codes: Iterable[tuple[str, str]]) -> None:
    """Cancel the codes of an account; codes without a stored account count as the account's own."""
    for sent_by, reference in codes:
        if sent_by in ("", account):
            gateways.verifier(account).cancel(reference=reference)


def _note_sending(channel: str, to: str, ip: str, device: str, at: datetime) -> SignInCode:
    """Record that a code will be sent; TooMany if it may not be sent."""
    to_hash, ip_hash, device_hash = lookup_hash(to), _hash_of(ip), _hash_of(device)
    with unit():
        if not try_lock(f"code:{to_hash}:{device_hash or ip_hash}"):
            raise TooMany("A code is just being sent.", retry_after_s=1)
        code = SignInCode(channel=channel, destination=to, destination_hash=to_hash, ip_hash=ip_hash, device_hash=device_hash, sent_at=at)
        if wait_s := queries.wait_for_code(code, at):
            raise TooMany(
                Sentence("A code was sent. Wait %(seconds)s seconds before you ask for another.", seconds=wait_s), retry_after_s=wait_s
            )
        if ip_hash and _is_too_many(ip_hash, to_hash, at - rules.HOUR):
            raise TooMany("Too many codes were asked for from here. Try again in an hour.", retry_after_s=3600)
        code.save(force_insert=True)
        return code


def _hash_of(requester: str) -> str:
    return lookup_hash(requester) if requester else ""


def _is_too_many(ip_hash: str, to_hash: str, since: datetime) -> bool:
    """Return whether a network requested too many codes: to this destination from all browsers, or in total."""
    here = queries.count_codes_from(ip_hash, since=since, destination_hash=to_hash)
    return here >= value_of(CODES_AN_HOUR_IP_DESTINATION) or queries.count_codes_from(ip_hash, since=since) >= value_of(CODES_AN_HOUR_IP)


def verify_code(*, code_id: uuid.UUID, code: str, at: datetime) -> SignInCode:
    """Check a typed code and return its row, now used.

    CodeWrong and CodeUsedUp name the field `code`: a code has five tries, is valid for ten minutes, and works once. Unavailable if the
    provider is unavailable; then no try is lost.
    """
    try:
        typed = rules.normalize_code(code)
    except rules.Faulty as fault:
        raise CodeWrong(str(fault), fields={"code": str(fault)}) from None
    row = _take_try(code_id, at)
    try:
        right = gateways.verifier(row.provider or gateways.verifiers()[0]).check(to=row.destination, code=typed)
    except TooManyCodes:
        # The same code was tried in other browsers too.
        SignInCode.objects.filter(pk=row.pk).update(attempts=rules.CODE_TRIES)
        raise _used_up(Sentence("The code was tried too often. Ask for a new one.")) from None
    except (ProviderUnavailable, UnknownDestination):
        SignInCode.objects.filter(pk=row.pk).update(attempts=F("attempts") - 1)
        raise Unavailable("The code could not be checked. Try again in a moment.") from None
    if not right:
        sentence = Sentence("This is not the code that we sent.")
        raise CodeWrong(sentence, fields={"code": sentence})
    if not SignInCode.objects.filter(pk=row.pk, used_at__isnull=True).update(used_at=at):
        raise _used_up(Sentence("This code was used. Ask for a new one."))
    row.used_at = at
    return row


def _used_up(sentence: str) -> CodeUsedUp:
    return CodeUsedUp(sentence, fields={"code": sentence})


def _take_try(code_id: uuid.UUID, at: datetime) -> SignInCode:
    """Count a try before the provider is called, so that simultaneous tries cannot exceed five."""
    with unit():
        row = queries.lock_code(code_id)
        if row.used_at is not None:
            raise _used_up(Sentence("This code was used. Ask for a new one."))
        if at - row.sent_at > rules.CODE_VALID:
            raise _used_up(Sentence("This code is too old. Ask for a new one."))
        if row.attempts >= rules.CODE_TRIES:
            raise _used_up(Sentence("The code was tried too often. Ask for a new one."))
        row.attempts += 1
        row.save(update_fields=["attempts"])
    return row


def get_or_create_consumer(*, channel: str, destination: str, market: Market, at: datetime, brand: str = DEFAULT) -> Consumer:
    """Return a brand's consumer with a confirmed destination, or a new consumer of the brand in the market.

    Two simultaneous calls return the same consumer. Invalid names `destination`.
    """
    to = _normal(channel, destination, market)
    field, hash_field = CHANNELS[channel]
    known = queries.find_consumer(channel=channel, destination=to, brand=brand)
    if known is not None:
        return known
    with unit():
        fresh = Consumer(brand_id=brand, market=market, locale=market.locale, time_zone=market.time_zone, created_at=at)
        setattr(fresh, field, to)
        setattr(fresh, hash_field, lookup_hash(to))
        Consumer.objects.bulk_create([fresh], ignore_conflicts=True)
        consumer = Consumer.objects.select_related("market").get(brand_id=brand, **{f"{hash_field}__in": lookup_hashes(to)})
        note_step(consumer=consumer, step="signed_up", at=at)
    return consumer
