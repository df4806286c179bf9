"""The shapes of the answers, only for the description of the API; `answers` builds the answers themselves."""

from typing import Any

from rest_framework import serializers

from checkout.api.forms import UrlsForm
from checkout.coarse import DECLINED
from checkout.states import CHECKOUT, ORDER
from core.api.serializers import WarningShape
from plans.models import GoodsReturn
from plans.returns import ENDED
from plans.states import INSTALLMENT, PLAN

SAME = "Your other live orders and open checkouts under the same reference, the newest ten of each."
DECLINED_HELP = (
    "Null unless the consumer was refused: `amount` (a smaller purchase may be approved), `identity`, `credit` or `other`. The person is"
    " told the reasons; you never are. Null, too, while we offer them to pay a deposit, or ask them for another code, and they have not"
    " left."
)
REJECTED_HELP = "Null unless we held the order and did not approve it; as that of a checkout."
OFFERED_HELP = (
    "The plans that the consumer may choose, where you read a single checkout that was approved and is open; else null. You are paid the"
    " same under each."
)
DEPOSIT_HELP = (
    "What of the order is not lent but paid by the consumer before your first capture, as the first installment of each capture; 0 without"
    " a deposit. You are paid the same."
)
DEPOSIT_STATES = ["held", "under_way", "paid", "declined", "ended"]
DEPOSIT_STATUS_HELP = (
    "Null without a deposit. `held` on the consumer's card: your first capture charges it, and so do we before the hold lapses, six days"
    " after the order. `paid`: you can capture. `under_way`: the bank has not answered yet. `declined`: do not ship; the consumer was told"
    " and can pay it. `ended`: nothing more of the order is captured, and what was not used of it went back."
)
ENDED_BY_HELP = (
    "`refund`: you refunded something. `denied`: you took nothing back. `kept`: the consumer keeps the goods. `time`: nobody answered."
)
UNREADABLE = "Null in a list where our stored copy cannot be read; we are told of it."


class ItemShape(serializers.Serializer[Any]):
    """One line of the basket."""

    name = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_amount = serializers.IntegerField()
    amount = serializers.IntegerField()
    sku = serializers.CharField(required=False)
    category = serializers.CharField(required=False)
    rounding = serializers.BooleanField(required=False, help_text="Whether we added the line for rounding.")


class OfferedPlan(serializers.Serializer[Any]):
    """A plan that the consumer may choose; why it is offered is told to them alone."""

    product = serializers.CharField()
    charged_first = serializers.IntegerField(help_text="What is charged when you capture: a deposit, or a first payment; else 0.")


class CheckoutShape(serializers.Serializer[Any]):
    """A checkout. Send the consumer to `url`."""

    id = serializers.CharField()
    status = serializers.ChoiceField(choices=CHECKOUT.choices)
    declined = serializers.ChoiceField(choices=DECLINED, allow_null=True, help_text=DECLINED_HELP)
    url = serializers.URLField()
    expires_at = serializers.DateTimeField()
    order_id = serializers.CharField(allow_null=True)
    amount = serializers.IntegerField()
    currency = serializers.CharField()
    merchant_reference = serializers.CharField()
    same_reference = serializers.ListField(child=serializers.CharField(), help_text=SAME)
    items = ItemShape(many=True, allow_null=True, help_text=UNREADABLE)
    urls = UrlsForm()
    capture = serializers.ChoiceField(choices=["manual", "automatic"])
    metadata = serializers.DictField(allow_null=True, help_text=UNREADABLE)
    created_at = serializers.DateTimeField()
    plans = OfferedPlan(many=True, allow_null=True, help_text=OFFERED_HELP)
    warnings = WarningShape(many=True, required=False)


class QuotedInstallment(serializers.Serializer[Any]):
    """One payment of a plan on offer."""

    number = serializers.IntegerField()
    due_date = serializers.DateField()
    amount = serializers.IntegerField()
    interest = serializers.IntegerField()


class QuotedLateFee(serializers.Serializer[Any]):
    """A fee for a payment of which something is still open so many days after its date: an amount, a share of what is open, or both."""

    days_late = serializers.IntegerField()
    amount = serializers.IntegerField()
    percent = serializers.FloatField()


class QuotedReminder(serializers.Serializer[Any]):
    """A fee for each reminder: the first so many days after a payment's date, then each `days_apart`, at most `count` in a row."""

    days_late = serializers.IntegerField()
    amount = serializers.IntegerField()
    days_apart = serializers.IntegerField()
    count = serializers.IntegerField()


class QuotedFees(serializers.Serializer[Any]):
    """The fees of a plan. Who pays on time is charged none but a service fee, if the plan has one."""

    on_time = serializers.IntegerField(help_text="The service fee, which the first payment after a deposit includes; 0 for most plans.")
    late = QuotedLateFee(many=True)
    reminder = QuotedReminder(allow_null=True)
    returned_debit = serializers.IntegerField(help_text="For a debit that the person's bank gives back for lack of cover; 0 for none.")
    reschedule = serializers.IntegerField(help_text="For a date that the person moves; 0 for none.")
    at_most = serializers.IntegerField(allow_null=True, help_text="The most that all its fees come to; null if no cap on a purchase binds.")


class QuotedPlan(serializers.Serializer[Any]):
    """A plan on offer: every date, every amount, the total, the legal APR in percent, and the fees of who pays late."""

    product = serializers.CharField()
    name = serializers.CharField()
    first_payment = serializers.ChoiceField(choices=["now", "later"])
    apr = serializers.FloatField()
    interest = serializers.IntegerField()
    total = serializers.IntegerField()
    installments = QuotedInstallment(many=True)
    fees = QuotedFees()


class QuoteShape(serializers.Serializer[Any]):
    """The plans on offer for an amount; `brand` is what the lender calls itself to consumers.

    `decimals` is how many digits of every amount stand behind the point (ISO 4217): with 2, `5725` is 57.25.
    """

    brand = serializers.CharField()
    amount = serializers.IntegerField()
    currency = serializers.CharField()
    decimals = serializers.IntegerField()
    plans = QuotedPlan(many=True)


class InstallmentShape(serializers.Serializer[Any]):
    """One payment of a plan.

    `canceled`: it is not asked for by itself any more. A refund took it, it is waived since it is too small to be charged, or the
    consumer withdrew from the credit and it is part of the one payment that is left. On `due_date` it is charged, unless it is too small
    by itself: then it is taken with the next one.
    """

    number = serializers.IntegerField()
    due_date = serializers.DateField()
    amount = serializers.IntegerField()
    interest = serializers.IntegerField()
    paid = serializers.IntegerField()
    status = serializers.ChoiceField(choices=INSTALLMENT.choices)


class PlanShape(serializers.Serializer[Any]):
    """How the consumer pays; `apr` in percent."""

    id = serializers.CharField()
    status = serializers.ChoiceField(choices=PLAN.choices)
    product = serializers.CharField()
    deposit = serializers.IntegerField(help_text=DEPOSIT_HELP)
    deposit_status = serializers.ChoiceField(choices=DEPOSIT_STATES, allow_null=True, help_text=DEPOSIT_STATUS_HELP)
    apr = serializers.FloatField()
    installments = InstallmentShape(many=True)


class ListedCaptureShape(serializers.Serializer[Any]):
    """Something that was sent."""

    id = serializers.CharField()
    order_id = serializers.CharField()
    amount = serializers.IntegerField()
    currency = serializers.CharField()
    refunded = serializers.IntegerField()
    fee = serializers.IntegerField()
    shop_interest = serializers.IntegerField(help_text="Interest that you pay for your customer, beside the fee; 0 for most plans.")
    created_at = serializers.DateTimeField()


class CaptureShape(ListedCaptureShape):
    """Something that was just sent."""

    warnings = WarningShape(many=True, required=False)


class RefundShape(serializers.Serializer[Any]):
    """Something given back: `canceled` lowered the plan, `returned` went back to cards, `waived` had been asked of nobody."""

    id = serializers.CharField()
    order_id = serializers.CharField()
    capture_id = serializers.CharField(allow_null=True)
    amount = serializers.IntegerField()
    currency = serializers.CharField()
    reason = serializers.CharField(allow_null=True, help_text=UNREADABLE)
    canceled = serializers.IntegerField()
    returned = serializers.IntegerField()
    waived = serializers.IntegerField(
        help_text="What was waived before, since it was too small to be charged; with the others it is `amount`."
    )
    fee_refunded = serializers.IntegerField()
    shop_interest_refunded = serializers.IntegerField(help_text="What comes back to you of interest that you paid for your customer.")
    created_at = serializers.DateTimeField()


class SchedulesShape(serializers.Serializer[Any]):
    """The payments before and after a refund."""

    before = InstallmentShape(many=True)
    after = InstallmentShape(many=True)


class RefundPreviewShape(RefundShape):
    """A refund with what it does to the schedule; a dry run has no id."""

    id = serializers.CharField(allow_null=True)
    dry_run = serializers.BooleanField()
    refundable = serializers.IntegerField()
    schedule = SchedulesShape()
    warnings = WarningShape(many=True, required=False)


class ReturnShape(serializers.Serializer[Any]):
    """Goods that the consumer says are on their way back to you: their payments wait until `until`, or until you refund or refuse."""

    id = serializers.CharField()
    tracking = serializers.CharField(help_text="The number of the parcel; empty if the consumer named none.")
    amount = serializers.IntegerField(allow_null=True, help_text="The price of what is sent back, if the consumer said so; null for all.")
    until = serializers.DateField(help_text="The last day on which payments wait.")
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True, help_text="Null while it is under way.")
    ended_by = serializers.ChoiceField(choices=list(ENDED), allow_null=True, help_text=ENDED_BY_HELP)
    reason = serializers.ChoiceField(choices=[*dict(GoodsReturn.DENIALS)], allow_null=True, help_text="Why you took nothing back.")


class PostponementShape(serializers.Serializer[Any]):
    """One time that you let the payments to come come later."""

    id = serializers.CharField()
    order_id = serializers.CharField()
    fee = serializers.IntegerField(help_text="What it cost you, taken with your next settlement.")
    currency = serializers.CharField()
    created_at = serializers.DateTimeField()


class OrderShape(serializers.Serializer[Any]):
    """An order, its plan, captures and refunds. Send by `ship_safe_until`, capture before `expires_at`.

    `amount` is what was captured, what was released, and what remains authorized.
    """

    id = serializers.CharField()
    status = serializers.ChoiceField(choices=ORDER.choices)
    declined = serializers.ChoiceField(choices=DECLINED, allow_null=True, help_text=REJECTED_HELP)
    merchant_reference = serializers.CharField()
    same_reference = serializers.ListField(child=serializers.CharField(), help_text=SAME)
    checkout_id = serializers.CharField()
    currency = serializers.CharField()
    amount = serializers.IntegerField()
    captured = serializers.IntegerField()
    refunded = serializers.IntegerField()
    released = serializers.IntegerField(help_text="What fell away and is never charged: voided, rejected, expired, or released by you.")
    remaining_authorized = serializers.IntegerField()
    refundable = serializers.IntegerField()
    expires_at = serializers.DateTimeField(allow_null=True)
    ship_safe_until = serializers.DateTimeField(allow_null=True, help_text="Null where nothing may be sent.")
    created_at = serializers.DateTimeField()
    plan = PlanShape()
    captures = ListedCaptureShape(many=True)
    refunds = RefundShape(many=True)
    postponements = PostponementShape(many=True)
    goods_return = ReturnShape(allow_null=True, help_text="Null unless the consumer said that they sent the goods back.")
    warnings = WarningShape(many=True, required=False)
