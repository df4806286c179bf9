"""Content of a credit limit's page: its amount, its use, its changes, and what daily reviews that moved it used."""

from typing import Any

from accounts.models import Consumer
from brands.queries import get_brand
from controls.telling import tell_kept
from core.clock import local_date, now
from credit.models import CreditLine, LimitChange, LimitReview
from credit.queries import find_spending, list_limit_changes, list_reviews
from credit.reasons import sentences
from operations.orders.decision import own_facts

MOST = 50


def facts_of(line: CreditLine) -> dict[str, Any]:
    """Return all parts of a limit's page, in a constant number of queries."""
    consumer = line.consumer
    spending = find_spending(consumer, line.currency, local_date(now(), consumer.time_zone))
    changes = list_limit_changes(consumer.holder_id, line.currency, limit=MOST, own=consumer.pk)
    return {
        "named": line.currency,
        "line": line,
        "consumer": consumer,
        "person": consumer.name or consumer.public_id,
        "used_minor": spending.exposure_minor if spending else line.used_minor,
        "free_minor": spending.left_minor if spending else max(line.limit_minor - line.used_minor, 0),
        "changes": [_change(one, consumer) for one in changes],
        "reviews": [_review(one) for one in list_reviews(line)],
    }


def _change(one: LimitChange, own: Consumer) -> dict[str, Any]:
    """Return a change of the person's limit, with the account that it was in, if it is another than the line's."""
    told = {"before_minor": one.before_minor, "after_minor": one.after_minor, "why": one.reason_text, "at": one.at}
    return told | {"account": other_account(one, own)}


def other_account(change: LimitChange, own: Consumer) -> str:
    """Return the account of a change by its id, with its brand's name; empty for the person's own account of the page."""
    if change.line.consumer_id == own.pk:
        return ""
    account = change.line.consumer
    return f"{account.public_id}, {get_brand(account.brand_id).name}"


def _review(review: LimitReview) -> dict[str, Any]:
    """Return a daily review: the reasons as the person was told them, what it used, the rules that held, and the decision it rests on."""
    look = review.look
    return {
        "review": review,
        "reasons": sentences(review.reasons),
        "facts": [one for one in own_facts(look["inputs"]) if one.get("minor") != 0],
        "rules": [tell_kept(one) for name in ("grade", "ruled", "behavior") for one in (look["inputs"].get(name) or {}).get("rules", ())],
    }
