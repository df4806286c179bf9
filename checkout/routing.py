"""Which operators are notified of held orders, by the routes of the rules that hold them and of the escalation before they expire."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.models import User
from checkout.models import OrderReview
from checkout.rules import MOST_URGENT
from checkout.ruling import rules_that_hold
from checkout.services.held_orders import MAY_DECIDE, MAY_PREPARE
from controls.routing import Matter, named_by, present, routes

ESCALATED = "checkout.escalated"
"""The routed matter of held orders that will soon expire."""


def held_matters() -> list[Matter]:
    """Return the matters for which held orders can have routes: each rule that holds orders, and the escalation. Two queries."""
    may = (MAY_PREPARE, MAY_DECIDE)
    last = Matter(ESCALATED, _("Held orders that nobody decided, when they become very urgent"), may)
    return [*(Matter(key, title, may) for key, title in rules_that_hold().items()), last]


def matters_of(review: OrderReview) -> set[str]:
    """Return the matters of a held order: its causes and, if it is escalated, the escalation."""
    return {*(review.held_by or ()), *([ESCALATED] if review.urgency == MOST_URGENT else [])}


def operators_for(review: OrderReview, day: date) -> set[str]:
    """Return the keys of operators named by routes for a held order on a day (UTC); empty if there is no route. At most three queries."""
    found = routes()
    return set().union(*named_by([found[one] for one in matters_of(review) if one in found], day).values())


def those_told(review: OrderReview | None, users: list[User], day: date) -> list[User]:
    """Filter operators to those named by a held order's routes and not away; return all of them if that leaves nobody."""
    named = operators_for(review, day) if review else set()
    return present([user for user in users if str(user.pk) in named] or users, day)


def matters_routed_to(key: str, day: date) -> set[str]:
    """Return the matters whose routes name an operator on a day (UTC). At most three queries."""
    return {matter for matter, named in named_by(routes().values(), day).items() if key in named}
