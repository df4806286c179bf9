"""What a person told us of their income and costs: they see it, and correct it while it counts."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.unreadable import Unreadable
from credit.models import Declaration
from credit.queries import find_counting_declaration, find_law, list_declarations
from credit.services import declare
from portals.checkout.deciding.figures import FiguresForm
from portals.consumer.frame import Visitor, consumer_page, show
from portals.doors import SeeOther
from portals.forms import add_errors


@consumer_page("GET", "POST")
def figures(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what counts, with its earlier versions, and take a correction."""
    currency = visitor.consumer.market.currency
    found = find_counting_declaration(visitor.consumer, currency, visitor.at)
    if found is None:
        return show(request, visitor, "limit/figures", "limit", {"form": None})
    known = None if isinstance(found.figures, Unreadable) else found.figures
    form = FiguresForm(request.POST or None, currency=currency, locale=visitor.locale, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            told = declare(consumer=visitor.consumer, currency=currency, declared=form.declared(), reference="", at=visitor.at)
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(request, _told(told))
            return SeeOther(reverse("limit"))
    return show(request, visitor, "limit/figures", "limit", {"form": form, **_versions(visitor, found)})


def _told(declaration: Declaration) -> str:
    if declaration.is_raised:
        return _("Thank you. A person looks at these figures with your next purchase, because you were refused shortly before.")
    return _("Thank you. Your next purchase is decided with these figures.")


def _versions(visitor: Visitor, counts: Declaration) -> dict[str, Any]:
    """Return until when the figures count, and when each version of them was told, the newest first; one query."""
    consumer = visitor.consumer
    law = find_law(consumer.market_id, counts.currency, visitor.today)
    days = timedelta(days=law.valid_days if law else 0)
    told = list_declarations(consumer, counts.currency, after=visitor.at - days)
    return {"told": [one.at for one in told], "until": counts.at + days}
