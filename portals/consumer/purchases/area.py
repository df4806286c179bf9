"""A pause because of where the person lives: what it says, and going on as before."""

from operator import itemgetter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core.errors import DomainError, NotFound
from plans import services as plans
from plans.areas import list_pauses, shown_areas
from plans.services.areas import dates_back
from portals.again import ask_again, find_kept
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.purchases.views import get_purchase
from portals.orders import shown_order


@consumer_page("GET", "POST")
def area(request: HttpRequest, visitor: Visitor, order_id: str) -> HttpResponse:
    """Show why payments are paused and which dates they would get, and give them their dates back."""
    found = get_purchase(visitor, order_id)
    if request.method == "POST":
        try:
            plans.go_on(plan_id=found.order.plan_id, actor=visitor.consumer.public_id, at=visitor.at)
        except DomainError as error:
            return ask_again(request, error=error)
        messages.success(request, _("It is done. We write to you with the dates."))
        return redirect("purchase", order_id)
    pauses, kept = list_pauses(found.order.plan_id, visitor.today), find_kept(request)
    if not pauses and kept is None:
        raise NotFound("There is no such page.")
    back = sorted(dates_back(found.rows, pauses, visitor.today), key=itemgetter(1))
    context = {
        "order": shown_order(found.order),
        "areas": shown_areas(pauses),
        "dates": [{"due": day, "minor": row.open_minor} for row, day in back],
        "error": kept.problem.detail if kept and kept.problem else "",
    }
    return show(request, visitor, "purchases/area", "purchases", context)
