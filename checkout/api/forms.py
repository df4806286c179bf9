"""What shops send, read strictly."""

from typing import Any

from rest_framework import serializers

from core.api.fields import AmountField, CurrencyField, ScalarsField, StrictBooleanField, StrictIntegerField, TextField, WebUrlField
from core.api.serializers import PageQuery, StrictSerializer

MAX_ITEMS = 200


class ItemForm(StrictSerializer):
    """One line of the basket; `amount` is what the line costs in all."""

    name = TextField(max_length=200)
    quantity = StrictIntegerField(min_value=1, max_value=100_000)
    unit_amount = AmountField(min_value=0)
    amount = AmountField(min_value=0)
    sku = TextField(max_length=100, required=False)
    category = TextField(max_length=60, required=False)


class UrlsForm(StrictSerializer):
    """Where the consumer comes back to."""

    confirmation = WebUrlField()
    cancel = WebUrlField()


class AddressField(serializers.DictField):
    """An address as the shop knows it: texts by name."""

    child = TextField(max_length=200, allow_blank=True)


class CustomerForm(serializers.Serializer[Any]):
    """What the shop knows of its customer, to save them typing; nothing of it is needed, and more than this is left out."""

    email = TextField(max_length=254, required=False, allow_blank=True)
    phone = TextField(max_length=40, required=False, allow_blank=True)
    name = TextField(max_length=120, required=False, allow_blank=True)
    address = AddressField(required=False)


class CheckoutForm(StrictSerializer):
    """A checkout to open."""

    amount = AmountField()
    currency = CurrencyField()
    merchant_reference = TextField(max_length=120, help_text="Your own number of the order; find the checkout and the order by it.")
    items = ItemForm(many=True, required=False, max_length=MAX_ITEMS)  # type: ignore[call-arg]
    customer = CustomerForm(required=False)
    urls = UrlsForm()
    capture = serializers.ChoiceField(choices=["manual", "automatic"], required=False)
    metadata = ScalarsField(required=False)


class CheckoutChangeForm(StrictSerializer):
    """What can be changed while a checkout is open."""

    amount = AmountField(required=False)
    items = ItemForm(many=True, required=False, max_length=MAX_ITEMS)  # type: ignore[call-arg]
    customer = CustomerForm(required=False)
    urls = UrlsForm(required=False)
    metadata = ScalarsField(required=False)


class QuoteForm(StrictSerializer):
    """An amount to show plans for."""

    amount = AmountField()
    currency = CurrencyField()


class CaptureForm(StrictSerializer):
    """What was sent."""

    amount = AmountField()


class RefundForm(StrictSerializer):
    """What is given back; of one capture where it is named, else of the newest first."""

    amount = AmountField()
    reason = TextField(max_length=200, required=False, default="", allow_blank=True)
    capture_id = TextField(max_length=40, required=False, default="")
    dry_run = StrictBooleanField(required=False, default=False, help_text="Show the schedule before and after, and book nothing.")


class CheckoutQuery(PageQuery):
    """Which checkouts."""

    merchant_reference = TextField(required=False, max_length=120)


class OrderQuery(PageQuery):
    """Which orders."""

    STATUSES = ("pending_review", "authorized", "partially_captured", "captured", "voided", "expired", "rejected")
    merchant_reference = TextField(required=False, max_length=120)
    status = serializers.ChoiceField(choices=STATUSES, required=False)
