"""The back office's pages of consumers' requests."""

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import services as accounts
from accounts.admin import keep_look
from accounts.models import Consumer, ConsumerRequest, User
from accounts.rules.requests import KINDS, MOST_TEXT, OUTCOMES, SPARING
from accounts.services.requests import MAY_ANSWER
from accounts.states import REQUEST, RequestStatus
from checkout import services
from checkout.models import Checkout, Order
from checkout.overruling import AMOUNT, ASKED_BY, LEFT, WHY, Overruled, OverruleForm
from controls.models import Proposal
from controls.queries import find_open_proposal
from controls.services import propose
from core import clock
from core.admin import ReadOnlyAdmin, carry_out, choice_column, date_column, find_row, looking, moment_column, status_column, text_column
from core.errors import DomainError
from core.ids import parse_id
from core.longlists import one_of
from core.moments import amount_words
from core.readable import words
from credit.approved import find_approval
from credit.models import Decision
from credit.queries import can_be_overruled, final_reasons, find_refusal
from credit.reasons import GROUNDS, sentences
from plans import services as plans

STOPPABLE = frozenset({"purchase", "hardship", "complaint"})
"""Kinds of requests during which the payments of their purchase may be paused."""


class AnswerForm(forms.Form):
    """An operator's answer to a request, and the outcome."""

    outcome = forms.ChoiceField(
        choices=[(code, _(label)) for code, label in OUTCOMES.items()], label=_("What came of it"), widget=forms.RadioSelect
    )
    answer = forms.CharField(strip=False, label=_("Your answer"), widget=forms.Textarea(attrs={"rows": 6, "maxlength": MOST_TEXT}))


class CorrectForm(forms.Form):
    """Corrections of a person's details; an empty field leaves its value unchanged. An address must be entered whole."""

    name = forms.CharField(max_length=120, required=False, label=_("Name"))
    birth_date = forms.DateField(required=False, label=_("Date of birth"), widget=forms.DateInput(attrs={"type": "date"}))
    line1 = forms.CharField(max_length=120, required=False, label=_("Street and number"))
    line2 = forms.CharField(max_length=120, required=False, label=_("Apartment, floor"))
    postal_code = forms.CharField(max_length=16, required=False, label=_("Postal code"))
    city = forms.CharField(max_length=80, required=False, label=_("City"))
    region = forms.CharField(max_length=40, required=False, label=_("State"))

    def filled(self) -> dict[str, Any]:
        """Return the filled-in fields as arguments of the service."""
        data = self.cleaned_data
        address = {name: data[name] for name in ("line1", "line2", "postal_code", "city", "region") if data[name]}
        found = {"name": data["name"] or None, "birth_date": data["birth_date"], "address": address or None}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Case:
    """A request with all that its page shows: its subject, the link to the subject, and the credit decisions about the person."""

    row: ConsumerRequest
    about: str
    link: str
    decision: Decision | None
    reasons: list[str]
    order: Order | None
    approval: dict[str, Any] | None = None
    waiting: Proposal | None = None

    @property
    def is_open(self) -> bool:
        """Whether it waits for its answer."""
        return bool(self.row.status == RequestStatus.OPEN)

    @property
    def is_overdue(self) -> bool:
        """Whether it waits for its answer although its day is over."""
        return self.is_open and self.row.due_date < clock.now().date()

    @property
    def final(self) -> list[str]:
        """The reasons why nobody may overrule the refusal that it waits about; empty if people may."""
        return sentences(final_reasons(self.decision)) if self.is_open and self.decision is not None else []

    @property
    def due_word(self) -> str:
        """What must be done by its due date."""
        return gettext("To be paid back by") if self.row.kind == "withdrawal" else gettext("Answer by")

    @property
    def is_stopped(self) -> bool:
        """Whether the payments of its purchase are stopped."""
        return self.order is not None and self.order.plan.stopped_at is not None


@admin.register(ConsumerRequest)
class RequestAdmin(ReadOnlyAdmin):
    """Consumers' requests, each with the date by which it must be answered."""

    nothing = (_("Nobody has asked for anything yet"), _("What consumers ask of a person comes here."))
    list_display = (
        choice_column("kind", _("What")),
        text_column("public_id", _("Id")),
        status_column(),
        date_column("due_date", _("Due")),
        moment_column("asked_at", _("Asked")),
        text_column("answered_by", _("Answered by")),
    )
    list_filter = (one_of("status", REQUEST.choices), one_of("kind", {kind: _(told.label) for kind, told in KINDS.items()}))
    list_select_related = ("answered_by",)
    search_fields = ("reference__startswith",)
    search_help_text = _("The id of a request, or of the order or checkout that it is about")
    ordering = ("-id",)

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the actions."""
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:pk>/answer/", wrap(self.answer), name="accounts_consumerrequest_answer"),
            path("<uuid:pk>/overrule/", wrap(self.overrule), name="accounts_consumerrequest_overrule"),
            path("<uuid:pk>/again/", wrap(self.decide_again), name="accounts_consumerrequest_again"),
            path("<uuid:pk>/correct/", wrap(self.correct), name="accounts_consumerrequest_correct"),
            path("<uuid:pk>/payments/", wrap(self.move_payments), name="accounts_consumerrequest_payments"),
            *super().get_urls(),
        ]

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a request, its consumer, its subject and the possible actions."""
        return self._page(request, self._load(request, object_id), AnswerForm())

    def answer(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Answer the request; the consumer is notified."""
        row = self._load(request, pk, acting=True)
        form = AnswerForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, row, form)
        return carry_out(
            request,
            lambda: accounts.answer_request(request_id=row.id, user=_user(request), at=clock.now(), **form.cleaned_data),
            done=_("Answered. The person is told."),
            back=_page_of(row),
        )

    def decide_again(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Get a new report from the data source and decide about the person's limit again."""
        row = self._load(request, pk, acting=True)
        if request.method == "POST" and row.status == RequestStatus.OPEN and row.kind == "review":
            try:
                made = services.decide_again(consumer=row.consumer, reference=row.reference or row.public_id, at=clock.now())
                tell = messages.warning if made.outcome == "decline" else messages.success
                tell(request, gettext("Decided again: %(outcome)s.") % {"outcome": words(made.outcome).lower()})
            except DomainError as error:
                messages.error(request, error.detail)
        return HttpResponseRedirect(_page_of(row))

    def overrule(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Approve the refused purchase in spite of the refusal, or propose it where two have to agree; then the person is answered."""
        row = self._load(request, pk, acting=True)
        decision = _refused(row)
        if decision is None or not _user(request).has_perm(Overruled().may_propose):
            raise PermissionDenied
        if request.POST.get("decision") != decision.public_id:
            messages.error(request, gettext("Something newer was decided meanwhile. Look at it first."))
            return HttpResponseRedirect(_page_of(row))
        form = OverruleForm(request.POST or None, decision=decision, at=clock.now())
        if request.method != "POST" or not form.is_valid():
            return self._page(request, row, AnswerForm(), overrule=form)
        user, given, at = _user(request), form.cleaned_data, clock.now()
        amount = {AMOUNT: given["amount"], LEFT: given["left"], WHY: given["why"]}
        if form.is_alone:
            told: dict[str, Any] = {"request_id": row.pk, "decision_id": decision.pk, **amount, "note": given["note"], "user": user}
            done = _("Approved. The person is told.")
            return carry_out(request, lambda: services.overrule(**told, actor=str(user.pk), at=at), done=done, back=_page_of(row))
        told = {"kind": Overruled.name, "subject": decision.public_id, "after": {**amount, ASKED_BY: row.public_id}, "starts_on": None}
        done = _("Proposed. Another person decides now.")
        return carry_out(request, lambda: propose(**told, reason=given["note"], user=user, at=at), done=done, back=_page_of(row))

    def correct(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Correct the details of the consumer who asked for it, after an operator has seen proof."""
        row = self._load(request, pk, acting=True)
        form = CorrectForm(request.POST or None)
        if request.method == "POST" and row.status == RequestStatus.OPEN and row.kind == "correction" and form.is_valid() and form.filled():
            try:
                user, at = _user(request), clock.now()
                accounts.update_details(consumer=row.consumer, checked=True, actor=str(user.pk), at=at, **form.filled())
                messages.success(request, _("Corrected. Now answer."))
            except DomainError as error:
                messages.error(request, " ".join([error.detail, *error.fields.values()]))
        elif request.method == "POST":
            messages.error(request, _("Nothing changed."))
        return HttpResponseRedirect(_page_of(row))

    def move_payments(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Pause the payments of the request's purchase while an operator looks into it, or resume them; the consumer is notified."""
        row = self._load(request, pk, acting=True)
        order = _order_of(row)
        if request.method == "POST" and order is not None and row.kind in STOPPABLE:
            at = clock.now()
            if request.POST.get("move") == "stop":
                done = row.status == RequestStatus.OPEN and plans.stop_plan(plan_id=order.plan_id, at=at)
            else:
                done = plans.resume_plan(plan_id=order.plan_id, actor=str(_user(request).pk), at=at)
            if done:
                messages.success(request, _("The person is told."))
            else:
                messages.error(request, _("Nothing changed: look at the plan."))
        return HttpResponseRedirect(_page_of(row))

    def _load(self, request: HttpRequest, pk: object, *, acting: bool = False) -> ConsumerRequest:
        if not self.has_view_permission(request) or (acting and not request.user.has_perm(MAY_ANSWER)):
            raise PermissionDenied
        return find_row(ConsumerRequest.objects.select_related("consumer", "answered_by"), pk)

    def _page(
        self, request: HttpRequest, row: ConsumerRequest, form: AnswerForm, *, overrule: OverruleForm | None = None
    ) -> TemplateResponse:
        title = row.get_kind_display()
        keep_look(request, "request", [row.consumer_id])
        shown = {
            "title": title,
            "content_title": title,
            "model_admin": self,
            "case": _case(row),
            "form": form,
            "correct_form": CorrectForm() if row.kind == "correction" and row.status == RequestStatus.OPEN else None,
            "overrule_form": overrule or self._overrule_form(request, row),
            "erases": row.kind == "closure",
            "spares": row.kind in SPARING,
            "may_answer": request.user.has_perm(MAY_ANSWER),
            "has_permission": True,
        }
        return TemplateResponse(request, "admin/request.html", self.admin_site.each_context(request) | shown)

    def _overrule_form(self, request: HttpRequest, row: ConsumerRequest) -> OverruleForm | None:
        decision = _refused(row) if _user(request).has_perm(Overruled().may_propose) else None
        return OverruleForm(decision=decision, at=clock.now()) if decision else None


def _refused(row: ConsumerRequest) -> Decision | None:
    """Return the refusal that a waiting request asks to look at again, if people may overrule it."""
    if row.kind != "review" or row.status != RequestStatus.OPEN:
        return None
    decision = find_refusal(row.consumer_id, row.reference)
    return decision if decision and can_be_overruled(decision) else None


def _case(row: ConsumerRequest) -> Case:
    about, link = _about(row.consumer, row.reference)
    decision = find_refusal(row.consumer_id, row.reference) if row.kind == "review" else None
    order = _order_of(row) if row.kind in STOPPABLE else None
    waiting = find_open_proposal(Overruled.name, decision.public_id) if decision else None
    return Case(row, about, link, decision, sentences(decision.reasons) if decision else [], order, _approval(row), waiting)


def _approval(row: ConsumerRequest) -> dict[str, Any] | None:
    """Return what was approved with the answer to a request, on what grounds, and what the operator saw."""
    found = find_approval(row.consumer_id, row.answered_at) if row.kind == "review" and row.answered_at else None
    if found is None:
        return None
    amount = amount_words(found.amount_minor, found.currency)
    return {"amount": amount, "why": GROUNDS[found.why], "note": found.note, "until": found.until}


def _order_of(row: ConsumerRequest) -> Order | None:
    """Return the order that a request is about, with its plan; None if it is about something else."""
    if not row.reference.startswith(f"{Order.PREFIX}_"):
        return None
    key = parse_id(Order.PREFIX, row.reference)
    return Order.objects.select_related("plan").filter(pk=key, consumer=row.consumer).first()


def _about(consumer: Consumer, reference: str) -> tuple[str, str]:
    """Return the subject of a request, and its URL in the back office."""
    model: type[Order | Checkout] | None = {Order.PREFIX: Order, Checkout.PREFIX: Checkout}.get(reference.partition("_")[0])  # type: ignore[assignment]
    if model is None:
        return gettext("The account"), reverse("admin:accounts_consumer_change", args=[consumer.pk])
    found = model.objects.select_related("merchant").filter(pk=parse_id(model.PREFIX, reference), consumer=consumer).first()
    if found is None:
        return reference, ""
    name = model._meta.model_name
    return f"{str(name).capitalize()} {found.merchant_reference}, {found.merchant.name}", reverse(
        f"admin:checkout_{name}_change", args=[found.pk]
    )


def _page_of(row: ConsumerRequest) -> str:
    return reverse("admin:accounts_consumerrequest_change", args=[row.id])


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
