"""Reads of identity proofs."""

import base64
import uuid
from datetime import datetime

from accounts.models.people import Consumer
from accounts.proofs.models import IdentityPicture, IdentityProof
from accounts.queries import account_ids
from accounts.states import PROOF_OPEN, ProofLevel, ProofStatus
from core.errors import NotFound

SHOWN = 20
PICTURES_WAIT = f"""EXISTS (SELECT 1 FROM accounts_identityproof WHERE status = '{ProofStatus.CHECKING.value}'
    AND next_at <= %(at)s AND (claimed_until IS NULL OR claimed_until <= %(wall)s))"""  # noqa: S608  (a state)
"""Whether pictures wait for a company to look at them."""
ENDED = f"""EXISTS (SELECT 1 FROM accounts_identityproof WHERE status = '{ProofStatus.ACCEPTED.value}'
    AND ends_on < (%(at)s::timestamptz AT TIME ZONE 'UTC')::date)"""  # noqa: S608  (a state)
"""Whether a document of an accepted proof has ended."""


def find_proof(consumer: Consumer) -> IdentityProof | None:
    """Return the newest proof of a consumer's account, or None."""
    return IdentityProof.objects.filter(consumer=consumer).order_by("-id").first()


def find_open_proof(consumer: Consumer) -> IdentityProof | None:
    """Return the proof of a person, in whichever of their accounts, that nobody has decided about yet; None if there is none."""
    return IdentityProof.objects.filter(consumer__in=account_ids(consumer.holder_id), status__in=PROOF_OPEN).order_by("-id").first()


def proved_level(consumer: Consumer) -> str:
    """Return what a person has proved by pictures, in any of their accounts: a `ProofLevel`, or an empty text."""
    found = set(
        IdentityProof.objects.filter(consumer__in=account_ids(consumer.holder_id), status=ProofStatus.ACCEPTED).values_list(
            "level", flat=True
        )
    )
    return next((one.value for one in (ProofLevel.SELFIE, ProofLevel.DOCUMENT) if one in found), "")


def list_proofs(consumer: Consumer) -> list[IdentityProof]:
    """Return a consumer's proofs, newest first, at most 20."""
    return list(IdentityProof.objects.filter(consumer=consumer).select_related("decided_by").order_by("-id")[:SHOWN])


def lock_proof(proof_id: uuid.UUID) -> IdentityProof:
    """Lock a proof until the transaction ends and return it; NotFound."""
    found = IdentityProof.objects.select_for_update(of=("self",)).select_related("consumer__market").filter(pk=proof_id).first()
    if found is None:
        raise NotFound("There is no such check.")
    return found


def picture_of(proof: IdentityProof, part: str) -> bytes:
    """Return a picture of a proof as a JPEG; NotFound also after it was deleted."""
    found = IdentityPicture.objects.filter(proof=proof, part=part).first()
    if found is None:
        raise NotFound("There is no such picture.")
    return base64.b64decode(found.content)


def parts_of(proof: IdentityProof) -> list[str]:
    """Return which pictures of a proof are still kept, in the order of the parts."""
    found = set(IdentityPicture.objects.filter(proof=proof).values_list("part", flat=True))
    return [part for part in ("front", "back", "selfie") if part in found]


def count_reviews() -> int:
    """Return how many proofs wait for a reviewer."""
    return IdentityProof.objects.filter(status=ProofStatus.REVIEW).count()


def is_late(proof: IdentityProof, at: datetime) -> bool:
    """Whether a reviewer should have decided by now."""
    return proof.status == ProofStatus.REVIEW and proof.review_by is not None and proof.review_by < at
