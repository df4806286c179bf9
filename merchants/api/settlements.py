"""Settlements: a statement for every day, and what was paid out for it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import paginate
from core.api.serializers import PageQuery, page_of, read_query
from core.api.views import ApiView, needing
from core.ids import parse_id
from merchants.api.authentication import caller
from merchants.models import Settlement, SettlementItem
from merchants.queries import access_settlement, items_of, settlements_of
from payments.models import Payout
from payments.states import MOVEMENT, MovementStatus


class LineShape(serializers.Serializer[Any]):
    """One line of a statement.

    A capture or a refund; a payout that came back (`bounce`), or one that arrived after all (`arrival`); `interest` that you pay for
    a customer at a capture, or what of it comes back with a refund; what you pay so that
    a customer's payments come later (`postpone`).
    """

    type = serializers.ChoiceField(choices=["capture", "refund", "bounce", "arrival", "interest", "postpone"])
    order_id = serializers.CharField(allow_null=True)
    capture_id = serializers.CharField(allow_null=True)
    refund_id = serializers.CharField(allow_null=True)
    payout_id = serializers.CharField(allow_null=True)
    merchant_reference = serializers.CharField()
    amount = serializers.IntegerField(help_text="Negative for a refund, a payout that arrived after all, and interest that you pay.")
    fee = serializers.IntegerField(help_text="Negative where a fee is given back.")
    net = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class PayoutShape(serializers.Serializer[Any]):
    """Money on its way to your bank account."""

    id = serializers.CharField()
    amount = serializers.IntegerField()
    status = serializers.ChoiceField(choices=[status for status in MOVEMENT.choices if status != MovementStatus.REVERSED])


class SettlementShape(serializers.Serializer[Any]):
    """`closing_balance = opening_balance + sales - returns - fees + fee_refunds + bounced - subsidies + subsidy_refunds - payout_amount`.

    A debt rolls over.
    """

    id = serializers.CharField()
    date = serializers.DateField()
    currency = serializers.CharField()
    opening_balance = serializers.IntegerField()
    sales = serializers.IntegerField()
    returns = serializers.IntegerField()
    fees = serializers.IntegerField()
    fee_refunds = serializers.IntegerField()
    bounced = serializers.IntegerField()
    subsidies = serializers.IntegerField(help_text="What you paid for customers, such as their interest.")
    subsidy_refunds = serializers.IntegerField(help_text="What of that came back with refunds.")
    payout_amount = serializers.IntegerField()
    closing_balance = serializers.IntegerField()
    line_count = serializers.IntegerField()
    payout_held = serializers.BooleanField(
        help_text="A payout to your account came back: the balance is kept for you until your account is another one, or was looked into."
    )
    payout = PayoutShape(allow_null=True)
    created_at = serializers.DateTimeField()


class SettlementDetailShape(SettlementShape):
    """A statement with its lines."""

    lines = LineShape(many=True)


def show_settlement(settlement: Settlement) -> dict[str, Any]:
    """Return a statement; amounts in minor units."""
    payout = settlement.payout
    return {
        "id": settlement.public_id,
        "date": settlement.date,
        "currency": settlement.currency,
        "opening_balance": settlement.opening_minor,
        "sales": settlement.sales_minor,
        "returns": settlement.returns_minor,
        "fees": settlement.fees_minor,
        "fee_refunds": settlement.fee_refunds_minor,
        "bounced": settlement.bounced_minor,
        "subsidies": settlement.subsidies_minor,
        "subsidy_refunds": settlement.subsidy_refunds_minor,
        "payout_amount": settlement.payout_minor,
        "closing_balance": settlement.closing_minor,
        "line_count": settlement.item_count,
        "payout_held": settlement.held,
        "payout": {"id": payout.public_id, "amount": payout.amount_minor, "status": _told_status(payout)} if payout else None,
        "created_at": settlement.created_at,
    }


def _told_status(payout: Payout) -> str:
    """Return a payout's status for shops: `failed` for one that came back, whether at once or days later."""
    return MovementStatus.FAILED.value if payout.status == MovementStatus.REVERSED else str(payout.status)


def show_line(item: SettlementItem) -> dict[str, Any]:
    """Return a line of a statement, with the object that it is for."""
    source = item.source.partition(":")[0]
    return {
        "type": item.kind,
        "order_id": item.order_ref or None,
        "capture_id": source if source.startswith("cap_") else None,
        "refund_id": source if source.startswith("ref_") else None,
        "payout_id": source if item.kind in {"bounce", "arrival"} else None,
        "merchant_reference": item.merchant_reference,
        "amount": item.gross_minor,
        "fee": item.fee_minor,
        "net": item.net_minor,
        "created_at": item.at,
    }


@extend_schema(tags=["Settlements"])
class SettlementList(ApiView):
    """A merchant's statements."""

    scopes = needing(GET="settlements.read")

    @extend_schema(operation_id="list_settlements", parameters=[PageQuery], responses=page_of(SettlementShape))
    def get(self, request: Request) -> Response:
        """List settlements.

        Newest first; there is a statement for every day, also where nothing happened.
        """
        query = read_query(request, PageQuery)
        page = paginate(settlements_of(caller(request).merchant), cursor=query.get("cursor"), limit=query["limit"])
        return Response(page.as_json(show_settlement))


@extend_schema(tags=["Settlements"])
class SettlementDetail(ApiView):
    """One statement."""

    scopes = needing(GET="settlements.read")

    @extend_schema(operation_id="get_settlement", responses=SettlementDetailShape)
    def get(self, request: Request, settlement_id: str) -> Response:
        """Read a settlement.

        With its lines, each naming its order and its capture or refund.
        """
        settlement = access_settlement(parse_id("set", settlement_id), caller(request).merchant)
        lines = [show_line(item) for item in items_of(settlement)]
        return Response(show_settlement(settlement) | {"lines": lines})
