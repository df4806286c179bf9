"""What a person earns by paying today, in words. Before a payment, as the rules and the market's caps are now."""

from collections.abc import Collection, Iterator, Sequence

from django.utils.translation import gettext as _

from core.formats import money_text
from payments.models.methods import MethodKind
from plans.queries import get_plan
from plans.rewards import Coming, coming_rewards
from portals.consumer.frame import Visitor
from portals.consumer.purchases.queries import Purchase


def reward_words(purchase: Purchase, numbers: Collection[int], kinds: Sequence[str], visitor: Visitor) -> Iterator[str]:
    """Yield what paying some installments of a purchase today earns: with any method, and what a bank account alone earns."""
    plan, currency = get_plan(purchase.order.plan_id), purchase.order.currency
    earned = {
        kind: coming_rewards(plan, purchase.rows, numbers, method=kind, day=visitor.today, at=visitor.at)
        for kind in kinds or [MethodKind.CARD.value]
    }
    others = [one for kind, one in earned.items() if kind != MethodKind.BANK_DEBIT]
    of_bank = earned.get(MethodKind.BANK_DEBIT.value, Coming())
    usual = min((one.money_minor for one in others), default=0)
    credit = min((one.credit_minor for one in others), default=0)
    if usual:
        yield _("you get %(amount)s back") % {"amount": money_text(usual, currency, visitor.locale)}
    if of_bank.money_minor > usual:
        told = {"amount": money_text(of_bank.money_minor, currency, visitor.locale)}
        yield _("you get %(amount)s back if you pay from your bank account") % told
    if credit:
        yield _("your next fee is %(amount)s lower") % {"amount": money_text(credit, currency, visitor.locale)}
    if of_bank.credit_minor > credit:
        told = {"amount": money_text(of_bank.credit_minor, currency, visitor.locale)}
        yield _("your next fee is %(amount)s lower if you pay from your bank account") % told
