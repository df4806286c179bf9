"""The history of a merchant's account."""

from datetime import datetime
from typing import Any

from merchants.models import AccountChange, Merchant


def record_change(*, merchant: Merchant, kind: str, subject: str, actor: str, at: datetime, **detail: Any) -> None:
    """Record one change of an account in its history, in the caller's transaction; `detail` holds plain values."""
    AccountChange.objects.create(merchant=merchant, kind=kind, subject=subject, detail=detail, actor=actor, at=at)
