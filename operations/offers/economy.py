"""What another share of computed limits would do in a market, in words, beside the proposed value."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from checkout.models import Checkout
from checkout.states import CheckoutStatus
from core.moments import amount_words, number_words
from credit.foreseeing import MOST, Refusals, count_refused, foresee_approvals, foresee_limits
from credit.models import Decision
from markets.models import Market
from markets.queries import economy_bps


def effects_of(market: Market, bps: int, at: datetime, today: Any) -> dict[str, Any]:
    """Return the effects of a share, in basis points, as rows of a table: what, how many, and the amount; and whether all were counted."""
    moves = foresee_limits(market, before_bps=economy_bps(market.code, today), after_bps=bps)
    approved = foresee_approvals(market, after_bps=bps, at=at)
    waiting = count_refused(_open(market)[:MOST], after_bps=bps)
    rows = [
        (_("Limits that go down"), _of(moves.down, moves.seen), amount_words(moves.down_minor, market.currency)),
        (_("Limits that go up"), _of(moves.up, moves.seen), amount_words(moves.up_minor, market.currency)),
        _refused(_("Approvals of the last 30 days that it would have refused"), approved, market),
        _refused(_("Open checkouts that it would refuse"), waiting, market),
    ]
    return {"rows": rows, "is_part": max(moves.seen, approved.seen, waiting.seen) >= MOST, "most": number_words(MOST)}


def _open(market: Market) -> Any:
    """Return the approvals on which the market's open checkouts rest, the newest first."""
    opened = Checkout.objects.filter(status=CheckoutStatus.OPEN, decision__isnull=False, consumer__market=market)
    return Decision.objects.filter(pk__in=opened.values("decision"), outcome="approve").order_by("-at")


def _refused(title: str, found: Refusals, market: Market) -> tuple[str, str, str]:
    return title, _of(found.refused, found.seen), amount_words(found.refused_minor, market.currency)


def _of(part: int, whole: int) -> str:
    return _("%(part)s of %(whole)s") % {"part": number_words(part), "whole": number_words(whole)}
