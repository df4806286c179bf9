"""Pages of ledger accounts and entries, and the trial balance of a day."""

import uuid
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from core import clock
from core.errors import NotFound
from ledger.admin import AccountAdmin, EntryAdmin
from ledger.statements import PAGE, get_account, list_account_lines, list_accounts, list_entry_lines, trial_balance_of
from operations.books.trial import totals_of
from operations.books.wording import account_word, entry_word, page_of
from operations.frame import show


class AccountPages(AccountAdmin):
    """Accounts with balance and lines, by kind, and the trial balance."""

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the trial balance and of the accounts of a kind."""
        wrap = self.admin_site.admin_view
        return [
            path("trial/", wrap(self.trial), name="ledger_account_trial"),
            path("of/<slug:kind>/<slug:currency>/", wrap(self.of_kind), name="ledger_account_of"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an account: its balance in debit or credit, and its lines, each with its entry and cause."""
        self._check(request)
        try:
            account = get_account(uuid.UUID(object_id))
            lines = list_account_lines(account.id, before=request.GET.get("before", ""), limit=PAGE + 1)
        except (NotFound, ValueError):
            raise Http404 from None
        shown = [{"row": line, "entry": entry_word(line.entry_kind), "cause": page_of(line.source)} for line in lines[:PAGE]]
        return show(
            request,
            "books/account.html",
            account_word(account.kind),
            account=account,
            owner_page=page_of(account.owner),
            lines=shown,
            older=lines[PAGE - 1].cursor if len(lines) > PAGE else "",
            is_older=bool(request.GET.get("before")),
        )

    def of_kind(self, request: HttpRequest, kind: str, currency: str) -> HttpResponse:
        """List the accounts of a kind in a currency, with their balances."""
        self._check(request)
        found = list_accounts(kind, currency, after=request.GET.get("after", "")[:60], limit=PAGE + 1)
        if not found:
            raise Http404
        next_ = found[PAGE - 1].owner if len(found) > PAGE else ""
        return show(request, "books/accounts.html", account_word(kind), accounts=found[:PAGE], currency=currency, next=next_)

    def trial(self, request: HttpRequest) -> HttpResponse:
        """Show the trial balance at the end of a day: in each currency debits and credits are equal."""
        self._check(request)
        today = clock.now().date()
        day = _day(request.GET.get("day", ""), today)
        currencies = totals_of(trial_balance_of(day))
        return show(request, "books/trial.html", _("Trial balance"), day=day, today=today, currencies=currencies)

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def _day(text: str, today: date) -> date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    return min(day or today, today)


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
        shown = [{"row": line, "account": account_word(line.account_kind)} for line in lines]
        title = entry_word(first.entry_kind)
        return show(request, "books/entry.html", title, entry=first, cause=page_of(first.source), lines=shown)
