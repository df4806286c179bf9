"""The queue of late people, and the page of a case: take it, call within the limits, note a death or an insolvency."""

import uuid
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from accounts.admin import keep_look
from accounts.rules.requests import MOST_TEXT as MOST_NOTE
from accounts.services import write_note
from accounts.services.care import MAY_LOOK_AFTER
from accounts.services.support import MAY_NOTE
from accounts.support import list_support
from collection.arrears import NAMES
from collection.cases import Asked, busiest_market, desk_day
from collection.models import Case
from collection.services.cases import MAY_WORK
from collection.services.complaints import MAY_ANSWER
from core import clock
from core.admin import ReadOnlyAdmin, find_row, looking
from core.clock import local_date
from core.errors import Invalid
from core.once import new_key
from ledger.statements import Span
from markets.models import Market
from markets.queries import get_market
from operations.books.trial import asked_span
from operations.choosing import all_brands, all_markets, chosen, chosen_number, page_number
from operations.frame import carry_out_once, may_see, operator, show
from operations.late.acts import ACTS, TYPED, carry_out_act
from operations.late.figures import figure_facts
from operations.late.found import link_facts
from operations.late.letters import letters
from operations.late.page import case_facts, queue_facts
from operations.late.relief import relief
from operations.late.settle import act_on, settle
from operations.late.settle_together import settle_all
from operations.late.steps import step_facts

WEEK, QUARTER = 7, 91
"""Days that the figures of calls and of reminders show where none are chosen."""


class CasePages(ReadOnlyAdmin):
    """Late people, each with all that is late of them."""

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of what is done with a case, and of relief."""
        view = self.admin_site.admin_view
        return [
            path("<uuid:pk>/act/<slug:act>/", view(self.act), name="collection_case_act"),
            path("<uuid:pk>/letters/", view(letters), name="collection_case_letters"),
            path("<uuid:pk>/links/", view(self.links), name="collection_case_links"),
            path("figures/", view(self.figures), name="collection_case_figures"),
            path("reminders/", view(self.steps), name="collection_case_steps"),
            path("<uuid:pk>/note/", view(self.note), name="collection_case_note"),
            path("relief/<uuid:pk>/", view(relief), name="collection_relief"),
            path("settle/<uuid:pk>/", view(settle), name="collection_settle"),
            path("settle/<uuid:pk>/all/", view(settle_all), name="collection_settle_all"),
            path("settle/<uuid:pk>/<slug:act>/", view(act_on), name="collection_settlement_act"),
            *super().get_urls(),
        ]

    @looking
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the queue of a market, the latest first; people are named to operators who may see people, and the look is logged."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        named = may_see(request)
        facts = queue_facts(_asked(request), page_number(request), clock.now(), names_people=named)
        if named and facts["people"]:
            keep_look(request, "work_list", facts["people"])
        return show(request, "late/queue.html", _("Late people"), mine=request.GET.get("mine", ""), **facts)

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a case with its person, to operators who may see people; the look is logged."""
        return self._page(request, self._load(request, object_id))

    def _page(self, request: HttpRequest, case: Case, again: dict[str, Any] | None = None) -> HttpResponse:
        """Show a case; `again` has the form that was wrong, by its act: what was typed, at which field it is wrong, and why."""
        keep_look(request, "person", [case.consumer_id])
        user = operator(request)
        facts = case_facts(case, user, clock.now())
        rights = {
            "may_work": user.may(MAY_WORK),
            "may_move": user.may("plans.propose_standstill"),
            "may_answer": user.may(MAY_ANSWER),
            "may_note": user.may(MAY_LOOK_AFTER),
            "may_support": user.may(MAY_NOTE),
            "is_mine": case.taken_by == str(user.pk),
        }
        if rights["may_support"]:
            facts["support"] = list_support(case.consumer_id, local_date(clock.now(), case.consumer.time_zone))
        facts |= {
            "once": new_key(),
            "most_note": MOST_NOTE,
            "again": again or {},
            "typed": {act: one["typed"] for act, one in (again or {}).items()},
        }
        return show(request, "late/case.html", facts["person"].name, model_admin=self, **rights, **facts)

    def act(self, request: HttpRequest, pk: uuid.UUID, act: str) -> HttpResponse:
        """Do something with a case, once per form; the service refuses what is not allowed, and says why."""
        case = self._load(request, pk)
        back = reverse("admin:collection_case_change", args=[case.pk])
        if request.method != "POST" or act not in ACTS:
            return HttpResponseRedirect(back)
        told = {name: str(value) for name, value in request.POST.items()}

        def work() -> object:
            return carry_out_act(case, act, told, user=operator(request), at=clock.now())

        def wrong(error: Invalid) -> HttpResponse:
            return self._page(request, case, {act: _again(told, error)})

        return carry_out_once(request, work, done=str(ACTS[act].done), back=back, wrong=wrong if act in TYPED else None)

    def links(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the links to pay that were sent to the person of a case, for the page to follow."""
        case = self._load(request, pk)
        return render(request, "admin/late/_links.html", {"links": link_facts(case.consumer_id)})

    def note(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Keep a note about the person of a case."""
        case, text, once = self._load(request, pk), request.POST.get("text", "")[:MOST_NOTE], request.POST.get("once", "")[:40]
        told: dict[str, Any] = {"user": operator(request), "text": text, "once": once, "at": clock.now()}
        back = f"{reverse('admin:collection_case_change', args=[case.pk])}#notes"
        if request.method != "POST":
            return HttpResponseRedirect(back)

        def wrong(error: Invalid) -> HttpResponse:
            return self._page(request, case, {"note": _again({"text": text}, error)})

        return carry_out_once(
            request, lambda: write_note(consumer_id=case.consumer_id, **told), done=_("The note is kept."), back=back, wrong=wrong
        )

    def figures(self, request: HttpRequest) -> HttpResponse:
        """Show what operators did with cases of a market in a span of days, by operator and by how late their people are."""
        market, span, today = self._asked_days(request, WEEK)
        return show(request, "late/figures.html", _("Calls and what came of them"), span=span, today=today, **figure_facts(market, span))

    def steps(self, request: HttpRequest) -> HttpResponse:
        """Show what came of reminders by the table of a market and by models, of people who became late in a span of days."""
        market, span, today = self._asked_days(request, QUARTER)
        facts = step_facts(market, span, clock.now())
        return show(request, "late/steps.html", _("Reminders and what came of them"), span=span, today=today, **facts)

    def _asked_days(self, request: HttpRequest, days: int) -> tuple[Market, Span, date]:
        """Return the market and the days that a request asks for, the last `days` days without, and today at the market's place."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        market = get_market(chosen(request, "market", all_markets(), busiest_market() or all_markets()[0][0]))
        today = desk_day(market, clock.now())
        return market, asked_span(request, today) or Span(today - timedelta(days=days - 1), today), today

    def _load(self, request: HttpRequest, pk: object) -> Case:
        if not (self.has_view_permission(request) and may_see(request)):
            raise PermissionDenied
        return find_row(Case.objects.select_related("consumer__market"), pk)


def _again(typed: dict[str, str], error: Invalid) -> dict[str, Any]:
    """Return what a form has to show again: what was typed, and at which of its fields what is wrong with it stands."""
    return {"typed": typed, "at": next((name for name in error.fields or {} if name in typed), ""), "fault": error.detail}


def _asked(request: HttpRequest) -> Asked:
    return Asked(
        market=chosen(request, "market", all_markets(), busiest_market() or all_markets()[0][0]),
        brand=chosen(request, "brand", all_brands()),
        rank=chosen_number(request, "bucket", range(len(NAMES)), None),
        taken_by=str(operator(request).pk) if request.GET.get("mine") else "",
    )
