"""New payments that were offered for a purchase: read, agreed to or declined; and the agreement afterwards."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brands.queries import get_brand
from core.clock import local_date
from core.errors import DomainError
from core.sentences import translated
from plans import services as plans
from plans.documents.lines import blocks_of
from plans.documents.new_payments import new_payments_text
from plans.models import PlanChange
from plans.queries import get_plan, installments_of
from plans.rearranging import REFUSED, why_not
from plans.restructuring import REFUSED as NOT_OFFERED
from plans.restructuring import find_offer, new_payments, terms_refused, wanted_of
from plans.rules.rearranging import RESTRUCTURED
from portals.again import ask_again, find_kept
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.purchases.views import get_purchase
from portals.orders import shown_order


@consumer_page("GET", "POST")
def new_terms(request: HttpRequest, visitor: Visitor, order_id: str) -> HttpResponse:
    """Show the offered payments as the agreement says them, and take the person's answer; later, the agreement. Http404 without either."""
    found = get_purchase(visitor, order_id)
    plan = get_plan(found.order.plan_id)
    offer = find_offer(plan, visitor.at)
    if request.method == "POST":
        told: dict[str, Any] = {"plan_id": plan.pk, "actor": visitor.consumer.public_id, "at": visitor.at}
        try:
            if "decline" in request.POST:
                plans.decline_restructure(**told)
                messages.success(request, _("Your payments stay as they are."))
            else:
                spoken: dict[str, Any] = {"language": get_language() or "en", "locale": visitor.locale}
                plans.accept_restructure(seal=request.POST.get("seal", ""), **spoken, **told)
                messages.success(request, _("Your new payments hold now."))
        except DomainError as error:
            return ask_again(request, error=error)
        return redirect("purchase", order_id)
    agreed = PlanChange.objects.filter(plan=plan, kind=RESTRUCTURED).order_by("-id").first()
    kept = find_kept(request)
    if offer is None and agreed is None and not (kept and kept.problem):
        raise Http404
    context = {"order": shown_order(found.order), "text": agreed.agreement if agreed else "", "seal": "", "closed": "", "until": None}
    context["error"] = kept.problem.detail if kept and kept.problem else ""
    if offer is not None:
        rows, wanted = installments_of(plan), wanted_of(offer.count, offer.rate_bps)
        why = why_not(plan, rows, RESTRUCTURED, visitor.at)
        closed = REFUSED[why] if why else NOT_OFFERED["gone"] if terms_refused(plan, rows, wanted, visitor.at) else ""
        context["closed"] = translated(closed)
        if not closed:
            shown = new_payments(plan, rows, wanted, visitor.at)
            lender = get_brand(plan.consumer.brand_id).legal_name
            context |= {
                "until": local_date(offer.until, plan.time_zone),
                "seal": shown.seal,
                "text": new_payments_text(plan, offer, shown, lender, visitor.locale),
            }
    context["blocks"] = list(blocks_of(str(context["text"])))
    return show(request, visitor, "purchases/new_terms", "purchases", context)
