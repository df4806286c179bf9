"""The notice that the law requires beside the reasons for a refusal, on every page that shows them."""

from datetime import datetime
from typing import Any

from accounts.models import Consumer
from core.clock import local_date
from core.formats import day_text
from core.locales import page_locale
from credit.models import Decision
from credit.queries import bureau_of, notice_of_refusal


def refusal_notice(consumer: Consumer, decision: Decision | None, refused_at: datetime) -> dict[str, Any]:
    """Return the credit bureau that a decision used, and the other notices required by the law of that day; see `_refusal_notice.html`."""
    notice = notice_of_refusal(consumer.market_id, local_date(refused_at, consumer.time_zone), brand=str(consumer.brand_id))
    if decision is None or decision.inquiry is None:
        return notice
    told = local_date(decision.inquiry.answered_at or decision.at, consumer.time_zone)
    return notice | {
        "asked_bureau": True,
        "bureau": bureau_of(decision),
        "bureau_day": day_text(told, page_locale(consumer.locale), "year"),
    }
