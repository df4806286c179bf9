"""Pages of ledger accounts and entries, and the trial balance."""

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from core import clock
from core.csv_files import csv_answer
from core.errors import NotFound
from ledger.admin import AccountAdmin, EntryAdmin
from ledger.statements import (
    PAGE,
    Span,
    get_account,
    list_account_lines,
    list_accounts,
    list_entry_lines,
    list_lines_of_span,
    list_moved,
    moved_of,
    trial_balance_of,
)
from ledger.texts import account_word, entry_word
from operations.books.trial import LISTED_DAYS, asked_span, header, lines_of, totals_of
from operations.books.wording import page_of
from operations.frame import show


class AccountPages(AccountAdmin):
    """Accounts with balance and lines, by kind, and the trial balance."""

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the trial balance and of the accounts of a kind."""
        wrap = self.admin_site.admin_view
        return [
            path("trial/", wrap(self.trial), name="ledger_account_trial"),
            path("of/<slug:kind>/<slug:currency>/", wrap(self.of_kind), name="ledger_account_of"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an account with its balance in debit or credit, and its lines (all, or those of a span), each with its entry and cause."""
        self._check(request)
        span, before = asked_span(request, clock.now().date()), request.GET.get("before", "")
        try:
            account = get_account(uuid.UUID(object_id))
            if span:
                lines = list_lines_of_span(account.id, span, before=before, limit=PAGE + 1)
            else:
                lines = list_account_lines(account.id, before=before, limit=PAGE + 1)
        except (NotFound, ValueError):
            raise Http404 from None
        shown = [{"row": line, "entry": entry_word(line.entry_kind), "cause": page_of(line.source)} for line in lines[:PAGE]]
        return show(
            request,
            "books/account.html",
            account_word(account.kind),
            model_admin=self,
            account=account,
            owner_page=page_of(account.owner),
            span=span,
            moved=moved_of(account.id, span) if span else (0, 0),
            lines=shown,
            older=lines[PAGE - 1].cursor if len(lines) > PAGE else "",
            is_older=bool(before),
        )

    def of_kind(self, request: HttpRequest, kind: str, currency: str) -> HttpResponse:
        """List the accounts of a kind in a currency with their balances or, for a span, those that moved in it."""
        self._check(request)
        span, after = asked_span(request, clock.now().date()), request.GET.get("after", "")[:60]
        if span and span.days <= LISTED_DAYS:
            return self._moved(request, kind, currency, span, after)
        found = list_accounts(kind, currency, after=after, limit=PAGE + 1)
        if not found:
            raise Http404
        next_ = found[PAGE - 1].owner if len(found) > PAGE else ""
        return show(request, "books/accounts.html", account_word(kind), accounts=found[:PAGE], currency=currency, next=next_, span=span)

    def _moved(self, request: HttpRequest, kind: str, currency: str, span: Span, after: str) -> HttpResponse:
        found = list_moved(kind, currency, span, after=after, limit=PAGE + 1)
        next_ = found[PAGE - 1].owner if len(found) > PAGE else ""
        told = {"accounts": found[:PAGE], "currency": currency, "kind": kind, "next": next_, "span": span}
        return show(request, "books/moved.html", account_word(kind), **told)

    def trial(self, request: HttpRequest) -> HttpResponse:
        """Show the trial balance of one or more days, as a page or as a CSV file."""
        self._check(request)
        today = clock.now().date()
        span = asked_span(request, today) or Span(today, today)
        rows = trial_balance_of(span)
        if request.GET.get("as") == "csv":
            return csv_answer(f"trial-balance-{span.first}-{span.last}", header(), lines_of(rows))
        return show(request, "books/trial.html", _("Trial balance"), span=span, today=today, currencies=totals_of(rows))

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


class EntryPages(EntryAdmin):
    """Entries with their lines in debit and credit."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an entry: its cause, and its lines, each with its account."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            lines = list_entry_lines(uuid.UUID(object_id))
        except (NotFound, ValueError):
            raise Http404 from None
        first = lines[0]
        shown = [{"row": line, "account": account_word(line.account_kind), "owner_page": page_of(line.owner)} for line in lines]
        title = entry_word(first.entry_kind)
        return show(request, "books/entry.html", title, model_admin=self, entry=first, cause=page_of(first.source), lines=shown)
