"""A person's page with its actions, and the log of operators who looked at it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from accounts import services as accounts
from accounts.admin import ConsumerAdmin, keep_look
from accounts.desk import PAGE, list_looks
from accounts.models import Consumer, CustomerClass, Look
from accounts.services.care import MAY_LOOK_AFTER
from accounts.services.classes import MAY_PIN
from accounts.services.support import MAY_NOTE
from accounts.support import list_support
from checkout.services import classify
from controls.kinds import Kind
from controls.queries import may_see_rules
from controls.services.proposing import propose
from core import clock
from core.admin import carry_out, find_row, looking
from core.clock import local_date
from core.errors import NotFound
from core.ids import parse_id
from core.once import new_key
from credit.proposals import LIMIT, ORDER_LIMIT, UNTIL, Limit, OrderLimit, subject_of_limit
from notifications import services as notifications
from operations.frame import carry_out_once, may_see, operator, show
from operations.people.behavior import behavior_of
from operations.people.finding import find
from operations.people.forms import BlockForm, LimitForm, NoteForm, OrderLimitForm, PinForm, UnblockForm, UnpinForm
from operations.people.person import account_parts, classes_of, everything, load_person
from operations.people.support import support
from operations.people.timeline import timeline

MAY_PROPOSE = "controls.propose_limit"


@dataclass(frozen=True, slots=True)
class Asked:
    """The question before a block or its end: what was found, the fields to send again, the URL to go back to."""

    blocks: bool
    note: str
    fields: tuple[tuple[str, str], ...]
    back: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A line of the log of who looked at a person; `at` is real time, not the sandbox's."""

    at: datetime
    who: str
    page: str
    address: str


class PersonAdmin(ConsumerAdmin):
    """Consumers: operators who may see people see everything about one on one page, and each view is logged."""

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the search, of the actions, and of the log of looks."""
        wrap = self.admin_site.admin_view
        acts = {"note": self.note, "block": self.block, "unblock": self.unblock, "limit": self.limit, "looks": self.looks}
        acts |= {"support": support, "pin": self.pin, "unpin": self.unpin, "order_limit": self.order_limit}
        return [
            path("find/", wrap(find), name="accounts_consumer_find"),
            path("<uuid:pk>/message/<uuid:message>/", wrap(self.message), name="accounts_consumer_message"),
            *(path(f"<uuid:pk>/{name}/", wrap(view), name=f"accounts_consumer_{name}") for name, view in acts.items()),
            *super().get_urls(),
        ]

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show everything about a person to operators who may see people; show others only what does not identify the person."""
        if may_see(request):
            return self._page(request, self._load(request, object_id))
        if not self.has_view_permission(request):
            raise PermissionDenied
        consumer = find_row(Consumer.objects.select_related("market", "brand"), object_id)
        parts = account_parts(load_person(consumer, local_date(clock.now(), consumer.time_zone)))
        return show(request, "people/account.html", consumer.public_id, model_admin=self, **parts)

    def _load(self, request: HttpRequest, pk: object, may: str = "") -> Consumer:
        if not may_see(request) or (may and not operator(request).may(may)):
            raise PermissionDenied
        return find_row(Consumer.objects.select_related("market"), pk)

    def _page(self, request: HttpRequest, consumer: Consumer, **forms: Any) -> HttpResponse:
        older = request.GET.get("older", "")
        keep_look(request, "timeline" if older else "person", [consumer.pk])
        person = load_person(consumer, local_date(clock.now(), consumer.time_zone))
        parts = everything(person)
        user = operator(request)
        may_propose = user.may(MAY_PROPOSE)
        return show(
            request,
            "people/person.html",
            person.name,
            **parts,
            timeline=timeline(person, older),
            is_older=bool(older),
            may_care=user.may(MAY_LOOK_AFTER),
            may_support=user.may(MAY_NOTE),
            support=list_support(consumer.pk, person.today) if user.may(MAY_NOTE) else [],
            may_resend=user.may(notifications.MAY_RESEND),
            may_see_looks=user.has_perm("accounts.view_look"),
            limit_forms={
                limit["currency"]: forms.get(limit["currency"]) or LimitForm(currency=limit["currency"])
                for limit in parts["limits"]
                if may_propose and limit["waiting"] is None
            },
            order_limit_forms={
                limit["currency"]: forms.get(f"{limit['currency']}-order") or OrderLimitForm(currency=limit["currency"], today=person.today)
                for limit in parts["limits"]
                if may_propose and limit["order_waiting"] is None
            },
            classes=classes_of(person, forms, may_pin=user.may(MAY_PIN)),
            behavior=behavior_of(consumer),
            may_see_rules=may_see_rules(user),
            note_form=forms.get("note") or NoteForm(),
            block_form=forms.get("block") or BlockForm(),
            unblock_form=forms.get("unblock") or UnblockForm(),
            once=new_key(),
        )

    def note(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Write a note."""
        consumer, form = self._load(request, pk, MAY_LOOK_AFTER), NoteForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, consumer, note=form)
        once = request.POST.get("once", "")[:40]
        if not once:
            return self._back(request, consumer, _("This page was too old. Look at what it says now, and try again."))
        told = {"user": operator(request), "text": form.cleaned_data["text"], "once": once, "at": clock.now()}
        return self._do(request, consumer, _("The note is kept."), lambda: accounts.write_note(consumer_id=consumer.pk, **told))

    def block(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Ask for confirmation, then block the person's new purchases."""
        return self._confirmed(
            request,
            self._load(request, pk, MAY_LOOK_AFTER),
            "block",
            BlockForm(request.POST or None),
            _("Blocked. New purchases are refused from now on."),
            accounts.block_person,
        )

    def unblock(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Ask for confirmation, then end the block."""
        return self._confirmed(
            request,
            self._load(request, pk, MAY_LOOK_AFTER),
            "unblock",
            UnblockForm(request.POST or None),
            _("Unblocked. The person can buy again."),
            accounts.unblock_person,
        )

    def _confirmed(
        self, request: HttpRequest, consumer: Consumer, act: str, form: Any, done: str, service: Callable[..., object]
    ) -> HttpResponse:
        if request.method != "POST" or not form.is_valid():
            return self._page(request, consumer, **{act: form})
        if "confirmed" not in request.POST:
            keep_look(request, "person", [consumer.pk])
            name = load_person(consumer, local_date(clock.now(), consumer.time_zone)).name
            given = {key: str(value) for key, value in form.cleaned_data.items()}
            asked = Asked(act == "block", given["note"], tuple(given.items()), _page_of(consumer))
            return show(request, "people/confirm.html", name, asked=asked)
        told = {"consumer_id": consumer.pk, "user": operator(request), "at": clock.now()}
        return self._do(request, consumer, done, lambda: service(**told, **form.cleaned_data))

    def limit(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Propose a limit; another operator decides."""
        return self._propose(request, pk, Limit, lambda currency, _today: LimitForm(request.POST, currency=currency))

    def order_limit(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Propose an order limit with its last day; another operator decides."""
        return self._propose(request, pk, OrderLimit, lambda currency, today: OrderLimitForm(request.POST, currency=currency, today=today))

    def _propose(self, request: HttpRequest, pk: uuid.UUID, kind: type[Kind], bind: Callable[[str, date], Any]) -> HttpResponse:
        consumer = self._load(request, pk, MAY_PROPOSE)
        currency = request.POST.get("currency", "")
        if request.method != "POST" or currency not in {line.currency for line in consumer.credit_lines.all()}:
            return HttpResponseRedirect(_page_of(consumer))
        form, at = bind(currency, local_date(clock.now(), consumer.time_zone)), clock.now()
        if not form.is_valid():
            return self._page(request, consumer, **{form.prefix: form})
        subject, given = subject_of_limit(consumer, currency), form.cleaned_data
        names = {LIMIT: "limit"} if kind is Limit else {ORDER_LIMIT: "order_limit", UNTIL: "until"}
        told: dict[str, Any] = {"after": {name: given[field] for name, field in names.items()}, "reason": given["reason"]}
        told |= {"kind": kind.name, "subject": subject, "starts_on": None, "user": operator(request), "at": at}
        return self._do(request, consumer, _("Proposed. Another person decides now."), lambda: propose(**told))

    def pin(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Pin a class of the person."""
        return self._class(request, pk, pins=True)

    def unpin(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """End the pin of a class: rules decide about it again at once."""
        return self._class(request, pk, pins=False)

    def _class(self, request: HttpRequest, pk: uuid.UUID, *, pins: bool) -> HttpResponse:
        consumer, axis = self._load(request, pk, MAY_PIN), request.POST.get("axis", "")
        if request.method != "POST" or axis not in CustomerClass.AXES:
            return HttpResponseRedirect(_page_of(consumer))
        form = PinForm(request.POST, axis=axis) if pins else UnpinForm(request.POST, axis=axis)
        if not form.is_valid():
            return self._page(request, consumer, **{axis: form})
        told: dict[str, Any] = {"consumer_id": consumer.pk, "axis": axis, "user": operator(request), "at": clock.now()}

        def act() -> None:
            if pins:
                accounts.pin_class(**told, **form.cleaned_data)
            else:
                accounts.unpin_class(**told, **form.cleaned_data)
                classify(consumer_id=consumer.pk, at=told["at"])

        done = _("Pinned. Rules leave it alone.") if pins else _("Rules decide again.")
        return carry_out_once(request, act, done=done, back=_page_of(consumer))

    def message(self, request: HttpRequest, pk: uuid.UUID, message: uuid.UUID) -> HttpResponse:
        """Send a message again."""
        consumer = self._load(request, pk, notifications.MAY_RESEND)
        if request.method != "POST":
            return HttpResponseRedirect(_page_of(consumer))
        told: dict[str, Any] = {"consumer": consumer, "message_id": message, "user": operator(request), "at": clock.now()}
        return carry_out_once(
            request, lambda: notifications.resend_message(**told), done=_("It is sent once more."), back=_page_of(consumer)
        )

    def looks(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show which operators looked at the person, newest first."""
        consumer = self._load(request, pk, "accounts.view_look")
        try:
            before = parse_id(Look.PREFIX, request.GET["before"]) if request.GET.get("before") else None
        except NotFound:
            raise Http404 from None
        found = list_looks(consumer, before=before, limit=PAGE + 1)
        keep_look(request, "looks", [consumer.pk])
        older = found[PAGE - 1].public_id if len(found) > PAGE else ""
        title = _("Who looked at this person")
        told: dict[str, Any] = {"person": consumer.public_id, "back": _page_of(consumer), "older": older, "is_older": before is not None}
        rows = [Looked(look.at, str(look.user), _page_name(look), look.address) for look in found[:PAGE]]
        return show(request, "people/looks.html", title, **told, looks=rows)

    def _do(self, request: HttpRequest, consumer: Consumer, done: str, act: Callable[[], object]) -> HttpResponse:
        return carry_out(request, act, done=done, back=_page_of(consumer))

    def _back(self, request: HttpRequest, consumer: Consumer, error: str) -> HttpResponse:
        messages.error(request, error)
        return HttpResponseRedirect(_page_of(consumer))


def _page_name(look: Look) -> str:
    return str(dict(Look.PAGES).get(look.page, look.page))


def _page_of(consumer: Consumer) -> str:
    return reverse("admin:accounts_consumer_change", args=[consumer.pk])
