"""Possible matches of people with lists: the officers' list, and the page of one. Nobody else sees them, and each view is logged."""

import uuid
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Consumer, ScreeningMatch, User
from accounts.queries import account_ids
from accounts.screening.models import KINDS
from accounts.screening.queries import find_screened, list_others
from accounts.screening.services import LEAST_REASON, LONGEST_REASON
from accounts.states import ListKind, MatchStatus
from checkout.models import Order
from checkout.suspicion import suspicion_facts
from core import clock
from core.admin import display, find_row, looking, moment_column, status_column, word_column
from core.clock import wall
from core.longlists import one_of
from core.moments import amount_words, day_words
from core.once import new_key
from core.sentences import Text
from core.unreadable import Unreadable
from fraud.laundering.queries import list_looks
from fraud.laundering.services import decide_match, note_look
from operations.frame import carry_out_once, operator, show
from operations.laundering.desk import DeskPages
from operations.wording import status_of

SHOWN = 20
RESULTS: dict[str, Text] = {
    MatchStatus.CLEARED: gettext_lazy("Somebody else"),
    MatchStatus.ACCEPTED: gettext_lazy("A politically exposed person, accepted after enhanced checks"),
    MatchStatus.CONFIRMED: gettext_lazy("The person on the list: approve nothing"),
}
"""What officers may find, in their words."""


class ResultForm(forms.Form):
    """What an officer found, and why."""

    reason = forms.CharField(
        min_length=LEAST_REASON,
        max_length=LONGEST_REASON,
        label=gettext_lazy("What you compared, and what you found"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


@display(description=gettext_lazy("Person"))
def _column_of_person(match: ScreeningMatch) -> str:
    """Return the person's name, or the account's id where there is none or it was erased."""
    name = match.consumer.name
    return match.consumer.public_id if not name or isinstance(name, Unreadable) else name


class MatchPages(DeskPages):
    """Possible matches with lists of sanctions and of politically exposed persons."""

    nothing = (gettext_lazy("No matches"), gettext_lazy("Nobody was found on a list so far."))
    list_display = (
        moment_column("raised_at", gettext_lazy("Found")),
        _column_of_person,
        word_column("kind", gettext_lazy("Kind of list"), lambda kind: str(dict(KINDS).get(kind, kind))),
        "list_name",
        status_column(),
    )
    list_select_related = ("consumer",)
    list_filter = (one_of("status", [one.value for one in MatchStatus]), one_of("kind", dict(KINDS)))
    search_fields = ("id",)

    def get_urls(self) -> list[URLPattern]:
        """Add the URL of the decision."""
        wrap = self.admin_site.admin_view
        return [path("<uuid:pk>/decide/", wrap(self.decide), name="accounts_screeningmatch_decide"), *super().get_urls()]

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a match beside the person, and log the view."""
        return self._page(request, self._load(request, object_id), ResultForm())

    def decide(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Recommend or decide what the match is, with the reason."""
        match, form = self._load(request, pk), ResultForm(request.POST or None)
        page = reverse("admin:accounts_screeningmatch_change", args=[match.pk])
        if request.method != "POST":
            return HttpResponseRedirect(page)
        if not form.is_valid():
            return self._page(request, match, form)
        told: dict[str, Any] = {"match_id": match.pk, "user": operator(request), "at": clock.now()} | form.cleaned_data
        outcome = request.POST.get("outcome", "")
        return carry_out_once(request, lambda: decide_match(outcome=outcome, **told), done=_("Kept."), back=page)

    def _load(self, request: HttpRequest, pk: object) -> ScreeningMatch:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return find_row(ScreeningMatch.objects.select_related("consumer__market", "recommended_by", "decided_by"), pk)

    def _page(self, request: HttpRequest, match: ScreeningMatch, form: ResultForm) -> HttpResponse:
        user, now = operator(request), clock.now()
        note_look(user=user, alert_id=match.pk, at=wall())
        return show(
            request, "laundering/match.html", _("Possible match with a list"), form=form, once=new_key(), **facts_of(match, now, user)
        )


def facts_of(match: ScreeningMatch, at: datetime, user: User) -> dict[str, Any]:
    """Return the content of a match's page: the person beside the entry, orders that wait, and what officers said; 7 queries."""
    person, screened = match.consumer, find_screened(match.consumer)
    told = suspicion_facts(person, at)["person"]
    return {
        "match": {
            "id": match.pk,
            "kind": str(dict(KINDS)[match.kind]),
            "list": match.list_name,
            "at": match.raised_at,
            "status": status_of(match.status),
            "takes_two": match.kind == ListKind.SANCTIONS or match.status == MatchStatus.CONFIRMED,
        },
        "compared": _compared(told, match.told),
        "entry": [(str(label), match.told.get(name) or "–") for name, label in _ENTRY.items()],
        "screened_at": screened.screened_at if screened else None,
        "results": _results(match),
        "recommended": _said(match.recommended, match.recommended_by, match.recommended_at, match.note),
        "is_own": match.recommended_by_id == user.pk,
        "decided": _said(match.status, match.decided_by, match.decided_at, match.decision),
        "held": _held(person),
        "others": [
            {"id": one.pk, "list": one.list_name, "at": one.raised_at, "status": status_of(one.status)} for one in list_others(match, SHOWN)
        ],
        "looks": [{"who": str(look.user), "at": look.at} for look in list_looks(match.pk, SHOWN)],
    }


_ENTRY: dict[str, Text] = {
    "entry": gettext_lazy("Its key there"),
    "updated": gettext_lazy("Changed there"),
    "note": gettext_lazy("What the list says"),
    "score": gettext_lazy("Likeness, of 100"),
}


def _compared(person: dict[str, Any], entry: dict[str, Any]) -> list[dict[str, str]]:
    """Return the person's details beside those of the entry."""
    home = person["address"] or {}
    born = person["birth_date"]
    lines = (
        (_("Name"), person["name"], entry.get("name")),
        (_("Born"), day_words(date.fromisoformat(born)) if born else "", entry.get("birth_date")),
        (_("Address"), ", ".join(filter(None, (home.get(part) for part in ("line1", "postal_code", "city", "region")))), ""),
        (_("Market"), person["market"], ""),
    )
    return [{"label": label, "person": ours or "–", "entry": theirs or "–"} for label, ours, theirs in lines]


def _results(match: ScreeningMatch) -> list[dict[str, Any]]:
    """Return what an officer may find now; empty once nothing can be changed."""
    if match.status == MatchStatus.CONFIRMED:
        found = [MatchStatus.CLEARED]
    elif match.status != MatchStatus.OPEN:
        found = []
    else:
        found = [MatchStatus.CLEARED, *([MatchStatus.ACCEPTED] if match.kind == ListKind.PEP else []), MatchStatus.CONFIRMED]
    return [{"name": one.value, "label": str(RESULTS[one]), "grave": one == MatchStatus.CONFIRMED} for one in found]


def _said(outcome: str, by: User | None, at: datetime | None, why: str) -> dict[str, Any] | None:
    return {"what": str(RESULTS.get(outcome, outcome)), "by": str(by), "at": at, "why": why} if by else None


def _held(person: Consumer) -> list[dict[str, Any]]:
    """Return the orders that wait or may still be captured, of all accounts of a person, newest first."""
    theirs = Order.objects.filter(consumer__in=account_ids(person.holder_id), status__in=Order.OPEN)
    found = theirs.select_related("merchant").order_by("-id")[:SHOWN]
    return [
        {
            "reference": one.merchant_reference or one.public_id,
            "shop": one.merchant.name,
            "amount": amount_words(one.amount_minor, one.currency),
            "status": status_of(one.status),
        }
        for one in found
    ]
