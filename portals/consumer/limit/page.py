"""What can be spent of a limit, and how the limit has moved."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from checkout.services.histories import history_of
from collection.cases import list_late_of
from collection.settling import left_of_agreed
from core.formats import day_text, money_text
from credit.assessing import asked_today
from credit.buying import Buying, buying_of, limits_now
from credit.helping import MORE_LEFT, what_raises, what_raises_together
from credit.models import CreditLine, Decision, LimitChange, LimitReview
from credit.queries import Spending, newest_decisions_of, newest_reviews
from credit.reasons import HELPS
from credit.replaying import asked_last
from plans.queries import list_overdue
from portals.consumer.frame import Visitor

RECENT_DAYS = 60
MOST_RAISES = 3


def spending(found: Spending, most: int | None = None) -> dict[str, Any]:
    """Return what is left of a person's limit for all their accounts, and whether more than this account's purchases counts against it.

    `most` is the part of the limit that rules leave a late person, in minor units; None for all of it.
    """
    limit = found.limit_minor if most is None else min(found.limit_minor, most)
    return {
        "left": max(0, limit - found.exposure_minor),
        "used": found.exposure_minor,
        "elsewhere": found.exposure_minor != found.line.used_minor,
        "limit": limit,
        "own": found.own_minor if limit == found.limit_minor else None,
        "lower": most is not None,
        "currency": found.line.currency,
    }


def buying(visitor: Visitor) -> Buying:
    """Return what a decision would say now of whatever the visitor buys; one query."""
    return buying_of(visitor.consumer, *history_of(visitor.consumer))


def parts_left(buying: Buying, found: Sequence[Spending], visitor: Visitor) -> dict[str, int]:
    """Return the part of limits that rules leave a late visitor, by currency; two queries where they leave a part."""
    if not buying.takes_part:
        return {}
    decisions, reviews = newest_decisions_of(visitor.consumer), newest_reviews([one.line.pk for one in found])
    return limits_now(visitor.consumer, buying, found, decisions, reviews, visitor.at)


def paused_by(buying: Buying, visitor: Visitor) -> dict[str, Any]:
    """Return why new purchases wait, for the pages: `none_left` if they do.

    `late` for what is late here, with its amounts as text if paying it is enough (`waits`; what is left of a settlement, if one is
    `agreed`), and `sold` if some of it was sold; `eased` for
    a purchase that had help. What only other brands know, and deaths and insolvencies, are told without a reason (`paused`). `still` if
    rules let a late person buy. Queries only for who is late.
    """
    told = {"none_left": bool(buying.why), "late": buying.is_late, "eased": buying.is_eased, "still": buying.buys_late}
    told["paused"] = bool(buying.why) and not buying.is_late and not buying.is_eased
    if not buying.is_late:
        return told
    plans = list_overdue(visitor.consumer.holder_id, brand=visitor.consumer.brand_id)
    sums: dict[str, int] = {}
    found = {one.plan.pk: one for one in list_late_of(visitor.consumer.pk, visitor.at)}
    agreed = left_of_agreed(list(found))
    for one in found.values():
        sums[one.plan.currency] = sums.get(one.plan.currency, 0) + agreed.get(one.plan.pk, one.late_minor)
    is_all = all(plan.pk in found for plan in plans)
    waits = ", ".join(money_text(minor, currency, visitor.locale) for currency, minor in sums.items()) if is_all else ""
    return told | {"waits": waits, "agreed": bool(agreed), "sold": any(plan.sold_at for plan in plans)}


def raises_of(
    decision: Decision | None, review: LimitReview | None = None, visitor: Visitor | None = None, *, above: int = 0
) -> list[dict[str, Any]]:
    """Return what would raise the limit of the last decision, or of a later review, as sentences with the limit that each would give.

    At most three, and only those that give more than the limit that the person has by now (`above`, in minor units), such as by a decision
    about another of their accounts. Where only a higher income would do it alone, facts are told that do it together. For a visitor,
    today's rules and today's share of the market count, as they would at the next purchase.
    """
    if decision is None or not decision.inputs:
        return []
    inputs, assess = asked_last(decision, review)
    asking = {"ruled": asked_today(visitor.consumer, decision, visitor.at)} if visitor else {}
    alone = [(code, limit) for code, limit in what_raises(inputs, assess, **asking) if limit > above]
    found = [{"fact": str(HELPS[code]), "limit": limit} for code, limit in alone[:MOST_RAISES]]
    if all(code == MORE_LEFT for code, _limit in alone):
        codes, limit = what_raises_together(inputs, assess, **asking)
        if limit > above:
            told = " ".join(str(HELPS[code]) for code in codes)
            found.append({"fact": _("All of this together: %(facts)s") % {"facts": told}, "limit": limit})
    return found


def recent_move(line: CreditLine, change: LimitChange | None, visitor: Visitor) -> dict[str, Any]:
    """Return a recent change of a limit, as a pill with its reason; empty for the first limit or an old change."""
    if change is None or change.line.currency != line.currency or not change.before_minor:
        return {}
    day, step = visitor.day(change.at), change.after_minor - change.before_minor
    if (visitor.today - day).days > RECENT_DAYS:
        return {}
    amount = money_text(abs(step), line.currency, visitor.locale, "trim")
    text = _("Up %(amount)s in %(month)s") if step > 0 else _("Down %(amount)s in %(month)s")
    month = day_text(day, visitor.locale, "month").split()[0]
    return {"pill": text % {"amount": amount, "month": month}, "tone": "good" if step > 0 else "warn", "note": change.reason_text}
