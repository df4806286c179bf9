"""What the pages of products and of markets have in common: whether a change could hold, and how it is proposed, once."""

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
"""How many earlier proposals a page shows."""


def today_in(market: Market) -> date:
    """Return the present day where a market is."""
    return local_date(clock.now(), market.time_zone)


def could_hold(form: DayForm, kind: Kind, subject: str, after: dict[str, Any]) -> bool:
    """Return whether a proposal could hold from the form's day on; what is wrong is shown at the form's fields."""
    try:
        kind.check(subject, after, form.cleaned_data["starts_on"])
    except Invalid as error:
        form.name_faults(error.fields or {"": error.detail})
    except DomainError as error:
        form.add_error(None, error.detail)
    return form.is_valid()


def propose_once(request: HttpRequest, form: DayForm, kind: Kind, subject: str, after: dict[str, Any], *, back: str) -> HttpResponse:
    """Propose a change from the form's day on, for its reason, once for the form's key; go back to a page."""
    given = form.cleaned_data
    told: dict[str, Any] = {"kind": kind.name, "subject": subject, "after": after, "user": operator(request)}
    told |= {"reason": given["reason"], "starts_on": given["starts_on"]}

    def act() -> None:
        propose(**told, at=clock.now())

    return carry_out_once(request, act, done=_("Proposed. Another person decides now."), back=back)
