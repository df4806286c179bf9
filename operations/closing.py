"""The page on which operators close a charge, refund, payout or hold by hand if its gateway does not answer."""

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls.queries import find_open_proposal, proposals_of
from controls.services import propose
from core import clock
from core.admin import ReadOnlyAdmin, find_row
from core.once import new_key
from operations.frame import carry_out_once, operator, show
from operations.wording import status_of
from payments.models import Authorization, Charge, Movement, Payout, Refund
from payments.proposals import EVIDENCE, HAPPENED, LABELS, LONGEST_EVIDENCE, LONGEST_REF, REF, Closing, closing_page
from payments.services.closing import KINDS
from payments.silence import End, end_by_hand

SHOWN = 8
YES, NO = "yes", "no"
FOLLOWS: dict[type[Movement], tuple[Any, Any]] = {
    Charge: (
        gettext_lazy("It counts as paid, and is booked as if the gateway had said so."),
        gettext_lazy("It is tried again, or the person is asked for another way to pay where the gateway is not used any more."),
    ),
    Refund: (
        gettext_lazy("The person counts as refunded, and it is booked as if the gateway had said so."),
        gettext_lazy("The person is owed it, is told, and is asked where it shall go."),
    ),
    Payout: (
        gettext_lazy("The shop counts as paid, and it is booked as if the gateway had said so."),
        gettext_lazy("The shop is owed it again, and its next statement pays it."),
    ),
    Authorization: (
        gettext_lazy("The amount counts as held on the card. It is released where nothing is bought with it, and lapses after seven days."),
        gettext_lazy("Nothing counts as held. The person can try the card again, or another one."),
    ),
}
"""The consequences of a movement that happened, and of one that did not."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A movement for the page: names, amount in minor units, and the consequences of each answer."""

    name: str
    minor: int
    currency: str
    gateway: str
    gateway_ref: str
    public_id: str
    status: dict[str, str]
    asked_at: Any
    if_made: str
    if_not: str
    turns_out: bool
    """Whether it is posted as made if its gateway confirms it after people closed it as not made."""
    link: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """A proposal about the movement: the URL of its page, its reason, and its time."""

    link: str
    reason: str
    at: Any


class ClosingForm(forms.Form):
    """How a movement ended according to two people, and the evidence."""

    happened = forms.ChoiceField(widget=forms.RadioSelect, label=LABELS[HAPPENED])
    ref = forms.CharField(max_length=LONGEST_REF, required=False, label=gettext_lazy("Its name at the gateway, where you know it"))
    evidence = forms.CharField(
        max_length=LONGEST_EVIDENCE,
        label=gettext_lazy("What shows it, such as the line of a statement, with its date"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reason = forms.CharField(
        max_length=500, label=gettext_lazy("Why nobody waits for the gateway's answer"), widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, end: End, **options: Any) -> None:
        super().__init__(*args, **options)
        made, not_made = (YES, _("It did happen")), (NO, _("It did not happen"))
        self.fields[HAPPENED].choices = [not_made] if end is End.REVERSAL else [made, not_made]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return the values of the form as plain values for a proposal."""
        given = self.cleaned_data
        return {HAPPENED: given[HAPPENED] == YES, REF: given[REF].strip(), EVIDENCE: given[EVIDENCE].strip()}


class Closable(ReadOnlyAdmin):
    """Mixin for lists of movements that two people can close by hand."""

    def get_urls(self) -> list[URLPattern]:
        """Add the URL of the page that closes one."""
        name = f"payments_{self.model._meta.model_name}_closing"
        return [path("<uuid:pk>/closing/", self.admin_site.admin_view(self.close), name=name), *super().get_urls()]

    def close(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show what is known of a movement without an answer, and propose how it ended."""
        row = self._load(request, pk)
        user, kind, end = operator(request), Closing(), end_by_hand(row)
        may_propose = user.may(kind.may_propose)
        form = ClosingForm(request.POST or None, end=end)
        if request.method == "POST":
            if not may_propose:
                raise PermissionDenied
            if form.is_valid():
                told = {"kind": kind.name, "subject": row.public_id, "after": form.values(), "starts_on": None, "user": user}

                def act() -> None:
                    propose(**told, reason=form.cleaned_data["reason"], at=clock.now())

                return carry_out_once(request, act, done=_("Proposed. Another person decides now."), back=closing_page(row))
        waiting = find_open_proposal(kind.name, row.public_id)
        return show(
            request,
            "money/closing.html",
            _("Close it by hand"),
            closed=_closed(row),
            form=form,
            may_propose=may_propose and waiting is None and end is not End.NONE,
            is_over=end is End.NONE,
            is_denied=end is End.REVERSAL,
            waiting=reverse("admin:controls_proposal_change", args=[waiting.pk]) if waiting else "",
            earlier=_earlier(row),
            once=request.POST.get("once", "") or new_key(),
        )

    def _load(self, request: HttpRequest, pk: object) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return find_row(self.model.objects.all(), pk)


def _closed(row: Movement) -> Closed:
    if_made, if_not = FOLLOWS[type(row)]
    return Closed(
        name=Closing().subject_name(row.public_id),
        minor=row.amount_minor,
        currency=row.currency,
        gateway=row.gateway,
        gateway_ref=row.gateway_ref,
        public_id=row.public_id,
        status=status_of(row.status),
        asked_at=row.created_at,
        if_made=str(if_made),
        if_not=str(if_not),
        turns_out=KINDS[type(row)].confirm is not None,
        link=Closing().link(row.public_id),
    )


def _earlier(row: Movement) -> list[Earlier]:
    found = proposals_of(row.public_id, [Closing.name])[:SHOWN]
    return [Earlier(reverse("admin:controls_proposal_change", args=[one.pk]), one.reason, one.proposed_at) for one in found]
