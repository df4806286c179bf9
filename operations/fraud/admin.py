"""The fraud desk: the queue of attempts that need a person to look at them, each with its evidence and its label."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import keep_look
from checkout.admin.finding import AmountFilter
from checkout.admin.orders import network_page
from core import clock
from core.admin import ReadOnlyAdmin, display, find_row, looking, moment_column, money_column
from core.longlists import NewestFirst, one_of
from core.moments import percent_words
from core.once import new_key
from fraud.desk.services import label_case, take_back_label
from fraud.lists.services import block_seen
from fraud.models import FraudCase
from fraud.network.services.labeling import LONGEST
from fraud.ruling import TITLES
from fraud.states import ListKind, Verdict
from operations.frame import carry_out_once, may_see, operator, show
from operations.fraud.figures import figures_of
from operations.fraud.finding import CaseList, LabelFilter, RuleFilter, ShopFilter, SignalFilter, ValueFilter
from operations.fraud.lists import BLOCKED_HERE, UntilForm
from operations.fraud.page import facts_of, said
from operations.fraud.shops.views import shop, shops

TONES = {
    Verdict.ALLOW: "default",
    Verdict.STEP_UP: "info",
    Verdict.CONFIRM: "info",
    Verdict.HOLD: "warning",
    Verdict.BLOCK: "danger",
}


class CasePages(ReadOnlyAdmin):
    """Attempts to buy that need a person to look at them."""

    nothing = (
        gettext_lazy("No cases"),
        gettext_lazy("Attempts that rules hold or refuse, that do not enter another code, or whose risk is high, come here."),
    )
    list_display = (moment_column("at", gettext_lazy("When")), "shop", money_column("amount_minor", gettext_lazy("Amount")),
                    "outcome", "why", "risk_shown", "label_shown")  # fmt: skip
    list_filter = (
        LabelFilter,
        one_of("verdict", {verdict.value: TITLES[verdict] for verdict in Verdict}),
        RuleFilter,
        SignalFilter,
        ShopFilter,
        AmountFilter,
        ValueFilter,
    )
    list_before_template = "admin/fraud/_before.html"
    list_filter_submit = True
    list_filter_sheet = False
    search_fields = ("subject__exact", "order__exact")
    search_help_text = gettext_lazy("The id of the case, the checkout or the order")

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the figures, the risk of shops, the network, labels and blocks."""
        wrap = self.admin_site.admin_view
        return [
            path("figures/", wrap(self.figures), name="fraud_fraudcase_figures"),
            path("shops/", wrap(shops), name="fraud_fraudcase_shops"),
            path("shops/<uuid:pk>/", wrap(shop), name="fraud_fraudcase_shop"),
            path("<uuid:pk>/network/", wrap(self.network), name="fraud_fraudcase_network"),
            path("<uuid:pk>/block/", wrap(self.block), name="fraud_fraudcase_block"),
            path("<uuid:pk>/label/", wrap(self.label), name="fraud_fraudcase_label"),
            *super().get_urls(),
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[NewestFirst]:
        """List newest first, or the most valuable first."""
        return CaseList

    @display(description=gettext_lazy("Shop"))
    def shop(self, case: Any) -> str:
        """Show the shop."""
        return str(case.shop)

    @display(description=gettext_lazy("Outcome"), label=TONES)
    def outcome(self, case: FraudCase) -> tuple[str, str]:
        """Show the verdict of the rules."""
        return case.verdict, str(TITLES[Verdict(case.verdict)])

    @display(description=gettext_lazy("Why"))
    def why(self, case: Any) -> str:
        """Show the rules that held."""
        return str(case.why)

    @display(description=gettext_lazy("Risk by the model"))
    def risk_shown(self, case: FraudCase) -> str:
        """Show the probability of fraud from the model in use."""
        return "" if case.risk_bps is None else percent_words(case.risk_bps)

    @display(description=gettext_lazy("Label"), label={"fraud": "danger", "honest": "success"})
    def label_shown(self, case: FraudCase) -> tuple[str, str] | None:
        """Show whether it turned out to be fraud or honest."""
        pill = said(case.label)
        return (case.label, pill["word"]) if pill else None

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a case with its evidence; log a look at the person, and at those who share something with them."""
        case = self._load(request, object_id)
        told = facts_of(case, operator(request))
        if told["linked"] is not None:
            keep_look(request, "fraud_case", [case.consumer_id, *(one.consumer.pk for one, _things in told["linked"].people)])
        title = _("Fraud case %(id)s") % {"id": case.public_id}
        return show(request, "fraud/case.html", title, model_admin=self, once=new_key(), longest=LONGEST, **told)

    def figures(self, request: HttpRequest) -> HttpResponse:
        """Show how well fraud is stopped, by week and by rule."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return show(request, "fraud/figures.html", _("Figures of fraud"), model_admin=self, **figures_of(clock.now()))

    @looking
    def network(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show who shares something with the person, to operators who may see people."""
        case = self._load(request, pk)
        if not may_see(request):
            raise PermissionDenied
        back = reverse("admin:fraud_fraudcase_change", args=[case.pk]), _("Back to the case")
        title = _("Network of fraud case %(id)s") % {"id": case.public_id}
        return network_page(request, case.consumer, title=title, back=back, look="fraud_case")

    def label(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Label an attempt with one click, or take the label back; a double click counts once."""
        case = self._load(request, pk)
        back = reverse("admin:fraud_fraudcase_change", args=[case.pk])
        word = request.POST.get("label")
        told: dict[str, Any] = {"case_id": case.pk, "user": operator(request), "at": clock.now()}
        if request.method != "POST" or word not in {"fraud", "honest", "undo"}:
            return HttpResponseRedirect(back)
        if word == "undo":
            return carry_out_once(request, lambda: take_back_label(**told), done=_("Taken back. The history keeps it."), back=back)
        reason = request.POST.get("why", "")[:LONGEST]
        done = _("Labeled. Those who share something with this person are assessed by it.")
        return carry_out_once(request, lambda: label_case(**told, is_fraud=word == "fraud", reason=reason), done=done, back=back)

    def block(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Put a value of an attempt, such as its device or card, on the block list."""
        case = self._load(request, pk)
        back = reverse("admin:fraud_fraudcase_change", args=[case.pk])
        form, kind = UntilForm(request.POST), request.POST.get("kind")
        if request.method != "POST" or kind not in BLOCKED_HERE:
            return HttpResponseRedirect(back)
        if not form.is_valid():
            messages.error(request, _("Say why, and until which day."))
            return HttpResponseRedirect(back)
        told: dict[str, Any] = form.cleaned_data | {"case_id": case.pk, "kind": ListKind(kind), "user": operator(request)}
        done = _("Listed. It counts from the next attempt to buy on.")
        return carry_out_once(request, lambda: block_seen(**told, at=clock.now()), done=done, back=back)

    def _load(self, request: HttpRequest, pk: object) -> FraudCase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return find_row(FraudCase.objects.select_related("consumer"), pk)
