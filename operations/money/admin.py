"""Pages of refunds, payouts, disputes, declined cards, exchange rates and statements of shops."""

import uuid
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.admin import find_row
from markets.admin import ExchangeRateAdmin
from merchants.admin import SettlementAdmin
from merchants.statement_files import statement_file
from operations.closing import Closable
from operations.money import declined, dispute, hold, payout, rate, refund, settlement
from operations.seen import SeenWhole, show_whole
from payments.admin import CardTryAdmin, DisputeAdmin, HoldAdmin, MovementAdmin


class RefundPages(SeenWhole, Closable, MovementAdmin):
    """Refunds to people's cards with their cause and outcome."""

    page, title, facts = "money/refund", pgettext_lazy("noun", "Refund"), staticmethod(refund.facts_of)
    joined = ("charge__payment_method__consumer", "payment_method", "replaces", "replacement")


class PayoutPages(SeenWhole, Closable, MovementAdmin):
    """Payouts to shops with their statement and outcome."""

    page, title, facts = "money/payout", gettext_lazy("Payout"), staticmethod(payout.facts_of)


class HoldPages(SeenWhole, Closable, HoldAdmin):
    """Holds on cards with their checkout, and whether money is held."""

    page, title, facts = "money/hold", gettext_lazy("Hold on a card"), staticmethod(hold.facts_of)
    joined = ("payment_method__consumer",)


class DisputePages(SeenWhole, DisputeAdmin):
    """Disputes with their charge, their plan, and what the bank took and gave back."""

    page, title, facts = "money/dispute", gettext_lazy("Dispute"), staticmethod(dispute.facts_of)
    joined = ("charge__payment_method__consumer",)


class DeclinedPages(SeenWhole, CardTryAdmin):
    """Declined cards with the purpose of the attempt, and other declined cards around the same time."""

    page, title, facts = "money/declined", gettext_lazy("Declined card"), staticmethod(declined.facts_of)
    joined = ("consumer",)


class RatePages(SeenWhole, ExchangeRateAdmin):
    """Exchange rates with the days on which they apply."""

    page, title, facts = "money/rate", gettext_lazy("Exchange rate"), staticmethod(rate.facts_of)


class SettlementPages(SettlementAdmin):
    """Statements of shops: totals, lines, and the lines as a file."""

    def get_urls(self) -> list[URLPattern]:
        """Add the URL of the file."""
        return [
            path("<uuid:pk>/lines.csv", self.admin_site.admin_view(self.lines), name="merchants_settlement_lines"),
            *super().get_urls(),
        ]

    def lines(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Return a statement's lines as the same file that the shop gets."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return statement_file(find_row(self.model.objects.select_related("merchant__market"), pk))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a statement with one page of its lines."""
        rows = self.model.objects.select_related("merchant__market", "payout")
        facts = partial(settlement.facts_of, after=request.GET.get("after", "")[:60])
        return show_whole(self, request, rows, object_id, page="money/settlement", facts=facts, title=_("Settlement"))
