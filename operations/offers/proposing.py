"""Shared by the pages of products and markets: check a change, and propose it once."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from controls.kinds import Kind
from controls.services import propose
from core import clock
from core.clock import local_date
from core.errors import DomainError, Invalid
from markets.models import Market
from operations.frame import carry_out_once, operator
from operations.offers.forms import DayForm

MAY_PROPOSE = "controls.propose_offer"
SHOWN = 8
"""The number of earlier proposals on a page."""


def today_in(market: Market) -> date:
    """Return today's date in a market's time zone."""
    return local_date(clock.now(), market.time_zone)


def could_hold(form: DayForm, kind: Kind, subject: str, after: dict[str, Any]) -> bool:
    """Return whether a proposal from the form's date would be valid; errors are shown at the form's fields."""
    try:
        kind.check(subject, after, form.cleaned_data["starts_on"])
    except Invalid as error:
        form.name_faults(error.fields or {"": error.detail})
    except DomainError as error:
        form.add_error(None, error.detail)
    return form.is_valid()


def propose_once(request: HttpRequest, form: DayForm, kind: Kind, subject: str, after: dict[str, Any], *, back: str) -> HttpResponse:
    """Propose a change with the form's date and reason, once for the form's idempotency key; redirect to a page."""
    given = form.cleaned_data
    told: dict[str, Any] = {"kind": kind.name, "subject": subject, "after": after, "user": operator(request)}
    told |= {"reason": given["reason"], "starts_on": given["starts_on"]}

    def act() -> None:
        propose(**told, at=clock.now())

    return carry_out_once(request, act, done=_("Proposed. Another person decides now."), back=back)
