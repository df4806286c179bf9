"""Consents: what a consumer agreed to, or withdrew, and the exact text."""

import hashlib
from datetime import datetime

from django.utils.translation import gettext, gettext_noop

from accounts.models import Consent, Consumer
from accounts.queries import INQUIRY
from core.writes import insert

INQUIRY_NOTICE = gettext_noop(
    "We check who you are, and ask credit bureaus and registers of payment remarks what you can afford. Your limit comes from that."
)
"""What a person reads at a checkout before a bureau is asked about them."""


def note_inquiry_told(*, consumer: Consumer, language: str, reference: str, at: datetime) -> Consent:
    """Record that a consumer was told at a checkout that a credit bureau is asked about them, and went on.

    `reference` is the checkout's public id. The text is that of the active language.
    """
    text = gettext(INQUIRY_NOTICE)
    return record_consent(
        consumer=consumer, kind=INQUIRY, version="2", text=text, language=language, how="checkout", reference=reference, at=at
    )


def record_consent(
    *,
    consumer: Consumer,
    kind: str,
    version: str,
    text: str,
    at: datetime,
    language: str = "",
    given: bool = True,
    how: str = "",
    reference: str = "",
) -> Consent:
    """Record a consumer's consent to a text, or its withdrawal: purpose (`kind`), version, language, and the SHA-256 of the exact text.

    `how` says where the consumer did it (`Consent.WAYS`), `reference` is the public id of its subject.
    """
    text_hash = hashlib.sha256(text.encode()).hexdigest()
    told = {"kind": kind, "version": version, "language": language, "given": given, "how": how, "reference": reference}
    consent = Consent(consumer_id=consumer.pk, text_hash=text_hash, at=at, **told)
    insert(consent)
    return consent
