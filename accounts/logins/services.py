"""Link accounts at other companies to consumers, and find the consumer of one."""

from datetime import datetime

from accounts.events import SecurityChanged
from accounts.logins.models import Login
from accounts.logins.queries import lock_login
from accounts.models import Consumer
from core import outbox
from core.db import unit
from core.errors import Conflict
from core.sentences import Sentence


def use_login(*, subject_hash: str, brand: str, at: datetime) -> Consumer | None:
    """Return the consumer of a brand whom an account signs in, and keep its use; None for an account that is not linked."""
    with unit():
        found = lock_login(subject_hash=subject_hash, brand=brand)
        if found is None or found.consumer.is_erased:
            return None
        found.used_at = at
        found.save(update_fields=["used_at"])
        return found.consumer


def link_login(*, consumer: Consumer, company: str, subject_hash: str, at: datetime) -> Login:
    """Let an account sign a consumer in from now on, and tell them; the same account linked again changes nothing.

    Conflict if it signs somebody else in, or if another account of the company signs this consumer in.
    """
    with unit():
        told = {"consumer": consumer, "company": company, "brand": str(consumer.brand_id), "subject_hash": subject_hash}
        made = Login.objects.bulk_create([Login(**told, made_at=at, used_at=at)], ignore_conflicts=True)
        found = Login.objects.filter(**told).first()
        if found is None:
            raise Conflict(Sentence("Another account is linked already. Remove it first."), code="accounts.login_taken")
        if found.pk == made[0].pk:
            _tell(consumer, "login_added", found, at)
    return found


def remove_login(*, consumer: Consumer, company: str, at: datetime) -> bool:
    """Let a company's account sign a consumer in no more, and tell them; return whether one did."""
    with unit():
        found = lock_login(consumer=consumer, company=company)
        if found is None:
            return False
        _tell(consumer, "login_removed", found, at)
        found.delete()
    return True


def _tell(consumer: Consumer, what: str, login: Login, at: datetime) -> None:
    outbox.append(SecurityChanged(consumer=consumer.public_id, what=what, reference=login.public_id), at=at)
