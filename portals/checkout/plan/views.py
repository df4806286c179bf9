"""The third step: choose one of the plans on offer."""

from django.http import HttpRequest, HttpResponse

from accounts.models import Consumer
from accounts.queries import home_state
from checkout import services as checkouts
from checkout.quoting import checkout_quotes, least_deposit
from core.clock import local_date
from core.locales import page_locale
from credit.queries import find_spending
from plans.errors import NotOffered
from plans.queries import Quote
from portals.checkout.frame import place_of, show
from portals.checkout.plan.page import late_note, plan_option
from portals.checkout.steps import Step, Visit, find_step


def show_plans(request: HttpRequest, visit: Visit, owner: Consumer) -> HttpResponse:
    """Render the plans on offer, and keep them as they are shown; the first, or the one that the person looked at before, is chosen."""
    locale = page_locale(owner.locale)
    quotes = checkout_quotes(visit.checkout, visit.at)
    checkouts.note_shown(checkout=visit.checkout, quotes=quotes, at=visit.at)
    if not quotes:
        return show(request, visit, "deciding/refused", {"kind": "rules" if visit.checkout.withheld else "amount"})
    chosen = request.GET.get("plan") or quotes[0].product.code
    plans = [plan_option(quote, visit.checkout, locale) | {"checked": quote.product.code == chosen} for quote in quotes]
    found = find_spending(owner, visit.checkout.currency, local_date(visit.at, owner.time_zone))
    limit = {"minor": found.left_minor, "currency": visit.checkout.currency} if found else None
    above = found is not None and min(quote.financed_minor for quote in quotes) > found.line.order_limit_minor
    context = {"plans": plans, "limit": limit, "looked_at_above": found.line.order_limit_minor if found and above else None}
    context |= {"ships_later": visit.checkout.capture == "manual", "deposit": least_deposit(visit.checkout)}
    late = {"late_note": late_note(quotes, visit.checkout, home_state(owner), locale)}
    return show(request, visit, "plan/plan", context | late, place=place_of(Step.PLAN))


def find_quote(visit: Visit, code: str) -> Quote | None:
    """Return the chosen quote, if the checkout is at the plan step for this visitor."""
    if find_step(visit) is not Step.PLAN:
        return None
    try:
        return checkouts.pick_quote(visit.checkout, code, visit.at)
    except NotOffered:
        return None
