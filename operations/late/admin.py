"""The queue of late people, and the page of a case: take it, call within the limits, note a death or an insolvency."""

import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import keep_look
from collection import services as collection
from collection.arrears import NAMES
from collection.cases import Asked
from collection.models import Case
from collection.services.cases import MAY_WORK
from core import clock
from core.admin import ReadOnlyAdmin, find_row, looking
from core.once import new_key
from core.sentences import Text
from operations.choosing import all_brands, all_markets, chosen, chosen_number, page_number
from operations.frame import carry_out_once, may_see, operator, show
from operations.late.page import case_facts, queue_facts

DONE: dict[str, tuple[Text, Callable[..., object], tuple[str, ...]]] = {
    "take": (gettext_lazy("The case is yours."), collection.take_case, ()),
    "leave": (gettext_lazy("The case is back in the queue."), collection.leave_case, ()),
    "call": (gettext_lazy("The call counts from now on. Note what came of it."), collection.start_call, ()),
    "outcome": (gettext_lazy("Noted."), collection.end_call, ("outcome",)),
    "still": (gettext_lazy("Noted. Nothing is asked of this person any more."), collection.note_standstill, ("kind",)),
    "move": (gettext_lazy("Proposed. Another operator decides."), collection.propose_moving_on, ("reason",)),
}
"""What an operator does with a case: the message after it, the service, and the fields that it gets."""


class CasePages(ReadOnlyAdmin):
    """Late people, each with all that is late of them."""

    def get_urls(self) -> list[URLPattern]:
        """Add the URL of what is done with a case."""
        return [path("<uuid:pk>/act/<slug:act>/", self.admin_site.admin_view(self.act), name="collection_case_act"), *super().get_urls()]

    @looking
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the queue of a market, the latest first; people are named to operators who may see people, and the look is logged."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        named = may_see(request)
        facts = queue_facts(_asked(request), page_number(request), names_people=named)
        if named and facts["people"]:
            keep_look(request, "work_list", facts["people"])
        return show(request, "late/queue.html", _("Late people"), mine=request.GET.get("mine", ""), **facts)

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a case with its person, to operators who may see people; the look is logged."""
        case = self._load(request, object_id)
        keep_look(request, "person", [case.consumer_id])
        facts = case_facts(case, clock.now())
        user = operator(request)
        rights = {
            "may_work": user.may(MAY_WORK),
            "may_move": user.may("plans.propose_standstill"),
            "is_mine": case.taken_by == str(user.pk),
        }
        return show(request, "late/case.html", facts["person"].name, model_admin=self, once=new_key(), **rights, **facts)

    def act(self, request: HttpRequest, pk: uuid.UUID, act: str) -> HttpResponse:
        """Do something with a case, once per form; the service refuses what is not allowed, and says why."""
        case = self._load(request, pk)
        back = reverse("admin:collection_case_change", args=[case.pk])
        if request.method != "POST" or act not in DONE:
            return HttpResponseRedirect(back)
        done, service, fields = DONE[act]
        told: dict[str, Any] = {name: request.POST.get(name, "")[:500] for name in fields}
        told |= {"case_id": case.pk, "user": operator(request), "at": clock.now()}
        return carry_out_once(request, lambda: service(**told), done=str(done), back=back)

    def _load(self, request: HttpRequest, pk: object) -> Case:
        if not (self.has_view_permission(request) and may_see(request)):
            raise PermissionDenied
        return find_row(Case.objects.select_related("consumer__market"), pk)


def _asked(request: HttpRequest) -> Asked:
    markets = all_markets()
    return Asked(
        market=chosen(request, "market", markets, markets[0][0]),
        brand=chosen(request, "brand", all_brands()),
        rank=chosen_number(request, "bucket", range(len(NAMES)), None),
        taken_by=str(operator(request).pk) if request.GET.get("mine") else "",
    )
