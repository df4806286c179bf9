"""Pages of refunds, payouts, disputes, declined cards, exchange rates and statements of shops."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from markets.admin import ExchangeRateAdmin
from merchants.admin import SettlementAdmin
from operations.closing import Closable
from operations.money import declined, dispute, hold, payout, rate, refund, settlement
from operations.seen import SeenWhole, show_whole
from payments.admin import CardTryAdmin, DisputeAdmin, HoldAdmin, MovementAdmin


class RefundPages(SeenWhole, Closable, MovementAdmin):
    """Refunds to people's cards with their cause and what became of them."""

    page, title, facts = "money/refund", pgettext_lazy("noun", "Refund"), staticmethod(refund.facts_of)
    joined = ("charge__payment_method__consumer", "payment_method", "replaces", "replacement")


class PayoutPages(SeenWhole, Closable, MovementAdmin):
    """Payouts to shops with their statement and what became of them."""

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
    """Declined cards with what they were tried for, and what else was declined around them."""

    page, title, facts = "money/declined", gettext_lazy("Declined card"), staticmethod(declined.facts_of)
    joined = ("consumer",)


class RatePages(SeenWhole, ExchangeRateAdmin):
    """Exchange rates with the days on which they count."""

    page, title, facts = "money/rate", gettext_lazy("Exchange rate"), staticmethod(rate.facts_of)


class SettlementPages(SettlementAdmin):
    """Statements of shops: how they add up, line by line."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a statement, with a page of its lines."""
        rows = self.model.objects.select_related("merchant__market", "payout")
        facts = partial(settlement.facts_of, after=request.GET.get("after", "")[:60])
        return show_whole(self, request, rows, object_id, page="money/settlement", facts=facts, title=_("Settlement"))
