"""What can be spent of a limit, and how the limit has moved."""

from typing import Any

from django.utils.translation import gettext as _

from collection.cases import list_late_of
from core.formats import day_text, money_text
from credit.assessing import asked_today
from credit.helping import MORE_LEFT, what_raises, what_raises_together
from credit.models import CreditLine, Decision, LimitChange, LimitReview
from credit.queries import Spending
from credit.reasons import HELPS
from credit.replaying import asked_last
from portals.consumer.frame import Visitor

RECENT_DAYS = 60
MOST_RAISES = 3


def spending(found: Spending) -> dict[str, Any]:
    """Return what is left of a person's limit for all their accounts, and whether more than this account's purchases counts against it."""
    return {
        "left": found.left_minor,
        "used": found.exposure_minor,
        "elsewhere": found.exposure_minor != found.line.used_minor,
        "limit": found.limit_minor,
        "own": found.own_minor,
        "currency": found.line.currency,
    }


def paused_by(visitor: Visitor, *, late: bool, elsewhere: bool = False) -> dict[str, Any]:
    """Return what being late does to new purchases: `late` if they wait for what is late here, with its amounts as text (`waits`).

    `late`: something of this account is overdue, `elsewhere`: of another of the person's, which is told without a reason (`paused`).
    `still` if rules let the person buy meanwhile. Queries only for who is late.
    """
    if visitor.consumer.behavior.get("buys"):
        return {"late": False, "still": late, "paused": False}
    sums: dict[str, int] = {}
    for one in list_late_of(visitor.consumer.pk, visitor.at) if late else ():
        sums[one.plan.currency] = sums.get(one.plan.currency, 0) + one.late_minor
    waits = ", ".join(money_text(minor, currency, visitor.locale) for currency, minor in sums.items())
    return {"late": late, "still": False, "paused": elsewhere and not late, "waits": waits}


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
