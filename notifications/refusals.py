"""What the law requires beside the reasons for a refusal, for pages, letters and notices: the bureau, the score, rights, who decided."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.template import Context
from django.template.loader import get_template
from django.utils.translation import gettext as _

from accounts.models import Consumer
from brands.queries import get_brand
from core.clock import local_date
from core.formats import day_text
from core.locales import page_locale
from credit.adverse import notice_of_refusal
from credit.cuts import Cut
from credit.deciders import was_by_people
from credit.models import Decision
from credit.queries import bureau_of
from credit.reasons import is_restricted
from credit.remarks import registers_named


def refusal_notice(
    consumer: Consumer, decision: Decision | None, refused_at: datetime, *, codes: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return the credit bureau that a decision used, and the other notices required by the law of that day; see `_refusal_notice.html`.

    `codes` are the reasons that are told, by default those of the decision.
    """
    notice = notice_of_refusal(consumer.market_id, local_date(refused_at, consumer.time_zone), brand=str(consumer.brand_id))
    if decision is not None:
        notice["by_people"] = was_by_people(decision)
        notice["restricted"] = is_restricted(decision.reasons if codes is None else codes)
        notice["registers"] = registers_named(decision)
    if decision is None or decision.inquiry is None:
        return notice
    told = local_date(decision.inquiry.answered_at or decision.at, consumer.time_zone)
    return notice | {
        "asked_bureau": True,
        "bureau": bureau_of(decision),
        "bureau_day": day_text(told, page_locale(consumer.locale), "year"),
    }


def cut_notice(cut: Cut) -> dict[str, Any]:
    """Return what `refusal_notice` returns, for a lower limit: no person decided it."""
    return refusal_notice(cut.consumer, cut.decision, cut.at) | {"by_people": False}


def rights_of(consumer: Consumer, notice: dict[str, Any], *, by_people: bool = False) -> tuple[str, ...]:
    """Return what `refusal_notice` gave as paragraphs in the active language: the bureau, the score, who decided, the law, asking a person.

    `by_people`: people decided, whatever the notice says.
    """
    by_people = by_people or notice.get("by_people", False)
    told = [_words("bureau", notice)] if "bureau" in notice else []
    if notice.get("free_report_days") and notice.get("bureau", {}).get("score"):
        told.append(_words("score", notice))
    if notice.get("registers"):
        told.append(_words("registers", notice))
    told.append(_words("decided", notice | {"by_people": by_people}))
    if "agency" in notice:
        told.append(_words("equal_credit", notice))
    if email := get_brand(consumer.brand_id).support_email:
        told.append(_how_to_ask(by_people, restricted=notice.get("restricted", False)) % {"email": email})
    return tuple(told)


def _how_to_ask(by_people: bool, *, restricted: bool) -> str:
    if restricted:
        return _("To have a person look at it again, choose “Ask a person to look again” on your page, or write to %(email)s.")
    if by_people:
        return _(
            "To ask why, or to have another person look at it, choose “Ask a person to look again” on its page, or write to %(email)s."
        )
    return _(
        "To have a person look at it again, to tell us more, or to hear how we decided, choose “Ask a person to look again” on your "
        "page, or write to %(email)s."
    )


def _words(name: str, notice: dict[str, Any]) -> str:
    """Return a part of the letters' text, on one line."""
    template: Any = get_template(f"mail/{name}.txt")
    return " ".join(str(template.template.render(Context(notice, autoescape=False))).split())
