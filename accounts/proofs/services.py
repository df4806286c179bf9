"""Take pictures that prove who a person is, decide about them, and end them with their document."""

import base64
import hashlib
import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from accounts.errors import ProofOpen
from accounts.events import ProofSettled
from accounts.gateways.pictures import account_for_pictures
from accounts.models.people import Consumer, User
from accounts.proofs.models import IdentityPicture, IdentityProof
from accounts.proofs.pictures import NotAPicture, clean
from accounts.proofs.queries import find_open_proof, lock_proof
from accounts.queries import lock_consumer
from accounts.settable import PROOFS_A_DAY, REVIEW_HOURS
from accounts.states import ProofLevel, ProofStatus
from core import outbox
from core.adjusting import value_of
from core.db import unit
from core.errors import Conflict, TooMany, refuse, require, why_fault
from core.sentences import Sentence

MAY_REVIEW = "accounts.review_proof"
DAY = timedelta(days=1)
CHUNK = 200
LONGEST_NOTE = 1_000
FARTHEST_YEARS = 30


def parts_needed(level: str, document: str) -> tuple[str, ...]:
    """Return the pictures that a level needs: front, the back of everything but a passport, and the person."""
    back = () if document == "passport" else ("back",)
    return ("front", *back, *(("selfie",) if level == ProofLevel.SELFIE else ()))


def send_proof(
    *, consumer: Consumer, level: str, document: str, pictures: Mapping[str, bytes], at: datetime, reference: str = ""
) -> IdentityProof:
    """Keep the pictures that a person sends to prove who they are; `reference` names the checkout that asked for them.

    A company looks at them (`accounts.proofs.checking.services`), or a reviewer where the installation has none for the market.

    Each picture is drawn anew, so that nothing else of its file stays. Invalid names each picture that is missing or cannot be taken;
    ProofOpen while others of theirs are looked at; TooMany after too many within a day.
    """
    needed = parts_needed(level, document)
    cleaned = _cleaned(needed, pictures)
    with unit():
        locked = lock_consumer(consumer.pk)
        if find_open_proof(locked) is not None:
            raise ProofOpen("We are already looking at pictures of yours. You hear from us when it is done.")
        if IdentityProof.objects.filter(consumer=locked, sent_at__gt=at - DAY).count() >= value_of(PROOFS_A_DAY):
            raise TooMany("You have sent a lot of pictures today. Try again tomorrow.", retry_after_s=int(DAY.total_seconds()))
        account = account_for_pictures(market=locked.market_id, brand=locked.brand_id)
        made = IdentityProof(consumer=locked, level=level, document=document, reference=reference, provider=account, sent_at=at)
        made.next_at = at if account else None
        made.save(force_insert=True)
        for part, body in cleaned.items():
            IdentityPicture.objects.create(
                proof=made,
                consumer=locked,
                part=part,
                sha256=hashlib.sha256(body).hexdigest(),
                content=base64.b64encode(body).decode(),
                sent_at=at,
            )
        if not account:
            ask_reviewer(made, at)
    return made


def _cleaned(needed: tuple[str, ...], pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the pictures that are needed, drawn anew; Invalid names each that is missing, or cannot be taken."""
    found: dict[str, bytes] = {}
    faults: dict[str, str] = {}
    for part in needed:
        if part not in pictures:
            faults[part] = Sentence("take this picture")
            continue
        try:
            found[part] = clean(pictures[part])
        except NotAPicture as error:
            faults[part] = error.fault
    refuse(faults)
    return found


def ask_reviewer(proof: IdentityProof, at: datetime) -> None:
    """Leave a locked or new proof to a person here, with what a company found."""
    proof.ask_reviewer()
    proof.review_by, proof.next_at, proof.claimed_until = at + timedelta(hours=value_of(REVIEW_HOURS)), None, None
    proof.save(update_fields=["status", "review_by", "next_at", "claimed_until", "reasons", "evidence", "ends_on"])


def decide_proof(
    *, proof_id: uuid.UUID, accepts: bool, reason: str, ends_on: date | None = None, user: User, at: datetime
) -> IdentityProof:
    """Accept or refuse pictures that wait for a reviewer, with the reason; `ends_on` is the last day of an accepted document.

    The person is told. Forbidden without the right; Invalid names a missing reason or day; Conflict if somebody has decided.
    """
    require(user, MAY_REVIEW)
    refuse({"reason": why_fault(reason), "ends_on": _day_fault(ends_on, at.date()) if accepts else ""})
    with unit():
        proof = lock_proof(proof_id)
        if proof.status != ProofStatus.REVIEW:
            raise Conflict("Somebody has decided about this already.", code="accounts.proof_decided")
        proof.ends_on = ends_on if accepts else None
        proof.decided_by, proof.note = user, reason.strip()[:LONGEST_NOTE]
        settle(proof, accepts=accepts, at=at)
    return proof


def _day_fault(day: date | None, today: date) -> str:
    if day is None:
        return Sentence("say when the document ends")
    if day < today:
        return Sentence("the document has ended")
    return Sentence("is too far away") if day.year > today.year + FARTHEST_YEARS else ""


def settle(proof: IdentityProof, *, accepts: bool, at: datetime) -> None:
    """Write the decision about a locked proof, and tell."""
    if accepts:
        proof.accept()
    else:
        proof.refuse()
    proof.decided_at, proof.next_at, proof.claimed_until = at, None, None
    proof.save(update_fields=["status", "ends_on", "decided_by", "note", "decided_at", "next_at", "claimed_until", "reasons", "evidence"])
    _tell(proof, at)


def _tell(proof: IdentityProof, at: datetime) -> None:
    told = {"consumer": proof.consumer.public_id, "proof": proof.public_id, "status": proof.status}
    outbox.append(ProofSettled(**told), at=at)


def end_proofs(*, at: datetime) -> int:
    """End the accepted proofs whose document has ended, and tell the people; a timer. Return how many."""
    with unit():
        over = IdentityProof.objects.filter(status=ProofStatus.ACCEPTED, ends_on__lt=at.date()).select_related("consumer")
        found = list(over.order_by("ends_on").select_for_update(skip_locked=True, of=("self",))[:CHUNK])
        for proof in found:
            proof.end()
            proof.save(update_fields=["status"])
            _tell(proof, at)
    return len(found)
