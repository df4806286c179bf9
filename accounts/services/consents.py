"""Consents: what a consumer agreed to, or withdrew, and the exact text."""

import hashlib
from datetime import datetime

from accounts.models import Consent, Consumer
from core.writes import insert


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
