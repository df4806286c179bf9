"""The consumer of a browser's session. The session holds only ids, and gets a new key when another consumer signs in."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, gettext

from accounts import queries as people
from accounts import services, signing
from accounts.factors.queries import fresh_for
from accounts.models import Consumer, SignInCode
from accounts.rules import CODE_VALID
from brands.queries import brand_of
from checkout.texts import DEVICE_NOTICE
from core.clock import wall
from core.errors import NotFound
from core.network import client_address, requester
from fraud.acts.services import note_sign_in
from fraud.purchases import UNASKED, read_device
from payments.services import Asker
from portals import devices

CONSUMER, SINCE, CODE, TYPED, DEVICE, LANGUAGE = "consumer", "consumer_since", "code", "code_typed", "device", "language"
HOW = "consumer_how"
"""How the person signed in: by a one-time code, or by a passkey."""
BEGAN, SEEN = "consumer_began", "consumer_seen"
"""When the person signed in, and when they last used the session, in whole seconds of real time."""
SEEN_EVERY_S = 600
"""That a session is used is written once in so long, so that pages mostly read it."""
OF_CONSUMER = (CONSUMER, SINCE, HOW, BEGAN, SEEN, devices.DEVICE, devices.FROM)
"""What a session holds of the consumer who is signed in."""
ASKED_AT = "code_brand"
"""The brand that sent the code: the code is valid for that brand only."""


def consumer_part(request: HttpRequest) -> dict[str, Any]:
    """Return what the session holds of a consumer, who stays signed in when somebody of a team signs in or out in the same browser."""
    return {name: request.session[name] for name in OF_CONSUMER if name in request.session}


def find_consumer(request: HttpRequest, known: Consumer | None = None) -> Consumer | None:
    """Return the consumer of this host's brand who signed in in this browser, or None; one query, unless it is the one that is `known`."""
    key = request.session.get(CONSUMER)
    if not key:
        return None
    if _is_over(request):
        sign_out(request)
        return None
    try:
        found = known if known is not None and known.public_id == key else people.get_consumer(key)
    except NotFound:
        found = None
    if found is None or found.is_erased or found.brand_id != brand_of(request).code or devices.is_ended(request, found):
        sign_out(request)
        return None
    return found


def _is_over(request: HttpRequest) -> bool:
    """Return whether the session was not used for too long, or began too long ago; otherwise note that it is used."""
    session, at = request.session, int(wall().timestamp())
    began, seen = session.get(BEGAN, at), session.get(SEEN, at)
    if signing.is_consumer_over(began, seen, at):
        return True
    if at - seen >= SEEN_EVERY_S:
        session[SEEN] = at
    return False


def sign_in(request: HttpRequest, consumer: Consumer, at: datetime, *, reference: str = "", how: str = "code") -> None:
    """Assign the session to a consumer who entered the right code or used a passkey; an old key of the session becomes useless.

    The sign-in is kept as an act on the account; `reference` is the public id of the checkout at which it happened.
    """
    request.session.cycle_key()
    drop_code(request)
    # It is written now, with the rest, so that the requests of a purchase only read the session.
    request.session[DEVICE] = _new_device()
    request.session[CONSUMER] = consumer.public_id
    request.session[SINCE], request.session[HOW] = at.isoformat(), how
    request.session[BEGAN] = request.session[SEEN] = int(wall().timestamp())
    if not consumer.language and (spoken := get_language()) != settings.LANGUAGE_CODE:
        # Letters are written in the language in which the person first read our pages.
        services.choose_language(consumer_id=consumer.pk, language=str(spoken), at=at, actor=consumer.public_id)
        consumer.language = str(spoken)
    if consumer.language:
        keep_language(request, consumer.language)
    devices.remember(request, consumer, at)
    signing.note_consumer(request, consumer)
    _keep_sign_in(request, consumer, at, reference)


def _keep_sign_in(request: HttpRequest, consumer: Consumer, at: datetime, reference: str) -> None:
    """Keep the sign-in, and that the person continued after the notice that their browser is recognized, once per browser."""
    noted = note_sign_in(consumer=consumer, **seen_by(request), at=at)
    if noted.first_seen:
        language = get_language() or ""
        how = "checkout" if reference else "account"
        told: dict[str, Any] = {"kind": "device_security", "version": "1", "language": language, "how": how, "reference": reference}
        services.record_consent(consumer=consumer, text=gettext(DEVICE_NOTICE), at=at, **told)


def seen_by(request: HttpRequest) -> dict[str, Any]:
    """Return the device that a form describes, and the client's internet address."""
    told = read_device(request.POST.get("device", ""), request.headers.get("User-Agent", ""))
    return {"device": told, "network": client_address(request)}


def buyer_of(request: HttpRequest) -> dict[str, Any]:
    """Return by whom a decision is asked for: network and browser for rate limits, and the device, if the form asked for it."""
    seen = seen_by(request)
    return {"asker": asker_of(request), **seen, "device": seen["device"] if "device" in request.POST else UNASKED}


def sign_out(request: HttpRequest) -> None:
    """Forget the consumer; a member of a shop's team who uses the same browser stays signed in."""
    for name in (*OF_CONSUMER, CODE, TYPED, ASKED_AT, LANGUAGE):
        request.session.pop(name, None)
    request.session.cycle_key()


def keep_language(request: HttpRequest, language: str) -> None:
    """Remember the language of the consumer's account."""
    request.session[LANGUAGE] = language


def language_of(request: HttpRequest) -> str:
    """Return the language of the consumer's account; empty if nobody is signed in, or no language was chosen."""
    return str(request.session.get(LANGUAGE, ""))


def is_fresh(request: HttpRequest, at: datetime) -> bool:
    """Return whether the person showed in this session a moment ago who they are (`accounts.fresh_minutes`)."""
    since: str = request.session.get(SINCE) or ""
    return bool(since) and timedelta(0) <= at - datetime.fromisoformat(since) < fresh_for()


def confirm(request: HttpRequest, at: datetime) -> None:
    """Note that the person who is signed in has shown once more who they are; the session's key changes, as when they sign in."""
    request.session.cycle_key()
    drop_code(request)
    request.session[SINCE] = at.isoformat()


def is_by_code(request: HttpRequest) -> bool:
    """Return whether the person signed in by a one-time code, so that a passkey would save them one."""
    return bool(request.session.get(HOW) == "code")


def keep_code(request: HttpRequest, code: SignInCode, *, typed: bool) -> None:
    """Remember the code sent for this browser, and whether its user typed the contact: only then may a page show it in full."""
    request.session[CODE], request.session[TYPED], request.session[ASKED_AT] = code.public_id, typed, brand_of(request).code


def drop_code(request: HttpRequest) -> None:
    """Forget the code."""
    for name in (CODE, TYPED, ASKED_AT):
        request.session.pop(name, None)


def is_typed(request: HttpRequest) -> bool:
    """Return whether the person at this browser typed the contact of the code."""
    return bool(request.session.get(TYPED))


def device_of(request: HttpRequest) -> str:
    """Return an identifier of this browser, for rate limits."""
    if DEVICE not in request.session:
        request.session[DEVICE] = _new_device()
    return str(request.session[DEVICE])


def _new_device() -> str:
    return secrets.token_hex(16)


def asker_of(request: HttpRequest) -> Asker:
    """Return the network and the browser from which a card is tried, for rate limits."""
    return Asker(network=requester(request), device=device_of(request))


def find_code(request: HttpRequest, at: datetime) -> SignInCode | None:
    """Return the code that was sent from this browser as this host's brand and is still valid, or None."""
    key = request.session.get(CODE)
    if not key or request.session.get(ASKED_AT) != brand_of(request).code:
        return None
    try:
        code = people.get_code(key)
    except NotFound:
        return None
    return code if code.used_at is None and at - code.sent_at <= CODE_VALID else None
