"""Help for somebody who cannot pay a purchase: three questions, an offer at once, and a person for anything more."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Conflict, DomainError
from core.sentences import translated
from markets.queries import find_debt_advice
from plans import services as plans
from plans.errors import REFUSED_RELIEF
from plans.hardship import Answers, Relief, find_offer, relief_of, reliefs_of, why_closed
from plans.models import Installment, Plan, ReliefOffer
from plans.queries import get_plan
from plans.rules.hardship import PAUSE, SMALLER
from portals.again import ask_again, find_kept, form_again
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.purchases.views import get_purchase
from portals.orders import shown_order

KEPT = "hardship"
"""The answers in the session, with the purchase that they are about; they are kept with the relief alone."""
BARRED = frozenset({"closed", "under_way"})
"""Why even what a person at the lender offered cannot be given now (`why_closed`)."""
_CHOOSE = {"required": gettext_lazy("Choose one.")}


class QuestionsForm(forms.Form):
    """What happened, how long it lasts, and what the person can pay; nothing of it asks for their health."""

    reason = forms.ChoiceField(
        label=gettext_lazy("What happened?"),
        choices=[
            ("income", gettext_lazy("I have less income")),
            ("costs", gettext_lazy("I have higher costs")),
            ("life", gettext_lazy("Something changed in my life")),
            ("other", gettext_lazy("Something else")),
        ],
        widget=forms.RadioSelect,
        error_messages=_CHOOSE,
    )
    lasts = forms.ChoiceField(
        label=gettext_lazy("How long will it last?"),
        choices=[
            ("month", gettext_lazy("About a month")),
            ("longer", gettext_lazy("Longer than a month")),
            ("unknown", gettext_lazy("I do not know")),
        ],
        widget=forms.RadioSelect,
        error_messages=_CHOOSE,
    )
    pays = forms.ChoiceField(
        label=gettext_lazy("What can you pay meanwhile?"),
        choices=[("some", gettext_lazy("Less than now")), ("none", gettext_lazy("Nothing for now"))],
        widget=forms.RadioSelect,
        error_messages=_CHOOSE,
    )

    def answers(self) -> Answers:
        """Return the answers."""
        told = self.cleaned_data
        return Answers(told["reason"], told["lasts"], told["pays"] == "some")


@consumer_page("GET", "POST")
def hardship(request: HttpRequest, visitor: Visitor, order_id: str) -> HttpResponse:
    """Ask three questions, show what is offered at once with every date, and give what the person chooses."""
    found = get_purchase(visitor, order_id)
    plan = get_plan(found.order.plan_id)
    if request.method == "POST" and "accept" in request.POST:
        return _accept(request, visitor, order_id, plan)
    if request.method == "POST" and "choose" in request.POST:
        return _choose(request, visitor, order_id)
    if request.method == "POST":
        form = QuestionsForm(request.POST)
        if not form.is_valid():
            return ask_again(request, form=form)
        request.session[KEPT] = {"order": order_id, **form.cleaned_data}
        return redirect("purchase_hardship", order_id)
    answers = None if "again" in request.GET else _answers(request, order_id)
    closed, kept = why_closed(plan, found.rows, visitor.at), find_kept(request)
    reliefs = [] if closed or answers is None else reliefs_of(plan, found.rows, answers, visitor.at)
    offer = None if closed in BARRED else find_offer(plan, visitor.today)
    context = {
        "order": shown_order(found.order),
        "offer": _offered(offer, plan, found.rows, visitor) if offer else None,
        "closed": translated(REFUSED_RELIEF[closed]) if closed else "",
        "form": form_again(kept, QuestionsForm) if answers is None and not closed else None,
        "asked": answers is not None,
        "offers": [_shown(one) for one in reliefs],
        "advice": find_debt_advice(visitor.consumer.market_id, visitor.today),
        "error": kept.problem.detail if kept and kept.problem else "",
    }
    return show(request, visitor, "purchases/hardship", "purchases", context)


def _choose(request: HttpRequest, visitor: Visitor, order_id: str) -> HttpResponse:
    """Give what the person chose; their answers are needed for that."""
    answers, order = _answers(request, order_id), get_purchase(visitor, order_id).order
    if answers is None:
        return redirect("purchase_hardship", order_id)
    try:
        kind = request.POST["choose"]
        plans.choose_relief(plan_id=order.plan_id, kind=kind, answers=answers, actor=visitor.consumer.public_id, at=visitor.at)
    except DomainError as error:
        return ask_again(request, error=error)
    del request.session[KEPT]
    messages.success(request, _("It is done. We write to you with the new dates."))
    return redirect("purchase", order_id)


def _accept(request: HttpRequest, visitor: Visitor, order_id: str, plan: Plan) -> HttpResponse:
    """Give what a person at the lender offered, if it is still the offer that the page showed."""
    offer = find_offer(plan, visitor.today)
    try:
        if offer is None or offer.public_id != request.POST["accept"]:
            raise Conflict(REFUSED_RELIEF["not_offered"])
        plans.accept_relief(offer_id=offer.pk, actor=visitor.consumer.public_id, at=visitor.at)
    except DomainError as error:
        return ask_again(request, error=error)
    messages.success(request, _("It is done. We write to you with the new dates."))
    return redirect("purchase", order_id)


def _offered(offer: ReliefOffer, plan: Plan, rows: Sequence[Installment], visitor: Visitor) -> dict[str, Any]:
    """Return the offer of a person at the lender, with every date as it would be today."""
    relief = relief_of(offer.kind, plan, rows, offer.days, offer.count, visitor.today)
    return _shown(relief) | {"id": offer.public_id, "until": offer.until}


def _answers(request: HttpRequest, order_id: str) -> Answers | None:
    """Return the answers given about a purchase in this browser, or None."""
    kept = request.session.get(KEPT) or {}
    form = QuestionsForm(kept)
    return form.answers() if kept.get("order") == order_id and form.is_valid() else None


def _shown(relief: Relief) -> dict[str, Any]:
    return {
        "kind": relief.kind,
        "is_pause": relief.kind == PAUSE,
        "payments": [{"due": day, "minor": minor} for day, minor in relief.payments],
        "count": len(relief.payments),
        "first_minor": relief.payments[0][1],
        "first_day": relief.payments[0][0],
        "rebate_minor": relief.rebate_minor if relief.kind == SMALLER else 0,
        "fees_minor": relief.fees_minor,
    }
