"""Authorizations: money held on a card at checkout, captured by the first charge or released."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Consumer
from core.clock import wall
from core.db import unit
from core.errors import NotFound
from core.money import Money
from core.writes import change
from payments import gateways
from payments.errors import MethodNotUsable
from payments.failures import OUTAGES
from payments.gateways.base import AUTHENTICATION, AuthorizationRequest, Cards, Outcome, Speaker, Status
from payments.models import Authorization, Charge, MethodKind, PaymentMethod
from payments.queries import is_proven
from payments.services.calls import LEASE_S, in_flight, refuse_inside_transaction
from payments.services.recording import Answer, Kind, ask_once_more, settle_open, write_answers
from payments.services.tries import NOBODY, Asker, trying
from payments.speaking import speaker_of
from payments.states import MOVEMENT_OPEN, MovementStatus

_REQUEST_RELEASES = """
    UPDATE payments_authorization SET release_wanted_at = %s WHERE reference = ANY(%s) AND used_at IS NULL AND release_wanted_at IS NULL"""
NAMESPACE = uuid.UUID("0d5f3a3e-6b1e-4f0a-9a3b-2f5d3c1e7a44")
HOLD_DAYS = 7
"""Days after which a hold lapses, by the rules of card schemes."""
CHUNK = 200


def authorize(
    *, consumer: Consumer, method: PaymentMethod, amount: Money, reference: str, at: datetime, asker: Asker = NOBODY
) -> Authorization:
    """Hold an amount on a card and return the authorization: succeeded, failed with its decline code, or unknown.

    A second call for the same reference, method and amount returns the same hold, unless that was refused or released. Other holds for the
    reference are released. NotFound for another person's method, MethodNotUsable for a removed or refused one, and for a bank account.
    TooMany if the person has to wait before the next try of a card; a card that has paid before needs no wait.
    """
    refuse_inside_transaction()
    if method.consumer_id != consumer.id:
        raise NotFound("There is no such payment method.")
    if method.removed_at or method.blocked_at:
        raise MethodNotUsable("This card can no longer be used. Choose another one.")
    if method.kind != MethodKind.CARD:
        raise MethodNotUsable("Nothing can be held on a bank account. Choose a card.")

    key = _key_of_hold(method, amount, reference)

    def hold() -> Authorization:
        return _hold(key, method, amount, reference, at, speaker_of(consumer.brand_id))

    if is_proven(method):
        return hold()
    return trying(hold, consumer=consumer, asker=asker, at=at, key=f"hold:{key}", is_declined=_is_declined)


def _is_declined(held: Authorization) -> bool:
    return held.status == MovementStatus.FAILED and held.failure not in {AUTHENTICATION, *OUTAGES}


def _key_of_hold(method: PaymentMethod, amount: Money, reference: str) -> uuid.UUID:
    """Return a key made from the request and the number of equal holds that ended, so that two equal requests at once make one hold."""
    over = Q(status=MovementStatus.FAILED) | Q(released_at__isnull=False) | Q(release_wanted_at__isnull=False)
    ended = Authorization.objects.filter(over, reference=reference, payment_method=method).count()
    return uuid.uuid5(NAMESPACE, f"{reference}|{method.id}|{amount.minor}|{amount.currency}|{ended}")


def _hold(key: uuid.UUID, method: PaymentMethod, amount: Money, reference: str, at: datetime, speaker: Speaker) -> Authorization:
    held = _open_hold(key, method, amount, reference, at)
    if held.status in MOVEMENT_OPEN:
        request = _request(held, method, speaker)
        record_authorizations([(request, ask_once_more(AUTHORIZATIONS, request))], at)
        held.refresh_from_db()
    return held


def _open_hold(key: uuid.UUID, method: PaymentMethod, amount: Money, reference: str, at: datetime) -> Authorization:
    with unit():
        made = Authorization(
            id=key,
            gateway=method.gateway,
            payment_method=method,
            reference=reference,
            amount_minor=amount.minor,
            currency=amount.currency,
            claimed_until=wall() + timedelta(seconds=LEASE_S),
            created_at=at,
        )
        Authorization.objects.bulk_create([made], ignore_conflicts=True)
        others = Authorization.objects.filter(reference=reference, status=MovementStatus.SUCCEEDED, used_at=None, release_wanted_at=None)
        others.exclude(id=key).update(release_wanted_at=at)
        return Authorization.objects.get(id=key)


def request_release(*, authorization_id: uuid.UUID, at: datetime) -> None:
    """Mark a hold in the caller's transaction as no longer needed; a timer releases it. A second call does nothing."""
    Authorization.objects.filter(id=authorization_id, release_wanted_at=None).update(release_wanted_at=at)


def request_releases(*, references: Collection[str], at: datetime) -> None:
    """Mark all unused holds of these references in the caller's transaction as no longer needed; a timer releases them."""
    change(_REQUEST_RELEASES, [at, list(references)])


def release_authorization(*, authorization: Authorization, at: datetime) -> None:
    """Release a hold now, outside any transaction; if the gateway does not answer, the timer tries again."""
    refuse_inside_transaction()
    request_release(authorization_id=authorization.id, at=at)
    _release([authorization], at)
    authorization.refresh_from_db()


def release_unused_authorizations(*, at: datetime) -> int:
    """Release holds that are no longer needed and the uncharged rest of others, and close lapsed ones; a timer.

    Return how many were closed.
    """
    lapsed = Authorization.objects.filter(status=MovementStatus.SUCCEEDED, released_at=None, created_at__lte=at - timedelta(days=HOLD_DAYS))
    closed = lapsed.update(released_at=at)
    while claimed := _claim_unneeded():
        closed += _release(claimed, at)
    return closed


def _claim_unneeded() -> list[Authorization]:
    waiting = Charge.objects.filter(authorization=OuterRef("pk"), status__in=MOVEMENT_OPEN)
    unneeded = Q(release_wanted_at__isnull=False) | (Q(used_at__isnull=False) & ~Exists(waiting))
    free = Q(claimed_until=None) | Q(claimed_until__lte=wall())
    held = Authorization.objects.filter(free, unneeded, status=MovementStatus.SUCCEEDED, released_at=None)
    with unit():
        claimed = list(held.order_by("created_at").select_for_update(skip_locked=True, of=("self",))[:CHUNK])
        Authorization.objects.filter(id__in=[row.id for row in claimed]).update(claimed_until=wall() + timedelta(seconds=LEASE_S))
    return claimed


def _release(held: Sequence[Authorization], at: datetime) -> int:
    """Ask gateways to release holds; a hold without an answer keeps its claim, and is tried again when the claim ends."""
    done: list[uuid.UUID] = []
    rows = [row for row in held if row.status == MovementStatus.SUCCEEDED and row.released_at is None]
    for answers in in_flight(
        [_Release(row) for row in rows], lambda request: gateways.connect(request.gateway, Cards).release(request.ref)
    ):
        done += [request.id for request, outcome in answers if outcome.status == Status.SUCCEEDED]
    return Authorization.objects.filter(id__in=done).update(released_at=at, claimed_until=None) if done else 0


class _Release:
    """A request to release a hold."""

    def __init__(self, row: Authorization) -> None:
        self.id, self.key, self.gateway, self.ref = row.id, row.public_id, row.gateway, row.gateway_ref


def resolve_authorizations(*, at: datetime) -> int:
    """Settle authorizations without an answer only by look-up; a timer. Return how many were settled.

    An authorization that the gateway never received has failed: the person has tried again or left since.
    """
    return settle_open(AUTHORIZATIONS_LATE, at=at)


def record_authorizations(answers: Sequence[Answer[AuthorizationRequest]], at: datetime) -> int:
    """Record answers for authorizations; return how many were settled."""
    with unit():
        return len(write_answers(Authorization, answers, at))


def load_authorizations(ids: Sequence[uuid.UUID]) -> list[AuthorizationRequest]:
    """Return the requests of authorizations as they were first sent."""
    found = Authorization.objects.filter(id__in=ids).select_related("payment_method").order_by("id")
    named = found.annotate(brand=F("payment_method__consumer__brand_id"))
    return [_request(row, row.payment_method, speaker_of(row.brand)) for row in named]


def _request(row: Authorization, method: PaymentMethod, speaker: Speaker) -> AuthorizationRequest:
    return AuthorizationRequest(
        id=row.id,
        gateway=row.gateway,
        token=method.token,
        payment_method_id=method.id,
        reference=row.reference,
        amount_minor=row.amount_minor,
        currency=row.currency,
        speaker=speaker,
    )


AUTHORIZATIONS: Kind[AuthorizationRequest] = Kind(
    model=Authorization,
    load=load_authorizations,
    ask=lambda request: gateways.connect(request.gateway, Cards).authorize(request),
    find=lambda request: gateways.connect(request.gateway, Cards).find_authorization(request),
    record=record_authorizations,
)
AUTHORIZATIONS_LATE: Kind[AuthorizationRequest] = Kind(
    model=Authorization,
    load=load_authorizations,
    ask=lambda _: Outcome(Status.FAILED, failure="never_held"),
    find=AUTHORIZATIONS.find,
    record=record_authorizations,
)
