"""The bodies and queries of requests; unknown fields and wrong types are refused."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from checkout.services.sessions import require_currency, require_sum
from checkout.states import ORDER
from core.api.fields import (
    AmountField,
    CurrencyField,
    DecorationField,
    ScalarsField,
    StrictBooleanField,
    StrictIntegerField,
    TextField,
    WebUrlField,
)
from core.api.serializers import PageQuery, StrictSerializer, all_faults
from core.money import MAX_MINOR
from merchants.api.origins import check_origins
from merchants.models import Merchant
from plans.models import GoodsReturn

MAX_ITEMS = 200


class ItemForm(StrictSerializer):
    """One line of the basket; `amount` is the price of the whole line, negative for a discount."""

    name = DecorationField(cut=200)
    quantity = StrictIntegerField(min_value=1, max_value=100_000)
    unit_amount = AmountField(min_value=-MAX_MINOR)
    amount = AmountField(min_value=-MAX_MINOR)
    sku = DecorationField(cut=100)
    category = DecorationField(cut=60)
    rounding = StrictBooleanField(required=False, help_text="Marks the line that we added for rounding. Sent back, it is made anew.")


class UrlsForm(StrictSerializer):
    """Where the consumer comes back to."""

    confirmation = WebUrlField()
    cancel = WebUrlField()


class AddressField(serializers.DictField):
    """An address as the shop knows it: texts by name; null and empty texts are left out."""

    child = DecorationField(cut=200)

    def run_child_validation(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the texts that are not empty; a validation error names every value that is not a text."""
        texts: dict[str, Any] = {}
        faults: dict[str, Any] = {}
        for name, value in data.items():
            try:
                texts |= super().run_child_validation({name: value})
            except serializers.ValidationError as error:
                faults |= dict(cast("dict[str, Any]", error.detail))
            except serializers.SkipField:
                continue
        if faults:
            raise serializers.ValidationError(faults)
        return texts


class CustomerForm(StrictSerializer):
    """What the shop knows of its customer, to save them typing; nothing of it is needed, and more than this is left out."""

    takes_unknown = True
    email = DecorationField(cut=254)
    phone = DecorationField(cut=40)
    name = DecorationField(cut=120)
    address = AddressField(required=False)


class SaleForm(StrictSerializer):
    """Checks shared by the forms of a sale: the shop's currency and origins, and the sum of the lines. The context holds the merchant."""

    def also_wrong(self, values: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        """Return the errors by field: a currency or origin that is not the shop's, or lines that do not add up to the amount."""
        merchant: Merchant = self.context["merchant"]
        checks: list[Callable[[], object]] = []
        if "currency" in values:
            checks.append(lambda: require_currency(merchant, values["currency"]))
        if "items" in values and "amount" in values:
            checks.append(lambda: require_sum(values["items"], values["amount"]))
        if "urls" in values:
            checks.append(lambda: check_origins(merchant, values["urls"], "urls"))
        return all_faults(checks)


class CheckoutForm(SaleForm):
    """A checkout to open."""

    amount = AmountField()
    currency = CurrencyField()
    merchant_reference = TextField(max_length=120, help_text="Your own number of the order; find the checkout and the order by it.")
    items = ItemForm(many=True, required=False, max_length=MAX_ITEMS)  # type: ignore[call-arg]
    customer = CustomerForm(required=False)
    urls = UrlsForm()
    capture = serializers.ChoiceField(choices=["manual", "automatic"], required=False)
    metadata = ScalarsField(required=False)


class CheckoutChangeForm(SaleForm):
    """The fields of an open checkout that can be changed."""

    amount = AmountField(required=False)
    items = ItemForm(many=True, required=False, max_length=MAX_ITEMS)  # type: ignore[call-arg]
    customer = CustomerForm(required=False)
    urls = UrlsForm(required=False)
    metadata = ScalarsField(required=False)


class QuoteForm(SaleForm):
    """The amount for which plans are listed, and the buyer's state where the shop knows it."""

    amount = AmountField()
    currency = CurrencyField()
    region = TextField(
        max_length=40, required=False, help_text="The buyer's state, such as NY: plans that its law does not permit are left out."
    )


class CaptureForm(StrictSerializer):
    """The amount to capture: the price of what was shipped."""

    amount = AmountField()


class RefundForm(StrictSerializer):
    """The amount to refund: of the named capture, or of all captures, the newest first."""

    amount = AmountField()
    reason = DecorationField(cut=200)
    capture_id = TextField(max_length=40, required=False)
    dry_run = StrictBooleanField(required=False, help_text="Show the schedule before and after, and book nothing.")


class DenialForm(StrictSerializer):
    """Why nothing is taken back: nothing arrived, it was used or damaged, it came too late, or it cannot be sent back."""

    reason = serializers.ChoiceField(choices=[*dict(GoodsReturn.DENIALS)])


class CheckoutQuery(PageQuery):
    """The filter of the list of checkouts."""

    merchant_reference = TextField(required=False, max_length=120)


class OrderQuery(PageQuery):
    """The filter of the list of orders."""

    merchant_reference = TextField(required=False, max_length=120)
    status = serializers.ChoiceField(choices=ORDER.choices, required=False)
