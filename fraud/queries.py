"""Reads of assessments, and of earlier purchases."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.models import Consumer, IdentityCheck
from core.compiled import prepared
from core.prepared import Statement
from fraud.acts.queries import AFTER_KINDS, FIRST_SIGNED_IN, LAST_ACTS, LOOK_BACK, DeviceAge, device_age, last_of
from fraud.models import Assessment, ListEntry, Sighting
from fraud.networks import public_address
from fraud.states import ActKind, Listed, Verdict

PROOF_VALID = timedelta(minutes=30)
"""How long a code entered for a checkout remains valid as proof."""
FEWEST = 5
"""The fewest purchases of a shop for which its average is used."""
_HISTORY = Statement(
    "fraud_history",
    f"""
    WITH mine AS (
        SELECT s.device, s.browser, s.amount_minor, s.currency, s.verdict, s.at FROM fraud_sighting s
        WHERE s.person_key = %(person)s AND s.at <= %(at)s AND s.subject <> %(subject)s ORDER BY s.at DESC LIMIT 50),
    theirs AS (
        SELECT s.amount_minor FROM fraud_sighting s
        WHERE s.merchant = %(merchant)s AND s.currency = %(currency)s AND s.at <= %(at)s AND s.subject <> %(subject)s
        ORDER BY s.at DESC LIMIT 50)
    SELECT count(*) FILTER (WHERE let), avg(amount_minor) FILTER (WHERE let AND currency = %(currency)s),
        min(at) FILTER (WHERE let AND device <> '' AND device = %(device)s),
        min(at) FILTER (WHERE let AND browser <> '' AND browser = %(browser)s),
        min(at) FILTER (WHERE let AND (device <> '' OR browser <> '')), {FIRST_SIGNED_IN}, {LAST_ACTS},
        (SELECT CASE WHEN count(*) >= {FEWEST} THEN avg(amount_minor) END FROM theirs),
        EXISTS (SELECT 1 FROM fraud_assessment a WHERE a.subject = %(subject)s AND a.consumer_id = %(consumer)s
            AND a.verdict = '{Verdict.STEP_UP}' AND a.proved_at > %(proved_since)s AND a.proved_at <= %(at)s),
        EXISTS (SELECT 1 FROM fraud_assessment a JOIN fraud_sighting s ON s.card = %(card)s AND s.card <> '' AND s.at = a.at
            WHERE a.subject = %(subject)s AND s.subject = a.subject AND a.consumer_id = %(consumer)s
            AND a.verdict = '{Verdict.CONFIRM}' AND a.proved_at > %(proved_since)s AND a.proved_at <= %(at)s),
        (SELECT e.listed FROM fraud_listentry e WHERE {ListEntry.HOLDS_SQL}
            AND (e.key = ANY(%(listed)s::text[]) OR e.net >>= %(internet)s::inet) ORDER BY e.listed = '{Listed.BLOCK}' DESC LIMIT 1)
    FROM (SELECT *, verdict IN ('{Verdict.ALLOW}', '{Verdict.HOLD}') AS let FROM mine) AS m""",  # noqa: S608  (words of our own)
)


@dataclass(frozen=True, slots=True)
class Before:
    """Earlier data: the person's purchases and their average, the device, the shop's average, in minor units; a code, and lists.

    `proved`: the person entered a code for this checkout within half an hour. `listed`: the list that contains a value of the attempt; the
    block list takes precedence. `signed_in_new_at` is when somebody last signed in from a device that is new to the person,
    `changed_new_at` and `added_new_at` when an address or contact was changed, and a card or bank account added, within a week after that;
    all within 30 days. `last_sign_in` has the kind of network and the difference of the zones, in minutes, of the last sign-in.
    """

    bought: int
    usual_minor: float | None
    device: DeviceAge
    signed_in_new_at: datetime | None
    changed_new_at: datetime | None
    added_new_at: datetime | None
    last_sign_in: list[str | None] | None
    shop_minor: float | None
    proved: bool
    card_proved: bool
    listed: str | None


def find_before(
    *,
    consumer: Consumer,
    person: str,
    device: str,
    browser: str,
    card: str,
    merchant: str,
    currency: str,
    subject: str,
    listed: Sequence[str],
    network: str,
    at: datetime,
) -> Before:
    """Return the data from before an attempt, and its list; one statement over the newest 50 purchases of the person and of the shop.

    `listed` are keyed hashes to look up in the lists, `network` is the internet address.
    """
    told: dict[str, Any] = {"person": person, "device": device, "browser": browser, "card": card, "merchant": merchant}
    told |= {"currency": currency, "subject": subject, "at": at, "consumer": consumer.pk, "proved_since": at - PROOF_VALID}
    internet = public_address(network)
    told |= {"listed": list(listed), "internet": internet and str(internet), "today": at.date()}
    told |= {"look_back": at - LOOK_BACK, "act_kinds": AFTER_KINDS}
    ((bought, usual, *aged, acts, sign_in, shop, proved, card_proved, on),) = _HISTORY.rows(**told)
    signed_in, changed = last_of(acts, ActKind.SIGN_IN), last_of(acts, ActKind.ADDRESS, ActKind.CONTACT)
    added = last_of(acts, ActKind.CARD, ActKind.ACCOUNT)
    return Before(
        bought,
        usual and float(usual),
        device_age(*aged),
        signed_in,
        changed,
        added,
        sign_in,
        shop and float(shop),
        proved,
        card_proved,
        on,
    )


CONFIRMED = "confirmed"
"""The field in a consumer's change that names the contacts confirmed by a code."""
_MOVES = Statement(
    "fraud_moves",
    """
    SELECT max(at) FILTER (WHERE change->'fields' ? 'address'),
        max(at) FILTER (WHERE change->'fields' ?| ARRAY['email', 'phone'] OR change->%s ?| ARRAY['email', 'phone'])
    FROM accounts_consumerchange WHERE consumer_id = %s AND subject IN ('details', 'contact') AND at > %s AND at <= %s""",
)


def find_moves(consumer: Consumer, at: datetime) -> tuple[int | None, int | None]:
    """Return how many days ago the person changed their address, and a contact; None for never. One query.

    Data entered within a day of opening the account does not count as a change.
    """
    ((home, contact),) = _MOVES.rows(CONFIRMED, consumer.pk, consumer.created_at + timedelta(days=1), at)
    return (at - home).days if home else None, (at - contact).days if contact else None


@prepared
def _last_check(consumer_id: uuid.UUID) -> QuerySet[IdentityCheck]:
    return IdentityCheck.objects.filter(consumer_id=consumer_id).order_by("-id").only("consumer_id", "evidence")


def find_mismatches(consumer: Consumer) -> int | None:
    """Return how many details of a person the last identity check did not confirm; None if it compared none. One query."""
    check = _last_check.first(consumer.pk)
    evidence = check.evidence if check is not None else None
    matched = evidence.get("evidence", {}).get("data_match") if isinstance(evidence, dict) else None
    return sum(said not in ("match", "clear") for said in matched.values()) if isinstance(matched, dict) else None


def assessments_of(subject: str) -> QuerySet[Assessment]:
    """Return the assessments of a checkout, the newest first."""
    return Assessment.objects.filter(subject=subject).order_by("-id")


def find_assessment(subject: str) -> Assessment | None:
    """Return the last assessment of a checkout, or None."""
    return assessments_of(subject).first()


def find_assessment_of_order(order: str) -> Assessment | None:
    """Return the assessment that let an order proceed, by the order's public id, or None."""
    return Assessment.objects.filter(order=order).order_by("-id").first() if order else None


def find_asked(subject: str, consumer: Consumer, verdict: Verdict = Verdict.STEP_UP) -> Assessment | None:
    """Return the last assessment of a checkout if it asks this person for what `verdict` says and they have not proved it yet, or None."""
    found = find_assessment(subject)
    waits = found is not None and found.consumer_id == consumer.pk and found.verdict == verdict and found.proved_at is None
    return found if waits else None


def is_card_of(assessment: Assessment, card: str) -> bool:
    """Return whether an attempt was made with a card, by its keyed hash. One query."""
    return Sighting.objects.filter(card=card, subject=assessment.subject, at=assessment.at).exists()
