"""Have a company look at pictures that people sent: once for each proof, asked again while it does not answer, and a person after it."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.gateways.base import Person, ProviderUnavailable
from accounts.gateways.pictures import Judged, Seen, pictures_by
from accounts.models.people import Consumer
from accounts.proofs.models import IdentityProof
from accounts.proofs.queries import lock_proof, parts_of, picture_of
from accounts.proofs.services import ask_reviewer, settle
from accounts.queries import birth_date_of
from accounts.rules.names.words import words_of
from accounts.states import ProofStatus
from core.clock import wall
from core.db import unit
from core.errors import NotFound
from core.polling import next_look
from core.sentences import Text

log = logging.getLogger("bnpl.accounts")
LEASE = timedelta(seconds=120)
CHUNK = 20
LONGEST = timedelta(hours=4)
"""How long a company may take: then a person here looks at the pictures."""
REASONS: dict[str, Text] = {
    "picture_unreadable": _("The pictures cannot be read"),
    "document_doubtful": _("The document is doubtful"),
    "face_differs": _("The face is not that of the document"),
    "name_differs": _("The name is another one"),
    "birth_date_differs": _("The date of birth is another one"),
    "no_last_day": _("The last day of the document could not be read"),
    "document_ended": _("The document has ended"),
    "company_gave_up": _("The company did not finish its check"),
    "no_answer": _("The company did not answer in time"),
}
"""Why pictures were refused or left to a person, in the operator's language."""


def look_at_pictures(*, at: datetime) -> int:
    """Have the companies look at the pictures that wait for them, or ask what came of it; a timer.

    Return how many are decided now, or passed on to a reviewer.
    """
    done = 0
    while claimed := _claim(at):
        done += sum(_look(proof, at) for proof in claimed)
    return done


def _claim(at: datetime) -> list[IdentityProof]:
    with unit():
        now = wall()
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
        due = (
            IdentityProof.objects.filter(free, status=ProofStatus.CHECKING, next_at__lte=at).select_related("consumer").order_by("next_at")
        )
        claimed = list(due.select_for_update(skip_locked=True, of=("self",))[:CHUNK])
        IdentityProof.objects.filter(pk__in=[one.pk for one in claimed]).update(claimed_until=now + LEASE)
    return claimed


def _look(proof: IdentityProof, at: datetime) -> bool:
    try:
        return _record(proof, _ask(proof), at)
    except (ProviderUnavailable, NotFound) as error:
        log.warning("no answer about pictures %s: %s", proof.public_id, error)
    except Exception:
        # No error may delay the other checks; this one is asked again at growing intervals, and is a person's after a while.
        log.exception("pictures %s cannot be checked", proof.public_id)
    return _record(proof, Judged(Seen.PENDING), at)


def _ask(proof: IdentityProof) -> Judged:
    company = pictures_by(proof.provider)
    if not proof.provider_ref:
        proof.provider_ref = company.begin(_person(proof.consumer), reference=proof.public_id)
        # Kept before anything is paid for: who goes on after a kill finds the check that was asked for, and asks for no second one.
        IdentityProof.objects.filter(pk=proof.pk, provider_ref="").update(provider_ref=proof.provider_ref)
    elif found := company.find(proof.provider_ref):
        return found
    pictures = {part: picture_of(proof, part) for part in parts_of(proof)}
    return company.check(proof.provider_ref, pictures, document=proof.document, reference=proof.public_id)


def _person(consumer: Consumer) -> Person:
    return Person(
        name=consumer.name,
        birth_date=birth_date_of(consumer),
        email=consumer.email,
        phone=consumer.phone,
        address=consumer.address,
        country=consumer.market_id,
    )


def _record(asked: IdentityProof, judged: Judged, at: datetime) -> bool:
    """Record what a company found, once; return whether the proof is decided or with a reviewer now."""
    with unit():
        proof = lock_proof(asked.pk)
        if proof.status != ProofStatus.CHECKING:
            return False
        if judged.result is Seen.PENDING and at - proof.sent_at < LONGEST:
            proof.next_at, proof.claimed_until = next_look(since=proof.sent_at, at=at), None
            proof.save(update_fields=["next_at", "claimed_until"])
            return False
        proof.evidence = dict(judged.evidence)
        proof.reasons = ["no_answer"] if judged.result is Seen.PENDING else judged.reasons or _differences(proof.consumer, judged, at)
        proof.ends_on = judged.ends_on
        if judged.result is Seen.UNREADABLE:
            proof.ends_on = None
            settle(proof, accepts=False, at=at)
        elif judged.result is Seen.CLEAR and not proof.reasons:
            settle(proof, accepts=True, at=at)
        else:
            ask_reviewer(proof, at)
    return True


def _differences(consumer: Consumer, judged: Judged, at: datetime) -> list[str]:
    """Return why a document that is as it should be may still not be this person's, or of use."""
    told: Mapping[str, bool] = {
        "name_differs": bool(judged.name) and not _is_name(consumer.name, judged.name),
        "birth_date_differs": judged.birth_date is not None and judged.birth_date != birth_date_of(consumer),
        "no_last_day": judged.ends_on is None,
        "document_ended": judged.ends_on is not None and judged.ends_on < at.date(),
    }
    return [reason for reason, holds in told.items() if holds]


def _is_name(ours: str, theirs: str) -> bool:
    """Whether a document names the person: all that the person wrote is in it. A document may have more given names."""
    return set(words_of(ours)) <= set(words_of(theirs))
